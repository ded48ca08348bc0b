"""The calls that an audit makes to servers of models: counted, capped, and allowed by a person."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.audit_state.state import AuditState
from core.external_models.served.call_errors import CallsNeededError, NoCallsLeftError
from core.external_models.served.connection import MOST_CALLS
from core.external_models.served.permission import permit_here
from core.external_models.served.row_cache import CallAccount
from core.storage.canonical import key
from core.storage.record_store import RecordKind, RecordStore
from core.storage.workspace import Workspace


@dataclass(frozen=True)
class CallRecord:
    """Calls to model servers that an audit has made, and may make in all."""

    made: int = 0
    most: int = MOST_CALLS


_CALLS = RecordKind("calls of served models", CallRecord, what="the calls to servers of this audit")
_CALLS_KEY = key("", "calls of served models")


@dataclass(frozen=True)
class CallCount:
    """What a piece of work would ask for.

    Attributes
    ----------
    rows : int
        That were not asked before.
    calls : int
        For them, and with ``has_check`` one more.
    left : int
        Calls that the audit may still make.
    complete : bool
        Whether it was counted to the end; it takes more otherwise.
    has_check : bool
        Whether one of the calls sees that the model is still the same.
    """

    rows: int
    calls: int
    left: int
    complete: bool = True
    has_check: bool = True


def calls_of(workspace: Workspace, state: AuditState) -> CallRecord:
    """Return how many calls an audit has made, and may make in all."""
    found: CallRecord | None = RecordStore(workspace, state.id).load(_CALLS, _CALLS_KEY)
    return found or CallRecord()


def allow_calls(workspace: Workspace, state: AuditState, most: int) -> CallRecord:
    """Set how many calls an audit may make in all."""

    def change(before: CallRecord | None) -> CallRecord:
        return replace(before or CallRecord(), most=most)

    found: CallRecord = RecordStore(workspace, state.id).revise(_CALLS, _CALLS_KEY, change)
    return found


class AuditAccount(CallAccount):
    """The calls that one audit makes, to all of its served models together.

    Parameters
    ----------
    workspace : Workspace
    state : AuditState
    address : str
    """

    def __init__(self, workspace: Workspace, state: AuditState, address: str):
        super().__init__(0)
        self._workspace, self._state, self._address = workspace, state, address

    def check(self, rows: int, calls: int, where: str) -> None:
        """Refuse calls that the audit has not left, or that nobody has allowed.

        Raises
        ------
        NoCallsLeftError
        CallsNeededError
        InputError
            If the address may not be asked from here.
        """
        record = calls_of(self._workspace, self._state)
        if calls > record.most - record.made:
            raise NoCallsLeftError(
                f"{rows:,} rows that were not asked before take {calls:,} calls, and of the "
                f"{record.most:,} that this audit may make {max(record.most - record.made, 0):,} "
                "are left",
                where=where,
                remedy="Allow more on the train page, or ask for less: fewer people, a sample of "
                "the rows",
            )
        permit = permit_here()
        if permit is None or permit.calls < calls:
            raise CallsNeededError(rows, calls, where)
        permit.check(self._address)

    def debit(self) -> None:
        """Count one call, before it is made."""
        permit = permit_here()
        assert permit is not None
        permit.use()

        def change(before: CallRecord | None) -> CallRecord:
            known = before or CallRecord()
            return replace(known, made=known.made + 1)

        RecordStore(self._workspace, self._state.id).revise(_CALLS, _CALLS_KEY, change)
        self.made += 1
