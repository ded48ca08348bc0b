"""An audit that was written down, as a command is given it: the file, or the folder it lies in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from core.errors import InputError
from core.installation import PROGRAM
from core.reporting.audit_json import VERSION

NEEDED = ("equipoise", "plan", "dataset", "performance", "privacy", "fairness", "findings")
DAMAGES = (LookupError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading a damaged file meets with."""


def read_audit(path: str) -> dict[str, Any]:
    """Read an audit.json, or that of a folder.

    Raises
    ------
    InputError
        If it can't be read, or is none of this version.
    """
    file = Path(path)
    if file.is_dir():
        file, path = file / "audit.json", str(file / "audit.json")
    try:
        record = json.loads(file.read_text(encoding="utf-8-sig"), parse_constant=_no_number)
    except OSError as error:
        raise InputError(
            f"it can't be read ({error.strerror})",
            where=path,
            remedy=f"Name the audit.json that {PROGRAM} audit wrote",
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"it isn't a JSON file ({str(error)[:100]})",
            where=path,
            remedy=f"Name the audit.json that {PROGRAM} audit wrote",
        ) from None
    if not isinstance(record, dict) or not all(
        isinstance(record.get(n), dict) for n in NEEDED[:-1]
    ):
        raise _not_an_audit(path)
    if not isinstance(record.get("findings"), list):
        raise _not_an_audit(path)
    version = record["equipoise"].get("version")
    if version != VERSION:
        raise InputError(
            f"it was written by version {str(version)[:40]!r}, and this is {VERSION}",
            where=path,
            remedy="Make the audit again with this version",
        )
    return record


def _not_an_audit(path: str) -> InputError:
    return InputError(
        "it is JSON, and no audit.json",
        where=path,
        remedy=f"Name the audit.json that {PROGRAM} audit wrote",
    )


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


def damage(error: Exception) -> str:
    """Say in words what reading a damaged file met with."""
    if isinstance(error, KeyError):
        return f"an entry named {str(error.args[0])[:40]!r} is missing"
    if isinstance(error, LookupError):
        return "a list in it is shorter than it was written"
    return f"an entry isn't what it should be ({' '.join(str(error).split())[:100]})"
