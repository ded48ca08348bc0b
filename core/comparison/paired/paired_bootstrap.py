"""Two models on the same test people: how they differ in every figure, by resampling people.

Definition
----------
Differences are B minus A. People are drawn with replacement, both models' decisions together, as
one multinomial draw of joint cells (:mod:`core.comparison.paired.joint_cells`). A metric's interval
is the central part of the drawn differences, moved so that the difference in the sample is where
the one of the cells drawn from was (percentiles; Davison and Hinkley 1997, Bootstrap Methods,
chapter 5). Gaps and ratios between groups, whose percentile intervals mislead near equality, are
compared pair by pair (:mod:`core.comparison.paired.paired_gaps`). Scores:
:mod:`core.comparison.paired.paired_scores` and, at equal score,
:mod:`core.comparison.paired.paired_calibration`.

Rows with weights are refused: a weight stands for people who were not sampled, and resampling the
rows does not say how they would vary.

A wrong answer would be caught by resampling rows one by one, by fairlearn's values, and by coverage
in simulated worlds.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Ints
from core.comparison.paired.joint_cells import count_jointly
from core.comparison.paired.mcnemar import mcnemar
from core.comparison.paired.paired_calibration import calibration_gap_difference
from core.comparison.paired.paired_figures import (
    Drawn,
    decision_differences,
    disparity_interval,
    draw_tables,
)
from core.comparison.paired.paired_result import PairedComparison, PairedDifference
from core.comparison.paired.paired_scores import Areas, drawn_areas, score_difference
from core.errors import InputError
from core.fairness.assessment.assess import assess
from core.fairness.counts.cube import as_scores
from core.fairness.counts.grouping import Grouping, group_rows
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.intervals.intervals import PRIOR
from core.fairness.metrics.assessment import Assessment, Figure
from core.fairness.metrics.judged_groups import compared_positions
from core.fairness.metrics.metric_registry import METRICS, GroupMetric

__all__ = ["PairedComparison", "PairedDifference", "compare_paired"]


def compare_paired(
    target: Flags,
    decisions_a: Flags,
    decisions_b: Flags,
    sensitive: pd.DataFrame,
    *,
    scores_a: Floats | None = None,
    scores_b: Floats | None = None,
    weights: Floats | None = None,
    persons: Ints | None = None,
    positive_is_favourable: bool = True,
    names: tuple[str, str] = ("A", "B"),
    level: float = 0.95,
    power: float = 0.8,
    draws: int = 2000,
    seed: int = 0,
    smoothing: float = PRIOR,
) -> PairedComparison:
    """Compare two models on the same test people.

    Parameters
    ----------
    target, decisions_a, decisions_b : ndarray of bool, shape (n,)
    sensitive : DataFrame of str, shape (n, s)
        Groups are the combinations of its values.
    scores_a, scores_b : ndarray of float64, shape (n,), optional
        Without both, figures of scores are undefined.
    weights : ndarray of float64, shape (n,), optional
        Refused unless all are equal.
    persons : ndarray of int, shape (n,), optional
        Equal for rows of one person: persons are then resampled, and tested, and not rows.
    positive_is_favourable : bool
        Whether the positive decision is what a person hopes for.
    names : tuple of (str, str)
    level, power : float
        In (0, 1); power is that of McNemar's test.
    draws : int
        At least 100.
    seed : int
        0 or more.
    smoothing : float
        Added to each joint cell that is drawn from, 0 or more; 0 is the plain bootstrap of rows.

    Raises
    ------
    InputError
        If lengths differ, something is no boolean or number, rows have weights, or an option is out
        of range.
    """
    _check(weights, smoothing)
    scores = None if scores_a is None or scores_b is None else (scores_a, scores_b)
    both = [
        assess(
            target,
            decisions,
            sensitive,
            scores=score,
            persons=persons,
            positive_is_favourable=positive_is_favourable,
            level=level,
            draws=draws,
            seed=seed,
        )
        for decisions, score in zip((decisions_a, decisions_b), scores or (None, None), strict=True)
    ]
    grouping = group_rows(sensitive)
    label, a, b = (np.asarray(item, dtype=np.bool_) for item in (target, decisions_a, decisions_b))
    if scores is not None:
        scores = (as_scores(scores[0], len(label)), as_scores(scores[1], len(label)))
    rng = np.random.default_rng(seed)
    cells = count_jointly(grouping, label, a, b, persons)
    by_group = draw_tables(cells, draws, rng, smoothing)
    by_everyone = draw_tables(cells.overall(), draws, rng, smoothing)
    areas: Areas | str = "no scores were given"
    if scores is not None:
        areas = drawn_areas(grouping, label, scores, draws, rng, persons)
    in_bins = _gap_in_bins(both, grouping, label, scores, draws, rng, level, persons)
    return PairedComparison(
        names,
        len(label),
        grouping.attributes,
        *_metrics(both, (by_everyone, by_group), grouping, label, scores, level, persons),
        _disparities(both, by_group, areas, level, in_bins),
        mcnemar(a == label, b == label, level=level, power=power, persons=persons),
        both[0],
        both[1],
        level,
        draws,
    )


def _gap_in_bins(
    both: list[Assessment],
    grouping: Grouping,
    label: Flags,
    scores: tuple[Floats, Floats] | None,
    draws: int,
    rng: np.random.Generator,
    level: float,
    persons: Ints | None,
) -> tuple[float, float] | str:
    """Compare calibration at equal score among the rows of the groups that are compared."""
    gaps = [found.disparity("calibration_gap").figure.estimate for found in both]
    if scores is None or None in gaps:
        return "it is not defined for both"
    cube = both[0].cube
    assert cube is not None
    positions = compared_positions(cube, DISPARITIES["calibration_gap"].metrics)
    rows = np.isin(grouping.codes, positions)
    part = Grouping(
        grouping.attributes,
        tuple(grouping.groups[p] for p in positions),
        np.searchsorted(positions, grouping.codes[rows]),
    )
    return calibration_gap_difference(
        part,
        label[rows],
        (scores[0][rows], scores[1][rows]),
        draws,
        rng,
        level,
        None if persons is None else persons[rows],
    )


def _metrics(
    both: list[Assessment],
    drawn: tuple[Drawn, Drawn],
    grouping: Grouping,
    label: Flags,
    scores: tuple[Floats, Floats] | None,
    level: float,
    persons: Ints | None,
) -> tuple[dict[str, PairedDifference], dict[str, dict[str, PairedDifference]]]:
    """Compare every metric, of everyone and in every group; ``drawn`` is of both in this order."""
    everyone: dict[str, PairedDifference] = {}
    groups: dict[str, dict[str, PairedDifference]] = {name: {} for name in grouping.names}
    sides = [{item.name: item.figures for item in found.groups} for found in both]
    for metric in METRICS:
        pairs = [[found.overall.figures[metric.name] for found in both]]
        pairs += [[side[name][metric.name] for side in sides] for name in groups]
        if isinstance(metric, GroupMetric):
            found = decision_differences(metric, drawn[0], level)
            found += decision_differences(metric, drawn[1], level)
        else:
            everybody = np.ones(len(label), dtype=np.bool_)
            members = [everybody, *(grouping.codes == p for p in range(len(groups)))]
            found = [
                (_of_scores(metric.name, label, scores, rows, level, persons), 0)
                for rows in members
            ]
        wheres = [everyone, *groups.values()]
        for where, (first, second), (figure, missing) in zip(wheres, pairs, found, strict=True):
            where[metric.name] = _paired(metric.name, first, second, figure, missing)
    return everyone, groups


def _disparities(
    both: list[Assessment],
    drawn: Drawn,
    areas: Areas | str,
    level: float,
    in_bins: tuple[float, float] | str,
) -> dict[str, PairedDifference]:
    """Compare every disparity between the groups."""
    disparities = {}
    for definition in DISPARITIES:
        first, second = (found.disparity(definition.name).figure for found in both)
        if first.estimate is None or second.estimate is None:
            figure, missing = Figure(None), 0
        else:
            change = second.estimate - first.estimate
            cube = both[0].cube
            assert cube is not None
            # The same of both models: it goes by rows and labels, not by decisions.
            positions = compared_positions(cube, definition.metrics)
            ends, missing = disparity_interval(definition, drawn, areas, level, in_bins, positions)
            figure = (
                Figure(change, reason=f"no interval: {ends}")
                if isinstance(ends, str)
                else Figure(change, min(ends[0], change), max(ends[1], change))
            )
        disparities[definition.name] = _paired(definition.name, first, second, figure, missing)
    return disparities


def _of_scores(
    name: str,
    label: Flags,
    scores: tuple[Floats, Floats] | None,
    rows: Flags,
    level: float,
    persons: Ints | None,
) -> Figure:
    if scores is None:
        return Figure(None)
    own = None if persons is None else persons[rows]
    return score_difference(name, label[rows], scores[0][rows], scores[1][rows], level, own)


def _paired(
    name: str, first: Figure, second: Figure, found: Figure, missing: int
) -> PairedDifference:
    """Put a figure of both beside its difference; undefined in one, the difference is undefined."""
    a, b = first.estimate, second.estimate
    if a is None or b is None:
        found = Figure(None, reason=first.reason if a is None else second.reason)
    elif found.low is None or found.high is None:
        found = Figure(b - a, reason=found.reason)
    return PairedDifference(name, a, b, found, missing)


def _check(weights: Floats | None, smoothing: float) -> None:
    if weights is not None and len(np.unique(np.asarray(weights))) > 1:
        raise InputError(
            "rows have different weights, and resampling them does not say how the people they "
            "stand for would vary",
            where="weights",
            remedy="Leave the weight column out, or cross-validate the two models",
        )
    if not (np.isfinite(smoothing) and smoothing >= 0):
        raise InputError("it must be 0 or more", where=f"smoothing {smoothing}")
