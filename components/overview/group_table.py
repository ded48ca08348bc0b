"""Groups by metrics: met, not met, or not enough evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from core.fairness.disparities.gap_verdict import TOLERANCE
from core.fairness.disparities.group_verdicts import JUDGED
from core.fairness.metrics.metric_registry import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.fairness.disparities.group_verdicts import GroupVerdict, Outcome

SIGNS: dict[Outcome, str] = {
    "met": "✓ met",
    "not met": "✗ not met",
    "not enough evidence": "? not enough evidence",
    "not defined": "–",
}


def group_table(found: Sequence[GroupVerdict]) -> pd.DataFrame:
    """One row for each group, one column for each metric that is defined: rate and outcome."""
    defined = {item.metric for item in found if item.outcome != "not defined"}
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for item in found:
        by = " × ".join(item.attributes)
        row = rows.setdefault((by, item.group), {"By": by, "Group": item.label})
        if item.metric in defined:
            rate = "" if item.rate.estimate is None else f"{item.rate.estimate:.3f} "
            row[METRICS[item.metric].title] = f"{rate}{SIGNS[item.outcome]}"
    return pd.DataFrame(list(rows.values()))


def groups_section(found: Iterable[GroupVerdict]) -> None:
    """Show groups of each attribute at once, those of all attributes together on asking."""
    alone: list[GroupVerdict] = []
    combined: list[GroupVerdict] = []
    for item in found:
        (alone if len(item.attributes) == 1 else combined).append(item)
    _table(alone)
    if combined:
        with st.expander("Groups of all attributes together"):
            _table(combined)
    missing = [
        METRICS[metric].title.lower()
        for metric in JUDGED
        if all(item.outcome == "not defined" for item in alone if item.metric == metric)
    ]
    if missing:
        why = next(item.reason for item in alone if METRICS[item.metric].title.lower() in missing)
        st.caption(session.literal(f"Not shown: {', '.join(missing)}; {why}."))
    st.caption(
        "Does the group fare worse than everyone else? “Not met”: by more than "
        f"{TOLERANCE:g}, and significantly so, allowing for all groups that were tested. “Met”: "
        f"with 95% confidence by no more than {TOLERANCE:g}. Between the two there is not enough "
        "evidence; groups too small to judge are never judged, rows of unknown group not at all."
    )


def _table(found: Sequence[GroupVerdict]) -> None:
    st.table(group_table(found).map(session.literal), hide_index=True)
