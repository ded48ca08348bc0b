"""The signature of audit.json: an edit outside of Equipoise is noticed.

The record carries HMAC-SHA256 under ``root/audits.key`` over its content and the audit's id.
Records from before are signed once, all of a workspace together, when there is no key yet; from
then on one without a signature was edited. It can be looked at and accepted, which is kept in it.
"""

from __future__ import annotations

import hmac
import json
import os
from pathlib import Path
from typing import Any

from core.storage.disk import locked, write_atomic
from core.storage.keys import renewed
from core.storage.signed_pickle import key_file, signature

KEY = "audits.key"
_WHAT = "the key of the audits' records"
_REMEDY = renewed(KEY)


class EditedError(ValueError):
    """A record isn't as Equipoise wrote it."""

    def __init__(self) -> None:
        super().__init__(
            "audit.json was edited outside of Equipoise since it was written, or comes from "
            "another workspace"
        )


def sign_record(root: Path, audit_id: str, content: dict[str, Any]) -> bytes:
    """Write a record's content with its signature, as the content of audit.json."""
    content = json.loads(json.dumps(content))  # Names of keys as they are read back.
    return _format(content, _signature(key_file(root / KEY, _WHAT, _REMEDY), audit_id, content))


def verify_record(root: Path, audit_id: str, content: bytes) -> None:
    """Check that a record is as it was written.

    Parameters
    ----------
    root : Path
        Of the workspace.
    audit_id : str
    content : bytes
        JSON of an object.

    Raises
    ------
    EditedError
        If it isn't.
    """
    record = json.loads(content.decode("utf-8", "surrogatepass"))
    seal = record.pop("seal", None)
    expected = _signature(key_file(root / KEY, _WHAT, _REMEDY), audit_id, record)
    if not isinstance(seal, str) or not hmac.compare_digest(expected.encode(), seal.encode()):
        raise EditedError


def take_over_records(root: Path) -> None:
    """Sign the records of a workspace that has no key for them yet; what can't be read is left."""
    if (root / KEY).exists() or not any((root / "audits").glob("*/audit.json")):
        return
    staged = root / f".{KEY}.taking-over"
    with locked(root / ".audits.lock"):
        if (root / KEY).exists():
            return
        key = key_file(staged, _WHAT, _REMEDY)
        for path in sorted((root / "audits").glob("*/audit.json")):
            with locked(path.parent / ".lock"):
                _take_over(path, key)
        # Last: a crash on the way is taken up here again.
        os.replace(staged, root / KEY)


def _take_over(path: Path, key: bytes) -> None:
    try:
        record = json.loads(path.read_bytes().decode("utf-8", "surrogatepass"))
        if not isinstance(record, dict) or "seal" in record:
            return
        content = _format(record, _signature(key, path.parent.name, record))
    except (OSError, ValueError, RecursionError):
        return
    write_atomic(path, content)


def _format(content: dict[str, Any], seal: str) -> bytes:
    text = json.dumps(
        {**content, "seal": seal}, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8", "surrogatepass")


def _signature(key: bytes, audit_id: str, content: dict[str, Any]) -> str:
    # Written anew from what was read, so that another layout of the same JSON is the same record.
    text = json.dumps(content, sort_keys=True)
    return signature(key, (audit_id, "audit.json"), text.encode("ascii"))
