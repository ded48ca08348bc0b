"""Which features drive decisions differently for whom: Shapley values compared between groups.

Two figures of each feature: the mean |SHAP value| says how much it moves scores within a group,
the mean SHAP value in which direction on the whole. Each group is compared with everyone else by
Welch's t-test (1947), which lets the two spreads differ, and all tests of one attribute are
corrected together by Holm (1979), so that by chance alone at most one audit in twenty names any
feature. Intervals are from a bootstrap of rows within each group.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lgamma

import numpy as np
from scipy.special import stdtr

from core.arrays import Floats, Objects

FEWEST = 10
"""Explained rows of a group, and outside it, below which it is not compared."""
DRAWS = 400
LEVEL = 0.95


@dataclass(frozen=True)
class GroupDriver:
    """One feature in one group.

    Attributes
    ----------
    group, feature : str
    mean_absolute, mean : float
        Over the group's rows, in units of the output explained.
    absolute_interval, mean_interval : tuple of (float, float)
        95 %, from a bootstrap of rows.
    absolute_difference, mean_difference : float
        To everyone else, positive where it is larger in the group.
    absolute_p, mean_p : float
        Of Welch's test, corrected by Holm over all features, groups and both figures.
    """

    group: str
    feature: str
    mean_absolute: float
    absolute_interval: tuple[float, float]
    mean: float
    mean_interval: tuple[float, float]
    absolute_difference: float
    absolute_p: float
    mean_difference: float
    mean_p: float


@dataclass(frozen=True)
class DriversByGroup:
    """Features compared between groups.

    Attributes
    ----------
    rows : dict of str to int
        Explained rows of each group that is compared.
    drivers : tuple of GroupDriver
    left_out : dict of str to str
        Why a group is not compared.
    """

    rows: dict[str, int]
    drivers: tuple[GroupDriver, ...]
    left_out: dict[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all groups, compared or not."""
        return (*self.rows, *self.left_out)


def drivers_by_group(
    features: tuple[str, ...], values: Floats, groups: Objects, *, seed: int = 0
) -> DriversByGroup:
    """Compare Shapley values between groups.

    Parameters
    ----------
    features : tuple of str
        p of them.
    values : ndarray, shape (n, p)
        Shapley values.
    groups : ndarray of str, shape (n,)
    seed : int
        Of the bootstrap.
    """
    rng = np.random.default_rng(seed)
    both = np.hstack([np.abs(values), values])
    p = len(features)
    rows: dict[str, int] = {}
    left_out: dict[str, str] = {}
    found: list[tuple[str, Floats, Floats, Floats, Floats, Floats]] = []
    for group in sorted({str(g) for g in groups}):
        inside = groups == group
        count, others = int(inside.sum()), int((~inside).sum())
        if min(count, others) < FEWEST:
            few = f"only {count} of its rows were" if count < FEWEST else "too few others were"
            left_out[group] = f"not compared, because {few} explained (fewer than {FEWEST})"
            continue
        rows[group] = count
        weights = rng.multinomial(count, np.full(count, 1 / count), size=DRAWS) / count
        low, high = np.quantile(weights @ both[inside], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        mean, rest = both[inside].mean(axis=0), both[~inside].mean(axis=0)
        found.append((group, mean, low, high, mean - rest, welch(both[inside], both[~inside])))
    corrected = holm(np.concatenate([item[-1] for item in found])) if found else np.zeros(0)
    out = []
    for position, (group, mean, low, high, gap, _) in enumerate(found):
        own = corrected[position * 2 * p : (position + 1) * 2 * p]
        for j, feature in enumerate(features):
            k = p + j
            out.append(
                GroupDriver(
                    group,
                    feature,
                    float(mean[j]),
                    (float(low[j]), float(high[j])),
                    float(mean[k]),
                    (float(low[k]), float(high[k])),
                    float(gap[j]),
                    float(own[j]),
                    float(gap[k]),
                    float(own[k]),
                )
            )
    return DriversByGroup(rows, tuple(out), left_out)


def welch(first: Floats, second: Floats) -> Floats:
    """Two-sided p of Welch's t-test for each column, shapes (n, q) and (m, q), n and m ≥ 2.

    Where neither part varies no t exists: p is 1 if they are equal, and otherwise that of a
    permutation test, 1 over the number of ways to choose the n rows.
    """
    n, m = len(first), len(second)
    gap = first.mean(axis=0) - second.mean(axis=0)
    one, two = first.var(axis=0, ddof=1) / n, second.var(axis=0, ddof=1) / m
    # What rounding leaves of no spread is none.
    scale = np.square(np.maximum(np.abs(first).max(axis=0), np.abs(second).max(axis=0)))
    flat = one + two <= 1e-24 * scale
    spread = np.where(flat, 1.0, one + two)
    freedom = np.square(spread) / np.where(flat, 1.0, one**2 / (n - 1) + two**2 / (m - 1))
    p = 2 * stdtr(freedom, -np.abs(gap) / np.sqrt(spread))
    ways = np.exp(lgamma(n + 1) + lgamma(m + 1) - lgamma(n + m + 1))
    equal = np.abs(gap) <= 1e-12 * np.sqrt(scale)
    return np.asarray(np.where(flat, np.where(equal, 1.0, ways), p))


def holm(p: Floats) -> Floats:
    """Correct p-values of many tests so that all hold together (Holm 1979), shape kept."""
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    out = np.empty(len(p))
    out[order] = np.minimum(1.0, steps)
    return out
