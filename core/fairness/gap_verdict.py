"""The verdict on one metric: a gap, none that matters, or not enough evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.errors import InputError
from core.fairness.assessment import Figure
from core.fairness.cube import OutcomeCube
from core.fairness.disparities import DisparityDefinition, compare, lower
from core.fairness.group_size import too_small
from core.fairness.measure import Measured, Sampling
from core.fairness.metrics import METRICS, GroupMetric

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
) -> GapVerdict:
    """Judge the largest gap in a metric by its whole interval.

    "No larger gap" where the interval ends at or below the tolerance, "gap found" where it begins
    above 0, otherwise "not enough evidence": the test of equivalence read off the interval
    (Schuirmann 1987, Journal of Pharmacokinetics and Biopharmaceutics 15).

    Parameters
    ----------
    cube : OutcomeCube
    metric : str
        A metric of the cube, not of scores.
    tolerance : float
        In (0, 1).
    minimum_count : int
        A smaller group is left out and named.

    Raises
    ------
    InputError
        If the metric needs scores, or the tolerance is out of range.
    """
    if not 0 < tolerance < 1:
        raise InputError("it must lie between 0 and 1", where=f"tolerance {tolerance}")
    definition = METRICS[metric]
    if not isinstance(definition, GroupMetric):
        raise InputError("it needs scores, which counts don't hold", where=metric)
    names = tuple(" · ".join(group) or "everyone" for group in cube.groups)
    reasons = Measured(definition, cube).reasons()
    kept = np.array(
        [
            p
            for p in range(len(names))
            if reasons[p] is None and too_small(cube, p, minimum_count) is None
        ],
        dtype=np.int64,
    )
    left_out = tuple(name for p, name in enumerate(names) if p not in set(kept.tolist()))
    title = lower(definition.title)
    if len(kept) < 2:
        why = f"fewer than two groups are large enough and have a {title}"
        sentence = f"Nothing can be said of gaps in {title}: {why}."
        return GapVerdict(
            metric, "undefined", Figure(None, reason=why), tolerance, left_out, sentence
        )
    part = OutcomeCube(
        cube.attributes, tuple(cube.groups[p] for p in kept), cube.count[kept], cube.weight[kept],
        cube.weight_squared[kept], cube.weighted,
    )  # fmt: skip
    found = compare(
        DisparityDefinition(f"{metric} gap", title, title, (metric,), "difference", ""),
        [Measured(definition, part)],
        tuple(names[p] for p in kept),
        level,
        sampling or Sampling(),
    )
    finding, text = _judge(found.figure, found.between, title, tolerance)
    if left_out:
        count = f"{len(left_out)} group{'s' if len(left_out) > 1 else ''}"
        text += f" Nothing is said of {count} too small or without the figure."
    return GapVerdict(metric, finding, found.figure, tolerance, left_out, text)


def _judge(
    gap: Figure, between: tuple[str, ...], title: str, tolerance: float
) -> tuple[Literal["gap found", "no larger gap", "not enough evidence"], str]:
    assert gap.estimate is not None
    assert gap.low is not None
    assert gap.high is not None
    pair = f" between {between[0]} and {between[1]}" if between else ""
    if gap.high <= tolerance:
        there = f" A gap of at least {gap.low:.3f} is surely there." if gap.low > 0 else ""
        return "no larger gap", (
            f"No gap in {title} larger than {gap.high:.3f}, within the tolerance of "
            f"{tolerance:g}.{there}"
        )
    if gap.low > 0:
        return "gap found", (
            f"Gap found in {title}: {gap.estimate:.3f}{pair}, surely at least {gap.low:.3f}."
        )
    return "not enough evidence", (
        f"Not enough evidence on {title}: the gap may be 0 or as large as {gap.high:.3f}."
    )
