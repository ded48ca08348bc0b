"""Who is harmed by a gap, and how: the words and figures that findings on groups share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.audit.finding import Harm
from core.data.roles.group_labels import label_of_name
from core.fairness.disparities.disparities import DISPARITIES, lower
from core.fairness.disparities.judged_gap import JudgedGap
from core.fairness.metrics.metric_registry import METRICS, REJECTION_RATE, GroupMetric
from core.fairness.metrics.metric_titles import metric_title

if TYPE_CHECKING:
    from core.fairness.metrics.assessment import Assessment
    from core.fairness.metrics.rate_ratio import RateRatio

MEANS = {
    ("true_positive_rate", True): "of those whose outcome is positive, fewer get the favourable "
    "decision there",
    ("false_positive_rate", True): "of those whose outcome is negative, fewer get the favourable "
    "decision all the same",
    ("true_positive_rate", False): "of those whose outcome is positive, more get the adverse "
    "decision there",
    ("false_positive_rate", False): "of those whose outcome is negative, more are wrongly given "
    "the adverse decision",
}
"""What a gap means for the group it harms, by rate and by whether the positive decision is the
favourable one."""


def favourable_rate(positive_is_favourable: bool) -> GroupMetric:
    """Return the rate of the favourable decision."""
    metric = METRICS["selection_rate"] if positive_is_favourable else REJECTION_RATE
    assert isinstance(metric, GroupMetric)
    return metric


def rate_of(assessment: Assessment, group: str, metric: str) -> float | None:
    """Return a group's rate, None where it is undefined."""
    found = next(g for g in assessment.groups if g.name == group)
    return found.figures[metric].estimate


def gap_harm(assessment: Assessment, gap: JudgedGap, criterion: str) -> Harm:
    """Tell which rate makes a gap, and between whom."""
    worse, better = gap.disparity.between
    figure = gap.figure

    def apart(name: str) -> float:
        own, other = (rate_of(assessment, group, name) for group in (worse, better))
        return 0.0 if own is None or other is None else abs(own - other)

    metric = max(DISPARITIES[gap.disparity.name].metrics, key=apart)
    return Harm(
        metric,
        assessment.attributes,
        worse,
        better,
        rate_of(assessment, worse, metric),
        rate_of(assessment, better, metric),
        "difference",
        figure.estimate,
        figure.low,
        figure.high,
        criterion,
        assessment.label(worse),
        assessment.label(better),
    )


def ratio_harm(assessment: Assessment, item: RateRatio, metric: str, criterion: str) -> Harm:
    """Tell of a group's rate as a ratio to the highest."""
    return Harm(
        metric,
        assessment.attributes,
        item.group,
        item.highest,
        item.rate,
        item.highest_rate,
        "ratio",
        item.ratio.estimate,
        item.ratio.low,
        item.ratio.high,
        criterion,
        item.label,
        item.highest_label,
    )


def sentence(harm: Harm, positive_is_favourable: bool) -> str:
    """Say whose rate is how far from whose, and what that means."""
    means = MEANS.get((harm.figure, positive_is_favourable))
    title = lower(metric_title(harm.figure, positive_is_favourable))
    return (
        f"{named(harm, harm.group)} has a {title} of "
        f"{_number(harm.rate)}, {named(harm, harm.reference)} one of {_number(harm.reference_rate)}"
        + (f": {means}" if means else "")
    )


def named(harm: Harm, group: str) -> str:
    """Write a group that a gap is between as people read it."""
    known = {harm.group: harm.label, harm.reference: harm.reference_label}
    return known.get(group) or label_of_name(harm.attributes, group)


def _number(rate: float | None) -> str:
    return "an undefined value" if rate is None else f"{rate:.3f}"
