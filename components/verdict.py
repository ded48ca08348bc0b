"""The verdict on fairness in plain words, before any chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.charts import cut
from components.fairness_charts import named
from components.tables import between
from core.fairness.disparities import DISPARITIES, lower
from core.fairness.gap_verdict import gap_verdict
from core.fairness.impact_ratio import impact_ratios, significantly_lower

if TYPE_CHECKING:
    from core.data.roles import Roles
    from core.fairness.assessment import Assessment, Disparity, Figure
    from core.fairness.cube import OutcomeCube

RATES = (
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "precision",
    "accuracy",
)
"""Of decisions, in which gaps are looked for."""


def rows_judged(assessment: Assessment, *, trained: bool) -> str:
    """Say how many rows were judged, and which."""
    count = f"{assessment.overall.count:,}"
    if trained:
        return f"Judged on {count} test rows that the model never saw."
    return f"Judged on all {count} rows of existing predictions."


def positive_decision(roles: Roles) -> str:
    """Say what the positive decision is, and whether a person hopes for it."""
    hope = "which is what a person hopes for" if roles.positive_is_favourable else (
        "which is what a person hopes to be spared; the favourable decision is the other one"
    )  # fmt: skip
    return f"The positive decision is “{roles.positive_label}” ({_decided_by(roles)}), {hope}."


def _decided_by(roles: Roles) -> str:
    if roles.prediction is not None:
        return f"column “{roles.prediction}”"
    if roles.score is not None:
        return f"column “{roles.score}” at {roles.threshold:g} or more"
    return f"the model's prediction of column “{roles.target}”"


def largest_gap(assessment: Assessment) -> str:
    """Say which difference between groups is the largest that is surely there.

    That is the one whose 95 % interval begins furthest above 0.
    """
    differences = [
        (item, figure)
        for item in assessment.disparities
        if DISPARITIES[item.name].comparison == "difference"
        and DISPARITIES[item.name].judges == "decisions"
        and (figure := _judged(item)).low is not None
    ]
    if not differences:
        return "No gap between the groups can be judged: see the table for the reasons."
    small = {group.name for group in assessment.groups if group.too_small}
    item, figure = max(differences, key=lambda pair: pair[1].low or 0.0)
    if small & set(item.between) and assessment.cube is not None:
        return _among_large_enough(assessment.cube, assessment.level)
    assert figure.estimate is not None
    assert figure.low is not None
    assert figure.high is not None
    if figure.low <= 0:
        return "No gap between the groups is surely there: each of them may be chance."
    pair = f" between {between(assessment, item, 40)}" if item.between else ""
    some = " among the groups where it is defined" if item.among_defined is not None else ""
    return (
        f"The largest gap that is surely there is the {lower(DISPARITIES[item.name].title)}: "
        f"{figure.estimate:.2f}{pair}{some}; its 95 % interval runs from {figure.low:.2f} to "
        f"{figure.high:.2f}."
    )


def has_sure_gap(assessment: Assessment) -> bool:
    """Whether any difference of decisions between groups large enough to judge is surely there."""
    if assessment.cube is None:
        return False
    found = [gap_verdict(assessment.cube, name, level=assessment.level) for name in RATES]
    return any(item.gap.low is not None and item.gap.low > 0 for item in found)


def significantly_lower_rates(assessment: Assessment, positive_is_favourable: bool) -> str:
    """Name the groups with significantly fewer favourable decisions than the largest group."""
    if assessment.cube is None or assessment.four_fifths.verdict == "fails":
        return ""
    table = impact_ratios(assessment.cube, positive_is_favourable=positive_is_favourable)
    small = {group.name for group in assessment.groups if group.too_small}
    lower = significantly_lower(table, small)
    if not lower:
        return ""
    named = "; ".join(table.against_largest(item) for item in lower[:3])
    more = f"; and {len(lower) - 3} more groups" if len(lower) > 3 else ""
    return f"Significantly less often favourable: {named}{more}. "


def _among_large_enough(cube: OutcomeCube, level: float) -> str:
    """Say the same of the groups that are large enough to judge."""
    found = [gap_verdict(cube, name, level=level) for name in RATES]
    sure = [item for item in found if item.gap.low is not None and item.gap.low > 0]
    if not sure:
        return "No gap between the groups large enough to judge is surely there."
    worst = max(sure, key=lambda item: item.gap.low or 0.0)
    return f"Among groups large enough to judge: {worst.sentence}"


def too_small(assessment: Assessment) -> str | None:
    """Name the groups that are too small to judge, the reason with the first; None without one."""
    small = [group for group in assessment.groups if group.too_small]
    if not small:
        return None
    return (
        f"{len(small)} of {len(assessment.groups)} groups too small to judge: "
        f"{named([group.name for group in small])}. {cut(small[0].name)}: {small[0].too_small}"
    )


def _judged(item: Disparity) -> Figure:
    return item.figure if item.among_defined is None else item.among_defined
