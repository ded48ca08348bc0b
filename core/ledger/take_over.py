"""Ledgers from before their lines were chained, or before there was a register: taken over once.

That is done for the whole workspace, when there is no key of ledgers yet. From then on a plain
ledger is a damaged one, so that nobody puts a chained one's plain ancestor in its place. A register
is made of chained ledgers of which no line says that there was one.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.ledger.files import (
    FILES,
    KEY,
    KEY_TOLD,
    STAGED_KEY,
    Book,
    DamagedLedgerError,
    Part,
    data_sets,
    exclusive,
    extended,
    folder_of,
    ledger_key,
    lines_of,
    parts_of,
    paths_of,
    read_files,
)
from core.ledger.register import FILE as REGISTER
from core.ledger.register import write_register
from core.storage.chain import BrokenChainError, format_chain, parse_chain
from core.storage.disk import locked, make_folder, write_all_atomic
from core.storage.record import now
from core.storage.signed_pickle import key_file


def take_over_plain(root: Path) -> None:
    """Chain, copy and register every plain ledger of a workspace that has no key of ledgers yet.

    A file that can't be read is left as it is: it is a damaged one then.
    """
    if (root / KEY).exists():
        _take_over_unregistered(root)
        return
    if not (root / "ledgers").is_dir():
        return
    staged = root / STAGED_KEY
    with locked(root / ".ledgers.lock"):
        if (root / KEY).exists() or not data_sets(root):
            return
        if (root / "ledger-copies").exists() and not staged.exists():
            return  # The key is gone. Whoever reads is told.
        key = key_file(staged, KEY_TOLD, "Delete the file")
        taken = {}
        for data in data_sets(root):
            with exclusive(root, data):
                taken[data] = _take_over(root, data, key)
        write_register(root, key, {data: parts_of(book) for data, book in taken.items()})
        # Last: a crash on the way is taken up here again.
        os.replace(staged, root / KEY)


def _take_over_unregistered(root: Path) -> None:
    """Make the register of a workspace that has chained ledgers from before there was one."""
    if (root / REGISTER).exists():
        return
    with locked(root / ".ledgers.lock"):
        if (root / REGISTER).exists():
            return
        found = {}
        for data in data_sets(root):
            with suppress(DamagedLedgerError), exclusive(root, data):
                found[data] = read_files(root, data)
        lines = [line for book in found.values() for line in (*book.charges, *book.caps)]
        if not lines or any("registered" in line.entry for line in lines):
            return  # There was one. Whoever reads is told.
        write_register(
            root, ledger_key(root), {data: parts_of(book) for data, book in found.items()}
        )


def _take_over(root: Path, data: str, key: bytes) -> Book:
    """Return the book that was written of a plain one; an empty one where it can't be read."""
    plain = {part: _plain(folder_of(root, data) / name) for part, name in FILES.items()}
    if any(found is None for found in plain.values()):
        return _taken_before(root, data, key, plain)
    book = Book()
    contents = {}
    make_folder(paths_of(root, data, "charges")["kept"].parent)
    for part, found in plain.items():
        if found:
            book = extended(book, part, found, key, data)
            for path in paths_of(root, data, part).values():
                contents[path] = format_chain(lines_of(book, part))
    write_all_atomic(dict(sorted(contents.items(), key=lambda item: "ledgers" in item[0].parts)))
    return book


def _taken_before(
    root: Path, data: str, key: bytes, plain: dict[Part, list[dict[str, Any]] | None]
) -> Book:
    """Return what a take-over that died had written of this ledger already, and end it.

    Copies were written before the first shown file, so those of files that are plain yet are whole.
    """
    book = Book()
    contents = {}
    for part, found in plain.items():
        paths = paths_of(root, data, part)
        with suppress(FileNotFoundError, BrokenChainError):
            content = paths["kept" if found else "shown"].read_bytes()
            lines = parse_chain(content, key, (data, part))
            book = replace(book, charges=lines) if part == "charges" else replace(book, caps=lines)
            if found:
                contents[paths["shown"]] = content
    write_all_atomic(contents)
    return book


def _plain(path: Path) -> list[dict[str, Any]] | None:
    """Return the entries of a plain file, marked; none without one, None where it isn't plain."""
    if not path.exists():
        return []
    content = path.read_bytes()
    try:
        found = [json.loads(line) for line in content.splitlines()]
        if not found or any("seal" in line for line in found):
            return None
    except (ValueError, TypeError):
        return None
    name = "charge" if path.name == FILES["charges"] else "cap"
    mark = {
        "note": "taken over from before lines were sealed",
        "when": now(),
        "lines": len(found),
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return [mark, *({name: line} for line in found)]
