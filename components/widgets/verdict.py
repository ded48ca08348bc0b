"""The verdict on fairness in plain words, before any chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.widgets.charts import cut
from components.widgets.fairness_charts import named
from components.widgets.tables import between
from core.data.roles.decision_labels import decision_labels
from core.fairness.disparities.disparities import DISPARITIES, lower
from core.fairness.disparities.gap_significance import is_significant
from core.fairness.disparities.impact_ratio import impact_of, significantly_lower
from core.fairness.disparities.impact_words import against_largest
from core.fairness.disparities.judged_gap import judged_gap
from core.fairness.metrics.small_groups import small_groups
from core.training.external_split import trained_on_is_known
from core.training.rows_told import judging_rows, never_saw

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.data.roles.roles import Roles
    from core.fairness.metrics.assessment import Assessment
    from core.training.spec import TrainingSpec


def rows_judged(assessment: Assessment, spec: TrainingSpec | None) -> str:
    """Say how many rows were judged, and which; of existing predictions without a spec."""
    count = f"{assessment.overall.count:,}"
    if spec is not None:
        if trained_on_is_known(spec):
            return f"Judged on {count} test rows that the model never saw."
        return f"Judged on {count} {judging_rows(spec)}, {never_saw(spec)}."
    return f"Judged on all {count} rows of existing predictions."


def positive_decision(roles: Roles, others: Collection[str] = ()) -> str:
    """Say what the positive decision is, and whether a person hopes for it.

    Parameters
    ----------
    roles : Roles
    others : collection of str
        The labels other than the positive one, as far as they are known.
    """
    called = decision_labels(roles, others)
    name, other = (
        called.told(side) if called.asked_for else called.label(side) for side in (True, False)
    )
    hope = (
        "which is the favourable outcome"
        if roles.positive_is_favourable
        else f"which is adverse; the favourable decision is “{other}”"
    )
    return f"The positive decision is “{name}” ({_decided_by(roles)}), {hope}."


def _decided_by(roles: Roles) -> str:
    if roles.prediction is not None:
        return f"column “{roles.prediction}”"
    if roles.score is not None:
        return f"column “{roles.score}” at {roles.threshold:g} or more"
    return f"the model's prediction of column “{roles.target}”"


def largest_gap(assessment: Assessment) -> str:
    """Say which difference between groups is the largest that is significant.

    That is the one whose 95 % interval begins furthest above 0.
    """
    differences = [
        (item, figure, gap.left_out)
        for item in assessment.disparities
        if DISPARITIES[item.name].comparison == "difference"
        and DISPARITIES[item.name].judges == "decisions"
        and (figure := (gap := judged_gap(assessment, item.name)).figure).low is not None
    ]
    if not differences:
        return "No gap between the groups can be judged: see the table for the reasons."
    item, figure, apart = max(differences, key=lambda found: found[1].low or 0.0)
    assert figure.estimate is not None
    assert figure.low is not None
    assert figure.high is not None
    large = " large enough to judge" if apart else ""
    if not is_significant(figure.low):
        return (
            f"No gap between the groups{large} is statistically significant (95% CI): each may "
            "be chance."
        )
    # The table below tells three decimals: what is significant in it is so here.
    digits = 2 if is_significant(figure.low, digits=2) else 3
    pair = f" between {between(assessment, item, 40)}" if item.between else ""
    some = " among the groups where it is defined" if item.among_defined is not None else ""
    return (
        f"The largest statistically significant gap (95% CI) is the "
        f"{lower(DISPARITIES[item.name].title)}: {figure.estimate:.{digits}f}{pair}{some}; its "
        f"95% interval runs from {figure.low:.{digits}f} to {figure.high:.{digits}f}."
        + (" Groups too small to judge are left out." if apart else "")
    )


def has_significant_gap(assessment: Assessment) -> bool:
    """Whether any difference of decisions between groups large enough to judge is significant."""
    return any(
        DISPARITIES[item.name].comparison == "difference"
        and DISPARITIES[item.name].judges == "decisions"
        and is_significant(judged_gap(assessment, item.name).figure.low)
        for item in assessment.disparities
    )


def significantly_lower_rates(assessment: Assessment, positive_is_favourable: bool) -> str:
    """Name the groups with significantly fewer favourable decisions than the largest group."""
    table = impact_of(assessment)
    if table is None or assessment.four_fifths.verdict == "fails":
        return ""
    lower = significantly_lower(table)
    if not lower:
        return ""
    named = "; ".join(against_largest(table, item) for item in lower[:3])
    more = f"; and {len(lower) - 3} more groups" if len(lower) > 3 else ""
    return f"Significantly less often favourable: {named}{more}. "


def too_small(assessment: Assessment) -> str | None:
    """Name the groups that are too small to judge, the reason with the first; None without one."""
    parts = [
        f"{small.sentence}: {named(small.names)}. "
        f"{cut(small.names[0])}: {small.groups[0].too_small}"
        for small in small_groups(assessment)
    ]
    return " ".join(parts) or None
