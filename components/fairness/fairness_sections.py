"""Sections of the fairness page that answer questions: verdicts, trade-offs, which definition."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.widgets.pickers import pick_registered
from components.widgets.tables import format_figure
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.disparities.gap_verdict import TOLERANCE, gap_verdict
from core.fairness.disparities.guidance import FIRST_QUESTION, Recommendation
from core.fairness.disparities.impossibility import SOURCE, impossibility
from core.fairness.disparities.rate_tests import against_rest
from core.fairness.intervals.p_values import format_p
from core.fairness.metrics.inequality import INEQUALITIES, NO_INTERVAL, SPEICHER
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import title_in
from core.numerals import signed

if TYPE_CHECKING:
    from core.fairness.metrics.assessment import Assessment, Inequality

JUDGED = (
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "precision",
    "accuracy",
    "balanced_accuracy",
    "f1",
)
FINDING = {
    "gap found": "Gap found",
    "no larger gap": "No gap that matters",
    "not enough evidence": "Not enough evidence",
    "undefined": "Can't be said",
}


def verdict_table(found: Assessment) -> pd.DataFrame:
    """One row for each judged metric: the finding, the gap, and a sentence."""
    assert found.cube is not None
    verdicts = [
        gap_verdict(found.cube, name, level=found.level, title=title_in(found, name))
        for name in JUDGED
    ]
    return pd.DataFrame(
        [
            {
                "Figure": title_in(found, item.metric),
                "Verdict": FINDING[item.finding],
                "Largest gap (95% interval)": format_figure(item.gap),
                "In words": item.sentence,
            }
            for item in verdicts
        ]
    )


def rest_table(found: Assessment, metric: str) -> pd.DataFrame:
    """One row for each group: its gap to all others, whether it is chance, what could be seen."""
    assert found.cube is not None
    return pd.DataFrame(
        [
            {
                "Group": found.label(test.group),
                "Gap to all others": "–" if test.difference is None else signed(test.difference, 3),
                "p, adjusted": "–" if test.adjusted is None else format_p(test.adjusted),
                "Smallest gap it can show": "–"
                if test.detectable is None
                else f"{test.detectable:.3f}",
                "Note": test.reason or test.method,
            }
            for test in against_rest(found.cube, metric)
        ]
    )


def verdict_section(found: Assessment) -> None:
    """Show the verdict on each metric, and each group's test against all others."""
    table = verdict_table(found)
    st.dataframe(table, hide_index=True, alt="Verdict on each figure")
    st.caption(
        f"A gap of up to {TOLERANCE:g} is taken not to matter. “Not enough evidence” means that "
        "the interval holds both no gap and one that matters: more rows are needed."
    )
    label = "Each group against all others, by"
    metric = pick_registered(
        label, METRICS, JUDGED, "verdict metric", title=partial(title_in, found)
    )
    st.dataframe(rest_table(found, metric), hide_index=True, alt="Each group against all others")
    st.caption(
        "p-values are adjusted so that of the gaps below 0.05 at most one in twenty is chance, on "
        "average (Benjamini and Hochberg). “Smallest gap it can show”: a gap of this size would be "
        "found in 80 of 100 samples as large as this one."
    )


def inequality_table(found: Assessment) -> pd.DataFrame:
    """One row for each index of inequality: over all people, and the part between groups."""
    return pd.DataFrame(
        [
            {
                "Index": INEQUALITIES[item.name].title,
                "Over all people (95% interval)": format_figure(item.individual),
                "Of that between groups": _part(item),
            }
            for item in found.inequality
        ]
    )


def _part(item: Inequality) -> str:
    between, total = item.between_groups.estimate, item.individual.estimate
    if between is None or total is None:
        return f"not defined: {item.between_groups.reason}"
    if 0 < between < 0.00005:
        return "below 0.0001"
    return f"{between:.4f}" + (f" ({between / total:.1%})" if total > 0 else "")


def inequality_section(found: Assessment) -> None:
    """Show how unequally benefits are spread over people, and how much of it is between groups."""
    st.table(inequality_table(found).map(session.literal), hide_index=True)
    for item in found.inequality:
        st.markdown(f"- {session.literal(INEQUALITIES[item.name].sentence)}")
    st.caption(
        "The part between groups is what would be left if everyone got their group's mean benefit; "
        "all else is between people of the same group. It has no interval, because "
        f"{NO_INTERVAL}. Source: {SPEICHER}."
    )


def impossibility_section(found: Assessment) -> None:
    """Say which definitions can't hold together in this data."""
    for statement in impossibility(found).statements:
        st.markdown(f"- {session.literal(statement)}")
    st.caption(SOURCE)


def guidance_section() -> None:
    """Ask a few questions and recommend a definition."""
    question, depth = FIRST_QUESTION, 0
    while True:
        chosen = st.radio(
            question.text,
            [answer.text for answer in question.answers],
            index=None,
            key=f"guidance {depth} {question.text}",
        )
        if chosen is None:
            return
        end = next(a.leads_to for a in question.answers if a.text == chosen)
        if isinstance(end, Recommendation):
            st.success(
                f"**{DISPARITIES[end.disparity].title}.** {end.why}", icon=":material/signpost:"
            )
            st.caption(f"Source: {end.source}")
            return
        question, depth = end, depth + 1
