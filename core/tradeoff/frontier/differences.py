"""Differences between settings of a sweep, with intervals.

Two settings are compared on the splits that they have in common, since a split that is hard for one
is hard for the other: with three or more, the corrected resampled t of Nadeau and Bengio (2003),
see :mod:`core.tradeoff.frontier.spread`, on the differences of the splits' means. Noise that both
share is then in it as it should be. With fewer, or where the difference is the same in all, the two
means are taken for independent: √(e₁² + v₁/R₁ + e₂² + v₂/R₂), normal. Settings that are measured on
the same people mostly err together, so that this is mostly too wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import Flags, Floats
from core.fairness.intervals.intervals import normal_quantile
from core.tradeoff.frontier.spread import (
    ENOUGH_SPLITS,
    LEVEL,
    ROUNDING,
    Spread,
    corrected_half,
)


@dataclass(frozen=True, eq=False)
class SplitTable:
    """Spreads of n settings side by side; NaN where there is nothing.

    Attributes
    ----------
    mean : ndarray, shape (n,)
    by_split : ndarray, shape (n, j)
    alone_error : ndarray, shape (n,)
        Of the mean, from test people and noise.
    shared : ndarray, shape (n,)
        Test rows over training rows.
    """

    mean: Floats
    by_split: Floats
    alone_error: Floats
    shared: Floats


@dataclass(frozen=True, eq=False)
class Differences:
    """Of n settings from one; NaN where not defined.

    Attributes
    ----------
    value, low, high : ndarray of float64, shape (n,)
    paired : ndarray of bool, shape (n,)
    """

    value: Floats
    low: Floats
    high: Floats
    paired: Flags


@dataclass(frozen=True)
class Difference:
    """Of one setting from another.

    Attributes
    ----------
    value, low, high : float or None
        The first minus the second.
    paired : bool
        Whether from the splits that both have, corrected for the rows that they share; else from
        the test people, as if other people had tested each, where too few splits are in common.
    reason : str or None
        Why there is no difference, or no interval.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    paired: bool = False
    reason: str | None = None

    @property
    def distinct(self) -> bool | None:
        """Whether the interval leaves 0 out; None without an interval."""
        if self.low is None or self.high is None:
            return None
        return self.low > 0 or self.high < 0


def side_by_side(spreads: Sequence[Spread]) -> SplitTable:
    """Lay spreads out as arrays."""
    column = {s: k for k, s in enumerate(sorted({s for item in spreads for s in item.by_split}))}
    by_split = np.full((len(spreads), len(column)), np.nan)
    for row, item in enumerate(spreads):
        for split, mean in item.by_split.items():
            by_split[row, column[split]] = mean
    return SplitTable(
        _column([item.mean for item in spreads]),
        by_split,
        _column([item.alone_error for item in spreads]),
        np.array([item.shared for item in spreads], dtype=np.float64),
    )


def differences(
    table: SplitTable, reference: int, *, rows: Flags | None = None, level: float = LEVEL
) -> Differences:
    """Subtract one setting from each.

    Parameters
    ----------
    table : SplitTable
    reference : int
        Row that is subtracted.
    rows : ndarray of bool, shape (n,), optional
        Those to compare, all by default; the result has their number of rows.
    level : float
        In (0, 1), of each interval by itself.
    """
    chosen = np.ones(len(table.mean), dtype=bool) if rows is None else rows
    apart = table.by_split[chosen] - table.by_split[reference]
    common = ~np.isnan(apart)
    count = common.sum(axis=1)
    enough = count >= ENOUGH_SPLITS
    # Rows with too few are filled so that nothing divides by 0, and overwritten below.
    divisor = np.where(enough, count, ENOUGH_SPLITS).astype(np.float64)
    middle = np.where(common, apart, 0.0).sum(axis=1) / divisor
    spare = np.where(common, apart - middle[:, None], 0.0)
    paired = enough & (np.abs(spare).max(axis=1, initial=0.0) > ROUNDING)
    deviation = np.sqrt(np.square(spare).sum(axis=1) / (divisor - 1))
    shared = (table.shared[chosen] + table.shared[reference]) / 2
    value = np.where(enough, middle, table.mean[chosen] - table.mean[reference])
    alone = normal_quantile(level) * np.hypot(
        table.alone_error[chosen], table.alone_error[reference]
    )
    half = np.where(paired, corrected_half(deviation, divisor, shared, level), alone)
    return Differences(value, value - half, value + half, paired)


def difference(first: Spread, second: Spread, *, level: float = LEVEL) -> Difference:
    """Subtract the second setting from the first."""
    for item in (first, second):
        if item.mean is None:
            return Difference(None, reason=item.reason)
    found = differences(side_by_side([first, second]), 1, level=level)
    value, low, high = (float(a[0]) for a in (found.value, found.low, found.high))
    if np.isnan(low):
        reason = next((s.reason for s in (first, second) if s.reason is not None), None)
        reason = reason or "no interval: too few splits in common, and errors that are not known"
        return Difference(value, reason=reason)
    return Difference(value, low, high, bool(found.paired[0]))


def _column(values: list[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
