"""What lies in one audit's folder, and how each part of it is read and written.

The callers hold the audit's lock while they write; reading needs none, because every file is
replaced in one step and carries its own check.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.storage.disk import make_folder, write_atomic
from core.storage.record import AuditRecord, now
from core.storage.signed_record import EditedError, sign_record, verify_record

_HASHED_AT_ONCE = 16 * 2**20
_SHA256 = re.compile(r"[0-9a-f]{64}")


def write_record(folder: Path, record: AuditRecord) -> None:
    """Write audit.json; TypeError or ValueError if its state isn't JSON."""
    # A new one is written in a folder of another name, and moved there when all of it is written.
    write_atomic(folder / "audit.json", sign_record(_root(folder), record.id, record.to_json()))


def examined(folder: Path) -> AuditRecord:
    """Read audit.json; where that or the data file is unusable, say so in ``damaged``."""
    try:
        content = (folder / "audit.json").read_bytes()
        record = AuditRecord.from_bytes(folder.name, content)
        _check_source(folder, record)
        verify_record(_root(folder), folder.name, content)
    except OSError as error:
        return _damaged(folder, f"audit.json can't be read ({error.strerror})")
    except InputError as error:  # of the key
        return _damaged(folder, str(error))
    except EditedError as error:
        return replace(record, damaged=str(error), edited=True)
    except ValueError as error:
        return _damaged(folder, str(error))
    return record


def accepted(folder: Path) -> AuditRecord:
    """Return an edited record as it is, with the time at which it was accepted.

    Raises
    ------
    InputError
        If it isn't edited, or can't be read either.
    """
    record = examined(folder)
    if not record.edited:
        raise InputError(
            "there is nothing to accept"
            if record.damaged is None
            else f"this audit is damaged: {record.damaged}",
            where=folder.name,
        )
    return replace(record, damaged=None, edited=False, accepted=(*record.accepted, now()))


def write_source(folder: Path, record: AuditRecord, data: bytes) -> AuditRecord:
    """Write the original bytes and return the record that names them."""
    digest = hashlib.sha256(data).hexdigest()
    make_folder(folder / "source")
    write_atomic(folder / "source" / digest, data)
    return replace(record, source_sha256=digest, source_bytes=len(data))


def read_source(folder: Path, record: AuditRecord) -> bytes:
    """Return the original bytes; InputError if there are none or they have changed."""
    if record.source_sha256 is None:
        raise InputError(
            "this audit has no data of its own", where=record.name, remedy="Load some data"
        )
    content = (folder / "source" / record.source_sha256).read_bytes()
    if hashlib.sha256(content).hexdigest() != record.source_sha256:
        raise InputError(
            "the stored data has changed since it was loaded (its SHA-256 differs)",
            where=record.name,
            remedy="Restore the file from a backup, or start a new audit",
        )
    return content


def write_result(folder: Path, result_key: str, value: Any, blob: bytes | None) -> None:
    """Write a result, and the bytes that belong to it."""
    digest = None if blob is None else hashlib.sha256(blob).hexdigest()
    text = json.dumps({"value": value, "blob_sha256": digest}, allow_nan=False)
    path = result_path(folder, result_key)
    make_folder(path.parent)
    if blob is not None:  # first, so that the JSON never speaks of bytes that aren't there
        write_atomic(path.with_suffix(".bin"), blob)
    write_atomic(path, text.encode("utf-8"))


def read_result(folder: Path, result_key: str) -> tuple[Any, bytes | None] | None:
    """Return a result's value and bytes, None if there is none that is whole."""
    path = result_path(folder, result_key)
    try:
        found = json.loads(path.read_bytes())
        value, digest = found["value"], found["blob_sha256"]
        blob = None if digest is None else path.with_suffix(".bin").read_bytes()
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    if blob is not None and hashlib.sha256(blob).hexdigest() != digest:
        return None
    return value, blob


def result_path(folder: Path, result_key: str) -> Path:
    """Return where a result's JSON lies; InputError if this isn't a key."""
    return folder / "results" / f"{_checked_key(result_key)}.json"


def model_path(folder: Path, model_key: str) -> Path:
    """Return where a signed model lies; InputError if this isn't a key."""
    return folder / "models" / f"{_checked_key(model_key)}.sealed"


def _checked_key(given: str) -> str:
    if not isinstance(given, str) or not _SHA256.fullmatch(given):
        raise InputError("this isn't the key of a result", where=repr(given)[:60])
    return given


def _check_source(folder: Path, record: AuditRecord) -> None:
    if record.source_sha256 is None:
        return
    if not _SHA256.fullmatch(record.source_sha256):
        raise ValueError("audit.json names a data file that can't be one")
    path = folder / "source" / record.source_sha256
    if not path.is_file():
        raise ValueError("its data file is missing")
    if path.stat().st_size != record.source_bytes:
        raise ValueError("its data file has another length than when it was loaded")
    # A large one is hashed when it is read only: the list of audits would be slow.
    status = path.stat()
    if status.st_size <= _HASHED_AT_ONCE and (
        _digest(path, status.st_mtime_ns, status.st_ctime_ns, status.st_size)
        != record.source_sha256
    ):
        raise ValueError("its data file has changed since it was loaded (its SHA-256 differs)")


@lru_cache(maxsize=4096)
def _digest(path: Path, modified: int, changed: int, size: int) -> str:
    """Hash a file; again only if its times or length are others."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _root(folder: Path) -> Path:
    return folder.parent.parent


def _damaged(folder: Path, reason: str) -> AuditRecord:
    try:
        touched = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    except OSError:  # deleted by someone else just now
        touched = datetime.fromtimestamp(0, UTC)
    moment = touched.isoformat(timespec="microseconds")
    return AuditRecord(folder.name, "(damaged)", moment, moment, damaged=reason)
