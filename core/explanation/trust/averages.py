"""Means over people and their intervals."""

from __future__ import annotations

import numpy as np
from scipy import stats

from core.arrays import Floats
from core.fairness.metrics.assessment import Figure

FEWEST = 10
"""People below which a mean has no interval: too few for the t interval to be trusted."""


def mean_over(values: Floats, what: str, level: float = 0.95) -> Figure:
    """Mean over people with Student's t interval; people without a value are left out.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where the figure is not defined for a person.
    what : str
        What it takes to be defined, for the reason where nobody has a value.
    level : float
        In (0, 1).
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return Figure(None, reason=f"not defined for anyone: {what}")
    mean = float(known.mean())
    if len(known) < FEWEST:
        return Figure(mean, reason=f"no interval: only {len(known)} people")
    half = float(stats.t.ppf((1 + level) / 2, len(known) - 1) * stats.sem(known))
    return Figure(mean, mean - half, mean + half)


def difference_of(inside: Floats, outside: Floats, level: float = 0.95) -> Figure:
    """Mean inside minus mean outside with Welch's t interval.

    Parameters
    ----------
    inside, outside : ndarray
        NaN where the figure is not defined for a person.
    level : float
        In (0, 1).
    """
    a, b = inside[~np.isnan(inside)], outside[~np.isnan(outside)]
    if not len(a) or not len(b):
        return Figure(None, reason="not defined for anyone on one of the two sides")
    gap = float(a.mean() - b.mean())
    if min(len(a), len(b)) < FEWEST:
        return Figure(gap, reason=f"no interval: only {min(len(a), len(b))} people on one side")
    first, second = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    error = float(np.sqrt(first + second))
    if error == 0:
        return Figure(gap, gap, gap)
    freedom = (first + second) ** 2 / (first**2 / (len(a) - 1) + second**2 / (len(b) - 1))
    half = float(stats.t.ppf((1 + level) / 2, freedom)) * error
    return Figure(gap, gap - half, gap + half)


def averaged(values: Floats, *, largest: bool = False) -> Floats:
    """Mean, or largest, over the first axis of what is not NaN; NaN where all are."""
    known = ~np.isnan(values)
    if largest:
        out = np.where(known, values, -np.inf).max(axis=0)
        return np.where(known.any(axis=0), out, np.nan)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
