"""Singling out: predicates that fit exactly one row of a released table.

Cohen and Nissim 2020, "Towards formalizing the GDPR's notion of singling out" (PNAS 117): a
predicate that fits a random row with probability w fits exactly one of n rows with probability
n w (1 − w)^(n − 1), at most about 1/e for whoever has not seen the table. Giomi et al. 2023, "A
unified framework for quantifying privacy risk in synthetic data" (Anonymeter, PoPETs): predicates
are drawn from the released table, from one value (univariate) or from several columns of one of its
rows (multivariate), and control rows which are not in the table tell how often they single someone
out by chance: risk = (attack − control) / (1 − control).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.anonymity.equivalence_classes import check_quasi
from core.arrays import Flags
from core.attacks.figures import difference
from core.errors import InputError
from core.fairness.intervals.intervals import clopper_pearson
from core.fairness.metrics.assessment import Figure

Kind = Literal["one column", "several columns"]
Test = tuple[str, Literal["=", "≤", "≥", "missing"], Any]
"""A condition: column, sign, value."""

PREDICATES = 500
BLIND = math.exp(-1)
"""The most, about, that a predicate chosen without seeing the table can reach."""


@dataclass(frozen=True)
class SinglingOut:
    """How often predicates of a kind single a row out.

    Attributes
    ----------
    kind : {"one column", "several columns"}
    predicates : int
        Distinct ones that were tried.
    isolated : Figure
        Share that fits exactly one row of the table, Clopper and Pearson's interval.
    control : Figure or None
        Share of the same predicates that fits exactly one of as many rows outside the table.
    expected : float
        Mean of n w (1 − w)^(n − 1) with w from the control rows, else the share's ceiling 1/e.
    risk : Figure or None
        What having the table adds, as Giomi et al. define it; None without control rows.
    example : str
        A predicate that singles a row out, in words without the row's other values; empty if none.
    """

    kind: Kind
    predicates: int
    isolated: Figure
    control: Figure | None
    expected: float
    risk: Figure | None
    example: str


def singling_out(
    table: pd.DataFrame,
    columns: Sequence[str],
    *,
    control: pd.DataFrame | None = None,
    predicates: int = PREDICATES,
    seed: int = 0,
) -> tuple[SinglingOut, ...]:
    """Try predicates of one and of several columns on a table.

    Parameters
    ----------
    table : DataFrame, shape (n, p)
        As it is released: raw or anonymised.
    columns : sequence of str
        That others may know of a person.
    control : DataFrame, optional
        Rows of the same population that are not in the table; about n, for a fair comparison.
    predicates : int
        Drawn of each kind.
    seed : int

    Returns
    -------
    tuple of SinglingOut
        Of one column, and of several.

    Raises
    ------
    InputError
        If the columns don't fit the table.
    """
    check_quasi(table, tuple(columns), None)
    table = _quick(table, columns)
    control = None if control is None else _quick(control, columns)
    rng = np.random.default_rng(seed)
    both: tuple[tuple[Kind, list[tuple[Test, ...]]], ...] = (
        ("one column", _univariate(table, columns, predicates, rng)),
        ("several columns", _multivariate(table, columns, predicates, rng)),
    )
    return tuple(_tried(kind, tests, table, control) for kind, tests in both)


def halves(frame: pd.DataFrame, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Part a table at random in one to attack and as many control rows.

    Raises
    ------
    InputError
        If it has fewer than two rows.
    """
    if len(frame) < 2:
        raise InputError("two rows are needed at least", where="the table")
    shuffled = np.random.default_rng([seed, 0x4A1F]).permutation(len(frame))
    half = len(frame) // 2
    first, second = np.sort(shuffled[:half]), np.sort(shuffled[half : 2 * half])
    return frame.iloc[first].reset_index(drop=True), frame.iloc[second].reset_index(drop=True)


def _univariate(
    table: pd.DataFrame, columns: Sequence[str], most: int, rng: np.random.Generator
) -> list[tuple[Test, ...]]:
    """Take values that the table holds once, and the ends of numbers (Giomi et al., 4.1)."""
    tests: list[tuple[Test, ...]] = []
    for name in columns:
        counts = table[name].value_counts(dropna=True)
        tests += [((name, "=", value),) for value in counts.index[counts == 1]]
        if _ordered(table[name]) and len(counts):
            tests.append(((name, "≤", table[name].min()),))
            tests.append(((name, "≥", table[name].max()),))
        if table[name].isna().any():
            tests.append(((name, "missing", None),))
    return [tests[at] for at in np.sort(rng.permutation(len(tests))[:most])]


def _multivariate(
    table: pd.DataFrame, columns: Sequence[str], most: int, rng: np.random.Generator
) -> list[tuple[Test, ...]]:
    """Conjunctions from the values of one random row, in two random columns or more.

    Numbers are compared with "at most" below the median and "at least" above it, as Anonymeter
    does; with one column there are none.
    """
    names = list(columns)
    if len(names) < 2:
        return []
    medians: dict[str, Any] = {
        name: table[name].median() for name in names if _ordered(table[name])
    }
    tests: dict[str, tuple[Test, ...]] = {}
    for _ in range(most):
        row = table.iloc[int(rng.integers(len(table)))]
        width = int(rng.integers(2, len(names) + 1))
        chosen = [names[at] for at in np.sort(rng.permutation(len(names))[:width])]
        test = tuple(_test(name, row[name], medians) for name in chosen)
        tests[repr(test)] = test
    return list(tests.values())


def _test(name: str, value: Any, medians: dict[str, Any]) -> Test:
    if bool(pd.isna(value)):
        return name, "missing", None
    if name not in medians:
        return name, "=", value
    return name, "≥" if value > medians[name] else "≤", value


def _quick(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Make equality a comparison of codes."""
    return pd.DataFrame(
        {
            name: frame[name] if _ordered(frame[name]) else frame[name].astype("category")
            for name in columns
        }
    )


def _ordered(series: pd.Series) -> bool:
    return series.dtype.kind in "iufM"


def _fits(frame: pd.DataFrame, tests: tuple[Test, ...]) -> int:
    """Count the rows that fit a conjunction."""
    fit: Flags = np.ones(len(frame), dtype=np.bool_)
    for name, sign, value in tests:
        column = frame[name]
        if sign == "missing":
            found = column.isna()
        elif sign == "=":
            found = column == value
        else:
            found = column <= value if sign == "≤" else column >= value
        fit &= found.fillna(False).to_numpy(dtype=np.bool_)
    return int(fit.sum())


def _tried(
    kind: Kind, tests: list[tuple[Test, ...]], table: pd.DataFrame, control: pd.DataFrame | None
) -> SinglingOut:
    if not tests:
        nothing = Figure(None, reason="there is no such predicate for these columns")
        return SinglingOut(kind, 0, nothing, None if control is None else nothing, BLIND, None, "")
    counts = np.array([_fits(table, test) for test in tests])
    isolated = _share(counts == 1)
    example = next((_describe_tests(t) for t, c in zip(tests, counts, strict=True) if c == 1), "")
    if control is None or not len(control):
        return SinglingOut(kind, len(tests), isolated, None, BLIND, None, example)
    outside = np.array([_fits(control, test) for test in tests])
    weight, n = outside / len(control), len(table)
    expected = float(np.mean(n * weight * (1 - weight) ** (n - 1)))
    chance = _share(outside == 1)
    return SinglingOut(
        kind, len(tests), isolated, chance, expected, _risk(isolated, chance), example
    )


def _risk(attack: Figure, chance: Figure) -> Figure:
    """(attack − control) / (1 − control), its interval by that of the difference."""
    apart = difference(attack, chance)
    assert chance.estimate is not None
    assert apart.estimate is not None
    assert apart.low is not None
    assert apart.high is not None
    left = 1 - chance.estimate
    if left == 0:
        return Figure(None, reason="every predicate singles out a control row too")
    low, high = max(-1.0, apart.low / left), min(1.0, apart.high / left)
    return Figure(apart.estimate / left, low, high)


def _share(hits: Flags) -> Figure:
    low, high = clopper_pearson(np.array(float(hits.sum())), np.array(float(len(hits))), 0.95)
    return Figure(float(hits.mean()), float(low), float(high))


def _describe_tests(tests: tuple[Test, ...]) -> str:
    return " and ".join(
        f"{name} is missing" if sign == "missing" else f"{name} {sign} {value}"
        for name, sign, value in tests
    )
