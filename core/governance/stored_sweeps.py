"""Sweeps of an audit, kept on disk point by point: a stopped one goes on where it was.

All points of an audit are in one file, ``audits/<id>/points.jsonl``; what the last sweep was is a
result of its own, so that a page and the report know it.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.audit_state import audit_ledger
from core.audit_state import state as audits
from core.audit_state.state import AuditState
from core.audit_state.sweep_plan import SweepPlan
from core.data.dataset import Dataset
from core.errors import InputError
from core.governance.declared_public import check_public
from core.governance.operating_point import chosen, is_audited
from core.governance.superseded_choices import chosen_for_others
from core.learning.learners import LEARNERS
from core.privacy.accounting.charge import Charge
from core.privacy.accounting.ledger import Ledger
from core.privacy.accounting.payment import is_paid
from core.storage.canonical import key
from core.storage.json_format import fields_json
from core.storage.record_store import RecordKind, RecordStore
from core.storage.workspace import Workspace
from core.tradeoff.frontier.chosen import setting_label
from core.tradeoff.frontier.frontier_json import frontier_json
from core.tradeoff.sweep.basis import Basis, rows_of
from core.tradeoff.sweep.executors import Executor, Here
from core.tradeoff.sweep.grid import Grid, LeftOut
from core.tradeoff.sweep.grid_json import sweep_json
from core.tradeoff.sweep.point import SweepPoint
from core.tradeoff.sweep.point_store import PointStore, opened_store, point_key
from core.tradeoff.sweep.precomputed import precomputed_sweep
from core.tradeoff.sweep.runs import runs, training_spec
from core.tradeoff.sweep.sweep import SweepState, state_of, sweep
from core.training.paid_bounds import charges_due
from core.training.private_fit import plan_of

PLAN = RecordKind("last sweep", SweepPlan, what="the last sweep of this audit")


def store_of(workspace: Workspace, state: AuditState) -> PointStore:
    """Open the points of an audit, reading all that are there."""
    return opened_store(workspace.path_in(state.id, "points.jsonl"))


def run_stored_sweep(
    workspace: Workspace,
    state: AuditState,
    dataset: Dataset,
    plan: SweepPlan,
    executor: Executor | None = None,
    *,
    store: PointStore | None = None,
) -> Generator[SweepState]:
    """Sweep, taking finished points from disk and keeping each new one there at once.

    Parameters
    ----------
    workspace : Workspace
    state : AuditState
    dataset : Dataset
        Of the audit.
    plan : SweepPlan
    executor : Executor, optional
        Where it runs; in this process if not given. What spends always runs in this process, since
        one ledger is charged run by run.
    store : PointStore, optional
        The audit's, if it was opened already.

    Raises
    ------
    InputError
        If the plan doesn't fit the data, or spends more than is left of the budget: then nothing
        has run.
    """
    store = store or store_of(workspace, state)
    rows, grid = swept(dataset, plan, state)
    check_public(workspace, state, plan.basis)
    if plan.basis.kind == "own" and audit_ledger.cap_of(workspace, state) is not None:
        # Set in another audit perhaps, or on the command line: a budget belongs to the data set.
        raise InputError(
            "a privacy budget protects these rows, and a simulation on them would tell of them at "
            "no cost",
            where="sweep",
            remedy="Choose a public sample, synthetic rows, or pay from the budget",
        )
    if plan.basis.spends:
        ledger = audit_ledger.ledger(workspace, state)
        if ledger is None:
            raise InputError(
                "this audit has no privacy budget to pay from",
                where="sweep",
                remedy="Set one on the budget page, or run a simulation",
            )
        _check_guarantee(state)
        audits.check_current(
            workspace,
            state,
            ("options", "kinds", "roles", "guarantee", "domains"),
            "nothing was charged",
        )
        check_cost(cost_to(ledger, rows, grid, store))
        executor = Here(ledger)
    known = False
    for sweep_state in sweep(rows, grid, store, executor or Here(), fresh=plan.basis.spends):
        if not known:
            # Only now: a sweep that is refused must not take the place of the one before.
            remember_plan(workspace, state, dataset, plan)
            known = True
        yield sweep_state


def swept(dataset: Dataset, plan: SweepPlan, state: AuditState) -> tuple[Dataset, Grid]:
    """Return the rows a plan runs on, and its grid with the domains of those rows."""
    rows, domains = rows_of(plan.basis, dataset, state.domains)
    return rows, replace(plan.grid, domains=domains)


def stored_state(
    workspace: Workspace,
    state: AuditState,
    dataset: Dataset,
    plan: SweepPlan,
    *,
    store: PointStore | None = None,
) -> SweepState:
    """Return what is on disk of a sweep; nothing is trained.

    Raises
    ------
    InputError
        If the plan is not one that can be swept.
    """
    rows, grid = swept(dataset, plan, state)
    return state_of(rows, grid, store or store_of(workspace, state), fresh=plan.basis.spends)


@dataclass(frozen=True)
class SweepCost:
    """What a sweep that spends would still cost.

    Attributes
    ----------
    runs : int
        Private models that aren't trained yet.
    epsilon, delta : float
        Charged and to be charged together, by the rule that keeps the cap.
    fits : bool
        Whether the cap covers it.
    """

    runs: int
    epsilon: float
    delta: float
    fits: bool


def cost_of_sweep(
    rows: Dataset, grid: Grid, store: PointStore, workspace: Workspace, state: AuditState
) -> SweepCost:
    """Add up what the runs that aren't done yet would be charged; nothing is charged.

    Raises
    ------
    InputError
        If the audit has no budget.
    """
    ledger = audit_ledger.ledger(workspace, state)
    if ledger is None:
        raise InputError("this audit has no privacy budget", where="sweep")
    _check_guarantee(state)
    return cost_to(ledger, rows, grid, store)


def cost_to(ledger: Ledger, rows: Dataset, grid: Grid, store: PointStore) -> SweepCost:
    """Add up what a ledger would be charged by the runs that aren't done yet."""
    todo, _ = runs(rows, grid, fresh=True)
    count = 0
    new: list[Charge] = []
    for run in todo:
        learner = LEARNERS[run.setting.learner]
        if not learner.private or store.get(point_key(rows.fingerprint, grid, run)) is not None:
            continue
        spec = training_spec(grid, run)
        if is_paid(ledger, plan_of(rows, spec, run.repeat)):
            continue  # of a sweep that died: it is finished at the charge that stands
        due = charges_due(rows, spec, ledger, run.repeat)
        count += bool(due)
        new += due
    together = (*ledger.charges, *new)
    spent = ledger.budget.spent(together)
    return SweepCost(count, spent.epsilon, spent.delta, ledger.budget.covers(together))


def check_cost(cost: SweepCost) -> None:
    """Refuse a sweep that would overspend, before any of it runs.

    Raises
    ------
    InputError
        Saying what it would come to.
    """
    if not cost.fits:
        raise InputError(
            f"{cost.runs} private models would bring what is spent to ε = {cost.epsilon:g}, "
            f"δ = {cost.delta:g}, more than the cap",
            where="sweep",
            remedy="Nothing was charged. Choose fewer values of ε or seeds, or a public sample",
        )


def _check_guarantee(state: AuditState) -> None:
    if state.generalised is not None:
        raise InputError(
            "features of this audit were generalised by looking at all rows without noise, so the "
            "guarantee of private models would not hold",
            where="sweep",
            remedy="Pay from the budget in the audit that this one was begun from, or run a "
            "simulation",
        )


def remember_plan(
    workspace: Workspace, state: AuditState, dataset: Dataset, plan: SweepPlan
) -> None:
    """Keep what the last sweep of an audit is."""
    RecordStore(workspace, state.id).keep(PLAN, last_sweep_key(dataset), plan)


def last_plan(workspace: Workspace, state: AuditState, dataset: Dataset) -> SweepPlan | None:
    """Return the last sweep of this data that was begun; None if there is none of this version."""
    try:
        return RecordStore(workspace, state.id).load(PLAN, last_sweep_key(dataset))
    except InputError:
        return None


def load_sweep(workspace: Workspace, state: AuditState, dataset: Dataset) -> dict[str, Any] | None:
    """Return what stands in the report: the last sweep of this data and what was chosen, if any.

    What was chosen for other roles is told too.
    """
    record = _last_sweep_json(workspace, state, dataset) or {}
    point = chosen(workspace, state, dataset)
    if point is not None:
        # Without a sweep of its own it was chosen from the one that is shipped.
        record = record or _shipped(state, dataset)
        record["chosen"] = fields_json(point) | {
            "words": setting_label(point.setting),
            "audited": None if state.training is None else is_audited(point, state),
        }
    others = chosen_for_others(workspace, state, dataset)
    if others:
        record["chosen_for_other_roles"] = [item.to_json() for item in others]
    return record or None


def _shipped(state: AuditState, dataset: Dataset) -> dict[str, Any]:
    found = precomputed_sweep(state.file, dataset) if state.sample is not None else None
    if found is None:
        return {}
    return _sweep_json(found.points, found.grid, found.basis, found.label, (), dataset)


def _sweep_json(
    points: Sequence[SweepPoint],
    grid: Grid,
    basis: Basis,
    label: str,
    left_out: Sequence[LeftOut],
    rows: Dataset,
) -> dict[str, Any]:
    return (
        sweep_json(grid, basis, points)
        | {"label": label}
        | {
            "frontier": frontier_json(
                points,
                grid,
                label,
                left_out=left_out,
                positive_is_favourable=rows.roles.positive_is_favourable,
                called=rows.decision_labels,
            )
        }
    )


def _last_sweep_json(
    workspace: Workspace, state: AuditState, dataset: Dataset
) -> dict[str, Any] | None:
    plan = last_plan(workspace, state, dataset)
    if plan is None:
        return None
    try:
        rows, grid = swept(dataset, plan, state)
        store = store_of(workspace, state)
        sweep_state = state_of(rows, grid, store, fresh=plan.basis.spends)
    except InputError:
        # Roles have changed since, and the plan no longer fits them.
        return None
    if not sweep_state.points:
        return None
    return _sweep_json(sweep_state.points, grid, plan.basis, plan.label, sweep_state.left_out, rows)


def last_sweep_key(dataset: Dataset) -> str:
    """Key of what the last sweep of this data is."""
    return key(dataset.fingerprint, "last sweep, a grid")
