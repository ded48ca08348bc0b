"""A sweep on a page: what is there of it, what it would do, and the run itself.

A run is asked for by a click and begins with the next run of the page, which then shows nothing
else. Asking is forgotten when it begins: a click on Stop, or on anything else, ends it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components.app import results, session
from components.app.progress import growing
from components.app.shown_results import mark_shown
from components.tradeoffs import pareto_view
from components.tradeoffs.sweep_basis import swept_rows
from core.audit_state.sweep_plan import SweepPlan
from core.errors import InputError
from core.governance.stored_sweeps import last_plan, run_stored_sweep
from core.storage.canonical import key
from core.tradeoff.sweep.executors import Executor, Here
from core.tradeoff.sweep.sweep import SweepState, state_of

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset


def ask_to_run(state: AuditState, plan: SweepPlan, executor: Executor) -> None:
    """Ask for a sweep, which the next run of the page does."""
    session.remember(_asked(state), (plan, executor))


def asked_to_run(state: AuditState) -> tuple[SweepPlan, Executor] | None:
    """Return the sweep that was asked for, once."""
    asked: tuple[SweepPlan, Executor] | None = session.remembered(_asked(state), None)
    session.remember(_asked(state), None)
    return asked


def kept_plan(state: AuditState, dataset: Dataset) -> tuple[SweepPlan, SweepState] | None:
    """Return the last sweep of an audit and what is on disk of it; None without a point."""
    plan = last_plan(session.workspace(), state, dataset)
    if plan is None:
        return None
    store = results.sweep_points(state)
    cache_key = key(
        dataset.fingerprint, ["kept sweep", plan.grid, plan.basis, state.domains, len(store)]
    )
    session.keep_only(f"kept sweep {state.id}", cache_key)

    def sweep_state() -> SweepState:
        rows, domains = swept_rows(state, dataset, plan.basis, "kept")
        grid = replace(plan.grid, domains=domains)
        return state_of(rows, grid, store, fresh=plan.basis.spends)

    try:
        found: SweepState = session.once(f"state {cache_key}", sweep_state)
    except InputError:
        # Roles have changed since, and the plan no longer fits them.
        return None
    return (plan, found) if found.points else None


def run(state: AuditState, dataset: Dataset, plan: SweepPlan, executor: Executor) -> bool:
    """Do a sweep, drawing what there is as it grows; whether it came to its end.

    A failure is shown, and what was finished by then is kept.
    """
    st.info(session.literal(plan.label), icon=":material/science:")
    controls, slot = st.container(), st.empty()

    def draw(sweep_state: SweepState, number: int) -> None:
        if sweep_state.points:
            mark_shown(state)
            with slot.container():
                pareto_view.show_live(plan, sweep_state, plan.label, number)

    after = "What is done is kept on disk; “Go on” trains only the rest. " + (
        "The model in training when you stop is finished and kept too."
        if isinstance(executor, Here)
        else "Models in training when you stop are given up and trained again."
    )
    # Closed at once when the page is run afresh, so that processes don't work on unseen.
    with session.refusal_shown(), controls, closing(_work(state, dataset, plan, executor)) as work:
        growing(work, "Running the sweep", draw, "Stop the sweep", after=after)
        return True
    return False


def _work(
    state: AuditState, dataset: Dataset, plan: SweepPlan, executor: Executor
) -> Generator[tuple[float, SweepState]]:
    # A store of its own, since the shown one may be read by another run of the page meanwhile.
    with closing(run_stored_sweep(session.workspace(), state, dataset, plan, executor)) as work:
        for sweep_state in work:
            yield sweep_state.share, sweep_state


def _asked(state: AuditState) -> str:
    return f"sweep to run {state.id}"
