"""The gap that a headline may name: among the groups that are large enough to judge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.fairness.assessment import Assessment, Disparity, Figure
from core.fairness.disparities import DISPARITIES, compare
from core.fairness.group_size import too_small
from core.fairness.known_groups import known_positions
from core.fairness.measure import Measured, Sampling
from core.fairness.metrics import METRICS, GroupMetric

TOO_FEW = "fewer than two groups are large enough to judge"


@dataclass(frozen=True)
class JudgedGap:
    """A disparity among the groups that are large enough to judge.

    Attributes
    ----------
    disparity : Disparity
        Undefined with fewer than two such groups.
    left_out : tuple of str
        Names of the groups that are too small.
    """

    disparity: Disparity
    left_out: tuple[str, ...]

    @property
    def figure(self) -> Figure:
        """The gap among those of the groups in which it is defined."""
        among = self.disparity.among_defined
        return self.disparity.figure if among is None else among


def judged_gap(assessment: Assessment, name: str, minimum_count: int = 30) -> JudgedGap:
    """Compare the groups of an assessment that are large enough.

    Parameters
    ----------
    assessment : Assessment
        With its cube.
    name : str
        Of a disparity in metrics of decisions; scores are not in the counts.
    minimum_count : int
        A smaller group is left out.
    """
    definition = DISPARITIES[name]
    assert assessment.cube is not None
    # Rows of unknown group enter no gap, and are no group that could be too small.
    cube = assessment.cube.chosen(known_positions(assessment.cube))
    metrics = [METRICS[metric] for metric in definition.metrics]
    sizes = [too_small(cube, p, minimum_count) for p in range(len(cube.groups))]
    names = [" · ".join(group) or "everyone" for group in cube.groups]
    left_out = tuple(name for name, why in zip(names, sizes, strict=True) if why is not None)
    if not left_out:
        return JudgedGap(assessment.disparity(name), ())
    kept = np.array([p for p, why in enumerate(sizes) if why is None], dtype=np.int64)
    if len(kept) < 2:
        return JudgedGap(Disparity(name, Figure(None, reason=TOO_FEW)), left_out)
    part = cube.chosen(kept)
    found = compare(
        definition,
        [Measured(metric, part) for metric in metrics if isinstance(metric, GroupMetric)],
        tuple(names[p] for p in kept),
        assessment.level,
        Sampling(),
    )
    return JudgedGap(found, left_out)
