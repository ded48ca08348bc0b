"""What if the threshold moved: every outcome at thresholds on the edges of a score cube."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.arrays import Array, Floats, Ints
from core.data.dataset import NO_OUTCOME
from core.errors import InputError
from core.fairness.assessment.assess import assess_cube
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.grouping import Group
from core.fairness.counts.score_cube import ScoreCube
from core.fairness.metrics.assessment import Assessment
from core.fairness.metrics.group_measurement import Sampling
from core.fairness.metrics.metric_definition import FALSE_NEGATIVES, FALSE_POSITIVES
from core.fairness.metrics.metric_registry import METRICS, GroupMetric
from core.fairness.metrics.score_calibration import score_estimates

Thresholds = float | Mapping[Group, float]

CURVES = ("selection_rate", "true_positive_rate", "false_positive_rate", "precision")
"""Metrics that are followed over all thresholds."""

DRAWS = 1000
"""A quarter of what a whole assessment draws, so that an answer is there at once."""

STEPS = 100
"""Into so many steps the range of the thresholds to choose from is cut."""

TRAINED_THRESHOLD = 0.5
"""From which score a trained model decides positively, unless its mitigation has another way."""


@dataclass(frozen=True)
class ErrorCost:
    """What wrong decisions cost.

    Attributes
    ----------
    total : float
        In the unit of the given costs.
    by_group : tuple of float
        In the order of the cube's groups.
    false_positives, false_negatives : float
        Their summed weights.
    """

    total: float
    by_group: tuple[float, ...]
    false_positives: float
    false_negatives: float


@dataclass(frozen=True, eq=False)
class WhatIf:
    """What is needed to try thresholds on an audit's decisions.

    Attributes
    ----------
    cube : ScoreCube
    now : OutcomeCube
        Today's decisions, in the same groups.
    choices : tuple of float
        Ascending thresholds to choose from, each an edge of the cube.
    current : float or None
        Threshold behind today's decisions; None where they stand beside the scores.
    start : float
        The current threshold, or the choice that selects most nearly as many.
    """

    cube: ScoreCube
    now: OutcomeCube
    choices: tuple[float, ...]
    current: float | None
    start: float


def at_thresholds(cube: ScoreCube, thresholds: Thresholds) -> OutcomeCube:
    """Count outcomes where a decision is positive from a threshold on: score >= threshold.

    Parameters
    ----------
    cube : ScoreCube
    thresholds : float or mapping of group to float
        One for all, or one for each of the cube's groups; each one of the cube's edges.

    Raises
    ------
    InputError
        If a group has none, or one is not an edge.
    """
    first = _first_bins(cube, thresholds)
    selected = np.arange(cube.count.shape[2]) >= first[:, None, None]

    def split(cells: Array) -> Array:
        below = np.where(selected, 0, cells).sum(axis=2)
        above = np.where(selected, cells, 0).sum(axis=2)
        return np.stack([below, above], axis=2)

    return OutcomeCube(
        cube.attributes,
        cube.groups,
        split(cube.count).astype(np.int64),
        split(cube.weight),
        split(cube.weight_squared),
        cube.weighted,
        cube.has_outcome,
        persons=None if cube.persons is None else cube.persons.selected_from(first),
    )


def assess_at(
    cube: ScoreCube, thresholds: Thresholds, *, positive_is_favourable: bool = True
) -> Assessment:
    """Assess every metric and disparity, with intervals, at given thresholds."""
    return assess_cube(
        at_thresholds(cube, thresholds),
        scores=score_estimates(cube) if cube.has_outcome else None,
        overall_scores=score_estimates(cube.overall()) if cube.has_outcome else None,
        positive_is_favourable=positive_is_favourable,
        sampling=Sampling(DRAWS),
    )


def cost(cube: OutcomeCube, false_positive: float, false_negative: float) -> ErrorCost:
    """Sum what wrong decisions cost: each false positive and each false negative.

    Elkan (2001, IJCAI), The Foundations of Cost-Sensitive Learning, with right decisions free.

    Parameters
    ----------
    false_positive, false_negative : float
        Cost of one, in any one unit, at least 0.

    Raises
    ------
    InputError
        If a cost is negative or not finite.
    """
    for value, what in ((false_positive, "false positive"), (false_negative, "false negative")):
        if not 0 <= value < math.inf:
            raise InputError(
                f"{value:g} is not a cost",
                where=f"cost of a {what}",
                remedy="Give a number of 0 or more",
            )
    if not cube.has_outcome:
        raise InputError(f"wrong decisions are not known: {NO_OUTCOME}", where="costs")
    wrong = FALSE_POSITIVES(cube.weight), FALSE_NEGATIVES(cube.weight)
    by_group = wrong[0] * false_positive + wrong[1] * false_negative
    return ErrorCost(
        float(by_group.sum()),
        tuple(by_group.tolist()),
        float(wrong[0].sum()),
        float(wrong[1].sum()),
    )


def curve(cube: ScoreCube, metric: str) -> Floats:
    """Follow a metric in each group over all thresholds.

    Parameters
    ----------
    metric : str
        Name of a metric of decisions.

    Returns
    -------
    ndarray of float64, shape (g, b − 1)
        At each edge; NaN where undefined.
    """
    followed = METRICS[metric]
    if not isinstance(followed, GroupMetric):
        raise InputError("it does not depend on a threshold", where=metric)
    if followed.needs_outcome and not cube.has_outcome:
        raise InputError(f"it is not defined: {NO_OUTCOME}", where=metric)
    below = np.cumsum(cube.weight, axis=2)[..., :-1]
    # From the right, so that nothing selected is exactly 0.
    above = np.cumsum(cube.weight[..., ::-1], axis=2)[..., -2::-1]
    return followed.value(np.moveaxis(np.stack([below, above], axis=2), 3, 1))


def _first_bins(cube: ScoreCube, thresholds: Thresholds) -> Ints:
    """Position of the first selected bin in each group."""
    out = np.empty(len(cube.groups), dtype=np.int64)
    for position, group in enumerate(cube.groups):
        if isinstance(thresholds, Mapping):
            if group not in thresholds:
                raise InputError(
                    "it has no threshold", where=f"group {' · '.join(group) or 'everyone'}"
                )
            threshold = float(thresholds[group])
        else:
            threshold = float(thresholds)
        edge = int(np.searchsorted(cube.edges, threshold))
        if edge == len(cube.edges) or cube.edges[edge] != threshold:
            raise InputError(
                f"{threshold:g} is not among the {len(cube.edges)} thresholds that were counted",
                where="threshold",
                remedy=f"The nearest is {nearest_edge(cube, threshold):g}",
            )
        out[position] = edge + 1
    return out


def nearest_edge(cube: ScoreCube, threshold: float) -> float:
    """Find the edge closest to a threshold."""
    if math.isnan(threshold):
        raise InputError("it is not a number", where="threshold")
    return float(cube.edges[np.argmin(np.abs(cube.edges - threshold))])
