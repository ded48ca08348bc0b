"""Groups by metrics: met, not met, or not enough evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from core.data.roles.group_labels import beside_column
from core.fairness.disparities.disparities import lower
from core.fairness.disparities.gap_verdict import TOLERANCE
from core.fairness.disparities.group_verdicts import JUDGED
from core.fairness.metrics.metric_titles import titles_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from core.data.roles.decision_labels import DecisionLabels
    from core.fairness.disparities.group_verdicts import GroupVerdict, Outcome

SIGNS: dict[Outcome, str] = {
    "met": "✓",
    "not met": "✗",
    "not enough evidence": "?",
    "not defined": "–",
}
LEGEND = "✓ met · ✗ not met · ? not enough evidence"
"""Signs, so that all metrics of a group stand in a line; in words beneath every table of them."""


def group_table(found: Sequence[GroupVerdict], title: Callable[[str], str]) -> pd.DataFrame:
    """One row for each group, one column for each metric that is defined: rate and outcome.

    Groups of several attributes are named with theirs.
    """
    defined = {item.metric for item in found if item.outcome != "not defined"}
    several = len({item.attributes for item in found}) > 1
    rows: dict[tuple[tuple[str, ...], str], dict[str, str]] = {}
    for item in found:
        name = beside_column(item.attributes[0], item.group) if several else item.label
        row = rows.setdefault((item.attributes, item.group), {"Group": name})
        if item.metric in defined:
            rate = "" if item.rate.estimate is None else f"{item.rate.estimate:.3f} "
            row[title(item.metric)] = f"{rate}{SIGNS[item.outcome]}"
    return pd.DataFrame(list(rows.values()))


def alone(found: Iterable[GroupVerdict]) -> list[GroupVerdict]:
    """Pick the groups of each attribute by itself."""
    return [item for item in found if len(item.attributes) == 1]


def groups_section(found: Sequence[GroupVerdict], called: DecisionLabels) -> None:
    """Show groups of each attribute by itself, and what the signs mean."""
    _table(alone(found), titles_for(called)[0])
    st.caption(LEGEND)


def groups_in_full(found: Sequence[GroupVerdict], called: DecisionLabels) -> None:
    """Show groups of all attributes together on asking; say how groups were judged."""
    title, _ = titles_for(called)
    combined = [item for item in found if len(item.attributes) > 1]
    if combined:
        with st.expander(f"Groups of {' × '.join(combined[0].attributes)} together"):
            _table(combined, title)
            st.caption(LEGEND)
    missing = [
        lower(title(metric))
        for metric in JUDGED
        if all(item.outcome == "not defined" for item in alone(found) if item.metric == metric)
    ]
    if missing:
        why = next(i.reason for i in alone(found) if lower(title(i.metric)) in missing)
        st.caption(session.literal(f"Not shown: {', '.join(missing)}; {why}."))
    st.caption(
        "Groups by metrics: does the group fare worse than everyone else? “Not met”: by more than "
        f"{TOLERANCE:g}, and significantly so, allowing for all groups that were tested. “Met”: "
        f"with 95% confidence by no more than {TOLERANCE:g}. Between the two there is not enough "
        "evidence; groups too small to judge are never judged, rows of unknown group not at all."
    )


def _table(found: Sequence[GroupVerdict], title: Callable[[str], str]) -> None:
    st.table(group_table(found, title).map(session.literal), hide_index=True)
