"""See what it costs when noise is added before a record leaves the person."""

import streamlit as st

from components.app import audit_head, session, steps
from components.app.progress import growing
from components.app.shown_results import mark_shown
from components.local_noise.local_form import local_form
from components.local_noise.local_view import column_preview, comparison
from components.widgets.charts import show
from core.audit_state.results.simulation_results import load_or_simulate, load_points
from core.tradeoff.price.noise_at_source import LABEL, LocalPoint, noisy_records, tasks

audit_head.heading("local_noise")
state = session.require_trainable("local_noise", "nothing is trained")
dataset = session.dataset(state)
st.markdown(
    "**Local differential privacy** needs no one who may see the true records: each person's "
    "device adds noise before anything leaves it. Any two records are then nearly "
    "indistinguishable to whoever collects them, by a factor of at most e^ε. **Noise in training** "
    "trusts the collector with the true records and hides one row among all. The same ε buys far "
    "more accuracy there; here you see how much more."
)
st.info(LABEL, icon=":material/science:")
domains = state.domains or (state.sample.domains if state.sample else None)
if domains is None:
    st.info("A device needs public bounds and categories to draw its noise: declare them first.")
    steps.link("budget", "Declare bounds and categories", state.id)
    st.stop()
spec = local_form(state, dataset, domains)
st.header("Models from noisy records")
kept = load_points(session.workspace(), state, dataset, spec)
todo = len(tasks(spec)) - len(kept)
controls, results = st.container(), st.empty()


def draw(points: list[LocalPoint], drawing: int) -> None:
    """Draw what there is so far."""
    mark_shown(state)
    with results.container():
        for figure in ("roc_auc", "accuracy"):
            show(comparison(points, spec.plan.epsilon, figure), f"local {figure} {drawing}")
        for reason in dict.fromkeys(point.reason for point in points if point.reason):
            st.caption(session.literal(f"A model is missing or undefined: {reason}"))


if todo:
    with controls:
        st.caption(
            f"{len(tasks(spec))} models: without noise, with noise in training (central) and with "
            f"local noise, with each seed. Trained already: {len(kept)}."
        )
        if st.button(f"Train {todo} models", type="primary", key="start local"):
            work = load_or_simulate(session.workspace(), state, dataset, spec)
            growing(work, "Training", draw, "Stop", len(kept) / len(tasks(spec)))
            st.rerun()
if kept:
    draw(kept, 0)
    replaced = noisy_records(dataset, spec, 0).repairs
    if replaced:
        told = "; ".join(f"{r.column}: {r.count:,} {r.what}" for r in replaced)
        st.caption(session.literal(f"Replaced before sending, with the first seed: {told}."))
st.header("One column, sent and estimated")
column_preview(dataset, spec, state.id)
steps.next_step("local_noise", state)
