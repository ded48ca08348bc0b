"""A column of text as codes and distinct values, and what its values mean."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from core.arrays import Ints, Objects
from core.data.table import MISSING, Repair
from core.data.text_normalisation import normalise_text

MISSING_TOKENS = frozenset({"", "?", "NA", "N/A", "NaN", "nan", "null", "NULL", "#N/A", MISSING})
"""What stands for a missing value; "None" and "none" do not, being categories in real data."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_INFINITE = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_TRUTH = {"true": True, "yes": True, "y": True, "t": True, "1": True}
_FALSEHOOD = {"false": False, "no": False, "n": False, "f": False, "0": False}
EXACT = 2**53
"""Whole numbers beyond it are not all representable in float64."""


@dataclass(frozen=True)
class Texts:
    """A column of text.

    Attributes
    ----------
    codes : ndarray of int64, shape (n,)
        Index into ``values``, -1 where missing.
    values : tuple of str
        Distinct, stripped.
    counts : ndarray of int64
        How often each value occurs.
    stripped : int
        Cells from which surrounding space was removed.
    merged_spellings : dict of str to (str, int)
        Values that were written in another way that looks alike, by what they were in the file:
        what each became, and how often.
    recoded : dict of str to int
        Tokens other than empty text that were read as missing, and how often.
    """

    codes: Ints
    values: tuple[str, ...]
    counts: Ints
    stripped: int
    merged_spellings: dict[str, tuple[str, int]]
    recoded: dict[str, int]

    def objects(self) -> Objects:
        """One string or None for each row."""
        return np.array([*self.values, None], dtype=object)[self.codes]


def texts(array: pa.Array) -> Texts:
    """Encode an Arrow array of text; nulls and ``MISSING_TOKENS`` are missing."""
    encoded = array.dictionary_encode()
    raw = encoded.dictionary.to_pylist()
    found = encoded.indices.fill_null(len(raw)).to_numpy(zero_copy_only=False).astype(np.int64)
    often = np.bincount(found, minlength=len(raw) + 1)
    index: dict[str, int] = {}
    recoded: dict[str, int] = {}
    merged_spellings: dict[str, tuple[str, int]] = {}
    stripped = 0
    lookup = np.full(len(raw) + 1, -1, dtype=np.int64)
    for position, cell in enumerate(raw):
        value = normalise_text(cell)
        if value != cell.strip():
            merged_spellings[cell] = (value, int(often[position]))
        if value in MISSING_TOKENS:
            if value:
                recoded[value] = recoded.get(value, 0) + int(often[position])
            continue
        if value == cell.strip() != cell:
            stripped += int(often[position])
        lookup[position] = index.setdefault(value, len(index))
    codes = lookup[found]
    counts = np.bincount(codes[codes >= 0], minlength=len(index)).astype(np.int64)
    return Texts(codes, tuple(index), counts, stripped, merged_spellings, recoded)


def is_number(value: str) -> bool:
    """Whether the text is a decimal number: ASCII digits, point, exponent; no thousands."""
    return _NUMBER.fullmatch(value) is not None


def is_infinite(value: str) -> bool:
    """Whether the text is an infinity, by name or by overflowing float64."""
    if value[-1:] in "fFyY":
        return _INFINITE.fullmatch(value) is not None
    return is_number(value) and math.isinf(float(value))


def is_whole(value: str) -> bool:
    """Whether the text is a whole number without point or exponent."""
    digits = value[1:] if value[:1] in ("+", "-") else value
    return digits.isascii() and digits.isdecimal()


def is_code(value: str) -> bool:
    """Whether the digits are a code rather than a quantity: leading zeros, or too many digits."""
    if not is_whole(value):
        return False
    digits = value.lstrip("+-")
    # Fifteen digits always fit; the cut keeps clear of Python's limit on long conversions.
    return (digits[0] == "0" and len(digits) > 1) or (
        len(digits) > 15 and int(digits[:400]) > EXACT
    )


def as_date(value: str) -> tuple[datetime, bool] | None:
    """Parse an ISO 8601 date or time, moved to UTC if it names an offset (then True), else None."""
    match = _ISO.fullmatch(value)
    if match is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            return moment, False
        return moment.astimezone(UTC).replace(tzinfo=None), True
    except (ValueError, OverflowError):
        return None


def as_boolean(value: str) -> bool | None:
    """Give the answer of the usual words (true, yes, 1 …), None for others."""
    word = value.casefold()
    return _TRUTH.get(word, _FALSEHOOD.get(word))


def unread(name: str, column: Texts, failed: list[int], wanted: str) -> tuple[Repair, ...]:
    """Tell which values were read as missing because they are not what is wanted."""
    if not failed:
        return ()
    examples = ", ".join(repr(shortened(column.values[i])) for i in failed[:3])
    what = f"Values that are not {wanted} were read as missing, such as {examples}."
    return (Repair(what, int(column.counts[failed].sum()), name),)


def shortened(value: str) -> str:
    """Cut a value to forty characters, for display."""
    return value if len(value) <= 40 else value[:39] + "…"
