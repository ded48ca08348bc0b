"""The private fairness report: every group metric and disparity from one noisy outcome cube.

One ε pays for all of it. Groups are declared, so that which of them exist is not given away; each
row is in one cell, so one row more or less changes one count by 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from core.data.roles.group_labels import columns_needed, label_of_name
from core.fairness.counts.grouping import group_name
from core.fairness.disparities.disparities import DISPARITIES, compare
from core.fairness.disparities.four_fifths import DEFINITION, THRESHOLD, TRIVIAL, verdict_on
from core.fairness.metrics.assessment import Assessment, Disparity, Figure, FourFifths, GroupResult
from core.fairness.metrics.constant_decisions import constant_counts
from core.fairness.metrics.group_measurement import (
    Measured,
    MeasuredScores,
    Measurement,
    Sampling,
    figures,
)
from core.fairness.metrics.group_size import too_small
from core.fairness.metrics.metric_registry import METRICS, REJECTION_RATE, GroupMetric, ScoreMetric
from core.privacy.release.noisy_measure import NoisyCube, measure_noisy
from core.privacy.release.noisy_share import NoiseSize
from core.privacy.release.release import Release
from core.privacy.release.release_plan import FairnessPlan

NO_SCORES = "scores are not in the outcome cube, so it can't be had from this release"
ALL_ROWS = "in these rows"


@dataclass(frozen=True)
class PrivateFairness:
    """What a noisy outcome cube says.

    Attributes
    ----------
    assessments : dict of tuple of str to Assessment
        By each declared attribute alone, and by all together if there are several.
    cells : int
        How many counts were released.
    negative : int
        How many of them were below 0: noise, shown as 0.
    outside : int
        Noisy number of rows outside all declared groups.
    """

    assessments: dict[tuple[str, ...], Assessment]
    cells: int
    negative: int
    outside: int


def read_fairness(
    release: Release,
    *,
    level: float = 0.95,
    sampling: Sampling | None = None,
    minimum_count: int = 30,
) -> PrivateFairness:
    """Read all metrics and disparities off a released cube; this costs nothing more.

    Parameters
    ----------
    release : Release
        Of a :class:`FairnessPlan`.
    level : float
        Of the intervals, in (0, 1).
    sampling : Sampling, optional
        Draws from which intervals of disparities are made.
    minimum_count : int
        A group of fewer noisy rows is too small to judge.
    """
    cube, plan = noisy_cube(release), release.plan
    assert isinstance(plan, FairnessPlan)
    combinations: list[tuple[str, ...]] = [(name,) for name in cube.attributes]
    if len(combinations) > 1:
        combinations.append(cube.attributes)
    return PrivateFairness(
        {
            names: assess_noisy_cube(
                cube.marginal(names),
                level=level,
                sampling=sampling,
                positive_is_favourable=plan.positive_is_favourable,
                minimum_count=minimum_count,
            )
            for names in combinations
        },
        len(release.counts),
        sum(count < 0 for count in release.counts),
        release.counts[-1],
    )


def noisy_cube(release: Release) -> NoisyCube:
    """Make the cube of a release of a :class:`FairnessPlan`."""
    plan = release.plan
    assert isinstance(plan, FairnessPlan)
    groups = tuple(product(*(axis.categories for axis in plan.axes)))
    return NoisyCube(
        tuple(axis.name for axis in plan.axes),
        groups,
        np.array(release.counts[:-1], dtype=np.float64).reshape(len(groups), 2, 2),
        1,
        NoiseSize.of(plan.epsilon, plan.sensitivity),
    )


def assess_noisy_cube(
    cube: NoisyCube,
    *,
    level: float = 0.95,
    sampling: Sampling | None = None,
    positive_is_favourable: bool = True,
    minimum_count: int = 30,
) -> Assessment:
    """Assess from noisy counts: the intervals hold both the noise and the sampling."""
    sampling = sampling or Sampling()
    measured = {metric.name: _measure(metric, cube, "in this group") for metric in METRICS}
    groups = _group_results(cube, measured, level, minimum_count)
    names, labels = tuple(g.name for g in groups), tuple(g.label for g in groups)
    everyone = cube.marginal(())
    in_all = {metric.name: _measure(metric, everyone, ALL_ROWS) for metric in METRICS}
    return Assessment(
        attributes=cube.attributes,
        overall=_group_results(everyone, in_all, level, minimum_count)[0],
        groups=tuple(sorted(groups, key=lambda group: (-group.count, group.group))),
        disparities=tuple(
            _inside(
                compare(
                    definition,
                    [measured[name] for name in definition.metrics],
                    names,
                    level,
                    sampling,
                    positive_is_favourable,
                    labels,
                )
            )
            for definition in DISPARITIES
        ),
        four_fifths=_four_fifths(cube, level, sampling, positive_is_favourable, minimum_count),
        weighted=False,
        level=level,
        cube=cube.shown(),
        positive_is_favourable=positive_is_favourable,
    )


def _measure(metric: GroupMetric | ScoreMetric, cube: NoisyCube, scope: str) -> Measurement:
    if isinstance(metric, GroupMetric):
        return measure_noisy(metric, cube, scope)
    return MeasuredScores(metric, None, len(cube.groups), scope)


def _group_results(
    cube: NoisyCube, measured: dict[str, Measurement], level: float, minimum_count: int
) -> list[GroupResult]:
    columns = {name: _figures(measurement, level) for name, measurement in measured.items()}
    shown = cube.shown()
    return [
        GroupResult(
            group=shown.named(position),
            count=max(0, round(cube.noisy[position].sum())),
            weight=float(max(0, round(cube.noisy[position].sum()))),
            figures={name: column[position] for name, column in columns.items()},
            too_small=too_small(shown, position, minimum_count),
            beside_columns=columns_needed(shown.groups),
        )
        for position in range(len(cube.groups))
    ]


def _figures(measurement: Measurement, level: float) -> list[Figure]:
    if isinstance(measurement, Measured):
        return figures(measurement, level)
    return [Figure(None, reason=NO_SCORES)] * measurement.groups


def _inside(found: Disparity) -> Disparity:
    """End a gap's interval at 1: noise reaches beyond, no gap between two shares does."""

    def cut(figure: Figure) -> Figure:
        return figure if figure.high is None else replace(figure, high=min(1.0, figure.high))

    among = found.among_defined
    return replace(
        found, figure=cut(found.figure), among_defined=None if among is None else cut(among)
    )


def _four_fifths(
    cube: NoisyCube,
    level: float,
    sampling: Sampling,
    positive_is_favourable: bool,
    minimum_count: int,
) -> FourFifths:
    """Judge the ratio of favourable decisions by its whole interval, the noise included.

    Groups that are too small, or that the noise swamps, are left out; where fewer than two are
    left, nothing is concluded, nor where nearly everybody gets the favourable decision.
    """
    metric = METRICS["selection_rate"] if positive_is_favourable else REJECTION_RATE
    assert isinstance(metric, GroupMetric)
    reasons = measure_noisy(metric, cube).reasons()
    rows, aside = cube.noisy.sum(axis=(1, 2)), ""
    large = [k for k, why in enumerate(reasons) if why is None and rows[k] >= minimum_count]
    left_out = len(cube.groups) - len(large)
    judged = not left_out or len(large) > 1
    if left_out and judged:
        aside = f" Left out: {left_out} group{'s' if left_out > 1 else ''} of fewer than "
        aside += f"{minimum_count} noisy rows, or swamped by noise."
        cube = replace(cube, groups=tuple(cube.groups[k] for k in large), noisy=cube.noisy[large])
    names = tuple(map(group_name, cube.groups))
    measured = measure_noisy(metric, cube)
    found = compare(DEFINITION, [measured], names, level, sampling, positive_is_favourable)
    figure = found.figure
    if figure.estimate is None or figure.low is None or figure.high is None:
        reason = figure.reason or "it has no interval"
        return FourFifths("undefined", figure, f"The four-fifths rule can't be applied: {reason}.")
    who, than = "Every group", "every other"
    if found.between:
        worst, best = (label_of_name(cube.attributes, name, names) for name in found.between)
        who, than = f"Group {worst}", f"group {best}"
    fact = (
        f"{who} gets the favourable decision at {figure.estimate:.1%} of the rate of {than} "
        f"({level:.0%} interval, noise included: {figure.low:.1%} to {figure.high:.1%})"
    )
    if not judged:
        few = f"too few rows to judge by, as fewer than two groups have {minimum_count} noisy rows"
        return FourFifths("unclear", figure, f"{fact}: {few}.")
    same = constant_counts(float(cube.noisy[:, :, 1].sum()), max(0, round(cube.noisy.sum())))
    if same and same.decision == positive_is_favourable and figure.high >= THRESHOLD:
        return FourFifths("undefined", figure, f"{fact}, which tells nothing: {TRIVIAL}.{aside}")
    verdict, text = verdict_on(figure.low, figure.high, "data and noise")
    return FourFifths(verdict, figure, f"{fact}: {text}.{aside}")
