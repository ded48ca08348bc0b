"""A column of text as numbers, and what there is to tell of how it was read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.data.reading.notation import (
    NumberNotation,
    WrittenNumber,
    likeliest_notation,
    may_be_thousands,
    notation_of,
    number_notation,
    parse_number,
)
from core.data.table import Notation, Repair
from core.data.texts import Texts, is_code, is_infinite, is_number, is_whole, shortened, unread

_NEARLY_NUMERIC = 0.8

Numbers = tuple[npt.NDArray[np.generic], tuple[Repair, ...]]


def holds_numbers(column: Texts, *, decimal_comma: bool) -> bool:
    """Whether all values are numbers beyond doubt, in one notation, and none is a code."""
    notation = number_notation(column.values, decimal_comma=decimal_comma)
    if notation is None or all(is_infinite(value) for value in column.values):
        return False
    read = (parse_number(value, notation) for value in column.values)
    return not any(number is not None and is_code(number.plain) for number in read)


def read_numbers(
    name: str, column: Texts, declared: Notation | None, *, decimal_comma: bool
) -> Numbers:
    """Read float64, or int64 where all values are whole; what is no number is missing.

    Parameters
    ----------
    name : str
        Of the column.
    column : Texts
    declared : Notation or None
        As a person says; else the notation that all share, or in which most are numbers.
    decimal_comma : bool
        Whether commas may be decimal where nothing tells.
    """
    if declared is not None:
        notation = notation_of(declared, column.values, decimal_comma=decimal_comma)
    else:
        notation = number_notation(column.values, decimal_comma=decimal_comma) or (
            likeliest_notation(column.values, decimal_comma=decimal_comma)
        )
    read = [parse_number(value, notation) for value in column.values]
    lookup = np.full(len(read) + 1, np.nan)
    infinite, whole = 0, True
    failed: list[int] = []
    for position, (value, number) in enumerate(zip(column.values, read, strict=True)):
        plain = value if number is None else number.plain
        whole = whole and is_whole(plain) and not is_code(plain)
        if number is None and value.casefold() in ("true", "false"):
            lookup[position] = value.casefold() == "true"
        elif number is None:
            failed.append(position)
        elif is_infinite(plain):
            infinite += int(column.counts[position])
        else:
            lookup[position] = float(plain)
    values = lookup[column.codes]
    if whole and not np.isnan(values).any():
        values = values.astype(np.int64)
    repairs = _notation_repairs(name, column, notation, read, certain=declared is not None)
    repairs += unread(name, column, failed, "a number") + infinities(name, infinite)
    if declared is None and decimal_comma and may_be_thousands(column.values):
        what = (
            f"Points were read as decimal, so that {shortened(column.values[0])!r} is little: "
            "choose decimal-comma as its notation if they stand between thousands."
        )
        repairs += (Repair(what, int(column.counts.sum()), name),)
    return values, repairs


def infinities(name: str, count: int) -> tuple[Repair, ...]:
    """Tell how many infinite values were read as missing."""
    if not count:
        return ()
    return (Repair("Infinite values were read as missing.", count, name),)


def nearly_numeric(name: str, column: Texts) -> tuple[Repair, ...]:
    """Tell of a column that was kept as text although most values look like numbers."""
    odd = [i for i, value in enumerate(column.values) if not is_number(value)]
    total = int(column.counts.sum())
    if not odd:
        what = (
            "All values are digits but with leading zeros or too many of them to be quantities, "
            "so they were kept as text; choose number as its kind if they are."
        )
        return (Repair(what, total, name),)
    both = [
        [i for i, value in enumerate(column.values) if parse_number(value, notation) is None]
        for notation in (NumberNotation(), NumberNotation(comma=True))
    ]
    if not all(both):
        what = (
            f"Values such as {shortened(column.values[odd[0]])!r} may be numbers with a decimal "
            "comma or with a comma between thousands, so the column was kept as text; choose "
            "decimal-comma or decimal-point as its notation."
        )
        return (Repair(what, total, name),)
    odd = min(both, key=lambda failed: int(column.counts[failed].sum()))
    others = int(column.counts[odd].sum())
    if total - others < _NEARLY_NUMERIC * total:
        return ()
    what = (
        f"Most values are numbers but some are not, such as {shortened(column.values[odd[0]])!r}, "
        "so the column was kept as text; choose number as its kind to read those as missing."
    )
    return (Repair(what, others, name),)


def _notation_repairs(
    name: str,
    column: Texts,
    notation: NumberNotation,
    read: list[WrittenNumber | None],
    *,
    certain: bool,
) -> tuple[Repair, ...]:
    """Say how numbers that are not written plainly were read, each way with its count."""
    repairs: list[Repair] = []

    def tell(what: str, positions: list[int]) -> None:
        if positions:
            first, number = column.values[positions[0]], read[positions[0]]
            assert number is not None
            example = f"{shortened(first)!r} is {number.plain}"
            rows = int(column.counts[positions].sum())
            repairs.append(Repair(what.replace("EXAMPLE", example), rows, name))

    found = [(at, number) for at, number in enumerate(read) if number is not None]
    commas = [at for at, number in found if notation.comma and "," in column.values[at]]
    tell("Commas were read as decimal points: EXAMPLE.", commas)
    other = "decimal-point" if notation.comma else "decimal-comma"
    undo = "" if certain else f"; choose {other} as its notation if that is wrong"
    grouped = [at for at, number in found if number.grouped]
    tell(f"Signs between thousands were left out: EXAMPLE{undo}.", grouped)
    percent = [at for at, number in found if number.percent]
    if notation.points:
        tell("Percentages were read as percentage points: EXAMPLE.", percent)
    else:
        tell(
            "Percentages were read as shares: EXAMPLE; choose percent-points as its notation to "
            "read percentage points.",
            percent,
        )
    minus = [at for at, _ in found if "−" in column.values[at]]
    tell("Typographic minus signs were read as such: EXAMPLE.", minus)
    tell("Signs of a currency were left out: EXAMPLE.", [at for at, n in found if n.currency])
    tell("Numbers in parentheses were read as negative: EXAMPLE.",
         [at for at, n in found if n.negative])  # fmt: skip
    return tuple(repairs)
