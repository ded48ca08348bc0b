"""Chained lines: a file whose lines can't be changed, dropped or moved unnoticed.

Each line is JSON with a signature: HMAC-SHA256 (RFC 2104) under a key over what the file belongs
to, the signature of the line before and the line's entry. Whoever lacks the key can't write a line,
and who edits, removes or swaps one breaks the chain from there on. Lines cut off at the end leave a
shorter chain that holds: that is noticed by whoever kept its length and last signature elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

BEGIN = "0" * 64
"""Stands for the signature before the first line."""


@dataclass(frozen=True)
class Line:
    """One line of a chain.

    Attributes
    ----------
    entry : dict
        JSON; treat it as read-only.
    signature : str
        64 hexadecimal digits.
    """

    entry: dict[str, Any]
    signature: str


class BrokenChainError(ValueError):
    """A line doesn't follow from the one before.

    Parameters
    ----------
    number : int
        Of the line, from 1.
    """

    def __init__(self, number: int):
        self.number = number
        super().__init__(f"line {number} isn't as it was written")


def extend(
    lines: tuple[Line, ...], entry: dict[str, Any], key: bytes, belongs_to: tuple[str, ...]
) -> tuple[Line, ...]:
    """Add an entry at the end.

    Parameters
    ----------
    lines : tuple of Line
    entry : dict
        JSON without NaN and infinities.
    key : bytes
    belongs_to : tuple of str
        Names of the file; its lines hold under the same names only.
    """
    return (*lines, Line(entry, _signature(key, belongs_to, last_signature(lines), entry)))


def last_signature(lines: tuple[Line, ...]) -> str:
    """Return the signature that the next line follows from."""
    return lines[-1].signature if lines else BEGIN


def format_chain(lines: tuple[Line, ...]) -> bytes:
    """Write a chain as the content of a file."""
    texts = (json.dumps({**line.entry, "seal": line.signature}, allow_nan=False) for line in lines)
    return "".join(f"{text}\n" for text in texts).encode("utf-8")


def parse_chain(content: bytes, key: bytes, belongs_to: tuple[str, ...]) -> tuple[Line, ...]:
    """Read a chain.

    Raises
    ------
    BrokenChainError
        At the first line that wasn't written with this key after the one before.
    """
    found: list[Line] = []
    before = BEGIN
    for number, text in enumerate(content.splitlines(), 1):
        try:
            entry = json.loads(text)
            seal = entry.pop("seal")
            holds = hmac.compare_digest(seal, _signature(key, belongs_to, before, entry))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            holds = False
        if not holds:
            raise BrokenChainError(number)
        found.append(Line(entry, seal))
        before = seal
    return tuple(found)


def _signature(key: bytes, belongs_to: tuple[str, ...], before: str, entry: dict[str, Any]) -> str:
    content = json.dumps([list(belongs_to), before, entry], sort_keys=True, allow_nan=False)
    return hmac.new(key, content.encode("ascii"), hashlib.sha256).hexdigest()
