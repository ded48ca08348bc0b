"""The budget of an audit and the ledger that its data set's charges are entered in."""

from __future__ import annotations

from dataclasses import replace

from core.audit_state.state import AuditState, check_current, read_table, update_state
from core.data.domains import Domains
from core.ledger import ledgers
from core.ledger import near as near_ledgers
from core.ledger.near import Near
from core.privacy.accounting.budget import Budget, Charge
from core.privacy.accounting.ledger import Ledger
from core.storage.workspace import Workspace


def set_budget(
    workspace: Workspace,
    state: AuditState,
    budget: Budget | None,
    domains: Domains | None = None,
    *,
    reason: str = "",
) -> AuditState:
    """Set the cap of the audit's data set, or say that this audit makes no guarantee (None).

    Raises
    ------
    InputError
        As :func:`core.ledger.ledgers.set_cap`, and if the cap or the bounds are no longer
        those of ``state``; nothing is saved then.
    """
    if budget is None:
        return update_state(workspace, state, budget=None)

    check_current(workspace, state, ("budget", "domains"), "nothing was saved")
    # Not under the audit's lock: what kept models cost is noted under it when a cap is set.
    ledgers.set_cap(workspace.root, state.data, budget, reason=reason, audit=state.id)
    seen = state if state.budget is None else replace(state, budget=budget)
    return update_state(
        workspace, seen, otherwise="the cap is set, and the audit stays as it is",
        budget=budget, domains=domains,
    )  # fmt: skip


def sketch_rows(workspace: Workspace, state: AuditState) -> None:
    """Sketch the rows of the audit's data set, so that near copies of it are recognised."""
    # As it was read at first, as its identity is.
    read = None if state.options is None else replace(state.options, one_hot=())
    plain = replace(state, kinds={}, options=read)
    near_ledgers.know(workspace.root, state.data, lambda: read_table(workspace, plain))


def undecided(workspace: Workspace, state: AuditState) -> tuple[Near, ...]:
    """Return the ledgers about which a person has to choose before anything is charged."""
    sketch_rows(workspace, state)
    return near_ledgers.undecided(workspace.root, state.data)


def near(workspace: Workspace, state: AuditState) -> tuple[Near, ...]:
    """Return the ledgers that were charged for some of the same rows, the nearest first."""
    sketch_rows(workspace, state)
    return near_ledgers.near_ledgers(workspace.root, state.data)


def reasons_apart(workspace: Workspace, state: AuditState) -> tuple[str, ...]:
    """Return why the audit's data set has a budget of its own beside near ones."""
    return near_ledgers.reasons_apart(workspace.root, state.data)


def charged_elsewhere(workspace: Workspace, state: AuditState) -> str | None:
    """Return the name of the table whose ledger is charged instead, None if its own is."""
    found = near_ledgers.charged_elsewhere(workspace.root, state.data)
    return None if found is None else found[1]


def charge_to(workspace: Workspace, state: AuditState, other: str) -> None:
    """Let all charges of the audit's data set go to the ledger of another one."""
    near_ledgers.charge_to(workspace.root, state.data, other, audit=state.id)


def keep_apart(workspace: Workspace, state: AuditState, reason: str) -> None:
    """Keep, for ever, why the audit's data set has a budget of its own."""
    sketch_rows(workspace, state)
    near_ledgers.keep_apart(workspace.root, state.data, reason, audit=state.id)


def ledger(workspace: Workspace, state: AuditState) -> Ledger | None:
    """Open the ledger of the audit's data set; None where no guarantee is wanted."""
    if state.budget is None:
        return None
    sketch_rows(workspace, state)
    if ledgers.cap_of(workspace.root, state.data) is None:
        why = "as the audit had it when ledgers belonged to audits"
        spent = ledgers.charges_of(workspace.root, state.data)
        ledgers.set_cap(
            workspace.root,
            state.data,
            state.budget,
            reason=why if spent else "",
            audit=state.id,
        )
    return ledgers.open_ledger(workspace.root, state.data, state.id)


def cap_of(workspace: Workspace, state: AuditState) -> Budget | None:
    """Return the cap of the audit's data set, set in whichever audit; None if there is none."""
    return ledgers.cap_of(workspace.root, state.data)


def needs_reason(workspace: Workspace, state: AuditState, budget: Budget) -> bool:
    """Whether the cap of the audit's data set can be set to this with a reason only."""
    return ledgers.needs_reason(workspace.root, state.data, budget)


def charges(workspace: Workspace, state: AuditState) -> tuple[Charge, ...]:
    """All that was ever charged to this data set, in whichever audit."""
    return ledgers.charges_of(workspace.root, state.data)
