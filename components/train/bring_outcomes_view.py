"""Bring a model of amounts or of several classes: what it predicts, and where it is audited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import brought, other_tabs, session, steps
from components.train.deciding_form import pick_earlier, pick_trained_on
from components.train.matching_view import matching_view
from components.widgets.outcome_picker import (
    choose_prediction,
    columns_by_roles,
    fitting_columns,
    grouping_columns,
)
from components.widgets.pickers import pick_one
from core.audit_state.outcome_models import OutcomeModel, audit_outcome_model, outcome_models
from core.external_models.bring import Wishes, external_spec
from core.external_models.model_task import check_task
from core.external_models.predicted_outcomes import check_class_labels, true_labels

if TYPE_CHECKING:
    from components.train.model_file_view import ModelFile
    from core.audit_state.state import AuditState
    from core.data.roles.outcome_rows import OutcomeColumns
    from core.external_models.external_spec import AskedFor, ExternalSpec

ONE, ALL = "One class against the rest", "All its classes"
PAGES: dict[AskedFor, str] = {"multiclass": "multiclass", "regression": "regression"}


def pick_asked_for(state: AuditState, file: ModelFile, *, can_decide: bool) -> AskedFor:
    """Find what a model can be asked for; a person chooses where it tells several classes apart."""
    facts = file.facts
    if facts.task == "regression" or facts.output == "number":
        return "regression"
    if facts.classes is None or len(facts.classes) < 3:
        return "binary"
    if not can_decide:
        return "multiclass"
    before = _before(state, file)
    chosen = st.segmented_control(
        "What is audited?",
        (ONE, ALL),
        default=ALL if before is not None else ONE,
        required=True,
        help="One class against the rest is a decision with two outcomes, with scores, thresholds "
        "and explanations. All its classes are compared on the Multiclass page.",
        **session.lasting(f"asked for {state.id} {facts.sha256}"),
    )
    return "multiclass" if chosen == ALL else "binary"


def bring_outcomes_view(state: AuditState, file: ModelFile, asked_for: AskedFor) -> None:
    """Let a person match a model of amounts or classes, and audit it on its page."""
    check_task(file.facts, file.name, asked_for)
    kept = _before(state, file)
    before = None if kept is None else kept.external
    columns = _columns(state, kept, asked_for)
    if columns is None:
        return
    draft = matching_view(state, file.facts, before, columns)
    labels = _class_labels(state, file, columns, before) if asked_for == "multiclass" else ()
    st.header("What is known of it?")
    features = brought.candidates(state, columns).features
    trained_on = pick_trained_on(state, features, before, help="Such rows do not judge the model.")
    earlier = pick_earlier(state, before, "amounts") if asked_for == "regression" else None
    spec = None
    if draft.is_settled and labels is not None:
        wishes = Wishes(
            {}, True, None, 0.5, file.accepted_types, file.accepted_by, trained_on, earlier,
            asked_for, labels,
        )  # fmt: skip
        spec = external_spec(file.facts, file.name, draft.matching, "", wishes)
        check_class_labels(spec, file.facts, true_labels(session.table(state), columns))
    else:
        st.caption("To audit the model, settle what is open above.")
    what = "amounts" if asked_for == "regression" else "classes"
    if st.button(f"Audit its {what}", type="primary", disabled=spec is None) and spec:
        _audit(state, file, OutcomeModel(spec, columns), asked_for)


def _audit(state: AuditState, file: ModelFile, model: OutcomeModel, asked_for: AskedFor) -> None:
    with st.spinner("Asking the model", show_time=True):
        table = session.table(state)
        seen = other_tabs.as_shown(state)
        audit_outcome_model(session.workspace(), seen, table, file.data, model)
    page = PAGES[asked_for]
    choose_prediction(f"{state.id} {page}", model)
    st.switch_page(steps.spec_of(page).file, query_params={"audit": state.id})


def _columns(
    state: AuditState, kept: OutcomeModel | None, asked_for: AskedFor
) -> OutcomeColumns | None:
    """Ask which column came true, and by whom people are compared where no role says it."""
    table, amounts = session.table(state), asked_for == "regression"
    what = "amounts" if amounts else "classes"
    fits = fitting_columns(table, amounts=amounts)
    target = state.roles.target if state.roles else None
    st.header("What came true?")
    truth = pick_one(
        f"Column of true {what}",
        f"true {what} {state.id}",
        fits,
        kept.columns.truth if kept else target if target in fits else None,
        help="What the model is to predict. It is no input of it.",
    )
    sensitive = state.roles.sensitive[:1] if state.roles else ()
    if not sensitive:
        groups = [name for name in grouping_columns(table) if name != truth]
        sensitive = tuple(
            st.multiselect(
                "Compare people by",
                groups,
                default=[n for n in (kept.columns.sensitive if kept else ()) if n in groups],
                **session.lasting(f"outcome groups {state.id}"),
            )
        )
    if truth is None or not sensitive:
        st.caption(
            f"Choose the column of true {what}"
            + ("." if sensitive else ", and at least one attribute to compare people by.")
        )
        return None
    return columns_by_roles(state.roles, truth, "", sensitive)


def _class_labels(
    state: AuditState, file: ModelFile, columns: OutcomeColumns, before: ExternalSpec | None
) -> tuple[tuple[str, str], ...] | None:
    """Ask which label each class stands for, where that isn't plain; None while one is open."""
    st.header("Which classes does it tell apart?")
    known, classes = true_labels(session.table(state), columns), file.facts.classes or ()
    if set(classes) & set(known) and (file.facts.named_classes or set(classes) <= set(known)):
        st.caption(session.literal(f"Its classes are labels of “{columns.truth}”."))
        return ()
    said = dict(before.class_labels) if before is not None else {}
    name = f"class labels {state.id} {file.facts.sha256} {columns.truth}"
    proposed = dict(zip(classes, known, strict=False)) if len(classes) == len(known) else {}
    st.markdown("Which label does each of its classes stand for?")
    if not file.facts.named_classes:
        st.caption(
            "Its file only numbers the classes, most often in the sorted order of the labels it "
            "was trained on."
        )
    told = ", ".join(f"{one} is {label}" for one, label in proposed.items())
    if proposed and st.button(session.literal(f"Take the sorted order: {told}")):
        session.remember(name, proposed)
    said = session.remembered(name, said)
    found = {
        one: pick_one(
            f"Class {one}", f"{name} {one} {said.get(one)}", known, said.get(one),
            placeholder="Choose a label",
        )
        for one in classes
    }  # fmt: skip
    if any(label is None for label in found.values()):
        return None
    return tuple((one, str(label)) for one, label in found.items())


def _before(state: AuditState, file: ModelFile) -> OutcomeModel | None:
    """Find how this file was brought before."""
    models = outcome_models(session.workspace(), state)
    return next((m for m in models if m.external.sha256 == file.facts.sha256), None)
