"""The verdict on one metric: a gap, none that matters, or not enough evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.arrays import Ints
from core.data.roles.group_labels import label_of_name
from core.errors import InputError
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.ranking import ScoreEstimates
from core.fairness.disparities.disparities import DisparityDefinition, compare, lower
from core.fairness.disparities.gap_significance import is_significant
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.group_measurement import Measured, MeasuredScores, Measurement, Sampling
from core.fairness.metrics.judged_groups import judged_positions
from core.fairness.metrics.metric_registry import METRICS, GroupMetric, ScoreMetric

TOLERANCE = 0.05
"""A gap up to this is taken not to matter, unless one says otherwise."""


@dataclass(frozen=True)
class GapVerdict:
    """What can be said of the largest gap between groups in a metric.

    Attributes
    ----------
    metric : str
    finding : {"gap found", "no larger gap", "not enough evidence", "undefined"}
    gap : Figure
        Largest gap between two groups, with simultaneous bounds over all pairs.
    tolerance : float
        A gap up to this doesn't matter.
    left_out : tuple of str
        Groups too small to judge, or without the metric; nothing is said of them.
    sentence : str
        The verdict in plain words.
    """

    metric: str
    finding: Literal["gap found", "no larger gap", "not enough evidence", "undefined"]
    gap: Figure
    tolerance: float
    left_out: tuple[str, ...]
    sentence: str


def gap_verdict(
    cube: OutcomeCube,
    metric: str,
    *,
    tolerance: float = TOLERANCE,
    level: float = 0.95,
    sampling: Sampling | None = None,
    minimum_count: int = 30,
    scores: dict[str, ScoreEstimates] | None = None,
    title: str = "",
) -> GapVerdict:
    """Judge the largest gap in a metric by its whole interval.

    "No larger gap" where the interval ends at or below the tolerance, "gap found" where it begins
    above 0 as it is written, otherwise "not enough evidence": the test of equivalence read off the
    interval (Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics 15).

    Parameters
    ----------
    cube : OutcomeCube
    metric : str
        In :data:`core.fairness.metrics.metric_registry.METRICS`.
    tolerance : float
        In (0, 1).
    minimum_count : int
        A smaller group is left out and named, as is one of unknown value.
    scores : dict of str to tuple of ScoreEstimate, optional
        By name of a score metric, its estimates in the cube's groups, as from
        :func:`core.fairness.metrics.score_calibration.score_estimates`.

    title : str
        What the metric is called, where not by its own title.

    Raises
    ------
    InputError
        If the metric needs scores and there are none, or the tolerance is out of range.
    """
    if not 0 < tolerance < 1:
        raise InputError("it must lie between 0 and 1", where=f"tolerance {tolerance}")
    definition = METRICS[metric]
    if not isinstance(definition, GroupMetric) and metric not in (scores or {}):
        raise InputError("it needs scores, which counts don't hold", where=metric)
    names = cube.names
    measured = _measured(definition, cube, scores, np.arange(len(names)))
    reasons, without = measured.reasons(), measured.gaps_in_intervals()
    large = judged_positions(cube, (metric,), minimum_count).tolist()
    kept = np.array([p for p in large if reasons[p] is None and without[p] is None], dtype=np.int64)
    left_out = tuple(name for p, name in enumerate(names) if p not in set(kept.tolist()))
    title = lower(title or definition.title)
    if len(kept) < 2:
        why = f"fewer than two groups are large enough and have a {title}"
        sentence = f"Nothing can be said of gaps in {title}: {why}."
        return GapVerdict(
            metric, "undefined", Figure(None, reason=why), tolerance, left_out, sentence
        )
    found = compare(
        DisparityDefinition(f"{metric} gap", title, title, (metric,), "difference", ""),
        [_measured(definition, cube, scores, kept)],
        tuple(names[p] for p in kept),
        level,
        sampling or Sampling(),
        labels=tuple(cube.labels[p] for p in kept),
    )
    finding, text = _judge(
        found.figure,
        tuple(label_of_name(cube.attributes, name, names) for name in found.between),
        title,
        tolerance,
    )
    if left_out:
        count = f"{len(left_out)} group{'s' if len(left_out) > 1 else ''}"
        text += f" Nothing is said of {count} too small or without the figure."
    return GapVerdict(metric, finding, found.figure, tolerance, left_out, text)


def _measured(
    definition: GroupMetric | ScoreMetric,
    cube: OutcomeCube,
    scores: dict[str, ScoreEstimates] | None,
    kept: Ints,
) -> Measurement:
    if not isinstance(definition, GroupMetric):
        items = (scores or {})[definition.name]
        return MeasuredScores(definition, tuple(items[p] for p in kept), len(kept))
    return Measured(definition, cube.chosen(kept))


def _judge(
    gap: Figure, between: tuple[str, ...], title: str, tolerance: float
) -> tuple[Literal["gap found", "no larger gap", "not enough evidence"], str]:
    assert gap.estimate is not None
    assert gap.low is not None
    assert gap.high is not None
    pair = f" between {between[0]} and {between[1]}" if between else ""
    if gap.high <= tolerance:
        there = (
            f" A gap of at least {gap.low:.3f} is statistically significant."
            if is_significant(gap.low)
            else ""
        )
        return "no larger gap", (
            f"No gap in {title} larger than {gap.high:.3f}, within the tolerance of "
            f"{tolerance:g}.{there}"
        )
    if is_significant(gap.low):
        return "gap found", (
            f"Gap found in {title}: {gap.estimate:.3f}{pair}, with 95% confidence at least "
            f"{gap.low:.3f}."
        )
    return "not enough evidence", (
        f"Not enough evidence on {title}: the gap may be 0 or as large as {gap.high:.3f}."
    )
