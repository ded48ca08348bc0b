"""What a sweep would do, before it does it: its runs, what is done, how long it takes, its cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.audit_state.state import AuditState
from core.audit_state.sweep_plan import SweepPlan
from core.data.dataset import Dataset
from core.errors import InputError
from core.governance.stored_sweeps import SweepCost, cost_of_sweep
from core.learning.dataset_split import split_keys
from core.storage.workspace import Workspace
from core.tradeoff.sweep.duration import Duration, expected
from core.tradeoff.sweep.grid import Grid, LeftOut
from core.tradeoff.sweep.point import SweepPoint
from core.tradeoff.sweep.point_store import PointStore, kept
from core.tradeoff.sweep.runs import rows_used, runs

UNEVEN = 400


@dataclass(frozen=True)
class Outlook:
    """What a sweep would do.

    Attributes
    ----------
    settings, total : int
        Settings, and their runs with all seeds.
    done : int
        Runs that are on disk already.
    left_out : tuple of LeftOut
        Combinations that can't be trained.
    duration : Duration
        Of the runs that are missing.
    cost : SweepCost or None
        Of those, if they are paid from the budget.
    refusal : str or None
        Why it can't be paid, or not started as it is.
    used, unused : int
        Rows; a guarantee to persons leaves out what is beyond its bound, and rows of nobody.
    uneven : bool
        Whether so many rows are alike that parts of a hash-based split get uneven; never told of
        rows that a budget protects.
    """

    settings: int
    total: int
    done: int
    left_out: tuple[LeftOut, ...]
    duration: Duration
    cost: SweepCost | None = None
    refusal: str | None = None
    used: int = 0
    unused: int = 0
    uneven: bool = False

    @property
    def missing(self) -> int:
        """Runs still to be done."""
        return self.total - self.done


def estimate_sweep(
    workspace: Workspace,
    state: AuditState,
    plan: SweepPlan,
    rows: Dataset,
    grid: Grid,
    store: PointStore,
    elsewhere: Sequence[SweepPoint] = (),
) -> Outlook:
    """Look at what a sweep would do; nothing is trained or charged.

    Parameters
    ----------
    workspace : Workspace
    state : AuditState
    plan : SweepPlan
    rows, grid : Dataset, Grid
        As :func:`core.governance.stored_sweeps.swept` returns them.
    store : PointStore
        Of the audit.
    elsewhere : sequence of SweepPoint
        Of other data, to go by their time.

    Raises
    ------
    InputError
        If the grid doesn't fit the rows.
    """
    todo, left = runs(rows, grid, fresh=plan.basis.spends)
    found = kept(store, rows.fingerprint, grid, todo)
    used = rows_used(rows, grid)
    duration = expected((run for run in todo if run not in found), used, store, elsewhere)
    cost = refusal = None
    if plan.basis.spends:
        try:
            cost = cost_of_sweep(rows, grid, store, workspace, state)
        except InputError as error:
            refusal = str(error)
    settings = len({run.setting for run in todo})
    return Outlook(
        settings, len(todo), len(found), left, duration, cost, refusal, used, len(rows) - used,
        not plan.basis.spends and splits_unevenly(rows, grid),
    )  # fmt: skip


def splits_unevenly(rows: Dataset, grid: Grid) -> bool:
    """Whether a hash-based split gives uneven parts.

    Rows alike in all columns stay together, and so do those of one person.

    A part of share p then has a relative standard deviation of √((1 − p)/p · Σ n² / N²) for n rows
    of each kind and N in all, as a sum of independent draws has. Uneven is more than a tenth for a
    test part of a fifth, that is Σ n² / N² above 1/400.
    """
    if grid.given or grid.person is not None:
        return False
    shares = np.unique(split_keys(rows), return_counts=True)[1] / len(rows)
    return bool((shares**2).sum() > 1 / UNEVEN)


def by_reason(left_out: Sequence[LeftOut]) -> dict[str, tuple[LeftOut, ...]]:
    """Group the combinations that are left out by their reason, the most frequent first."""
    found: dict[str, list[LeftOut]] = {}
    for item in left_out:
        found.setdefault(item.reason, []).append(item)
    ordered = sorted(found.items(), key=lambda pair: -len(pair[1]))
    return {reason: tuple(items) for reason, items in ordered}
