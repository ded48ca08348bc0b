"""A ledger: what is charged against one cap, before noise is drawn."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

from core.privacy.accounting.budget import Budget, BudgetExceededError
from core.privacy.accounting.charge import (
    Charge,
    Neighbouring,
    check_delta,
    check_epsilon,
    check_size,
)
from core.privacy.accounting.charge_store import ChargeStore, HeldCharges, MemoryCharges
from core.privacy.accounting.composition import Spent
from core.privacy.accounting.payment import MemoryPending, PendingStore


class Ledger:
    """All charges against one cap.

    A charge stands in its account before :meth:`charge` returns, so noise is only ever drawn after
    its cost was written down; a crash in between leaves the charge standing. Nothing is refunded.

    Parameters
    ----------
    budget : Budget
        The cap.
    store : ChargeStore, optional
        Where charges stand; in memory if not given. That of a data set reads the cap anew for each
        charge, so that one lowered meanwhile is kept.
    audit : str
        Id of the audit that charges, kept with each charge.
    pending : PendingStore, optional
        Keeps what is paid and not delivered yet; in memory if not given.
    """

    def __init__(
        self,
        budget: Budget,
        store: ChargeStore | None = None,
        audit: str = "",
        pending: PendingStore | None = None,
    ):
        self.budget = budget
        self.pending: PendingStore = pending or MemoryPending()
        self._store = store or MemoryCharges()
        self._audit = audit

    @property
    def charges(self) -> tuple[Charge, ...]:
        """All charges so far, oldest first."""
        return self._store.charges()

    def spent(self) -> Spent:
        """Sum of all charges, by the rule that keeps the cap."""
        return self.budget.spent(self.charges)

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
        """Charge the ledger; call this before any noise is drawn.

        Parameters
        ----------
        what : str
            The release that is paid for.
        epsilon : float
            At least 0.000001.
        delta : float
            0, or at least 1e-30 and below 1.
        neighbouring : {"replace-one", "add-or-remove"}
        unit : str
            Whose presence it hides.
        id : str
            Tells it apart from all others, see :func:`core.privacy.accounting.payment.paying`.

        Raises
        ------
        BudgetExceededError
            If the cap would be overspent; nothing is charged then.
        InputError
            If ε or δ is no valid one, or too small to be charged.
        """
        new = self._new(what, epsilon, delta, neighbouring, unit, id)
        with self._store.exclusive() as held:
            self._check(new, held)
            held.add(new)
        return new

    def check(
        self,
        what: str,
        *,
        epsilon: float,
        delta: float = 0.0,
        neighbouring: Neighbouring,
        unit: str = "row",
    ) -> None:
        """Refuse what :meth:`charge` would refuse at this moment, and charge nothing."""
        new = self._new(what, epsilon, delta, neighbouring, unit, "")
        with self._store.exclusive() as held:
            self._check(new, held)

    def _new(
        self,
        what: str,
        epsilon: float,
        delta: float,
        neighbouring: Neighbouring,
        unit: str,
        id: str,
    ) -> Charge:
        if neighbouring not in get_args(Neighbouring):
            raise ValueError(f"unknown neighbouring relation {neighbouring!r}")
        when = datetime.now(UTC).isoformat(timespec="seconds")
        check_size(check_epsilon(epsilon), check_delta(delta))
        return Charge(what, float(epsilon), float(delta), neighbouring, unit, when, self._audit, id)

    def _check(self, new: Charge, held: HeldCharges) -> None:
        self.budget = held.cap or self.budget
        if not self.budget.covers((*held.charges, new)):
            raise self._refusal(held.charges, new)

    def _refusal(self, before: tuple[Charge, ...], new: Charge) -> BudgetExceededError:
        spent, total = self.budget.spent(before), self.budget.spent((*before, new))
        return BudgetExceededError(
            f"it costs ε = {new.epsilon:g}, δ = {new.delta:g}; of the cap "
            f"ε = {self.budget.epsilon:g}, δ = {self.budget.delta:g} already spent are "
            f"ε = {spent.epsilon:g}, δ = {spent.delta:g}, and together they would make "
            f"ε = {total.epsilon:g}, δ = {total.delta:g} ({total.neighbouring})"
            f"{_conversion(before, new, total)}",
            where=new.what,
            remedy="Nothing was charged and nothing was run. Ask for less, or raise the "
            "cap and record why",
        )


def _conversion(before: tuple[Charge, ...], new: Charge, total: Spent) -> str:
    """Explain a sum that is larger than its parts: guarantees of two kinds are brought to one."""
    kinds = {charge.neighbouring for charge in (*before, new)}
    if len(kinds) == 1 or total.neighbouring != "replace-one":
        return ""
    return (
        "; to be added up, a guarantee for a row that is added or left out becomes one for a row "
        "that is replaced, which is leaving one out and adding another and so counts twice"
    )
