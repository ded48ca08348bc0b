"""Private releases of an audit, kept on disk: what was asked is charged once, however often it is.

Under one lock: look whether this plan's release is kept, else charge, draw, and keep. A second
click, a reload, or another process finds the kept one. A run that dies between charge and keeping
is finished at that charge, with the same noise (:mod:`core.privacy.accounting.payment`).
"""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pandas as pd

from core.audit_state.audit_ledger import ledger
from core.audit_state.state import AuditState, check_current
from core.data.dataset import Dataset
from core.data.table import Table
from core.errors import InputError
from core.ledger.evidence import LISTED, RELEASE, RELEASES, listed_releases
from core.privacy.accounting.budget import Charge, Neighbouring
from core.privacy.accounting.payment import delivered, is_paid
from core.privacy.release.release import Release, outcome_frame, release
from core.privacy.release.release_plan import FairnessPlan, Plan
from core.storage.canonical import key
from core.storage.disk import disk_errors, locked
from core.storage.record_store import RecordStore
from core.storage.workspace import Workspace
from core.training.trained import Trained


def release_and_store(
    workspace: Workspace,
    state: AuditState,
    plan: Plan,
    table: Table,
    dataset: Dataset,
    trained: Trained | None,
) -> Release:
    """Release under the audit's budget, or return the kept release of the same plan.

    Parameters
    ----------
    plan : Plan
    table : Table
        Rows of histograms, means and quantiles.
    dataset : Dataset
    trained : Trained or None
        Whose test rows a fairness plan counts; all rows with existing predictions if None.

    Raises
    ------
    BudgetExceededError
        If it would overspend; nothing was drawn then.
    InputError
        If there is no budget, a column doesn't fit the plan, or what the plan rests on was changed
        by another session; nothing was charged then.
    """
    cache_key = _cache_key(state, plan, table, dataset, trained)
    lock = workspace.root / "audits" / state.id / ".releases.lock"
    with disk_errors(), locked(lock):
        account = ledger(workspace, state)
        kept = _kept(workspace, state, cache_key)
        if kept is not None:
            if account is not None:
                # Of a run that died between keeping it and saying so.
                delivered(account, cache_key)
            return kept
        if account is None:
            raise InputError(
                "no privacy budget is set, so nothing can be released under one",
                where=plan.what,
                remedy="Set a cap on the privacy budget page first",
            )
        rests_on = ["options", "kinds", "guarantee"]
        if isinstance(plan, FairnessPlan):
            rests_on += ["roles", "training"]
        check_current(workspace, state, rests_on, "nothing was released or charged")
        found = release(plan, _rows(plan, table, dataset, trained), account, name=cache_key)
        # Listed first: a name without a release is passed over, one that is not listed is lost.
        store = RecordStore(workspace, state.id)
        store.revise(
            LISTED, RELEASES, lambda known: (*(p for p in known or () if p != cache_key), cache_key)
        )
        store.keep(RELEASE, cache_key, found)
        delivered(account, cache_key)
    return found


def is_paid_for(
    workspace: Workspace,
    state: AuditState,
    plan: Plan,
    table: Table,
    dataset: Dataset,
    trained: Trained | None,
) -> bool:
    """Whether this plan was charged by a run that died, so that it is finished at no cost."""
    account = ledger(workspace, state)
    cache_key = _cache_key(state, plan, table, dataset, trained)
    return account is not None and is_paid(account, cache_key)


def list_releases(workspace: Workspace, state: AuditState) -> tuple[Release, ...]:
    """Return all releases of the audit that are on disk, oldest first."""
    cache_keys = listed_releases(workspace, state.id)
    found = (_kept(workspace, state, cache_key) for cache_key in cache_keys)
    return tuple(item for item in found if item is not None)


def is_stored(
    workspace: Workspace,
    state: AuditState,
    plan: Plan,
    table: Table,
    dataset: Dataset,
    trained: Trained | None,
) -> bool:
    """Whether this plan was released already, so that asking again costs nothing."""
    return _kept(workspace, state, _cache_key(state, plan, table, dataset, trained)) is not None


def relation_of(charges: tuple[Charge, ...]) -> Neighbouring:
    """Choose the relation of a new release: that of the ledger, so that it needn't be converted."""
    relations = {charge.neighbouring for charge in charges}
    return "replace-one" if relations == {"replace-one"} else "add-or-remove"


def _cache_key(
    state: AuditState, plan: Plan, table: Table, dataset: Dataset, trained: Trained | None
) -> str:
    """Key of a release: its plan, and what its rows depend on."""
    if isinstance(plan, FairnessPlan):
        decided = (
            "" if trained is None else sha256(np.packbits(trained.decisions).tobytes()).hexdigest()
        )
        return key(dataset.fingerprint, (plan, state.training, decided, "release"))
    kinds = {name: str(kind) for name, kind in state.kinds.items()}
    return key(table.provenance.sha256, (plan, state.options, kinds, "release"))


def _kept(workspace: Workspace, state: AuditState, cache_key: str) -> Release | None:
    """Return a release, None only if there is none: one that can't be read was paid for too."""
    try:
        return RecordStore(workspace, state.id).load(RELEASE, cache_key)
    except InputError as error:
        raise InputError(
            "a release that was paid for is there and can't be read by this version, so it would "
            "be charged again",
            where=f"results/{cache_key}.json of this audit",
            remedy="Restore it from a copy, open it with the version that wrote it, or delete the "
            "file to give up what was paid",
        ) from error


def _rows(plan: Plan, table: Table, dataset: Dataset, trained: Trained | None) -> pd.DataFrame:
    if not isinstance(plan, FairnessPlan):
        return table.frame
    columns = [axis.name for axis in plan.axes]
    for name in columns:
        if name not in dataset.sensitive:
            raise InputError(
                "it is no sensitive column of this audit",
                where=f"column {name!r}",
                remedy="Nothing was charged. Choose another column",
            )
    dataset.check_groups_given(columns)
    if trained is None:
        if dataset.predictions is None:
            raise InputError(
                "there are no decisions to count",
                where=plan.what,
                remedy="Nothing was charged. Train a model first",
            )
        return outcome_frame(dataset.target, dataset.predictions, dataset.sensitive, columns)
    rows = trained.split.test
    return outcome_frame(
        dataset.target[rows], trained.decisions, dataset.sensitive.iloc[rows], columns
    )
