"""Compare models: over folds, on the same people, and while in use."""

import streamlit as st

from components.app import audit_head, session, steps
from components.compare.compare_folds_view import folds_part
from components.compare.compare_people_view import people_part
from components.compare.compare_stream_view import stream_part
from components.widgets.coverage_label import coverage_label

FOLDS, PEOPLE, USE = "Cross-validation", "On the same people", "In use"

audit_head.heading("compare")
state = session.require()
dataset = session.dataset(state)
existing = session.roles_of(state).audits_existing_predictions
if existing:
    st.info(
        "This audit looks at existing predictions, so there is no model to train again; two models "
        "in use can be compared as outcomes come in."
    )
external = state.training is not None and state.training.external is not None
if external:
    st.caption(
        "The audited model was made elsewhere, so it can’t be trained again over folds. It is "
        "compared with other models, brought or trained here, on the same people."
    )
parts = [USE] if existing else [PEOPLE, USE] if external else [FOLDS, PEOPLE, USE]
part = st.segmented_control(
    "How", parts, default=parts[0], required=True,
    **session.lasting(f"{state.id} {'brought ' if external else ''}compare"),
    help="Before one is chosen: over folds of the data. Of two that are trained: on the same test "
    "people. Of two that decide already: as outcomes come in.",
)  # fmt: skip
with session.errors_shown():
    if part == FOLDS:
        folds_part(state, dataset)
    elif part == PEOPLE:
        people_part(state, dataset)
    else:
        stream_part(state)
if part != USE:
    coverage_label("performance", state, shown=False)
steps.next_step("compare", state)
