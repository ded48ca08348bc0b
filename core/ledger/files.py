"""Where ledgers lie: of each data set two chained files, each in two places.

``root/ledgers/<data set>/`` holds ``ledger.jsonl``, the charges, and ``caps.jsonl``, each cap with
the reason it was set; ``root/ledger-copies/<data set>/`` holds both once more, and
``root/ledger.key`` the key of their signatures (see :mod:`core.storage.chain`). Each line names the
length and last signature of the other file, and ``root/ledgers.register`` holds them all once more
(:mod:`core.ledger.register`). So a line that is edited, cut off or rolled back, and a
file that is emptied or deleted, is noticed while one of its three places still stands as it was. It
is never taken for less spent: whoever reads is refused until the ledger is repaired.

Who owns the machine can put the whole workspace back to an earlier day, key and copies with it.
Nothing that lies in the workspace can tell.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from core.errors import InputError
from core.installation import PROGRAM
from core.ledger.register import (
    FILE as REGISTER,
)
from core.ledger.register import (
    DamagedRegisterError,
    Lines,
    read_register,
    registered_unproven,
    registering,
    write_register,
)
from core.storage.chain import (
    BEGIN,
    BrokenChainError,
    Line,
    extend,
    format_chain,
    last_signature,
    parse_chain,
)
from core.storage.disk import flush_folder, locked, make_folder, write_all_atomic
from core.storage.signed_pickle import key_file

Part = Literal["charges", "caps"]
FILES: dict[Part, str] = {"charges": "ledger.jsonl", "caps": "caps.jsonl"}
KEY = "ledger.key"
STAGED_KEY = ".ledger.key.taking-over"
KEY_TOLD = "the key of the privacy ledgers"
REPAIR = (
    "Nothing is charged and no private release runs until it is put right: restore the workspace "
    "from a backup, with ledger.key, secret.key and audits.key, or run "
    f"{PROGRAM} ledger repair, see docs/privacy.md"
)
TOGETHER = "together"
"""How many lines were written at once, where that was more than one."""
_IDENTITY = re.compile(r"[0-9a-f]{64}")


class DamagedLedgerError(InputError):
    """What was spent isn't known, so nothing may be."""

    def __init__(self, problem: str, where: str):
        super().__init__(problem, where=where, remedy=REPAIR)


@dataclass(frozen=True)
class Book:
    """All that is written down about one data set.

    Attributes
    ----------
    charges, caps : tuple of Line
        Entries of both files, oldest first.
    """

    charges: tuple[Line, ...] = ()
    caps: tuple[Line, ...] = ()


def folder_of(root: Path, data: str) -> Path:
    """Return the folder of a data set's ledger."""
    if not _IDENTITY.fullmatch(data):
        raise ValueError(f"no identity of a data set: {data!r}")
    return root / "ledgers" / data


def copy_of(root: Path, data: str) -> Path:
    """Return the folder of its copy, apart from it."""
    return root / "ledger-copies" / folder_of(root, data).name


def data_sets(root: Path) -> tuple[str, ...]:
    """Return the identities of all data sets that have a ledger, or of which one is remembered."""
    names = {name for name in registered_unproven(root) if _IDENTITY.fullmatch(name)} | {
        folder.name
        for folder_name in ("ledgers", "ledger-copies")
        if (root / folder_name).is_dir()
        for folder in (root / folder_name).iterdir()
        if _IDENTITY.fullmatch(folder.name) and any(folder.glob("*.jsonl"))
    }
    return tuple(sorted(names))


@contextmanager
def exclusive(root: Path, data: str) -> Iterator[None]:
    """Hold a data set's lock, so that two processes can't both spend the last of its budget."""
    folder = folder_of(root, data)
    make_folder(folder)
    with locked(folder / "ledger.lock"):
        yield


def read_book(root: Path, data: str) -> Book:
    """Read what stands on disk, by whoever doesn't hold the lock.

    Raises
    ------
    DamagedLedgerError
        If it isn't what was written.
    """
    try:
        return read_held(root, data)
    except DamagedLedgerError:
        if not folder_of(root, data).is_dir():
            raise
        # Perhaps another process was between its two places just then.
        with exclusive(root, data):
            return read_held(root, data)


def read_held(root: Path, data: str) -> Book:
    """Read what stands on disk, by whoever holds the lock.

    Raises
    ------
    DamagedLedgerError
        If it isn't what was written.
    """
    # The register first: files go on while they are read, and it never ends behind them.
    registered = _registered(root, data)
    book = read_files(root, data)
    for part in FILES:
        lines, before = lines_of(book, part), tuple(registered.get(part, ()))
        if lines[: len(before)] != before:
            raise DamagedLedgerError(
                f"{len(before)} lines were written and {len(lines)} are left, in both places"
                if len(lines) < len(before)
                else "it holds other lines than the register of all ledgers",
                FILES[part],
            )
    return book


def read_files(root: Path, data: str) -> Book:
    """Read a data set's files without the register.

    Raises
    ------
    DamagedLedgerError
        If they don't agree, or a line isn't what was written.
    """
    contents = {
        (part, folder_name): path.read_bytes() if path.exists() else None
        for part in FILES
        for folder_name, path in paths_of(root, data, part).items()
    }
    if all(content is None for content in contents.values()):
        return Book()
    if not (root / KEY).exists():
        raise DamagedLedgerError("the key that its lines are sealed with is gone", KEY)
    key = ledger_key(root)
    charges, caps = (
        _agreed(part, contents[part, "shown"], contents[part, "kept"], key, data) for part in FILES
    )
    book = Book(charges, caps)
    _check_beside(book.charges, book.caps, "caps")
    _check_beside(book.caps, book.charges, "charges")
    return book


def write_held(root: Path, data: str, book: Book, part: Part, *entries: dict[str, Any]) -> Book:
    """Add entries to one file, in both places; by whoever holds the lock and has read the book.

    Raises
    ------
    OSError
        If they can't be written; then none was.
    """
    key = ledger_key(root)
    if len(entries) > 1:
        # So that a copy that lacks all of them is known for what a crash leaves.
        entries = tuple({**entry, TOGETHER: len(entries)} for entry in entries)
    book = extended(book, part, entries, key, data)
    make_folder(copy_of(root, data))
    content = format_chain(lines_of(book, part))
    # The shown file first: a copy that lacks what was written last is what a crash leaves.
    paths = paths_of(root, data, part)
    with _damage_reported(), registering(root, key, data, parts_of(book)) as registered:
        write_all_atomic(
            {paths["shown"]: content, paths["kept"]: content, root / REGISTER: registered}
        )
    return book


def extended(
    book: Book, part: Part, entries: Sequence[dict[str, Any]], key: bytes, data: str
) -> Book:
    """Return a book with entries added to one file, each naming how far the other one goes."""
    lines, other = lines_of(book, part), lines_of(book, "caps" if part == "charges" else "charges")
    for entry in entries:
        beside = [len(other), last_signature(other)]
        lines = extend(lines, {**entry, "beside": beside, "registered": True}, key, (data, part))
    return replace(book, charges=lines) if part == "charges" else replace(book, caps=lines)


def lines_of(book: Book, part: Part) -> tuple[Line, ...]:
    """Return the lines of one file."""
    return book.charges if part == "charges" else book.caps


def parts_of(book: Book) -> Lines:
    """Return the lines of both files by part, as the register holds them."""
    return {part: lines_of(book, part) for part in FILES}


def paths_of(root: Path, data: str, part: Part) -> dict[str, Path]:
    """Return where a file lies, "kept" apart and "shown" with the data set's ledger."""
    return {
        "kept": copy_of(root, data) / FILES[part],
        "shown": folder_of(root, data) / FILES[part],
    }


def ledger_key(root: Path) -> bytes:
    """Return the key that ledgers are signed with, made with the first, and the register with it.

    Raises
    ------
    InputError
        If the file is damaged, or others can read it.
    DamagedLedgerError
        If it is gone and there are ledgers that were signed with it.
    """
    if not (root / KEY).exists():
        make_folder(root)
        with locked(root / ".ledgers.lock"):
            if not (root / KEY).exists():
                if _key_lost(root):
                    raise DamagedLedgerError("the key that ledgers are sealed with is gone", KEY)
                write_register(root, key_file(root / STAGED_KEY, KEY_TOLD, "Delete the file"), {})
                # The key last: beside a key there is a register.
                os.replace(root / STAGED_KEY, root / KEY)
                flush_folder(root)
    return key_file(root / KEY, KEY_TOLD, REPAIR)


def _registered(root: Path, data: str) -> Lines:
    """Return what the register holds of a data set."""
    if not (root / KEY).exists():
        if _key_lost(root):
            raise DamagedLedgerError("the key that ledgers are sealed with is gone", KEY)
        return {}
    with _damage_reported():
        return read_register(root, ledger_key(root)).get(data, {})


def _key_lost(root: Path) -> bool:
    """Whether something lies in the workspace that is only ever written when there is a key."""
    # The key is looked for last: another process may just be making the first one.
    traces = bool(registered_unproven(root)) or (
        (root / "ledger-copies").is_dir() and not (root / STAGED_KEY).exists()
    )
    return traces and not (root / KEY).exists()


@contextmanager
def _damage_reported() -> Iterator[None]:
    try:
        yield
    except DamagedRegisterError as error:
        raise DamagedLedgerError(str(error), REGISTER) from None


def _agreed(
    part: Part, shown: bytes | None, kept: bytes | None, key: bytes, data: str
) -> tuple[Line, ...]:
    """Return the lines of a file whose copy says the same, or lacks the last after a crash."""
    name = FILES[part]
    lines, copied = (
        _parsed(content, key, (data, part), where)
        for content, where in ((shown, name), (kept, f"the copy of {name}"))
    )
    if len(lines) < len(copied):
        raise DamagedLedgerError(
            f"{len(copied)} lines were written and "
            + ("the file is gone" if shown is None else f"{len(lines)} are left"),
            name,
        )
    ahead = lines[len(copied) :]
    at_once = len(ahead) <= 1 or all(line.entry.get(TOGETHER) == len(ahead) for line in ahead)
    if lines[: len(copied)] != copied or not at_once:
        raise DamagedLedgerError("it holds other lines than its copy", name)
    return lines


def _parsed(
    content: bytes | None, key: bytes, belongs_to: tuple[str, ...], where: str
) -> tuple[Line, ...]:
    if content is None:
        return ()
    if not content.strip():  # A file is only ever written with a line in it.
        raise DamagedLedgerError("the file was emptied", where)
    try:
        return parse_chain(content, key, belongs_to)
    except BrokenChainError as error:
        raise DamagedLedgerError(
            "this line of the privacy ledger isn't as it was written, so what was spent is not "
            "known",
            f"{where} line {error.number}",
        ) from None


def _check_beside(lines: tuple[Line, ...], other: tuple[Line, ...], part: Part) -> None:
    """Check that a file is no older than the other one's last line remembers it."""
    count, seal = lines[-1].entry["beside"] if lines else (0, BEGIN)
    if len(other) < count or last_signature(other[:count]) != seal:
        raise DamagedLedgerError(
            f"{count} lines were there once, and {len(other)} are left", FILES[part]
        )
