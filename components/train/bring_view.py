"""Bring a model that was made elsewhere: its file, the matching, how it decides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components.app import brought, other_tabs, session, steps
from components.train.bring_outcomes_view import bring_outcomes_view, pick_asked_for
from components.train.bring_server_view import bring_server_view
from components.train.deciding_form import deciding_form
from components.train.matching_view import matching_view
from components.train.mitigation_form import brought_training
from components.train.model_file_view import ModelFile, model_file_view, pick_model_file
from components.widgets.earlier_view import earlier_view
from core.audit_state.audit_models import (
    audit_brought_model,
    file_brought_last,
    why_no_brought_model,
)
from core.audit_state.served_models import is_served
from core.errors import InputError
from core.external_models.bring import Wishes, external_spec
from core.external_models.model_task import check_task

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.audit_state.state import AuditState
    from core.external_models.external_spec import ExternalSpec
    from core.external_models.matching import Matching
    from core.training.spec import TrainingSpec


FILE, SERVER = "A file", "A server"


def bring_view(state: AuditState) -> DeltaGenerator:
    """Let a person bring a model and audit it; return where to say what came of it."""
    outcome = st.container()
    why = why_no_brought_model(state)
    if why is not None:
        st.info(session.literal(why[0].upper() + why[1:] + "."))
        if state.budget is not None:
            steps.link("budget", "Look at the privacy budget", state.id)
        return outcome
    before = state.training.external if state.training else None
    roles = state.roles
    can_decide = roles is not None and not roles.audits_existing_predictions
    # A served model is audited for decisions with two outcomes only.
    if can_decide and _pick_place(state, before) == SERVER:
        return bring_server_view(state) or outcome
    file = pick_model_file(state)
    if file is None:
        return outcome
    with session.refusal_shown():
        model_file_view(file)
        asked_for = pick_asked_for(state, file, can_decide=can_decide)
        if asked_for != "binary":
            bring_outcomes_view(state, file, asked_for)
            return outcome
        if not can_decide:
            raise InputError(
                "it decides between two classes, and this audit has no outcome that it could be "
                "judged by",
                where=f"model {file.name!r}",
                remedy="Name the outcome on the Roles page, and bring it again. Where none is "
                "known, the command audit --model FILE without --target audits its decisions "
                "alone, as does a notebook",
            )
        check_task(file.facts, file.name)
        draft = matching_view(state, file.facts, before)
        wishes = deciding_form(state, file, before or _earlier(state))
        matching = draft.matching if draft.is_settled else None
        spec = None if matching is None or wishes is None else _spec(file, matching, wishes, state)
        if spec is not None and spec.earlier_scores is not None:
            fit = brought.fit_with_earlier_scores(state, file.facts, spec, file.data)
            assert fit.earlier is not None
            earlier_view(fit.earlier)
        training = brought_training(state)
        outcome = st.container()
        if spec is None:
            st.caption(
                "To audit the model, settle what is open above."
                if wishes is not None
                else "To audit the model, say which of its classes is the positive one."
            )
        if st.button("Audit this model", type="primary", disabled=spec is None) and spec:
            _audit(state, file, replace(training, external=spec))
    return outcome


def _pick_place(state: AuditState, before: ExternalSpec | None) -> str | None:
    where: str | None = st.segmented_control(
        "Where is the model?",
        (FILE, SERVER),
        default=SERVER if is_served(before) else FILE,
        required=True,
        help="A file is opened on this machine. A server answers for rows that are sent to it: "
        "MLflow’s scoring server, or one of the Open Inference Protocol (KServe, Triton, "
        "MLServer).",
        **session.lasting(f"model where {state.id}"),
    )
    return where


def _earlier(state: AuditState) -> ExternalSpec | None:
    """Recall what was said of a file that is not audited now, but what hangs on the label."""
    last = file_brought_last(session.workspace(), state)
    return (
        None
        if last is None
        else replace(last, positive_class=None, threshold=0.5, earlier_scores=None)
    )


def _audit(state: AuditState, file: ModelFile, training: TrainingSpec) -> None:
    with st.spinner("Asking the model", show_time=True):
        _, roles = audit_brought_model(
            session.workspace(),
            other_tabs.as_shown(state),
            session.table(state),
            file.data,
            training,
        )
    other_tabs.saw(training=training, roles=roles)
    st.rerun()


def _spec(file: ModelFile, matching: Matching, wishes: Wishes, state: AuditState) -> ExternalSpec:
    label = brought.candidates(state).positive_label
    return external_spec(file.facts, file.name, matching, label, wishes)
