"""What only a person knows about the columns of a table, asked where roles are given.

Codes among amounts, values far from all others that may say "missing", columns that may be known
only after the outcome, and columns of one attribute each of whose values has its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from core.arrays import Flags
from core.data.codes import codes_in
from core.data.reading.one_hot import ones
from core.data.roles.outcome_words import STATUSES, TIMES, holds
from core.data.split_words import split_words
from core.data.table import Column, Kind, Repair, Table

_FAR = 3.0
"""A code is as far from all other values as this many times their largest."""
_TWICE = 2
_TIMED = frozenset({"arrest…", "rearrest…", "relaps…", "recid…", "surviv…", "fatal…", "readmi…"})
"""More that is waited for; the duration of a loan is known before it defaults."""


def questions(
    table: Table, target: str | None, features: Collection[str], sensitive: Sequence[str]
) -> tuple[Repair, ...]:
    """Ask whatever is to be asked of these features and sensitive columns."""
    return (
        *codes_in(table, features),
        *missing_codes_in(table, features),
        *after_the_outcome(table, target, features),
        *one_attribute(table, sensitive),
    )


def missing_codes_in(table: Table, features: Collection[str]) -> tuple[Repair, ...]:
    """Ask of numbers such as 999 and -99, far from all others, whether they say "missing"."""
    asked = []
    for column in table.columns:
        codes = missing_codes(column, table) if column.name in features else {}
        for code, count in codes.items():
            what = (
                f"The value {code:g} stands far from all others and may say that the value is "
                "missing: it was taken as an amount. Leave those cells blank if it does."
            )
            asked.append(Repair(what, count, column.name))
    return tuple(asked)


def missing_codes(column: Column, table: Table) -> dict[float, int]:
    """Count values such as 99, 998 and -9 that repeat and are far from all others."""
    if column.kind is not Kind.NUMBER or column.distinct < 3:
        return {}
    series = table.frame[column.name].dropna()
    counts = series.value_counts()
    values = counts.index.to_numpy(dtype=np.float64)
    codes = {
        float(value): int(count)
        for value, count in zip(values, counts, strict=True)
        if _is_codelike(float(value)) and count >= _TWICE
    }
    rest = values[~np.isin(values, list(codes))]
    if not codes or len(rest) < _TWICE or sum(codes.values()) > len(series) / 2:
        return {}
    most, least = float(rest.max()), float(rest.min())
    return {
        code: count
        for code, count in codes.items()
        if (code > 0 and code > _FAR * max(most, 1.0)) or (code < 0 <= least)
    }


def _is_codelike(value: float) -> bool:
    if not value.is_integer() or abs(value) > 1e8:
        return False
    digits = str(int(abs(value)))
    nines = set(digits) == {"9"}
    # 7, 8, 9 in the last place: not known, refused, does not apply.
    last = len(digits) > 2 and set(digits[:-1]) == {"9"} and digits[-1] in "678"
    return (nines or last) and (value < 0 or len(digits) >= 2)


def after_the_outcome(
    table: Table, target: str | None, features: Collection[str]
) -> tuple[Repair, ...]:
    """Ask of columns of times beside a status whether they are known only after it."""
    words = [] if target is None else split_words(target)
    if holds(words, STATUSES | _TIMED) is None:
        return ()
    what = (
        f"It may be known only after “{target}”, as the time until something happened is: leave it "
        "out of the features unless it is known when the decision is made."
    )
    return tuple(
        Repair(what, len(table.frame) - column.missing, column.name)
        for column in table.columns
        if column.name in features
        and column.kind is Kind.NUMBER
        and column.distinct > 2
        and holds(split_words(column.name), TIMES)
    )


def one_attribute(table: Table, sensitive: Sequence[str]) -> tuple[Repair, ...]:
    """Say which sensitive columns of two values may be one attribute: no row holds 1 in two."""
    asked = []
    for group in columns_of_one(table, sensitive):
        names = ", ".join(f"“{name}”" for name in group)
        what = (
            f"The columns {names} never hold 1 in the same row, as the groups of one attribute "
            "do: put together (--one-hot), each group is compared with each."
        )
        asked.append(Repair(what, len(table.frame)))
    return tuple(asked)


def columns_of_one(table: Table, sensitive: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Find the sensitive columns of 0 and 1 that may be the groups of one attribute."""
    dummies: dict[str, Flags] = {}
    for name in sensitive:
        held = ones(table, name) if table.column(name).distinct == 2 else None
        if held is not None:
            dummies[name] = held
    found, left = [], list(dummies)
    while left:
        group, total = [left[0]], dummies[left[0]].copy()
        for name in left[1:]:
            if not (total & dummies[name]).any():
                group.append(name)
                total |= dummies[name]
        left = [name for name in left if name not in group]
        if len(group) > 1:
            found.append(tuple(group))
    return tuple(found)
