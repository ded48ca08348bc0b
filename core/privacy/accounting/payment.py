"""What was paid for and is not delivered yet: with it a run that died is finished at one charge.

A plan is named by everything its result follows from: its spec and the data. Before its charge a
secret key of its noise is written beside the ledger, then the charge, which names the key. The
result is kept as soon as it is drawn, before anyone sees it, and the key destroyed at that moment;
the result in turn is forgotten once it is delivered. So a run that dies

- before the charge has spent nothing, and its key is thrown away;
- between charge and result is run again with the same key: the same noise, no second charge;
- between result and delivery is not run again: the kept result is delivered.

Noise that follows from no key (the library of one learner takes none) is drawn again in the second
case. Nobody saw what was drawn first, and a kill does not depend on it, so that the one result
that is delivered has the distribution that the charge pays for (docs/decisions/0029).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

from core.errors import InputError
from core.privacy.accounting.charge import Charge, Neighbouring
from core.privacy.accounting.noise_key import NoiseKey


@dataclass(frozen=True)
class KeptKey:
    """The key of a plan's noise, and the id of the charge that pays for it."""

    charge: str
    key: NoiseKey


class PendingStore(Protocol):
    """Keeps keys and results of plans until they are delivered."""

    def held(self, plan: str) -> AbstractContextManager[None]:
        """Hold a plan alone among all who may run it."""
        ...

    def key_of(self, plan: str) -> KeptKey | None:
        """Return the plan's key, None if there is none."""
        ...

    def put_key(self, plan: str, kept: KeptKey) -> None:
        """Keep the plan's key, on disk before it returns."""
        ...

    def result_of(self, plan: str) -> Any | None:
        """Return the plan's result, None if there is none."""
        ...

    def put_result(self, plan: str, result: object) -> None:
        """Keep the plan's result, on disk before it returns."""
        ...

    def erase_key(self, plan: str) -> None:
        """Destroy the plan's key, if there is one."""
        ...

    def erase_result(self, plan: str) -> None:
        """Forget the plan's result, if there is one."""
        ...


class MemoryPending:
    """In memory, for a ledger that is."""

    def __init__(self) -> None:
        self._keys: dict[str, KeptKey] = {}
        self._results: dict[str, object] = {}

    def held(self, plan: str) -> AbstractContextManager[None]:
        """Do nothing: nobody else has this memory."""
        return nullcontext()

    def key_of(self, plan: str) -> KeptKey | None:
        """Return the plan's key, None if there is none."""
        return self._keys.get(plan)

    def put_key(self, plan: str, kept: KeptKey) -> None:
        """Keep the plan's key."""
        self._keys[plan] = kept

    def result_of(self, plan: str) -> Any | None:
        """Return the plan's result, None if there is none."""
        return self._results.get(plan)

    def put_result(self, plan: str, result: object) -> None:
        """Keep nothing: what is in memory dies with whoever could ask for it again."""

    def erase_key(self, plan: str) -> None:
        """Destroy the plan's key, if there is one."""
        self._keys.pop(plan, None)

    def erase_result(self, plan: str) -> None:
        """Forget the plan's result, if there is one."""
        self._results.pop(plan, None)


class Account(Protocol):
    """What of a ledger is needed to pay from it."""

    pending: PendingStore

    @property
    def charges(self) -> tuple[Charge, ...]:
        """All charges so far."""
        ...

    def charge(
        self,
        what: str,
        *,
        epsilon: float,
        delta: float = 0.0,
        neighbouring: Neighbouring,
        unit: str = "row",
        id: str = "",
    ) -> Charge:
        """Charge the ledger."""
        ...


@dataclass(frozen=True)
class Payment:
    """A paid plan.

    Attributes
    ----------
    plan : str
    key : NoiseKey or None
        Of its noise; None where the result is there.
    result : object or None
        Kept by a run that died before it delivered it.
    when : str
        UTC time of the charge; empty where the result is there.
    store : PendingStore
    """

    plan: str
    key: NoiseKey | None
    result: Any | None
    when: str
    store: PendingStore

    def keep(self, result: object) -> None:
        """Keep what was drawn, before anyone sees it, and destroy the key."""
        self.store.put_result(self.plan, result)
        self.store.erase_key(self.plan)


@contextmanager
def paying(
    account: Account,
    plan: str,
    what: str,
    *,
    epsilon: float,
    delta: float = 0.0,
    neighbouring: Neighbouring,
    unit: str = "row",
) -> Iterator[Payment]:
    """Charge a plan, or find that it is paid already; its noise may be drawn within.

    Parameters
    ----------
    account : Account
        The ledger.
    plan : str
        Name of spec and data: equal for equal ones only, as of :func:`core.storage.canonical`.
    what, epsilon, delta, neighbouring, unit
        As :meth:`core.privacy.accounting.ledger.Ledger.charge` takes them.

    Raises
    ------
    BudgetExceededError
        If the ledger refuses; nothing was charged then.
    InputError
        If the key can't be kept, before anything is charged.
    """
    store = account.pending
    with store.held(plan):
        result = store.result_of(plan)
        if result is not None:
            store.erase_key(plan)
            yield Payment(plan, None, result, "", store)
            return
        kept = store.key_of(plan)
        paid = _paid(account, kept)
        if kept is None or paid is None:
            # A key without a charge is of a run that died before it paid: nothing came of it.
            kept = KeptKey(secrets.token_hex(16), NoiseKey.fresh())
            store.put_key(plan, kept)
            try:
                paid = account.charge(
                    what,
                    epsilon=epsilon,
                    delta=delta,
                    neighbouring=neighbouring,
                    unit=unit,
                    id=kept.charge,
                )
            except InputError:
                # Whether the line stands is for the ledger to say, not for the kind of error.
                if _paid(account, kept) is None:
                    store.erase_key(plan)
                raise
        yield Payment(plan, kept.key, None, paid.when, store)


def is_paid(account: Account, plan: str) -> bool:
    """Whether a plan was paid for and not delivered, so that it costs nothing more."""
    if account.pending.result_of(plan) is not None:
        return True
    return _paid(account, account.pending.key_of(plan)) is not None


def delivered(account: Account, plan: str) -> None:
    """Forget a plan whose result is where it was to go; making it again is another release."""
    with account.pending.held(plan):
        account.pending.erase_key(plan)
        account.pending.erase_result(plan)


def _paid(account: Account, kept: KeptKey | None) -> Charge | None:
    if kept is None:
        return None
    return next((c for c in account.charges if c.id == kept.charge), None)
