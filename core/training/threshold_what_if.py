"""What another threshold would do to the decisions of a trained model."""

from __future__ import annotations

import numpy as np

from core.arrays import Floats
from core.data.dataset import Dataset
from core.errors import InputError
from core.fairness.counts.cube import count_outcomes
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.score_cube import count_scores, grid_of, score_edges
from core.fairness.metrics.metric_definition import SELECTED
from core.fairness.what_if.thresholds import STEPS, TRAINED_THRESHOLD, WhatIf, curve
from core.training.trained import Trained


def what_if(dataset: Dataset, trained: Trained | None, attributes: tuple[str, ...]) -> WhatIf:
    """Count the scores an audit looks at: those of test rows, or all existing ones.

    Parameters
    ----------
    attributes : tuple of str
        Sensitive columns by which to group.

    Raises
    ------
    InputError
        If there are no scores.
    """
    rows = np.arange(len(dataset)) if trained is None else trained.split.test
    scores = dataset.scores if trained is None else trained.scores
    decisions = dataset.predictions if trained is None else trained.decisions
    if scores is None or decisions is None:
        raise InputError(
            "the audit holds decisions without scores, so no other threshold can be tried",
            remedy="Choose a column of scores on the roles page",
        )
    current = dataset.roles.threshold
    if trained is not None:
        # A mitigation may decide by thresholds of each group, or at random.
        by_one = np.array_equal(decisions, scores >= TRAINED_THRESHOLD)
        current = TRAINED_THRESHOLD if by_one else None
    choices = _choices(scores, current)
    grouping = group_rows(dataset.sensitive[list(attributes)].iloc[rows])
    weights = None if dataset.weights is None else dataset.weights[rows]
    persons = dataset.persons_at(rows)
    target = None if dataset.outcome is None else dataset.outcome[rows]
    cube = count_scores(grouping, target, scores, weights, score_edges(scores, choices), persons)
    now = count_outcomes(grouping, target, decisions, weights, persons)
    start = current
    if start is None:
        # Ties go to the lower threshold.
        share = curve(cube.overall(), "selection_rate")[0][np.searchsorted(cube.edges, choices)]
        start = choices[
            int(np.argmin(np.abs(share - SELECTED(now.overall().weight)[0] / now.weight.sum())))
        ]
    return WhatIf(cube, now, choices, current, start)


def _choices(scores: Floats, current: float | None) -> tuple[float, ...]:
    """Hundredths for probabilities, the scores themselves where few, else a grid of a hundred."""
    low, width = grid_of(float(scores.min()), float(scores.max()))
    distinct = np.unique(scores)
    if (low, width) == (0.0, 1.0):
        found = np.arange(STEPS + 1) / STEPS
    elif len(distinct) <= STEPS:
        found = distinct
    else:
        found = low + np.arange(STEPS + 1) * width / STEPS
    return tuple(np.unique(np.r_[found, [] if current is None else [current]]).tolist())
