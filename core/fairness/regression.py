"""Regression by group from sufficient statistics: how far off predictions are, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from core.errors import InputError
from core.fairness.assessment import Figure
from core.fairness.cube import as_numbers, as_weights
from core.fairness.grouping import Group, Grouping, collapse
from core.fairness.intervals import effective_size

Floats = npt.NDArray[np.float64]

TERMS = (
    "error", "error²", "error³", "error⁴", "|error|", "prediction", "prediction²", "outcome",
    "outcome²", "outcome³", "outcome⁴", "error²·outcome", "error²·outcome²",
)  # fmt: skip
"""What is summed in each group, outcomes and predictions counted from a common centre."""

SUMMARIES = ("mean_error", "mean_absolute_error", "root_mean_squared_error", "mean_prediction")
"""Figures that are means over rows, or the root of one, and so can be compared between groups."""


@dataclass(frozen=True, eq=False)
class RegressionCube:
    """Sufficient statistics by group, enough for every figure below and for any marginal.

    Attributes
    ----------
    attributes : tuple of str, length s
    groups : tuple of tuples of str, length g
        The combinations of values that occur, sorted.
    count : ndarray of int64, shape (g,)
    weight, weight_squared : ndarray of float64, shape (g,)
        Summed weights and squared weights; equal to ``count`` without weights.
    sums : ndarray of float64, shape (g, len(TERMS))
        Weighted sums of :data:`TERMS`, of outcomes and predictions that are scaled.
    centre, scale : float
        Taken from outcomes and predictions, and by what both were divided: the mean and standard
        deviation of all outcomes, so that fourth powers lose no digits.
    """

    attributes: tuple[str, ...]
    groups: tuple[Group, ...]
    count: npt.NDArray[np.int64]
    weight: Floats
    weight_squared: Floats
    sums: Floats
    centre: float
    scale: float

    def marginal(self, attributes: Sequence[str]) -> RegressionCube:
        """Collapse to some of the attributes, without another pass over the rows."""
        groups, position = collapse(self.attributes, self.groups, attributes)

        def merged(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
            out = np.zeros((len(groups), *values.shape[1:]), dtype=values.dtype)
            np.add.at(out, position, values)
            return out

        return RegressionCube(
            tuple(attributes),
            groups,
            merged(self.count),
            merged(self.weight),
            merged(self.weight_squared),
            merged(self.sums),
            self.centre,
            self.scale,
        )

    def mean(self, term: str) -> Floats:
        """Mean of a term in each group, shape (g,); NaN where all weights are zero."""
        out = np.full(len(self.groups), np.nan)
        total = self.sums[:, TERMS.index(term)]
        np.divide(total, self.weight, out=out, where=self.weight > 0)
        return out


def count_errors(
    grouping: Grouping, outcome: Floats, prediction: Floats, weights: Floats | None = None
) -> RegressionCube:
    """Sum up the statistics by group in one pass, by position.

    Parameters
    ----------
    grouping : Grouping
        Of n rows.
    outcome, prediction : ndarray of float64, shape (n,)
        Finite, in the same unit.
    weights : ndarray of float64, shape (n,), optional
        Non-negative.

    Raises
    ------
    InputError
        If lengths differ, or a value is not a finite number.
    """
    n, g = len(grouping), len(grouping.groups)
    y, p = as_numbers(outcome, "outcomes"), as_numbers(prediction, "predictions")
    for values, where in ((y, "outcomes"), (p, "predictions")):
        if values.shape != (n,):
            raise InputError(
                f"there are {len(values)} of them, but {n} rows of sensitive values", where=where
            )
    largest = max(float(np.abs(y).max()), float(np.abs(p).max()))
    if largest > 1e60:
        raise InputError(
            f"they reach {largest:g}, too far to be squared and summed",
            where="outcomes and predictions",
            remedy="Use another unit",
        )
    w = np.ones(n) if weights is None else as_weights(weights, n)
    centre, scale = float(y.mean()), float(y.std()) or 1.0
    y, p = (y - centre) / scale, (p - centre) / scale
    e = p - y
    terms = (e, e**2, e**3, e**4, np.abs(e), p, p**2, y, y**2, y**3, y**4, e**2 * y, e**2 * y**2)

    def summed(values: Floats) -> Floats:
        return np.bincount(grouping.codes, values, minlength=g).astype(np.float64)

    return RegressionCube(
        grouping.attributes,
        grouping.groups,
        np.bincount(grouping.codes, minlength=g).astype(np.int64),
        summed(w),
        summed(w**2),
        np.stack([summed(w * values) for values in terms], axis=1),
        centre,
        scale,
    )


def regression_figures(cube: RegressionCube, level: float = 0.95) -> dict[str, tuple[Figure, ...]]:
    """Every figure in each group, with its interval.

    ``mean_error`` (prediction − outcome), ``mean_absolute_error``, ``root_mean_squared_error`` and
    ``mean_prediction`` in the unit of the outcome, and ``r_squared`` (1 − Σ error² / Σ (outcome −
    mean)², at most 1). Means have Student's interval with the effective size; the root's is that of
    the mean squared error, its ends' roots; R² has the delta method's normal interval, which is
    rough below some hundred rows.

    Returns
    -------
    dict of str to tuple of Figure, in the order of the cube's groups
    """
    size = effective_size(cube.weight, cube.weight_squared)
    found: dict[str, tuple[Figure, ...]] = {}
    for name in SUMMARIES:
        value, variance = _summary(cube, name)
        found[name] = tuple(
            _mean_figure(name, float(v), float(s2), float(n), level)
            for v, s2, n in zip(value, variance, size, strict=True)
        )
    found["r_squared"] = tuple(
        _r_squared(cube, i, float(size[i]), level) for i in range(len(cube.groups))
    )
    return found


def regression_gap(
    cube: RegressionCube, name: str, first: Group, second: Group, level: float = 0.95
) -> Figure:
    """Difference of a figure between two groups, first minus second, with Welch's interval.

    Welch (1947), Biometrika 34. The root of the mean squared error is compared by the delta method.

    Parameters
    ----------
    name : str
        One of :data:`SUMMARIES`.

    Raises
    ------
    InputError
        If there is no such figure or group.
    """
    if name not in SUMMARIES:
        raise InputError(
            "there is no such difference", where=name, remedy=f"Choose among {', '.join(SUMMARIES)}"
        )
    for group in (first, second):
        if group not in cube.groups:
            raise InputError("there is no such group", where=" · ".join(group))
    value, variance = _summary(cube, name)
    size = effective_size(cube.weight, cube.weight_squared)
    pair = [cube.groups.index(first), cube.groups.index(second)]
    v, s2, n = value[pair], variance[pair], size[pair]
    if np.isnan(v).any():
        return Figure(None, reason="all rows of one of the groups have weight zero")
    if name == "root_mean_squared_error":
        root = np.sqrt(v)
        if (root == 0).any():
            return Figure(float(root[0] - root[1]), reason="one group has no error at all")
        s2, v = s2 / (4 * v), root
    estimate = float(v[0] - v[1])
    if n.min() < 2:
        return Figure(estimate, reason="an interval needs at least two rows in each group")
    parts = s2 / (n - 1)
    if not parts.any():
        return Figure(estimate, reason="all rows of each group are alike")
    freedom = parts.sum() ** 2 / np.sum(np.square(parts) / (n - 1))
    half = float(stdtrit(freedom, 0.5 + level / 2) * np.sqrt(parts.sum()))
    return Figure(estimate, estimate - half, estimate + half)


def _summary(cube: RegressionCube, name: str) -> tuple[Floats, Floats]:
    """Mean in each group and variance between rows; for the root, of the squared error."""
    first, second, power, shift = {
        "mean_error": ("error", "error²", 1, 0.0),
        "mean_absolute_error": ("|error|", "error²", 1, 0.0),
        "root_mean_squared_error": ("error²", "error⁴", 2, 0.0),
        "mean_prediction": ("prediction", "prediction²", 1, cube.centre),
    }[name]
    mean, square = cube.mean(first), cube.mean(second)
    unit = cube.scale**power
    return mean * unit + shift, np.maximum(square - mean**2, 0) * unit**2


def _mean_figure(name: str, value: float, variance: float, size: float, level: float) -> Figure:
    root = name == "root_mean_squared_error"
    if np.isnan(value):
        return Figure(None, reason="all rows in this group have weight zero")
    estimate = float(np.sqrt(value)) if root else value
    if size < 2:
        return Figure(estimate, reason="an interval needs at least two rows")
    half = float(stdtrit(size - 1, 0.5 + level / 2) * np.sqrt(variance / (size - 1)))
    low, high = value - half, value + half
    if name in ("mean_absolute_error", "root_mean_squared_error"):
        low = max(0.0, low)
    if root:
        low, high = float(np.sqrt(low)), float(np.sqrt(high))
    return Figure(estimate, low, high)


def _r_squared(cube: RegressionCube, position: int, size: float, level: float) -> Figure:
    """R² = 1 − A/B with A the mean squared error and B the variance of outcomes.

    A row moves it by (A/B · (outcome − mean)² − error²) / B; the interval is that of the mean of
    these (the influence function: Hampel 1974, Journal of the American Statistical Association 69).
    """
    if not cube.weight[position]:
        return Figure(None, reason="all rows in this group have weight zero")
    m = {term: float(cube.mean(term)[position]) for term in TERMS}
    mu, a = m["outcome"], m["error²"]
    b = m["outcome²"] - mu**2
    if size < 2 or b <= 1e-12 * max(m["outcome²"], 1e-300):
        return Figure(None, reason="all outcomes in this group are the same")
    estimate = 1 - a / b
    ratio = a / b
    fourth = m["outcome⁴"] - 4 * mu * m["outcome³"] + 6 * mu**2 * m["outcome²"] - 3 * mu**4
    cross = m["error²·outcome²"] - 2 * mu * m["error²·outcome"] + mu**2 * a
    variance = max(ratio**2 * fourth - 2 * ratio * cross + m["error⁴"], 0.0) / b**2
    half = float(stdtrit(size - 1, 0.5 + level / 2) * np.sqrt(variance / (size - 1)))
    return Figure(estimate, estimate - half, min(1.0, estimate + half))
