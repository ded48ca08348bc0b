"""How far apart the groups are: the farthest two, or each against a reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.widgets import charts, fairness_view
from components.widgets.charts import Chart, cut
from components.widgets.dot_rows import Row, dot_rows
from components.widgets.tables import format_figure, gap_bound, significant
from core.errors import InputError
from core.fairness.disparities.disparities import lower
from core.fairness.disparities.gap_significance import is_significant
from core.fairness.disparities.reference import BEST, OVERALL, REST, compare_with
from core.fairness.disparities.score_reference import compare_scores_with
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import title_in

if TYPE_CHECKING:
    from core.fairness.disparities.reference import ReferenceGap
    from core.fairness.metrics.assessment import Assessment

FARTHEST, CHOSEN = "farthest", "chosen"
CHOICES = {
    FARTHEST: "the groups farthest apart",
    CHOSEN: "a reference group",
    BEST: "the best group",
    OVERALL: "everyone overall",
    REST: "all others",
}
MOST_DRAWN = 30


def comparisons(found: Assessment, metric: str, favourable: bool, key_prefix: str) -> None:
    """Let a person choose what groups are compared with, and show the gaps."""
    against = st.segmented_control(
        "Compare with",
        list(CHOICES),
        format_func=lambda name: CHOICES[name],
        default=FARTHEST,
        required=True,
        **session.lasting(f"{key_prefix} against"),
    )
    if against == FARTHEST:
        fairness_view.comparisons(found)
        st.caption(
            "“Treatment equality” looks at the errors alone: whether they rather withhold the "
            "positive decision or rather give it. “Base rate” looks at recorded outcomes alone, "
            "whatever was decided: statistical parity in the labels."
        )
        return
    reference = against
    if against == CHOSEN:
        reference = st.selectbox(
            "Reference group",
            [group.name for group in found.groups],
            format_func=found.label,
            **session.lasting(f"{key_prefix} reference"),
        )
    try:
        gaps = (
            compare_with(found, metric, reference, positive_is_favourable=favourable)
            if METRICS[metric].kind != "scores"
            else compare_scores_with(found, metric, reference)
        )
    except InputError as error:
        st.info(session.literal(f"{title_in(found, metric)} can't be compared so: {error}"))
        return
    if not gaps:
        st.info("There is only one group, so nothing to compare it with.")
        return
    position_of = {group.name: position for position, group in enumerate(found.groups)}
    gaps = tuple(sorted(gaps, key=lambda gap: position_of[gap.group]))
    charts.show(gap_chart(found, metric, gaps), f"{key_prefix} gaps {reference}")
    st.caption(explained(found, metric, against, gaps, favourable))


def gap_chart(found: Assessment, metric: str, gaps: tuple[ReferenceGap, ...]) -> Chart:
    """Draw every group's difference to the reference."""
    small = {group.name for group in found.groups if not group.is_judged_by(metric)}
    rows = [
        Row(
            found.label(gap.group),
            gap.difference,
            f"ratio {format_figure(gap.ratio)}",
            1 if {gap.group, gap.reference} & small else 0,
        )
        for gap in gaps
    ]
    table = pd.DataFrame(
        [
            {
                "Group": found.label(gap.group),
                "Compared with": found.label(gap.reference),
                "Difference (95% interval)": format_figure(gap.difference),
                "Ratio (95% interval)": format_figure(gap.ratio),
                "Significant?": significant(gap.difference),
                "Note": "too small to judge" if row.kind else "",
            }
            for gap, row in zip(gaps, rows, strict=True)
        ]
    )
    notes = [
        f"Not drawn: {cut(found.label(gap.group))}. {gap.difference.reason}."
        for gap in gaps
        if gap.difference.estimate is None
    ][:5]
    if len(rows) > MOST_DRAWN:
        notes.append(f"The first {MOST_DRAWN} of {len(rows)} groups are drawn; the table has all.")
    title = title_in(found, metric)
    figure = dot_rows(
        rows[:MOST_DRAWN],
        ("group, with its 95% interval", "too small to judge"),
        f"{title}: group minus {charts.short(found.label(gaps[0].reference), 24)}",
        signed=True,
        parity=0.0,
    )
    return Chart(finding(found, metric, gaps, small), figure, table, tuple(notes))


def finding(found: Assessment, metric: str, gaps: tuple[ReferenceGap, ...], small: set[str]) -> str:
    """State which group is surely furthest from the reference, in one sentence."""
    reference, title = cut(found.label(gaps[0].reference)), title_in(found, metric)
    judged = [gap for gap in gaps if gap.group not in small and gap.difference.low is not None]
    if not judged:
        return f"No group's {lower(title)} can be judged against {reference}"
    worst = max(judged, key=lambda gap: gap_bound(gap.difference))
    if not is_significant(gap_bound(worst.difference)):
        return f"No group's {lower(title)} significantly differs from that of {reference}"
    value = worst.difference.estimate or 0.0
    sure = sum(is_significant(gap_bound(gap.difference)) for gap in judged)
    return (
        f"{title} of {cut(found.label(worst.group))} is {abs(value):.2f} "
        f"{'above' if value > 0 else 'below'} that of {reference}; {sure} of {len(judged)} groups "
        "large enough to judge significantly "
        "differ"
    )


def explained(
    found: Assessment,
    metric: str,
    against: str,
    gaps: tuple[ReferenceGap, ...],
    favourable: bool,
) -> str:
    """Say how to read the gaps, and what the choice of reference does to them."""
    text = (
        f"By {lower(title_in(found, metric))}, the metric chosen above. A difference of 0, or a "
        "ratio of 1, is parity."
    )
    if against == BEST:
        best = "lowest" if _lowest_is_best(metric, favourable) else "highest"
        text += (
            f" The best group is the one with the {best} figure among those large enough to "
            "judge. Because it was picked from the data, intervals are wider: they hold together "
            "whichever group was picked."
        )
    elif against == OVERALL:
        text += " Everyone includes the group itself, so that a large group is near by nature."
    elif len(gaps) > 1:
        text += " Each interval stands alone: of twenty, one misses the truth by chance."
    return session.literal(text)


def _lowest_is_best(metric: str, favourable: bool) -> bool:
    better = METRICS[metric].better
    return better == "lower" or (better == "follows_decision" and not favourable)
