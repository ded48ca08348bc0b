"""What of an audit's last sweep can't be read, in sentences."""

from __future__ import annotations

from core.audit_state.state import AuditState
from core.audit_state.sweep_plan import SweepPlan
from core.data.dataset import Dataset
from core.errors import InputError
from core.governance.stored_sweeps import last_sweep_key
from core.storage.workspace import Workspace
from core.tradeoff.sweep.point_store import PointStore


def sweep_damage(
    workspace: Workspace,
    state: AuditState,
    dataset: Dataset,
    plan: SweepPlan | None,
    store: PointStore,
) -> tuple[str, ...]:
    """Say what is damaged; empty if nothing is.

    Parameters
    ----------
    workspace, state, dataset
    plan : SweepPlan or None
        The last one, as :func:`core.governance.stored_sweeps.last_plan` reads it.
    store : PointStore
        The audit's points.
    """
    found = []
    if plan is None:
        try:
            there = workspace.get_record(state.id, last_sweep_key(dataset)) is not None
        except InputError:
            there = True
        if there:
            found.append(
                "The plan of the last sweep can't be read: its file was damaged, or another "
                "version wrote it. Its points are kept; set the same sweep up again to see them."
            )
    elif not len(store):
        found.append(
            "The last sweep has no point on disk: it was stopped before its first, or "
            "points.jsonl was emptied or deleted. What it had is made again when it is run."
        )
    if store.damaged:
        lines = "1 line" if store.damaged == 1 else f"{store.damaged:,} lines"
        found.append(
            f"{lines} of points.jsonl can't be read, so the runs they held are missing here. They "
            "are made again when the sweep is run."
        )
    if store.unfinished:
        found.append(
            "The last line of points.jsonl has no end: it was cut off, or is being written at this "
            "moment. Its run is made again when the sweep is run."
        )
    return tuple(found)
