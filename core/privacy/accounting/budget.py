"""The privacy budget: a ledger that is charged before noise is drawn, and refuses to overspend.

See :mod:`core.privacy.accounting.charge` for what a charge guarantees and
:mod:`core.privacy.accounting.composition` for what several come to. A budget kept by Rényi
composition sets half of its δ aside for the conversion, from the start, and leaves the other half
for the δ of releases; whoever spends may choose each ε after seeing earlier results. It accepts
what either rule accepts: where the sum of ε stays within the cap the privacy loss does so surely,
and elsewhere with all but the δ set aside.

Nothing is forgiven for rounding: what is typed is added up as decimal numbers
(core.privacy.accounting.exact), what can't be, a Rényi conversion, is rounded up, and there is a
smallest charge.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from core.errors import InputError
from core.privacy.accounting.charge import (
    NEIGHBOURING_SENTENCE,
    Charge,
    Neighbouring,
    check_delta,
    check_epsilon,
)
from core.privacy.accounting.composition import Spent, compose, compose_renyi, summed
from core.privacy.accounting.exact import exact, rounded_down
from core.storage.json_format import from_json

__all__ = [
    "NEIGHBOURING_SENTENCE",
    "Budget",
    "BudgetExceededError",
    "Charge",
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
        except ValueError as error:
            raise InputError(
                "this line of the privacy ledger cannot be read, so what was spent is not known",
                where=f"{path.name} line {number}",
                remedy="Restore the file from a backup; no private release runs until then",
            ) from error
    return tuple(charges)


def charge_from_json(record: dict[str, Any]) -> Charge:
    """Read a charge that can be added up: a negative ε would give back what was spent.

    Raises
    ------
    InputError
        If it isn't one.
    """
    charge: Charge = from_json(Charge, record, "a charge")
    check_epsilon(charge.epsilon)
    check_delta(charge.delta)
    return charge
