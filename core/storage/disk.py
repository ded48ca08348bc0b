"""Writing to disk so that a crash, a full disk or a second writer leaves nothing half done."""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import InputError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn an operating system's error into a sentence.

    Raises
    ------
    InputError
        In place of OSError.
    """
    try:
        yield
    except OSError as error:
        raise _sentence(error) from error


def make_folder(folder: Path) -> None:
    """Make a folder, and its parents, that only this user can enter (mode 0700)."""
    missing = [part for part in (folder, *folder.parents) if not part.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for part in missing:  # A file in a folder that a power cut undoes is gone with it.
        flush_folder(part.parent)


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a part.

    The file has mode 0600. Both it and its folder are flushed to the disk before returning.

    Raises
    ------
    OSError
        If it can't be written; the old content then stands.
    """
    write_all_atomic({path: content})


def write_all_atomic(contents: Mapping[Path, bytes]) -> None:
    """Write files, each so that a reader sees the old content or the new, in the order given.

    All are on the disk before the first takes its place, so that a full disk changes none of them.

    Raises
    ------
    OSError
        If one can't be written.
    """
    staged: dict[Path, str] = {}
    try:
        for path, content in contents.items():
            handle, staged[path] = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for path in contents:
            os.replace(staged[path], path)
            del staged[path]
    except BaseException:
        for temporary in staged.values():
            with suppress(OSError):
                os.unlink(temporary)
        raise
    for folder in dict.fromkeys(path.parent for path in contents):
        flush_folder(folder)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file among all threads and processes of this machine.

    The lock is the operating system's (flock), so it is gone when its holder is. It doesn't nest.

    Raises
    ------
    OSError
        If the lock file can't be opened, as when its folder is gone.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def flush_folder(folder: Path) -> None:
    """Flush a folder's list of names to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sentence(error: OSError) -> InputError:
    where = str(error.filename) if error.filename else "the workspace"
    if error.errno in _FULL:
        return InputError(
            "the disk is full, so nothing was saved",
            where=where,
            remedy="Free some space or delete audits that are no longer needed",
        )
    if error.errno in _FORBIDDEN:
        return InputError(
            "Equipoise isn't permitted to read or write here",
            where=where,
            remedy="Correct the folder's permissions, or set EQUIPOISE_WORKSPACE to another folder",
        )
    reason = error.strerror or type(error).__name__
    return InputError(f"the operating system refused it ({reason})", where=where)
