"""Whole numbers that may be codes: 1 for a car, 2 for a house, 9 for not known.

Statistics packages write categories so. Read as amounts they say that 9 is more than 1; only a
person knows.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from core.data.split_words import split_words
from core.data.table import Column, Kind, Repair, Table

MOST_CODES = 12
"""A column of more distinct whole numbers is rather a count."""

ROWS_PER_CODE = 4
"""Codes repeat: with fewer rows for each value than this nothing is asked."""

_CODELIKE = frozenset({
    "code", "type", "kind", "category", "class", "group", "region", "purpose", "status", "reason",
    "sector", "industry", "occupation", "state", "district", "branch",
})  # fmt: skip


def may_be_codes(column: Column, table: Table) -> bool:
    """Whether a column of numbers may hold codes.

    Three to :data:`MOST_CODES` different whole numbers from 0 to 999, with a gap between them, as
    counts hardly have, or under a name that says so.
    """
    if column.kind is not Kind.NUMBER or not 3 <= column.distinct <= MOST_CODES:
        return False
    if len(table.frame) - column.missing < ROWS_PER_CODE * column.distinct:
        return False
    values = table.frame[column.name].to_numpy(dtype=np.float64)
    values = np.unique(values[~np.isnan(values)])
    if not np.equal(values, np.floor(values)).all() or values[0] < 0 or values[-1] > 999:
        return False
    gap = values[-1] - values[0] > len(values) - 1
    return bool(gap) or not _CODELIKE.isdisjoint(split_words(column.name))


def codes_in(table: Table, features: Collection[str]) -> tuple[Repair, ...]:
    """Ask of each feature that may hold codes whether it does."""
    return tuple(
        codes_asked(column, table)
        for column in table.columns
        if column.name in features and may_be_codes(column, table)
    )


def codes_asked(column: Column, table: Table) -> Repair:
    """Ask whether whole numbers are codes."""
    values = sorted({int(value) for value in table.frame[column.name].dropna()})
    text = ", ".join(map(str, values))
    what = (
        f"The numbers {text} were taken as amounts, and may be codes: choose category as its kind "
        "if a larger one is not more of something."
    )
    return Repair(what, len(table.frame) - column.missing, column.name)
