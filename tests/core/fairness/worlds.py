"""Simulated worlds with a known gap, and how often intervals hold it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.fairness.counts.cube import OutcomeCube
from core.fairness.disparities.contrasts import gap, ratio
from core.fairness.disparities.disparities import DISPARITIES, compare
from core.fairness.metrics.group_measurement import Measured, Sampling
from core.fairness.metrics.metric_definition import GroupMetric
from core.fairness.metrics.metric_registry import METRICS

NAMES = (
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equalized_odds_difference",
    "equalized_odds_ratio",
    "equal_opportunity_difference",
    "false_positive_rate_difference",
    "predictive_parity_difference",
    "accuracy_difference",
)


def true_cells(distance: float, groups: int) -> np.ndarray:
    """Cell probabilities, shape (groups, 2, 2): both rates fall evenly from group to group."""
    cells = np.empty((groups, 2, 2))
    for position, shift in enumerate(np.linspace(0, distance, groups)):
        tpr, fpr = 0.75 - shift, 0.4 - shift
        cells[position] = [[0.5 * (1 - fpr), 0.5 * fpr], [0.5 * (1 - tpr), 0.5 * tpr]]
    return cells


def truth(name: str, cells: np.ndarray) -> float:
    definition = DISPARITIES[name]
    rates = [_metric(metric).value(cells) for metric in definition.metrics]
    extreme = gap if definition.comparison == "difference" else ratio
    found = [end.value for rate in rates if (end := extreme(rate)) is not None]
    assert len(found) == len(rates)
    return max(found) if definition.comparison == "difference" else min(found)


def _metric(name: str) -> GroupMetric:
    metric = METRICS[name]
    assert isinstance(metric, GroupMetric)
    return metric


def intervals(
    cells: np.ndarray,
    sizes: Sequence[int],
    worlds: int,
    names: Sequence[str] = NAMES,
    draws: int = 1000,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """Low and high end in each world, shape (worlds, 2) by name; NaN where it is undefined."""
    rng = np.random.default_rng(seed)
    groups = tuple((f"g{i}",) for i in range(len(sizes)))
    found = {name: np.full((worlds, 2), np.nan) for name in names}
    for world in range(worlds):
        count = np.stack(
            [rng.multinomial(n, p.ravel()).reshape(2, 2) for n, p in zip(sizes, cells, strict=True)]
        )
        cube = OutcomeCube(("g",), groups, count, count.astype(float), count.astype(float))
        for name in names:
            figure = compare(
                DISPARITIES[name],
                [Measured(_metric(metric), cube) for metric in DISPARITIES[name].metrics],
                tuple(group[0] for group in groups),
                0.95,
                Sampling(draws, world),
            ).figure
            if figure.low is not None:
                found[name][world] = figure.low, figure.high
    return found


def coverage(ends: np.ndarray, value: float) -> float:
    """Share of defined intervals that hold the true value."""
    low, high = ends[~np.isnan(ends).any(axis=1)].T
    return float(((low - 1e-12 <= value) & (value <= high + 1e-12)).mean())
