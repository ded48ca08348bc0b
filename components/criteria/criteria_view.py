"""What came of each criterion of a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session

if TYPE_CHECKING:
    from core.governance.adopted_policy import PolicyRecord
    from core.policy.evaluation import CriterionResult, Evaluation, Outcome

SIGNS: dict[Outcome, str] = {
    "met": "✓ met",
    "not met": "✗ not met",
    "not enough evidence": "? not enough evidence",
    "not applicable": "– not applicable",
    "not run": "… not run",
}


def outcome_view(found: CriterionResult) -> None:
    """Show what came of one criterion, and the sentence that says why."""
    criterion = found.criterion
    st.markdown(
        f"{SIGNS[found.outcome]} · **{session.literal(criterion.definition.title)}** · "
        f"{criterion.concern} · {session.literal(criterion.id)}"
    )
    st.text(found.sentence)


def in_short(found: Evaluation) -> str:
    """Say in a sentence what came of a policy."""
    return f"Policy “{found.policy.name}”: {found.verdict}."


def outcomes_section(found: Evaluation, record: PolicyRecord) -> None:
    """Show what came of the adopted policy, or of the default where nobody adopted one."""
    box = {"met": st.success, "not met": st.error}.get(found.verdict, st.warning)
    box(session.literal(f"{in_short(found)} {found.sentence}."))
    st.caption(
        session.literal(f"{record.sentence}.")
        if record.current is not None
        else "Nobody adopted a policy for this audit: these are the criteria that come with "
        "Equipoise. A criterion that is chosen after the figures are known proves little."
    )
    settled = [item for item in found.results if item.outcome in ("met", "not applicable")]
    for item in found.results:
        if item not in settled:
            outcome_view(item)
    if settled:
        with st.expander(f"Criteria that are met or do not apply ({len(settled)})"):
            for item in settled:
                outcome_view(item)
