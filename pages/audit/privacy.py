"""Attack the model as someone would who wants to know about its people."""

import streamlit as st

from components.app import session, steps
from components.attacks import attack_view
from components.widgets.coverage_label import coverage_label

steps.heading("privacy")
progress = session.require_training("privacy", "no model was trained that could be attacked")
trained = session.require_model(progress)
dataset = session.dataset(progress)
place = f"{progress.id} attack {session.decisions_key(progress)}"
coverage_label("attacks", progress)

st.subheader("Was this person's row used?")
st.markdown(
    "**Membership inference**: from how sure the model is about a person, an attacker guesses "
    "whether their row was among those it was trained on."
)
found = attack_view.membership(progress, dataset, trained, place)
if found is not None:
    with st.expander("A stronger attack: shadow models"):
        attack_view.shadow_models(progress, dataset, trained, found, place)
    st.subheader("Whose privacy is worst")
    attack_view.groups(found, place)
    st.subheader("Claimed ε against the measured lower bound")
    attack_view.promise_section(progress, dataset, trained, found, place)

st.subheader("What does the model tell about a column?")
attack_view.attribute(progress, dataset, trained, place)
st.subheader("Who can be singled out of the table?")
attack_view.singling_out(progress, dataset, place)
steps.next_step("privacy", progress)
