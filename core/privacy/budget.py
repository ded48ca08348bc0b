"""The privacy budget: a ledger that is charged before noise is drawn, and refuses to overspend.

See :mod:`core.privacy.charge` for what a charge promises and :mod:`core.privacy.composition` for
what several come to. A budget kept by Rényi composition sets half of its δ aside for the
conversion, from the start, and leaves the other half for the δ of releases; whoever spends may
choose each ε after seeing earlier results. It accepts what either rule accepts: where the sum of ε
stays within the cap the privacy loss does so surely, and elsewhere with all but the δ set aside.

Nothing is forgiven for rounding: what is typed is added up as decimal numbers (core.privacy.exact),
what can't be, a Rényi conversion, is rounded up, and there is a smallest charge.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from core.errors import InputError
from core.privacy.charge import (
    NEIGHBOURING_SENTENCE,
    Charge,
    Neighbouring,
    check_delta,
    check_epsilon,
    check_size,
)
from core.privacy.charge_store import ChargeStore, HeldCharges, MemoryCharges
from core.privacy.composition import Spent, compose, compose_renyi, summed
from core.privacy.exact import exact, rounded_down
from core.privacy.pending import MemoryPending, PendingStore

__all__ = [
    "NEIGHBOURING_SENTENCE",
    "Budget",
    "BudgetExceededError",
    "Charge",
    "Ledger",
    "Neighbouring",
    "Spent",
    "check_delta",
    "check_epsilon",
    "compose",
    "read_charges",
]

KeptBy = Literal["basic", "renyi"]


class BudgetExceededError(InputError):
    """A charge would overspend the cap, so nothing was charged and nothing may run."""


@dataclass(frozen=True)
class Budget:
    """What may be spent in all.

    Attributes
    ----------
    epsilon : float
        In (0, ∞).
    delta : float
        In [0, 1).
    composition : {"basic", "renyi"}
        How releases are added up to keep the cap.
    """

    epsilon: float
    delta: float = 0.0
    composition: KeptBy = "basic"

    def __post_init__(self) -> None:
        check_epsilon(self.epsilon)
        check_delta(self.delta)
        if self.composition not in get_args(KeptBy):
            raise InputError(
                "a cap is kept by basic or by Rényi composition", where=repr(self.composition)
            )
        if self.composition == "renyi" and not self.delta:
            raise InputError(
                "Rényi composition needs a delta above 0 to set aside",
                where="cap δ = 0",
                remedy="Give one such as 0.000001, or keep the cap by basic composition",
            )

    def spent(self, charges: tuple[Charge, ...]) -> Spent:
        """Return what charges come to, by the rule that keeps this cap, the smaller ε of two."""
        basic = compose(charges)
        if self.composition == "basic" or not charges:
            return basic
        renyi = compose_renyi(charges, self.delta / 2)
        if basic.epsilon <= renyi.epsilon:
            # Half of δ stays set aside, whichever rule is the smaller at the moment.
            return Spent(basic.epsilon, renyi.delta, basic.neighbouring)
        return renyi

    def covers(self, charges: tuple[Charge, ...]) -> bool:
        """Whether charges stay within the cap, to the last digit."""
        epsilon, delta = summed(charges)
        if self.composition == "renyi":
            delta += exact(self.delta) / 2
        if delta > exact(self.delta):
            return False
        return epsilon <= exact(self.epsilon) or self.spent(charges).epsilon <= self.epsilon

    def left(self, charges: tuple[Charge, ...]) -> float:
        """Return the ε that is left of the cap where each ε counts in full; at least 0."""
        return max(0.0, rounded_down(exact(self.epsilon) - summed(charges)[0]))

    def delta_left(self, charges: tuple[Charge, ...]) -> float:
        """Return the δ that is left for releases; at least 0."""
        left = exact(self.delta) - summed(charges)[1]
        if self.composition == "renyi":
            left -= exact(self.delta) / 2
        return max(0.0, rounded_down(left))

    def covering(self, charges: tuple[Charge, ...]) -> Budget:
        """Return the budget if it covers what was spent already.

        Raises
        ------
        InputError
            If less is allowed than was spent: what is spent can't be unspent.
        """
        if not self.covers(charges):
            spent = self.spent(charges)
            raise InputError(
                f"ε = {spent.epsilon:g}, δ = {spent.delta:g} are spent already",
                where=f"cap ε = {self.epsilon:g}, δ = {self.delta:g}",
                remedy="A cap can't be set below what was spent",
            )
        return self


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
            Tells it apart from all others, see :func:`core.privacy.pending.paying`.

        Returns
        -------
        Charge

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
    """Explain a sum that is larger than its parts: promises of two kinds are brought to one."""
    kinds = {charge.neighbouring for charge in (*before, new)}
    if len(kinds) == 1 or total.neighbouring != "replace-one":
        return ""
    return (
        "; to be added up, a promise for a row that is added or left out becomes one for a row "
        "that is replaced, which is leaving one out and adding another and so counts twice"
    )


def read_charges(path: Path) -> tuple[Charge, ...]:
    """Read a plain ledger, as they were kept once; empty if there is none.

    Raises
    ------
    InputError
        If a line is damaged: a ledger that cannot be read must not count as unspent.
    """
    if not path.exists():
        return ()
    charges = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            charges.append(charge_from_json(json.loads(line)))
        except (ValueError, TypeError) as error:
            raise InputError(
                "this line of the privacy ledger cannot be read, so what was spent is not known",
                where=f"{path.name} line {number}",
                remedy="Restore the file from a backup; no private release runs until then",
            ) from error
    return tuple(charges)


def charge_from_json(told: dict[str, Any]) -> Charge:
    """Read a charge that can be added up: a negative ε would give back what was spent.

    Raises
    ------
    ValueError, TypeError
        If it isn't one.
    """
    charge = Charge(**told)
    check_epsilon(charge.epsilon)
    check_delta(charge.delta)
    if charge.neighbouring not in get_args(Neighbouring):
        raise ValueError(f"unknown neighbouring relation {charge.neighbouring!r}")
    texts = (charge.what, charge.unit, charge.when, charge.audit, charge.id)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a charge says in words what it pays for")
    return charge
