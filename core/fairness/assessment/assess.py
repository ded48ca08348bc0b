"""Assess the fairness of decisions: every metric and disparity with its interval."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from core.arrays import Flags, Floats, Ints
from core.data.roles.group_labels import columns_needed
from core.errors import InputError
from core.fairness.assessment.record import to_json
from core.fairness.counts.cube import (
    OutcomeCube,
    as_flags,
    as_persons,
    as_scores,
    as_weights,
    count_outcomes,
)
from core.fairness.counts.grouping import Grouping, group_rows
from core.fairness.counts.known_groups import unknown_count
from core.fairness.counts.ranking import ScoreEstimates
from core.fairness.disparities.disparities import DISPARITIES, DisparityDefinition, compare
from core.fairness.disparities.four_fifths import four_fifths
from core.fairness.disparities.impact_standing import LEFT_OUT, compared_by, standings
from core.fairness.intervals.rate_intervals import RATE_INTERVALS, RateLimits
from core.fairness.metrics.assessment import Assessment, Disparity, FourFifths, GroupResult
from core.fairness.metrics.group_measurement import (
    NO_SCORES,
    Measured,
    MeasuredScores,
    Measurement,
    Sampling,
    figures,
)
from core.fairness.metrics.group_size import too_small
from core.fairness.metrics.impact_spec import DEFAULT, ImpactSpec
from core.fairness.metrics.inequality import inequality
from core.fairness.metrics.judged_groups import compared_positions, left_out, not_judged_by
from core.fairness.metrics.metric_registry import METRICS, GroupMetric

__all__ = ["assess", "assess_attributes", "assess_cube", "fairness_json", "to_json"]


def assess(
    target: Flags | None,
    prediction: Flags,
    sensitive: pd.DataFrame,
    *,
    scores: Floats | str | None = None,
    weights: Floats | None = None,
    persons: Ints | None = None,
    positive_is_favourable: bool = True,
    level: float = 0.95,
    draws: int = 4000,
    seed: int = 0,
    minimum_count: int = 30,
    rate_interval: str = "wilson",
    impact: ImpactSpec = DEFAULT,
) -> Assessment:
    """Assess decisions by the combination of all the sensitive columns.

    Parameters
    ----------
    target, prediction : array of bool, shape (n,)
        True for the positive label and the positive decision. The target is None where no true
        outcome was given; figures that need one are not defined then.
    sensitive : DataFrame of str, shape (n, s)
        A missing value is a group of its own.
    scores : array of float, shape (n,), optional
        Larger meaning more likely positive; without them figures of scores are undefined. A text
        says why there are none.
    weights : array of float, shape (n,), optional
        Non-negative.
    persons : array of int, shape (n,), optional
        Equal for rows of one person, as from :func:`core.data.persons.persons_of`: intervals then
        count persons. Without them every row is a person.
    positive_is_favourable : bool
        Whether the positive decision is what a person hopes for.
    level : float
        Of the intervals, in (0, 1).
    draws : int
        From which intervals of the inequality indices are made, at least 100.
    seed : int
        Of the draws, at least 0.
    minimum_count : int
        A smaller group is too small to judge.
    rate_interval : str
        For the groups' own rates, in :data:`core.fairness.intervals.rate_intervals.RATE_INTERVALS`;
        disparities have intervals of their own.
    impact : ImpactSpec
        How impact ratios and the four-fifths rule compare groups.

    Raises
    ------
    InputError
        If lengths differ, labels or decisions are not boolean, or scores or weights not usable.
    """
    return assess_attributes(
        target,
        prediction,
        sensitive,
        scores=scores,
        weights=weights,
        persons=persons,
        positive_is_favourable=positive_is_favourable,
        level=level,
        draws=draws,
        seed=seed,
        minimum_count=minimum_count,
        rate_interval=rate_interval,
        impact=impact,
        combinations=[tuple(str(name) for name in sensitive.columns)],
    )[tuple(str(name) for name in sensitive.columns)]


def assess_attributes(
    target: Flags | None,
    prediction: Flags,
    sensitive: pd.DataFrame,
    *,
    scores: Floats | str | None = None,
    weights: Floats | None = None,
    persons: Ints | None = None,
    combinations: list[tuple[str, ...]] | None = None,
    positive_is_favourable: bool = True,
    level: float = 0.95,
    draws: int = 4000,
    seed: int = 0,
    minimum_count: int = 30,
    rate_interval: str = "wilson",
    impact: ImpactSpec = DEFAULT,
) -> dict[tuple[str, ...], Assessment]:
    """Assess by each sensitive column alone and by all together, from one pass over the rows.

    Parameters
    ----------
    combinations : list of tuple of str, optional
        Assess by these combinations of columns instead.

    Other parameters and errors are those of :func:`assess`.

    Returns
    -------
    dict of tuple of str to Assessment
        The single columns in order, then all of them if there is more than one.
    """
    _check_options(level, draws, seed, minimum_count)
    RATE_INTERVALS[rate_interval]  # refused before the rows are counted
    grouping = group_rows(sensitive)
    cube = count_outcomes(grouping, target, prediction, weights, persons)
    if combinations is None:
        combinations = [(name,) for name in grouping.attributes]
        if len(combinations) > 1:
            combinations.append(grouping.attributes)
    by_group = by_everyone = None
    no_scores = scores if isinstance(scores, str) else NO_SCORES
    scores = None if isinstance(scores, str) else scores
    if target is not None and scores is not None:
        by_everyone = measure_scores(grouping.marginal(()), target, scores, weights, persons)
    found = {}
    for attributes in combinations:
        if target is not None and scores is not None:
            by_group = measure_scores(
                grouping.marginal(attributes), target, scores, weights, persons
            )
        found[attributes] = assess_cube(
            cube.marginal(attributes),
            scores=by_group,
            overall_scores=by_everyone,
            no_scores=no_scores,
            positive_is_favourable=positive_is_favourable,
            level=level,
            sampling=Sampling(draws, seed),
            minimum_count=minimum_count,
            rate_interval=rate_interval,
            impact=impact,
        )
    return found


def assess_cube(
    cube: OutcomeCube,
    *,
    scores: dict[str, ScoreEstimates] | None = None,
    overall_scores: dict[str, ScoreEstimates] | None = None,
    no_scores: str = NO_SCORES,
    positive_is_favourable: bool = True,
    level: float = 0.95,
    sampling: Sampling | None = None,
    minimum_count: int = 30,
    rate_interval: str = "wilson",
    impact: ImpactSpec = DEFAULT,
) -> Assessment:
    """Assess from counts alone, wherever they were counted.

    Parameters
    ----------
    scores, overall_scores : dict of str to tuple of ScoreEstimate, optional
        By name of a score metric: its estimates in the cube's groups, and for everyone.
    no_scores : str
        Why there are none, where there are none.
    """
    sampling = sampling or Sampling()
    limits = RATE_INTERVALS[rate_interval].limits
    measured = _measure(cube, scores, "in this group", limits, no_scores)
    everyone = _measure(cube.overall(), overall_scores, "in the data", limits, no_scores)
    groups = _group_results(cube, measured, level, minimum_count)
    ruled = compared_by(cube, impact)
    names = tuple(groups[position].name for position in ruled)

    def compared(definition: DisparityDefinition) -> Disparity:
        positions = compared_positions(cube, definition.metrics, minimum_count)
        found = compare(
            definition,
            [measured[name].chosen(positions) for name in definition.metrics],
            tuple(groups[position].name for position in positions),
            level,
            sampling,
            positive_is_favourable,
            tuple(groups[position].label for position in positions),
        )
        return replace(found, left_out=left_out(cube, positions))

    disparities = tuple(compared(definition) for definition in DISPARITIES)
    return Assessment(
        attributes=cube.attributes,
        overall=_group_results(cube.overall(), everyone, level, minimum_count)[0],
        groups=tuple(sorted(groups, key=lambda group: (-group.count, group.group))),
        disparities=disparities,
        four_fifths=_with_left_out(
            four_fifths(
                cube.chosen(ruled), names, level, sampling, positive_is_favourable, minimum_count
            ),
            0 if impact.compare_unknown else unknown_count(cube),
            [
                g.label
                for g, s in zip(groups, standings(cube, impact), strict=True)
                if s == LEFT_OUT
            ],
        ),
        weighted=cube.weighted,
        level=level,
        inequality=inequality(cube, level, sampling, positive_is_favourable),
        cube=cube,
        rate_interval=rate_interval,
        positive_is_favourable=positive_is_favourable,
        impact=impact,
    )


def fairness_json(
    target: Flags | None, prediction: Flags, sensitive: pd.DataFrame, **options: Any
) -> dict[str, Any]:
    """Assess by all sensitive columns together and by each alone, as it stands in audit.json.

    Parameters and errors are those of :func:`assess`.

    Returns
    -------
    dict
        :func:`to_json` of the combination, and under ``by_attribute`` that of each column alone.
    """
    found = assess_attributes(target, prediction, sensitive, **options)
    out = to_json(found[tuple(str(name) for name in sensitive.columns)])
    out["by_attribute"] = {
        attributes[0]: to_json(assessment)
        for attributes, assessment in found.items()
        if len(attributes) == 1
    }
    return out


def _with_left_out(rule: FourFifths, unknown: int, small: list[str]) -> FourFifths:
    """Say how many rows of unknown value, and which groups, are left out of the ratio."""
    told = rule.sentence
    if unknown:
        told += f" Left out as of unknown group: {unknown} row{'s' * (unknown != 1)}."
    if small:
        told += f" Left out by the auditor, as of too few rows: {', '.join(small)}."
    return replace(rule, sentence=told)


def _measure(
    cube: OutcomeCube,
    scores: dict[str, ScoreEstimates] | None,
    scope: str,
    limits: RateLimits,
    no_scores: str,
) -> dict[str, Measurement]:
    return {
        metric.name: Measured(metric, cube, scope, limits)
        if isinstance(metric, GroupMetric)
        else MeasuredScores(
            metric,
            (scores or {}).get(metric.name),
            len(cube.groups),
            scope,
            cube.has_outcome,
            no_scores,
        )
        for metric in METRICS
    }


def measure_scores(
    grouping: Grouping,
    target: Flags,
    scores: Floats,
    weights: Floats | None,
    persons: Ints | None,
) -> dict[str, ScoreEstimates]:
    """Estimate every metric of scores in the groups of a grouping, by the metric's name."""
    n = len(grouping)
    label, score = as_flags(target, "target", n), as_scores(scores, n)
    weight = None if weights is None else as_weights(weights, n)
    who = as_persons(persons, n)
    return {
        metric.name: metric.measure(grouping.codes, len(grouping.groups), label, score, weight, who)
        for metric in METRICS
        if not isinstance(metric, GroupMetric)
    }


def _group_results(
    cube: OutcomeCube, measured: dict[str, Measurement], level: float, minimum_count: int
) -> list[GroupResult]:
    columns = {name: figures(measurement, level) for name, measurement in measured.items()}
    beside = columns_needed(cube.groups)
    return [
        GroupResult(
            group=cube.named(position),
            count=int(cube.count[position].sum()),
            weight=float(cube.weight[position].sum()),
            figures={name: column[position] for name, column in columns.items()},
            too_small=too_small(cube, position, minimum_count),
            persons=None if cube.persons is None else cube.persons_in(position),
            not_judged_by=not_judged_by(cube, position, minimum_count),
            beside_columns=beside,
        )
        for position in range(len(cube.groups))
    ]


def _check_options(level: float, draws: int, seed: int, minimum_count: int) -> None:
    if not 0 < level < 1:
        raise InputError("it must lie between 0 and 1", where=f"level {level}")
    if draws < 100:
        raise InputError("at least 100 are needed for an interval", where=f"draws {draws}")
    if seed < 0:
        raise InputError("it must be 0 or more", where=f"seed {seed}")
    if minimum_count < 0:
        raise InputError("it must be 0 or more", where=f"minimum count {minimum_count}")
