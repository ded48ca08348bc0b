"""See how far explanations of the model can be trusted."""

import streamlit as st

from components.app import audit_head, session, steps
from components.app.shown_results import mark_shown
from components.attacks.attack_view import run_by_button
from components.explanation import trust_view
from components.widgets.coverage_label import coverage_label
from core.audit_state.results import model_results as kept
from core.training.rows_told import comparison_rows, judging_part

audit_head.heading("trust")
state = session.require_training("trust", "no model was trained that could be explained")
trained = session.require_model(state)
dataset, workspace = session.dataset(state), session.workspace()
key_prefix = f"{state.id} trust {session.decisions_key(state)}"
coverage_label("explanations", state, shown=False)

found = kept.load_trust(workspace, state, trained)
if found is None:
    st.markdown(
        "An explanation can be precise and wrong. Here explanations are put to the test: does the "
        "score hang on what they name, do they stay the same, do they agree, and is the model "
        "honest with whoever asks? It takes about a minute, longer for slow models; it can be "
        "stopped, and what was measured by then is shown."
    )
    found = run_by_button(
        state,
        "Test the explanations",
        "Testing explanations",
        key_prefix,
        lambda place: kept.load_or_measure_trust(place, state, dataset, trained),
    )
if found is not None:
    mark_shown(state)
    st.header("Verdict")
    trust_view.verdicts(found)
    lime = f"{len(found.fits)} of them" if len(found.fits) else "none of them yet"
    part = judging_part(found.people, len(trained.split.test), trained.spec)
    st.caption(
        f"{part[0].upper()}{part[1:]} explained by SHAP "
        f"({found.background_rows} {comparison_rows(trained.spec)} to compare with), "
        f"{lime} by LIME; {found.explained - found.people} more "
        "were drawn for figures by group. Intervals allow for which people were drawn, not for "
        "which rows to compare with were."
    )
    st.header("Is the model honest with the explainer?")
    trust_view.off_distribution(found)
    st.header("Does the score hang on what is named?")
    trust_view.fidelity(found)
    st.header("Does it stay the same?")
    trust_view.stability(found)
    st.header("Do SHAP, LIME and permutation agree?")
    trust_view.agreement(found)
    st.header("How much is there to take in?")
    trust_view.complexity(found)
    st.header("Are explanations worse for some?")
    trust_view.groups(found, key_prefix)
steps.next_step("trust", state)
