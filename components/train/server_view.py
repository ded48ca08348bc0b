"""A model that a server answers for: its address, how it is asked, and the calls that this takes.

Nothing is asked while an address is typed: a press reaches the server, a second one asks for a few
rows, a third one, with the number of calls on it, for all.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.app import brought, session
from components.app.model_servers import check_askable
from components.app.server_calls import ask_few
from components.train.matching_view import matching_view
from core.audit_state.served_calls import allow_calls, calls_of
from core.audit_state.served_models import PATIENCE, draft_name, is_served
from core.errors import InputError
from core.external_models.matching import model_inputs
from core.external_models.model_facts import ModelFacts
from core.external_models.served.answers import read_answers
from core.external_models.served.connection import BATCH, Connection, ServedSpec, connect
from core.external_models.served.http_client import TOKEN
from core.external_models.served.served_model import TRIAL, facts_of, inputs_of

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.external_models.external_spec import ExternalSpec
    from core.external_models.matching import Matching
    from core.external_models.model_facts import ModelInput


@dataclass(frozen=True, eq=False)
class TriedServer:
    """A server that has answered for a few rows.

    Attributes
    ----------
    connection : Connection
    facts : ModelFacts
        By its answers.
    matching : Matching
    positive : str
        The positive label as the server calls it, where it answers with labels.
    trial : dict of str to ndarray
        What it was given.
    answers : list
        As they came.
    """

    connection: Connection
    facts: ModelFacts
    matching: Matching
    positive: str
    trial: dict[str, Any]
    answers: Any


def pick_server(state: AuditState) -> Connection | None:
    """Ask for an address, batch size and cap of calls; return the server once it was reached."""
    external = state.training.external if state.training else None
    before = external.name if external is not None and is_served(external) else ""
    key = f"server {state.id}"
    address = st.text_input(
        "Address of the server", before, key=f"{key} address",
        placeholder="http://host:port/v2/models/NAME",
        help="MLflow’s scoring server: http://host:port, with or without /invocations. A server "
        "of the Open Inference Protocol (KServe, Triton, MLServer): "
        "http://host:port/v2/models/NAME.",
    ).strip()  # fmt: skip
    left, right = st.columns(2)
    batch = left.number_input("Rows in each call", 1, 100_000, BATCH, key=f"{key} batch")
    made = _cap(state, right, key)
    has_token = bool(os.environ.get(TOKEN))
    st.caption(
        f"A token {'is' if has_token else 'is not'} set in this server’s environment ({TOKEN})"
        + ("; it is sent with each call, and shown to nobody." if has_token else ".")
        + f" Nothing is asked while you type. Calls made so far: {made:,}."
    )
    if st.button("Connect", disabled=not address, key=f"{key} connect"):
        session.remember(key, None)
        try:
            reached = check_askable(address)
            with st.spinner("Asking the server what its model takes"):
                spec = ServedSpec(reached, int(batch), patience=PATIENCE)
                session.remember(key, connect(spec))
        except InputError as error:
            session.shown_error(error)
    found: Connection | None = session.remembered(key, None)
    if found is None or found.spec.address != address.rstrip("/"):
        if before:
            st.caption(
                session.literal(
                    f"The audited model is the one at {before}, by what it answered then."
                )
            )
        return None
    return replace(found, spec=replace(found.spec, batch=int(batch)))


def _cap(state: AuditState, place: Any, key: str) -> int:
    """Let a person set how many calls the audit may make in all; return how many it made."""
    workspace = session.workspace()
    record = calls_of(workspace, state)
    most = place.number_input(
        "Calls that this audit may make in all", 1, 10_000_000, record.most, key=f"{key} most",
        help="Explanations ask for many rows. Each section says how many calls it takes before it "
        "makes them, and none are made beyond this number.",
    )  # fmt: skip
    if int(most) != record.most:
        record = allow_calls(workspace, state, int(most))
    return record.made


def try_server(
    state: AuditState, connection: Connection, before: ExternalSpec | None
) -> TriedServer | None:
    """Match the inputs of a server and ask it for a few rows; None until both are done."""
    told = connection.inputs is not None
    where = "MLflow’s server" if connection.spec.protocol == "mlflow" else "The server"
    st.markdown(f"**{session.literal(connection.title)}**")
    if not told:
        st.caption(f"{where} does not tell which inputs its model takes: choose the columns.")
    inputs = connection.inputs or _columns(state, before)
    if not inputs:
        st.info("Choose at least one column.")
        return None
    named = _named(connection, inputs, before)
    facts = ModelFacts(
        connection.spec.protocol, connection.title, "", "", named, 0, "binary", inputs, None,
        "probability", named_inputs=not _by_position(inputs),
    )  # fmt: skip
    draft = matching_view(state, facts, before)
    if not draft.is_settled:
        st.caption("Settle what is open above; then the server can be asked for a few rows.")
        return None
    given = model_inputs(draft.matching, facts, brought.candidates(state).features.head(TRIAL))
    name = f"trial {state.id} {draft_name(connection.spec.address, inputs)} {draft.matching!r}"
    if st.button(f"Ask for {TRIAL} rows", key=f"try {name}", type="primary"):
        session.remember(name, None)
        try:
            with st.spinner(f"Asking for {TRIAL} rows"):
                session.remember(name, ask_few(state, connection, inputs, given))
            st.rerun()
        except InputError as error:
            session.shown_error(error)
    answers = session.remembered(name, None)
    if answers is None:
        st.caption(
            "It is audited as it answered before. One call shows whether it still does, and lets "
            "you change how it decides."
            if before is not None and named == before.sha256
            else "One call, to see what it answers: probabilities, scores or labels."
        )
        return None
    positive = _positive(state, answers, named, connection)
    found = facts_of(connection, inputs, answers, positive)
    facts = replace(found, sha256=named, named_inputs=facts.named_inputs)
    _show_answers(facts, answers)
    return TriedServer(connection, facts, draft.matching, positive, given, answers)


def _columns(state: AuditState, before: ExternalSpec | None) -> tuple[ModelInput, ...]:
    candidates = brought.candidates(state)
    names = list(candidates.names)
    chosen = names
    if before is not None and is_served(before):
        asked = [match.input for match in before.matching.inputs]
        chosen = [name for name in names if name in asked]
    picked = st.multiselect(
        "Columns that the model is given", names, chosen, key=f"served columns {state.id}",
        format_func=str,
    )  # fmt: skip
    constants = {
        name: candidates.constants[name] for name in picked if name in candidates.constants
    }
    found = inputs_of(candidates.features, {name: name for name in picked}) if picked else ()
    return tuple(
        replace(item, kind="category", dtype="string")
        if _is_text(constants.get(item.name))
        else item
        for item in found
    )


def _is_text(value: str | None) -> bool:
    """Whether a constant is no number."""
    if value is None:
        return False
    try:
        float(value)
    except ValueError:
        return True
    return False


def _named(
    connection: Connection, inputs: tuple[ModelInput, ...], before: ExternalSpec | None
) -> str:
    """Name a model by its address and inputs until its scores do, or as it is audited."""
    if before is not None and before.name == connection.spec.address:
        names = [match.input for match in before.matching.inputs]
        if names == [item.name for item in inputs]:
            return before.sha256
    return draft_name(connection.spec.address, inputs)


def _by_position(inputs: tuple[ModelInput, ...]) -> bool:
    return all(item.name == f"input {k + 1}" for k, item in enumerate(inputs))


def _positive(state: AuditState, answers: Any, named: str, connection: Connection) -> str:
    """Ask by which label a server calls the positive one, where it answers with labels."""
    label = brought.candidates(state).positive_label
    _, output = read_answers(answers, label, connection.where)
    if output != "label":
        return label
    from core.data.labels import canonical

    seen = sorted({canonical(item) for item in answers})
    options = seen if label in seen else [*seen, label]
    found: str | None = st.selectbox(
        f"Label of the server that is the positive one, “{label}”", options,
        options.index(label), key=f"served label {state.id} {named}", accept_new_options=True,
        help="The labels that it gave for these rows; type another if yours is not listed.",
    )  # fmt: skip
    return found or label


def _show_answers(facts: ModelFacts, answers: Any) -> None:
    told = {
        "probability": "probabilities of its classes" if facts.classes else "one score for a row",
        "label": "labels alone",
    }[facts.output]
    shown = "; ".join(_written(item) for item in answers[:3])
    st.caption(session.literal(f"It answers with {told}, such as {shown[:200]}."))


def _written(answer: Any) -> str:
    if isinstance(answer, list):
        return ", ".join(map(_written, answer))
    return f"{answer:.4g}" if isinstance(answer, float) else str(answer)
