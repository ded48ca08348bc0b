"""What the page of trade-offs shows on opening: the audit's last sweep, or a shipped one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components import landscape_view, session, sweep_run, sweep_start
from core.governance.kept_sweeps import SweepPlan
from core.tradeoff.ready import ready_sweep
from core.tradeoff.sweep import SweepState

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.governance.progress import Progress


def shown(progress: Progress, dataset: Dataset) -> SweepPlan | None:
    """Show the last sweep that has a point, else the one shipped with the sample.

    Returns
    -------
    SweepPlan or None
        The audit's own that is shown, or the shipped one; None where there is neither.
    """
    kept = sweep_run.kept_plan(progress, dataset)
    if kept is not None:
        plan, state = kept
        st.info(session.literal(plan.basis.label), icon=":material/science:")
        with session.errors_shown():
            sweep_start.go_on(progress, dataset, plan)
        landscape_view.show(progress, dataset, plan, state, plan.basis.label)
        return plan
    ready = ready_sweep(progress.sample.name, dataset) if progress.sample else None
    if ready is None:
        return None
    st.info(session.literal(ready.label), icon=":material/inventory_2:")
    plan = SweepPlan(ready.grid, ready.basis)
    state = SweepState(ready.points, len(ready.points))
    landscape_view.show(progress, dataset, plan, state, ready.label)
    return plan
