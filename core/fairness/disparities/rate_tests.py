"""Is a group's figure different from the rest's: tests, with false discoveries controlled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from scipy.stats import false_discovery_control

from core.arrays import Floats
from core.data.dataset import NO_OUTCOME
from core.errors import InputError
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.score_cube import ScoreCube
from core.fairness.disparities.difference_test import METHOD, compare_two
from core.fairness.intervals.two_rates import detectable_gap, two_rates
from core.fairness.metrics.group_measurement import Measured, MeasuredScores, Measurement
from core.fairness.metrics.metric_definition import EVERYONE
from core.fairness.metrics.metric_registry import METRICS, GroupMetric, ScoreMetric
from core.fairness.metrics.score_calibration import score_estimates

AnyCube = TypeVar("AnyCube", OutcomeCube, ScoreCube)

LEVEL = 0.95
"""Of the tests."""


@dataclass(frozen=True)
class GroupTest:
    """A group's figure against that of all others.

    Attributes
    ----------
    group : str
    size : float
        Rows that the figure is computed over, effective where weighted or where persons have
        several rows.
    difference : float or None
        The group's figure minus that of the rest.
    p_value, adjusted : float or None
        Of the difference; and by Benjamini and Hochberg over all groups that could be tested.
    method : str
        "score test", "Fisher's exact test, mid-p" or "inverted interval of the difference"; empty
        where there is none.
    detectable : float or None
        Smallest true gap that a group of this size shows in 80 of 100 samples, either way.
    reason : str or None
        Why it could not be tested.
    """

    group: str
    size: float
    difference: float | None
    p_value: float | None
    adjusted: float | None
    method: str
    detectable: float | None
    reason: str | None = None


def rate_counts(cube: OutcomeCube, metric: str) -> tuple[GroupMetric, Floats, Floats]:
    """Weighted share of hits, and effective number of trials, in every group of a cube.

    Returns
    -------
    tuple of the metric, hits as an effective number, and trials, each of shape (g,)

    Raises
    ------
    InputError
        If the metric is no share of rows.
    """
    definition = METRICS[metric]
    if not isinstance(definition, GroupMetric) or definition.rate is None:
        rates = ", ".join(m.name for m in METRICS if m.kind == "rate")
        raise InputError(
            "it is no share of rows, so there is no test of it",
            where=metric,
            remedy=f"Choose one of: {rates}",
        )
    if definition.needs_outcome and not cube.has_outcome:
        raise InputError(f"it is not defined: {NO_OUTCOME}", where=metric)
    size = cube.sizes(*definition.rate, LEVEL)
    share = np.nan_to_num(definition.value(cube.weight), nan=0.0)
    return definition, share * size, size


def group_and_rest(cube: AnyCube, position: int) -> AnyCube:
    """Merge all other groups into one; the chosen group comes first."""
    rest = (np.arange(len(cube.groups)) != position).astype(np.int64)
    return cube.merged(("group",), (("group",), ("rest",)), rest)


def against_rest(
    cube: OutcomeCube, metric: str, *, power: float = 0.8, scores: ScoreCube | None = None
) -> tuple[GroupTest, ...]:
    """Test each group's figure against the rest's, controlling false discoveries across groups.

    Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57. Shares of rows by
    :func:`two_rates`; all other figures, and all where persons have several rows, by
    :func:`core.fairness.disparities.difference_test.compare_two`.

    Parameters
    ----------
    cube : OutcomeCube
    metric : str
        In :data:`core.fairness.metrics.metric_registry.METRICS`.
    power : float
        For the smallest gap that could be seen, at 5 %; in (0.5, 1).
    scores : ScoreCube, optional
        Of the same groups, for a metric of scores.

    Raises
    ------
    InputError
        If the metric needs scores and there are none, or the power is out of range.
    """
    if not 0.5 < power < 1:
        raise InputError("it must lie between 0.5 and 1", where=f"power {power}")
    definition = METRICS[metric]
    if not isinstance(definition, GroupMetric) and scores is None:
        raise InputError("it needs scores, which counts don't hold", where=metric)
    names = cube.names
    if definition.needs_outcome and not cube.has_outcome:
        return tuple(
            GroupTest(name, float(count.sum()), None, None, None, "", None, NO_OUTCOME)
            for name, count in zip(names, cube.count, strict=True)
        )
    is_rate = isinstance(definition, GroupMetric) and definition.rate is not None
    found = [
        _rate_test(cube, p, name, metric, power)
        if is_rate and cube.persons is None
        else _figure_test(cube, p, name, definition, power, scores)
        for p, name in enumerate(names)
    ]
    tested = [test for test in found if test.p_value is not None]
    adjusted = iter(
        false_discovery_control(np.array([t.p_value for t in tested], dtype=np.float64))
    )
    return tuple(
        test if test.p_value is None else replace(test, adjusted=float(next(adjusted)))
        for test in found
    )


def _rate_test(cube: OutcomeCube, position: int, name: str, metric: str, power: float) -> GroupTest:
    definition, hits, trials = rate_counts(group_and_rest(cube, position), metric)
    size = float(trials[0])
    if (trials <= 0).any():
        where = "in this group" if trials[0] <= 0 else "outside this group"
        assert definition.rate is not None
        why = f"no {definition.rate[1].phrase} {where}"
        return GroupTest(name, size, None, None, None, "", None, why)
    p_value, method = two_rates(hits[0], trials[0], hits[1], trials[1])
    rates = hits / trials
    detectable = detectable_gap(float(trials[0]), float(trials[1]), float(rates[1]), power=power)
    return GroupTest(name, size, float(rates[0] - rates[1]), p_value, None, method, detectable)


def _figure_test(
    cube: OutcomeCube,
    position: int,
    name: str,
    definition: GroupMetric | ScoreMetric,
    power: float,
    scores: ScoreCube | None,
) -> GroupTest:
    pair = group_and_rest(cube, position)
    measured: Measurement
    if isinstance(definition, GroupMetric):
        measured = Measured(definition, pair)
    else:
        assert scores is not None
        estimates = score_estimates(group_and_rest(scores, position))[definition.name]
        measured = MeasuredScores(definition, estimates, 2)
    if isinstance(definition, GroupMetric) and definition.rate is not None:
        size = float(pair.sizes(*definition.rate, LEVEL)[0])
    else:
        size = float(pair.sizes(EVERYONE, EVERYONE, LEVEL)[0])
    for side, where in enumerate(("in this group", "outside this group")):
        reason, without = measured.reasons()[side], measured.gaps_in_intervals()[side]
        if reason is not None:
            reason = reason.replace("in this group", where)
        elif without is not None:
            reason = f"{without} {where}"
        if reason is not None:
            return GroupTest(name, size, None, None, None, "", None, reason)
    found = compare_two(measured, power=power)
    return GroupTest(name, size, found.difference, found.p_value, None, METHOD, found.detectable)
