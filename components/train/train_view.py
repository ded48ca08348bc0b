"""Train a model here: what is chosen, what it spends, and the button."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import other_tabs, session
from components.train.training_form import training_form
from components.widgets.coverage_label import coverage_note
from components.widgets.spending import finish_unfinished, training_agreed
from core.audit_state import audit_models
from core.errors import InputError
from core.learning.learners import LEARNERS

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.training.spec import TrainingSpec


def train_view(state: AuditState, dataset: Dataset, offered: TrainingSpec | None) -> DeltaGenerator:
    """Let a person choose and train; return where to say what came of it.

    Parameters
    ----------
    state : AuditState
    dataset : Dataset
    offered : TrainingSpec or None
        Of an operating point, to be trained at once.
    """
    st.caption(
        f"Of {len(dataset):,} rows, about 60% train the model, 20% (validation) set thresholds "
        "where a mitigation needs them, and 20% (test) stay untouched until they judge it."
    )
    coverage_note("row_counts", state)
    coverage_note("settings", state)
    spec = training_form(state)
    # Above the button, so that what came of the training is in view wherever the page stands.
    outcome = st.container()
    agreed = training_agreed(state, dataset, spec, f"spend {state.id}")
    if spec is not None and not (
        st.button("Train", type="primary", disabled=not agreed) and agreed
    ):
        spec = None
    spec = finish_unfinished(state, dataset) or offered or spec
    if spec is not None:
        try:
            with st.spinner(f"Training: {LEARNERS[spec.learner].title}", show_time=True):
                audit_models.train_audited_model(
                    session.workspace(), other_tabs.as_shown(state), dataset, spec
                )
            other_tabs.saw(training=spec)
        except InputError as error:
            session.shown_error(error)
            if session.trained(state) is not None:
                st.caption("The model below is the audited one all the same.")
        else:
            st.rerun()
    return outcome
