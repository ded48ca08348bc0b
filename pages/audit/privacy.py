"""Attack the model as someone would who wants to know about its people."""

import streamlit as st

from components.app import audit_head, session, steps
from components.app.shown_results import mark_shown
from components.attacks import attack_view
from components.widgets.coverage_label import coverage_label
from core.learning.learners import LEARNERS
from core.training.external_split import trained_on_is_known

audit_head.heading("privacy")
state = session.require_training("privacy", "no model was trained that could be attacked")
trained = session.require_model(state)
dataset = session.dataset(state)
key_prefix = f"{state.id} attack {session.decisions_key(state)}"
coverage_label("attacks", state, shown=False)

st.header("Membership inference: was this person's row used?")
st.markdown(
    "From how sure the model is about a person, an attacker guesses "
    "whether their row was among those it was trained on."
)
known = trained_on_is_known(trained.spec)
if not known:
    st.info(
        "Which rows trained this model is not known, so there are no members to look for. Bring it "
        "again with a table that holds its training rows too, and name the column that marks them."
    )
    steps.link("train", "Name the rows that trained it", state.id)
found = attack_view.membership(state, dataset, trained, key_prefix) if known else None
if found is not None:
    mark_shown(state)
    with st.expander("A stronger attack: shadow models"):
        if LEARNERS[trained.spec.learner].external:
            st.caption(
                "It trains the same model again many times. This one was made elsewhere, and how "
                "is not known, so it can’t be."
            )
        else:
            attack_view.shadow_models(state, dataset, trained, found, key_prefix)
    st.header("Whose privacy is worst")
    attack_view.groups(found, key_prefix)
    st.header("Claimed ε against the measured lower bound")
    attack_view.guarantee_section(state, dataset, trained, found, key_prefix)

st.header("Attribute inference: what does the model tell about a column?")
if known:
    attack_view.attribute(state, dataset, trained, key_prefix)
else:
    st.caption(
        "What a model tells of its own members is compared with what it tells of others. Here "
        "nobody knows who is a member."
    )
st.header("Singling out: who can be found in the table?")
attack_view.singling_out(state, dataset, key_prefix)
steps.next_step("privacy", state)
