"""Edit one person's features, and see at once what the model makes of it."""

import streamlit as st

from components.app import asking, audit_head, results, session, steps
from components.explanation import what_if_charts, what_if_scenarios
from components.explanation.what_if_alike import alike_form
from components.explanation.what_if_asked import ask_about
from components.explanation.what_if_edits import SessionEdits
from components.explanation.what_if_form import edit_form, strongest_first
from components.explanation.what_if_view import show_answer
from components.widgets.charts import show
from components.widgets.coverage_label import coverage_label
from components.widgets.person_choice import person_choice
from core.explanation.person.individual_curve import individual_curve

audit_head.heading("what_if")
state = session.require_training("what_if", "no model was trained that could be asked")
trained = session.require_model(state)
dataset = session.dataset(state)
coverage_label("what_if", state)
# The same person as on the page for one person.
position = person_choice(dataset, trained, f"{state.id} person {session.decisions_key(state)}")
held = SessionEdits(
    results.person_editor(state), position, f"{state.id} what if {session.decisions_key(state)}"
)


@st.fragment
def edited() -> None:
    """Answer an edit without running the rest of the page again."""
    with session.errors_shown():
        row = dataset.rows[trained.split.test[position]]
        st.header(f"Row {row}")
        if asking.is_asked(state) and not ask_about(held, state, edited=False):
            return
        answer, form = st.columns([2, 3], gap="large")
        with form:
            edit_form(held)
        with answer:
            if asking.is_asked(state) and held.edits and not ask_about(held, state, edited=True):
                return
            show_answer(held)
            what_if_scenarios.save_form(held, state)
            alike_form(held)
        draw()
        what_if_scenarios.list_saved(held, state)


def draw() -> None:
    """Draw the curve of one feature, and what each adds to the score."""
    edits, editor = held.edits, held.editor
    names = [domain.feature for domain in strongest_first(held)]
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("### One feature’s curve")
        feature = st.selectbox(
            "Feature", names, index=names.index(edits[-1].feature) if edits else 0,
            format_func=str, **session.lasting(f"{held.widgets}: curve"),
        )  # fmt: skip
        if asking.is_asked(state) and not ask_about(held, state, edited=True, curve=feature):
            return
        curve = individual_curve(editor, position, edits, feature)
        chart = what_if_charts.individual_curve_chart(curve, dataset.decision_labels)
        show(chart, f"{held.widgets}: curve chart {feature}")
    with right:
        st.markdown("### What each feature adds")
        with st.spinner("Computing Shapley values"):
            before, after = editor.reasons(position, ()), editor.reasons(position, edits)
        show(
            what_if_charts.reasons_chart(before, after, edited=bool(edits)),
            f"{held.widgets}: reasons chart",
        )


edited()
steps.next_step("what_if", state)
