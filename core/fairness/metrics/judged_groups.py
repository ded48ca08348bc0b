"""Which groups are compared: the one answer for every page, command, sweep and comparison.

A gap is the largest difference between any two groups, so a single group of a few rows makes it as
large as chance likes, and another page that leaves that group out tells another gap of the same
decisions. Groups of unknown value enter no comparison (:mod:`core.fairness.counts.known_groups`),
and no more do groups that are too small for what is compared: of too few rows for any rate, of too
few positive or negative labels for the rates among those.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.arrays import Ints
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.known_groups import known_positions
from core.fairness.metrics.group_size import too_few_labels, too_few_rows
from core.fairness.metrics.metric_definition import NEGATIVES, POSITIVES
from core.fairness.metrics.metric_registry import METRICS, GroupMetric

MINIMUM_COUNT = 30
"""A group of fewer rows is too small to judge, unless one says otherwise."""


def judged_positions(
    cube: OutcomeCube, metrics: Sequence[str | GroupMetric], minimum_count: int = MINIMUM_COUNT
) -> Ints:
    """Find the groups that are known and large enough to be judged by some metrics.

    Parameters
    ----------
    cube : OutcomeCube
    metrics : sequence of str or GroupMetric
        Registered names, or metrics themselves.
    minimum_count : int
        A group of fewer rows, or of weights worth fewer, is left out.

    Returns
    -------
    ndarray of int64
        Ascending positions in the cube.
    """
    labels = [label for label in (1, 0) if any(_needs(metric, label) for metric in metrics)]
    return np.array(
        [
            p
            for p in known_positions(cube).tolist()
            if too_few_rows(cube, p, minimum_count) is None
            and not any(too_few_labels(cube, p, label, minimum_count) for label in labels)
        ],
        dtype=np.int64,
    )


def compared_positions(
    cube: OutcomeCube, metrics: Sequence[str], minimum_count: int = MINIMUM_COUNT
) -> Ints:
    """Find the groups among which a gap is measured.

    Those that can be judged; where that are fewer than two, all known ones, whose gap describes
    these rows and is judged nowhere.
    """
    judged = judged_positions(cube, metrics, minimum_count)
    return judged if len(judged) > 1 else known_positions(cube)


def left_out(cube: OutcomeCube, positions: Ints) -> tuple[str, ...]:
    """Name the known groups that are not among some positions."""
    apart = set(known_positions(cube).tolist()) - set(positions.tolist())
    return tuple(cube.names[p] for p in sorted(apart))


def not_judged_by(
    cube: OutcomeCube, position: int, minimum_count: int = MINIMUM_COUNT
) -> frozenset[str]:
    """Name the metrics for which a group, known or not, is too small."""
    if too_few_rows(cube, position, minimum_count) is not None:
        return frozenset(METRICS.names())
    few = [label for label in (1, 0) if too_few_labels(cube, position, label, minimum_count)]
    return frozenset(name for name in METRICS.names() if any(_needs(name, label) for label in few))


def _needs(metric: str | GroupMetric, label: int) -> bool:
    found = METRICS[metric] if isinstance(metric, str) else metric
    if isinstance(found, GroupMetric):
        return (POSITIVES if label else NEGATIVES) in found.needs
    return found.name == "roc_auc"
