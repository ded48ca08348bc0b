"""Ledgers from before their lines were chained: taken over once, and marked as taken over.

That is done for the whole workspace, when there is no key of ledgers yet. From then on a plain
ledger is a damaged one, so that nobody puts a chained one's plain ancestor in its place.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from core.governance.chain import format_chain
from core.governance.disk import locked, make_folder, write_all_atomic
from core.governance.ledger_files import (
    FILES,
    KEY,
    Book,
    data_sets,
    exclusive,
    extended,
    folder_of,
    lines_of,
    paths_of,
)
from core.governance.record import now
from core.governance.seal import key_file


def take_over_plain(root: Path) -> None:
    """Chain and copy every plain ledger of a workspace that has no key of ledgers yet.

    A file that can't be read is left as it is: it is a damaged one then.
    """
    if (root / KEY).exists() or not (root / "ledgers").is_dir():
        return
    staged = root / f".{KEY}.taking-over"
    with locked(root / ".ledgers.lock"):
        if (root / KEY).exists() or not data_sets(root):
            return
        if (root / "ledger-copies").exists() and not staged.exists():
            return  # The key is gone. Whoever reads is told.
        key = key_file(staged, "the key of the privacy ledgers", "Delete the file")
        for data in data_sets(root):
            with exclusive(root, data):
                _take_over(root, data, key)
        # Last: a crash on the way is taken up here again.
        os.replace(staged, root / KEY)


def _take_over(root: Path, data: str, key: bytes) -> None:
    plain = {part: _plain(folder_of(root, data) / name) for part, name in FILES.items()}
    if any(found is None for found in plain.values()):
        return
    book = Book()
    contents = {}
    make_folder(paths_of(root, data, "charges")["kept"].parent)
    for part, found in plain.items():
        if found:
            book = extended(book, part, found, key, data)
            for path in paths_of(root, data, part).values():
                contents[path] = format_chain(lines_of(book, part))
    write_all_atomic(dict(sorted(contents.items(), key=lambda item: "ledgers" in item[0].parts)))


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
