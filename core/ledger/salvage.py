"""What can still be read of a damaged ledger, line by line, in each of its places.

Whoever damaged it may have put anything there: an older chain whose seals hold, lines that are no
JSON, numbers that no float holds. So nothing here fails for what a line says.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from core.errors import InputError
from core.ledger.entries import Cap
from core.ledger.files import TOGETHER, Part, paths_of
from core.ledger.register import finite_json, registered_unproven
from core.privacy.accounting.budget import Charge, charge_from_json
from core.storage.chain import (
    BEGIN,
    BrokenChainError,
    Line,
    format_chain,
    last_signature,
    parse_chain,
)
from core.storage.json_format import from_json

_OF_LINES = ("seal", "beside", "registered", TOGETHER)
"""What is written with each line, beside what it says."""


@dataclass(frozen=True)
class Salvaged:
    """What is left of a damaged ledger.

    Attributes
    ----------
    charges : tuple of Charge
        All that any line tells of, sealed or not.
    proven : int
        Of them, those whose seal holds.
    notes : tuple of dict
        That it was taken over or repaired before.
    caps : tuple of dict
        What the newest sealed lines of the file of caps say.
    cap : Cap or None
        The last one; None if there is none, it can't be read, or a sealed charge tells of a
        later one.
    """

    charges: tuple[Charge, ...]
    proven: int
    notes: tuple[dict[str, Any], ...]
    caps: tuple[dict[str, Any], ...]
    cap: Cap | None


def salvage(root: Path, data: str, key: bytes) -> Salvaged:
    """Read what is left of a data set's ledger, by whoever holds its lock."""
    proven: Counter[Charge] = Counter()
    charged: Counter[Charge] = Counter()
    notes: dict[str, dict[str, Any]] = {}
    for content in _contents(root, data, "charges"):
        entries = _entries(content)
        sealed = (line.entry for line in _sealed(content, key, (data, "charges")))
        proven |= Counter(found for entry in sealed if (found := _charge_in(entry)) is not None)
        charged |= Counter(found for entry in entries if (found := _charge_in(entry)) is not None)
        notes |= _notes(entries)
    for content in _contents(root, data, "caps"):
        notes |= {k: note for k, note in _notes(_entries(content)).items() if _is_repair(note)}
    charges = _newest(root, data, "charges", key)
    caps = _newest(root, data, "caps", key)
    return Salvaged(
        tuple(sorted(charged.elements(), key=lambda charge: charge.when)),
        proven.total(),
        tuple(sorted(notes.values(), key=lambda note: str(note.get("when", "")))),
        tuple(_without_line_fields(line.entry) for line in caps),
        _last_cap(caps) if _is_last(caps, charges) else None,
    )


def _notes(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what isn't charge or cap, by its text: the same one lies in several places."""
    notes = (_without_line_fields(entry) for entry in entries if isinstance(entry.get("note"), str))
    return {repr(sorted(note.items(), key=repr)): note for note in notes}


def _is_repair(entry: dict[str, Any]) -> bool:
    return bool(entry.get("note") == "repaired")


def _newest(root: Path, data: str, part: Part, key: bytes) -> tuple[Line, ...]:
    """Return the newest of the sealed chains: each repair begins one and keeps earlier notes."""
    chains = (_sealed(found, key, (data, part)) for found in _contents(root, data, part))
    return max(chains, key=lambda lines: (_repairs(lines), len(lines)))


def _repairs(lines: tuple[Line, ...]) -> int:
    return sum(_is_repair(line.entry) for line in lines)


def _is_last(caps: tuple[Line, ...], charges: tuple[Line, ...]) -> bool:
    """Whether no sealed charge was written beside a longer file of caps."""
    if _repairs(charges) != _repairs(caps):
        return _repairs(charges) < _repairs(caps)  # One of them is of before a repair.
    count, seal = charges[-1].entry["beside"] if charges else (0, BEGIN)
    return len(caps) >= count and last_signature(caps[:count]) == seal


def _last_cap(caps: tuple[Line, ...]) -> Cap | None:
    parts = [line.entry["cap"] for line in caps if "cap" in line.entry]
    try:
        return cast(Cap, from_json(Cap, parts[-1], "a cap"))
    except (InputError, IndexError):
        return None  # One of before lines were sealed may have been written by hand.


def _contents(root: Path, data: str, part: Part) -> list[bytes]:
    """Return what each of a file's three places holds, nothing where it is gone."""
    paths = paths_of(root, data, part).values()
    files = [path.read_bytes() for path in paths if path.exists()]
    return [*files, format_chain(registered_unproven(root).get(data, {}).get(part, ()))]


def _sealed(content: bytes, key: bytes, belongs_to: tuple[str, ...]) -> tuple[Line, ...]:
    """Return the first lines of a file, as far as their seals hold."""
    try:
        return parse_chain(content, key, belongs_to)
    except BrokenChainError as error:
        lines = content.splitlines(keepends=True)[: error.number - 1]
        return parse_chain(b"".join(lines), key, belongs_to)


def _entries(content: bytes) -> list[dict[str, Any]]:
    """Return all lines that are JSON objects, whether their seals hold or not."""
    lines = content.splitlines(keepends=True)
    found = []
    # No two sealed lines are alike, so one that is there twice was copied.
    for line in dict.fromkeys(lines) if any(b'"seal"' in line for line in lines) else lines:
        try:
            entry = finite_json(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            found.append(entry)
    return found


def _without_line_fields(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in _OF_LINES}


def _charge_in(entry: dict[str, Any]) -> Charge | None:
    try:
        return charge_from_json(entry.get("charge", _without_line_fields(entry)))
    except (ValueError, TypeError):
        return None
