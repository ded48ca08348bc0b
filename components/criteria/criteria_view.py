"""What came of each criterion of a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session

if TYPE_CHECKING:
    from core.governance.adopted_policy import PolicyRecord
    from core.policy.evaluation import Evaluation, Outcome

SIGNS: dict[Outcome, str] = {
    "met": "✓ met",
    "not met": "✗ not met",
    "not enough evidence": "? not enough evidence",
    "not applicable": "– not applicable",
    "not run": "… not run",
}


def outcome_table(found: Evaluation) -> pd.DataFrame:
    """One row for each criterion: its outcome and the sentence that says why."""
    return pd.DataFrame(
        [
            {
                "Concern": item.criterion.concern,
                "Criterion": item.criterion.id,
                "Outcome": SIGNS[item.outcome],
                "Because": item.sentence,
            }
            for item in found.results
        ]
    )


def outcomes_section(found: Evaluation, record: PolicyRecord) -> None:
    """Show what came of the adopted policy, or of the default where nobody adopted one."""
    box = {"met": st.success, "not met": st.error}.get(found.verdict, st.warning)
    box(session.literal(f"Policy “{found.policy.name}”: {found.verdict}. {found.sentence}."))
    st.caption(
        session.literal(f"{record.sentence}.")
        if record.current is not None
        else "Nobody adopted a policy for this audit: these are the criteria that come with "
        "Equipoise. A criterion that is chosen after the figures are known proves little."
    )
    st.table(outcome_table(found).map(session.literal), hide_index=True)
