"""The register of a workspace's ledgers: one signed file that holds all of them once more.

A ledger's files lie in two folders of its own (:mod:`core.ledger.files`). That both are gone, or
were put back to an earlier day together, only something outside of them can tell. The register lies
at the root of the workspace and takes its place after them at every line, so a crash leaves files
that go on where it ends; files that end before it have lost something.

It is made together with the key, and each line that was written since says that there is one
(``"registered"``). So a register that is gone beside a key is missed too, but in a workspace from
before there was one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.storage.chain import BrokenChainError, Line, extend, format_chain, parse_chain
from core.storage.disk import locked, write_atomic

FILE = "ledgers.register"
_NAMES = ("register",)

Lines = Mapping[str, tuple[Line, ...]]
"""Lines of a data set by part, "charges" and "caps"."""


class DamagedRegisterError(ValueError):
    """The register is gone, or isn't what was written."""


def read_register(root: Path, key: bytes) -> dict[str, Lines]:
    """Read what was registered of each data set.

    Raises
    ------
    DamagedRegisterError
        If the file is gone or its signature doesn't hold.
    """
    try:
        content = (root / FILE).read_bytes()
    except FileNotFoundError:
        raise DamagedRegisterError("the register of all ledgers is gone") from None
    try:
        (line,) = parse_chain(content, key, _NAMES)
    except (BrokenChainError, ValueError):
        raise DamagedRegisterError("the register of all ledgers isn't as it was written") from None
    record: dict[str, dict[str, list[dict[str, Any]]]] = line.entry["ledgers"]
    return {
        data: {part: tuple(map(_line, lines)) for part, lines in parts.items()}
        for data, parts in record.items()
    }


def write_register(root: Path, key: bytes, ledgers: Mapping[str, Lines]) -> None:
    """Write the register anew, by whoever holds its lock or is alone."""
    write_atomic(root / FILE, _content(key, ledgers))


@contextmanager
def registering(root: Path, key: bytes, data: str, lines: Lines) -> Iterator[bytes]:
    """Hold the register's lock; yield what it has to say with a data set's ledger as it will be.

    By whoever holds that ledger's lock, to be written with the ledger's own files.

    Raises
    ------
    DamagedRegisterError
        If the register isn't what was written.
    """
    with locked(root / ".register.lock"):
        yield _content(key, {**read_register(root, key), data: lines})


def registered_unproven(root: Path) -> dict[str, Lines]:
    """Return what is registered of each data set, whether the register's signature holds or not.

    For a repair, which counts all that any line tells of. Empty where it can't be read at all.
    """
    try:
        record = finite_json((root / FILE).read_bytes())["ledgers"]
        return {
            str(data): {part: tuple(map(_line, lines)) for part, lines in parts.items()}
            for data, parts in record.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def finite_json(content: bytes) -> Any:
    """Read JSON that anybody may have edited; a number that isn't finite becomes null."""

    def number(text: str) -> float | None:
        read = float(text)
        return read if math.isfinite(read) else None

    return json.loads(content, parse_float=number, parse_constant=lambda _: None)


def _line(record: dict[str, Any]) -> Line:
    return Line({name: value for name, value in record.items() if name != "seal"}, record["seal"])


def _content(key: bytes, ledgers: Mapping[str, Lines]) -> bytes:
    fields = {
        data: {
            part: [{**line.entry, "seal": line.signature} for line in lines]
            for part, lines in ledgers[data].items()
        }
        for data in sorted(ledgers)
    }
    return format_chain(extend((), {"ledgers": fields}, key, _NAMES))
