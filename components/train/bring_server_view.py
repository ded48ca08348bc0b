"""Bring a model that a server answers for: how it decides, the calls for all rows, the audit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components.app import brought, other_tabs, session
from components.app.server_calls import PlannedCalls, agreed, making_calls
from components.train.deciding_form import deciding_form
from components.train.mitigation_form import brought_training
from components.train.model_file_view import ModelFile
from components.train.server_view import TriedServer, pick_server, try_server
from components.widgets.earlier_view import earlier_view
from core.audit_state.served_audit import audit_served_model
from core.audit_state.served_models import KeptServedModel, begin_served, is_served
from core.external_models.bring import external_spec
from core.external_models.matching import model_inputs
from core.external_models.model_task import check_task
from core.external_models.served.answers import read_answers

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.audit_state.state import AuditState
    from core.external_models.external_spec import ExternalSpec
    from core.training.spec import TrainingSpec


def bring_server_view(state: AuditState) -> DeltaGenerator | None:
    """Let a person bring a served model and audit it; return where to say what came of it."""
    before = state.training.external if state.training else None
    outcome = None
    with session.refusal_shown():
        connection = pick_server(state)
        tried = None if connection is None else try_server(state, connection, before)
        if tried is not None:
            outcome = _settle(state, tried, before)
    fit = brought.audited_fit(state) if is_served(before) else None
    if fit is not None and fit.earlier is not None:
        earlier_view(fit.earlier)
    return outcome


def _settle(state: AuditState, tried: TriedServer, before: ExternalSpec | None) -> DeltaGenerator:
    address = tried.connection.spec.address
    file = ModelFile(address, b"", tried.facts)
    check_task(file.facts, file.name)
    wishes = deciding_form(state, file, before)
    training = brought_training(state)
    outcome = st.container()
    if wishes is None:
        st.caption("To audit the model, say which of its classes is the positive one.")
        return outcome
    label = brought.candidates(state).positive_label
    spec = external_spec(tried.facts, address, tried.matching, label, wishes)
    model = _model(state, tried)
    given = model_inputs(spec.matching, model.facts, brought.candidates(state).features)
    rows, calls = model.rows.calls_needed(given)
    if rows and model.rows.count > len(tried.answers):
        st.caption(f"Answers for {model.rows.count:,} rows are kept from before.")
    needed = PlannedCalls(rows, calls, address, model.rows.has_earlier)
    if agreed(state, needed, "Audit this model"):
        _audit(state, model, replace(training, external=spec), needed)
    return outcome


def _model(state: AuditState, tried: TriedServer) -> KeptServedModel:
    """Return the model that is being brought, with the answers that it gave before."""
    scores, _ = read_answers(tried.answers, tried.positive, tried.connection.where)
    name = f"brought {state.id} {tried.facts.sha256} {tried.positive}"
    anew = f"{name} anew"

    def begin() -> tuple[KeptServedModel, bool, object]:
        model, changed = begin_served(
            session.workspace(), state, tried.connection, replace(tried.facts, sha256=""),
            tried.positive, tried.trial, scores, anew=session.remembered(anew, False),
        )  # fmt: skip
        return model, changed, tried.answers

    found = session.remembered(name, None)
    # Other rows were tried, or the same once more.
    if found is None or found[2] is not tried.answers:
        found = session.remember(name, begin())
    model: KeptServedModel = found[0]
    model.rows.batch = tried.connection.spec.batch
    if found[1]:
        st.warning(
            "The server’s answers differ from before, so it serves another model now: its earlier "
            "answers are not used, and it is asked for all rows.",
            icon=":material/sync_problem:",
        )
    elif model.rows.count > len(scores) and st.button(
        "Ask for all rows again", key=f"{name} begin anew", icon=":material/restart_alt:",
        help="Forgets the answers that are at hand; those of the audited model stay.",
    ):  # fmt: skip
        session.remember(anew, True)
        session.remember(name, begin())
        session.remember(anew, False)
        st.rerun()
    return model


def _audit(
    state: AuditState,
    model: KeptServedModel,
    training: TrainingSpec,
    needed: PlannedCalls,
) -> None:
    with making_calls(needed):
        trained, roles = audit_served_model(
            session.workspace(),
            other_tabs.as_shown(state),
            session.table(state),
            brought.candidates(state).features,
            model,
            training,
        )
    other_tabs.saw(training=trained.spec, roles=roles)
    st.rerun()
