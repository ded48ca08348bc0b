"""Measure how anonymous the table is, transform it, and see what that costs."""

from functools import partial

import streamlit as st

from components.anonymise import anonymise_cost as cost
from components.anonymise import anonymise_form as form
from components.anonymise import anonymise_view as view
from components.app import audit_head, results, session, steps
from components.app.progress import follow
from components.widgets import charts
from components.widgets.coverage_label import coverage_label
from components.widgets.pickers import pick_registered
from core.anonymity.attack import composition, disclosure, second_release
from core.anonymity.methods import ANONYMISERS
from core.anonymity.price import price
from core.anonymity.release import anonymise
from core.errors import InputError
from core.learning.learners import LEARNERS
from core.storage.canonical import key as key_of

audit_head.heading("anonymise")
state = session.require()
table = session.table(state)
columns = form.columns_form(state, table)
if columns is None:
    st.stop()
quasi, sensitive = columns
st.header("How anonymous is it now?")
coverage_label("anonymity", state)
fraction = form.population_form(state)
view.risks(results.anonymity(state, quasi, sensitive, fraction))

st.header("Transform")
choices, running = st.container(), st.empty()
try:
    with choices:
        spec, secret = form.method_form(state, table, quasi, sensitive)
    asked = key_of(session.dataset(state).fingerprint, (spec, secret))
    key_prefix = f"{state.id} anonymise {asked}"
    with running.container():
        released = follow(anonymise(table.frame, spec, secret), "Anonymising", key_prefix)
except InputError as error:
    running.empty()
    session.shown_error(error)
    st.stop()
if released is None:
    st.stop()
session.keep_only("anonymise", key_prefix)
st.header("Before and after")
view.before_and_after(released)
charts.show(view.loss_chart(released), f"{key_prefix} loss")
with st.expander("What was left out or changed"):
    view.repairs(released)

st.header("What it costs a model")
if session.roles_of(state).audits_existing_predictions:
    st.caption("This audit looks at existing predictions, so there is no model to train again.")
else:
    learners = [item.name for item in LEARNERS if not item.private]
    learner = pick_registered("Model", LEARNERS, learners, f"{state.id} anonymise learner")
    ask = f"{key_prefix} price {learner}"
    if st.button("Train before and after") or session.remembered(f"asked {ask}", False):
        session.remember(f"asked {ask}", True)
        priced = follow(price(session.dataset(state), released, learner), "Training twice", ask)
        if priced is not None:
            cost.price_view(priced)

st.header("Take it with you")
data, recipe_file, untouched, neutralised = session.once(
    f"files {key_prefix}", partial(cost.files, released, table.frame, table.provenance, secret)
)
left, right = st.columns(2)
left.download_button("Anonymised table (CSV)", data, "anonymised.csv", "text/csv")
right.download_button("Recipe (JSON)", recipe_file, "anonymisation_recipe.json", "application/json")
cost.cautions(untouched, neutralised)

st.header("k-anonymity is not differential privacy")
st.markdown(cost.NOT_A_GUARANTEE)
if sensitive is None:
    st.info("Choose a sensitive value to see what the release gives away.")
elif ANONYMISERS[spec.method].uses_k:
    cost.disclosure_view(disclosure(table.frame, released, sensitive), sensitive, spec.k)
    ask = f"{key_prefix} attack"
    if st.button("Attack with a second release") or session.remembered(f"asked {ask}", False):
        session.remember(f"asked {ask}", True)
        other = follow(second_release(table.frame, released), "Making a second release", ask)
        if other is not None:
            found = session.once(
                f"found {ask}", partial(composition, table.frame, released, other, sensitive)
            )
            averaged = spec.method == "microaggregation"
            cost.composition_view(found, sensitive, spec.k, averaged=averaged)
steps.next_step("anonymise", state)
