"""What the page of trade-offs opens with: the audit's last sweep, or the one that is shipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.tradeoffs import pareto_view, sweep_run, sweep_start
from core.audit_state.sweep_plan import SweepPlan
from core.tradeoff.sweep.precomputed import precomputed_sweep
from core.tradeoff.sweep.sweep import SweepState

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset


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
    pareto_view.show(state, dataset, shown.plan, shown.state, shown.label)
