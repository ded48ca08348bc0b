"""The page of trade-offs: what a sweep is, the panel that starts one, and the one it opens with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from components.app import results, session, steps
from components.app.shown_results import mark_shown
from components.tradeoffs import pareto_view, sweep_run, sweep_start
from components.tradeoffs.sweep_basis import basis_form, nothing_trained, swept_rows
from components.tradeoffs.sweep_form import sweep_form
from core.audit_state.sweep_plan import SweepPlan
from core.errors import InputError
from core.governance.stored_sweeps import last_plan
from core.governance.sweep_damage import sweep_damage
from core.learning.given_score import scale_of
from core.tradeoff.sweep.precomputed import precomputed_sweep
from core.tradeoff.sweep.sweep import SweepState

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset


def introduction(state: AuditState, dataset: Dataset) -> None:
    """Say what a sweep does here; end the page where there is nothing that could be swept."""
    if state.training is not None and state.training.external is not None:
        st.markdown(
            "Accuracy and fairness pull at each other. This audit’s model was made elsewhere, so a "
            "*sweep* trains nothing: it tries many ways to decide by its score – thresholds of "
            "each group, and how far they go – so that you see what each costs before you choose."
        )
        return
    if not dataset.roles.audits_existing_predictions:
        st.markdown(
            "Accuracy, fairness and privacy pull at each other. A *sweep* trains models under "
            "many settings – kinds of model, privacy budgets **ε**, mitigations and their "
            "strengths – so that you see what each costs before you choose. The smaller ε, the "
            "less any one row can change the model, and the more noise there is."
        )
        return
    try:
        scale_of(dataset)
    except InputError as error:
        st.info(session.literal(f"These decisions can't be traded off, because {error.problem}."))
        if error.remedy:
            st.caption(session.literal(f"{error.remedy}."))
        steps.link("roles", "Change the roles", state.id)
        steps.next_step("tradeoffs", state)
        st.stop()
    st.markdown(
        "Accuracy and fairness pull at each other. This audit looks at a score that exists "
        "already, so a *sweep* trains nothing: it tries many ways to decide by that score – "
        "thresholds of each group, and how far they go – so that you see what each costs before "
        "you choose. What the score gives away of the people it was made from isn't known here."
    )


def damage_note(state: AuditState, dataset: Dataset) -> None:
    """Say what is damaged, if anything is."""
    workspace = session.workspace()
    plan, points = last_plan(workspace, state, dataset), results.sweep_points(state)
    for sentence in sweep_damage(workspace, state, dataset, plan, points):
        st.warning(session.literal(sentence))


def panel(state: AuditState, dataset: Dataset, shown: SweepPlan | None) -> None:
    """Show the form: rows, settings, what they come to, and the start.

    Parameters
    ----------
    state : AuditState
    dataset : Dataset
        Of the audit.
    shown : SweepPlan or None
        The sweep that is on the page.

    Raises
    ------
    InputError
        Naming what does not fit.
    """
    before = last_plan(session.workspace(), state, dataset)
    basis = basis_form(state, len(dataset), before.basis if before else None)
    if not nothing_trained(state):
        st.info(session.literal(basis.label), icon=":material/science:")
    rows, _ = swept_rows(state, dataset, basis, "form")
    like = before.grid if before and before.basis == basis else None
    external = state.training.external if state.training else None
    grid = sweep_form(f"{state.id} {basis.kind} {basis.sample}", rows, like, external)
    sweep_start.start(state, dataset, SweepPlan(grid, basis), shown)


@dataclass(frozen=True)
class Shown:
    """A sweep that is shown.

    Attributes
    ----------
    plan : SweepPlan
    state : SweepState
    label : str
        What must be known of every picture of it.
    shipped : bool
        Whether it comes with the sample.
    """

    plan: SweepPlan
    state: SweepState
    label: str
    shipped: bool


def shown_sweep(state: AuditState, dataset: Dataset) -> Shown | None:
    """Return the last sweep that has a point, else the shipped one, else None."""
    kept = sweep_run.kept_plan(state, dataset)
    if kept is not None:
        plan, sweep_state = kept
        return Shown(plan, sweep_state, plan.label, False)
    ready = precomputed_sweep(state.sample.name, dataset) if state.sample else None
    if ready is None:
        return None
    sweep_state = SweepState(ready.points, len(ready.points))
    return Shown(SweepPlan(ready.grid, ready.basis), sweep_state, ready.label, True)


def head(state: AuditState, dataset: Dataset, shown: Shown) -> None:
    """Say what is shown, and offer the rest of a sweep that was stopped."""
    icon = ":material/inventory_2:" if shown.shipped else ":material/science:"
    st.info(session.literal(shown.label), icon=icon)
    if not shown.shipped:
        with session.errors_shown():
            sweep_start.go_on(state, dataset, shown.plan)


def show_pareto(state: AuditState, dataset: Dataset, shown: Shown) -> None:
    """Show what was found."""
    mark_shown(state)
    pareto_view.show(state, dataset, shown.plan, shown.state, shown.label)
