"""The word that must stand where decisions are the same for nearly everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from core.fairness.metrics.constant_decisions import constant_counts

if TYPE_CHECKING:
    from core.data.roles.decision_labels import DecisionLabels
    from core.fairness.metrics.assessment import Assessment
    from core.fairness.metrics.constant_decisions import ConstantDecisions


def constant_note(same: ConstantDecisions | None, called: DecisionLabels) -> None:
    """Warn that equal rates of such decisions tell nothing; nothing where both occur."""
    if same is None:
        return
    st.warning(
        session.literal(
            f"{same.named(called)}. Where nearly everybody is decided alike, small gaps and equal "
            "rates say nothing about fairness; another threshold would show what the scores tell "
            "apart."
        ),
        icon=":material/equal:",
    )


def of_assessment(found: Assessment) -> ConstantDecisions | None:
    """Recognise decisions that are the same for nearly everybody, from an assessment's counts."""
    if found.cube is None:
        return None
    count = found.cube.count
    return constant_counts(int(count[:, :, 1].sum()), int(count.sum()))
