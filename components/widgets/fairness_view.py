"""The sections of the fairness page: all groups, how far apart they are, the four-fifths rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.widgets import verdict
from components.widgets.tables import defined, disparity_table, format_figure, group_table, shown
from core.data.dataset import NO_OUTCOME
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.disparities.four_fifths import DEFINITION
from core.fairness.metrics.metric_titles import sentence_in

if TYPE_CHECKING:
    from core.fairness.metrics.assessment import Assessment, GroupResult
    from core.training.spec import TrainingSpec

BOX = {"passes": st.success, "fails": st.error, "unclear": st.warning, "undefined": st.warning}


def summary(
    found: Assessment,
    *,
    spec: TrainingSpec | None,
    positive_is_favourable: bool,
    clear: bool = True,
) -> None:
    """Show the verdict in plain words: four-fifths rule, largest sure gap, rows judged.

    The box is green only where the rule passes, no gap is significant, and the verdict on
    fairness as a whole is clear.
    """
    lower = verdict.significantly_lower_rates(found, positive_is_favourable)
    text = (
        f"{found.four_fifths.sentence} {lower}{verdict.largest_gap(found)} "
        f"{verdict.rows_judged(found, spec)}"
    )
    box = BOX[found.four_fifths.verdict]
    if box is st.success and (lower or not clear or verdict.has_significant_gap(found)):
        box = st.warning
    box(session.literal(text), icon=":material/balance:")


def groups(found: Assessment, weight: str | None) -> None:
    """Show every group's figures, which groups are too small, and what the figures mean."""
    st.dataframe(
        group_table(found),
        hide_index=True,
        alt="Figures of every group",
        column_config={
            "Group": st.column_config.TextColumn(pinned=True),
            "Rows": st.column_config.NumberColumn(format="localized"),
        },
    )
    small = verdict.too_small(found)
    if small:
        st.warning(session.literal(small))
    st.caption(
        "Each cell is the figure and, in brackets, its 95% interval: the range that fits the "
        "data, wide where a group is small."
        + (f" Rows count by their weight in {session.literal(weight)}." if weight else "")
        + persons_counted(found.overall)
    )
    with st.expander("What these figures mean"):
        _sentences([sentence_in(found, name) for name in shown(found)])


def persons_counted(overall: GroupResult) -> str:
    """Say that intervals count persons, with a space before it; nothing where rows are persons."""
    if overall.persons is None:
        return ""
    return (
        f" The {overall.count:,} rows are about {overall.persons:,} persons: intervals, tests and "
        "“too small to judge” count persons."
    )


def comparisons(found: Assessment) -> None:
    """Show every disparity with its groups, and what each means."""
    table = disparity_table(found)
    # Why a figure is not defined takes a line, and a cell is narrow on a phone.
    value = table.columns[1]
    lost = table[value].str.startswith("not defined")
    st.table(table[~lost].map(session.literal), hide_index=True)
    for why, same in table[lost].groupby(value):
        st.caption(session.literal(f"{', '.join(same['Comparison'])}: {why}."))
    missing = len(found.disparities) - len(defined(found))
    if missing:
        st.caption(f"{missing} more comparisons are not defined: {NO_OUTCOME}.")
    st.caption(
        "A difference of 0 or a ratio of 1 is parity. “No: may be chance”: the 95% interval holds "
        "parity. “Yes”: it doesn't; the number says how far from parity the gap is at the least."
    )
    with st.expander("What these comparisons mean"):
        _sentences([item.sentence for item in DISPARITIES if item.name in defined(found)])


def four_fifths(found: Assessment) -> None:
    """Show the four-fifths rule: what it says, and what came of it."""
    st.markdown(session.literal(DEFINITION.sentence))
    st.markdown(f"**{session.literal(found.four_fifths.sentence)}**")
    st.caption(
        f"Ratio: {session.literal(format_figure(found.four_fifths.ratio))}. Its interval allows "
        "for the choice of the lowest and the highest among all groups; Katz's in the table of "
        "impact ratios is of two groups named beforehand and usually narrower. This is a rule of "
        "thumb from United States hiring law: what it finds is a reason to look closer, not a "
        "legal verdict."
    )


def _sentences(sentences: list[str]) -> None:
    st.markdown("\n".join(f"- {session.literal(sentence)}" for sentence in sentences))
