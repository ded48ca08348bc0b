"""The four-fifths rule on the favourable decision."""

from __future__ import annotations

from typing import Literal

import numpy as np

from core.arrays import Floats, Ints
from core.data.roles.group_labels import label_of_name
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.known_groups import known_positions
from core.fairness.disparities.disparities import DisparityDefinition, compare
from core.fairness.metrics.assessment import FourFifths
from core.fairness.metrics.constant_decisions import constant_counts
from core.fairness.metrics.group_measurement import Measured, Sampling
from core.fairness.metrics.judged_groups import judged_positions
from core.fairness.metrics.metric_registry import METRICS, REJECTION_RATE, GroupMetric

THRESHOLD = 0.8
TRIVIAL = "nearly everybody gets the favourable decision, so no group can be far below another"

DEFINITION = DisparityDefinition(
    "four_fifths",
    "Four-fifths rule",
    "Four-fifths rule: the group that gets the favourable decision least often should get it at "
    "least 80% as often as the group that gets it most often.",
    ("selection_rate",),
    "ratio",
    "Uniform Guidelines on Employee Selection Procedures 1978, 29 CFR 1607.4(D)",
)


def four_fifths(
    cube: OutcomeCube,
    names: tuple[str, ...],
    level: float,
    sampling: Sampling,
    positive_is_favourable: bool,
    minimum_count: int = 30,
) -> FourFifths:
    """Judge the ratio of favourable decisions by its whole interval.

    Groups that are too small to judge by their rows are left out, and the sentence says so: a
    handful of rows must not decide the headline. Where fewer than two are left, the ratio is shown
    and nothing is concluded from it; nor where nearly everybody gets the favourable decision, as
    no group can then be far below another.

    Parameters
    ----------
    cube : OutcomeCube
    names : tuple of str
        Of its groups.
    level : float
    sampling : Sampling
    positive_is_favourable : bool
        If False, the favourable decision is the negative one.
    minimum_count : int
    """
    metric = METRICS["selection_rate"] if positive_is_favourable else REJECTION_RATE
    assert isinstance(metric, GroupMetric)
    favourable = metric.value(cube.weight)
    large = judged_positions(cube, ("selection_rate",), minimum_count)
    left_out = len(names) - len(large)
    judged, aside = not left_out or len(large) > 1, ""
    who = "rows" if cube.persons is None else "persons"
    worth = " worth as much by their weights" if cube.weighted else ""
    if left_out and judged:
        aside = f" Left out: {left_out} group{'s' if left_out > 1 else ''} of fewer than "
        aside += f"{minimum_count} {who}{worth}.{_small_highest(cube, large, favourable)}"
        cube, names = cube.chosen(large), tuple(names[i] for i in large)
    found = compare(
        DEFINITION,
        [Measured(metric, cube)],
        names,
        level,
        sampling,
        positive_is_favourable,
        cube.labels,
    )
    figure = found.figure
    if figure.estimate is None or figure.low is None or figure.high is None:
        reason = figure.reason or "it has no interval"
        if not metric.numerator(cube.weight).any():
            reason = "nobody receives the favourable decision in any group"
        sentence = f"The four-fifths rule can't be applied: {reason}."
        return FourFifths("undefined", figure, sentence)
    between = tuple(label_of_name(cube.attributes, name, cube.names) for name in found.between)
    fact = _fact(figure.estimate, figure.low, figure.high, between, level)
    same = constant_counts(int(cube.count[:, :, 1].sum()), int(cube.count.sum()))
    if same and same.decision == positive_is_favourable and figure.high >= THRESHOLD:
        return FourFifths("undefined", figure, f"{fact}, which tells nothing: {TRIVIAL}.{aside}")
    if not judged:
        few = f"too few {who} to judge by, as fewer than two groups have {minimum_count}{worth}"
        return FourFifths("unclear", figure, f"{fact}: {few}.")
    verdict, text = verdict_on(figure.low, figure.high)
    return FourFifths(verdict, figure, f"{fact}: {text}.{aside}")


def _small_highest(cube: OutcomeCube, large: Ints, favourable: Floats) -> str:
    """Say so where a group that is left out has the highest rate, and would be the reference."""
    known = known_positions(cube)
    best = int(known[np.nanargmax(favourable[known])])
    if best in large or favourable[best] <= np.nanmax(favourable[large]):
        return ""
    return (
        f" The highest rate of all is that of {cube.labels[best]}, "
        f"{_percent(float(favourable[best]))}%, which is one of them: so few are no yardstick."
    )


def _fact(share: float, low: float, high: float, between: tuple[str, ...], level: float) -> str:
    interval = f"{level * 100:g}% interval {_percent(low)}–{_percent(high)}%"
    if not between:
        return f"All groups receive the favourable decision at the same rate ({interval})"
    worst, best = between
    return (
        f"Group {worst} receives the favourable decision at {_percent(share)}% of the rate of "
        f"group {best} ({interval})"
    )


def verdict_on(
    low: float, high: float, of: str = "the data"
) -> tuple[Literal["passes", "fails", "unclear"], str]:
    """Judge the ratio by its whole interval; in a word, and in words that follow the figure."""
    if low >= THRESHOLD:
        return "passes", "not below four fifths"
    if high < THRESHOLD:
        return "fails", "below four fifths"
    return "unclear", f"{of} can't tell whether that is below four fifths"


def _percent(share: float) -> str:
    """Write a share in whole per cent, finer where rounding would hide its side of the rule."""
    for decimals in range(4):
        text = f"{share * 100:.{decimals}f}"
        if (float(text) >= THRESHOLD * 100) == (share >= THRESHOLD):
            return text
    return text
