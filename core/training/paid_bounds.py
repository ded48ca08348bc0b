"""Bounds and categories that are paid for, before the model and apart from it.

They are charged, estimated and kept first. If in no column anything stood out of the noise, a model
could tell nothing either, and the fit stops: what would have paid for the model is never charged.

Why stopping is private
-----------------------
Whether to stop is read off the estimated domains alone, which are (ε_b, δ_b)-private: it is
post-processing (Dwork and Roth 2014, proposition 2.1). A run that stops releases nothing else, so
its one charge is all it costs. A run that goes on is the adaptive composition of the bounds and of
a model that is private whatever the bounds are, and both are charged (theorem 3.16 there); that
the second is asked for or not depending on the first is allowed by basic composition with
parameters chosen on the way (Rogers, Roth, Ullman and Vadhan 2016, theorem 3.6), as the ledger
always does.

A wrong answer would be caught by tests that give the same estimate on two tables and look whether
both stop, and that read the ledger after a stop.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from core.data.domains import Domains
from core.errors import InputError
from core.privacy.accounting.charge import Charge
from core.privacy.accounting.payment import is_paid, paying
from core.training.fit import part_of
from core.training.private_fit import Bill, bills_of, estimated

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.learning.split import Split
    from core.privacy.accounting.ledger import Ledger
    from core.training.spec import TrainingSpec

MOST_NAMED = 12


class NothingLearnedError(InputError):
    """All bounds stayed below the noise, so that the model was neither charged nor trained."""


def pay_bounds(
    dataset: Dataset, spec: TrainingSpec, split: Split, ledger: Ledger, number: int = 0
) -> Domains | None:
    """Pay for a spec's bounds, or find them paid; None where they are declared.

    Raises
    ------
    NothingLearnedError
        If nothing stood out of the noise. The same plan asked again says so again, at no charge.
    """
    if spec.domains is not None:
        return None
    (plan, bounds), (_, rest) = bills_of(dataset, spec, number)
    with paying(ledger, plan, **asdict(bounds)) as payment:
        found = payment.result
        if not isinstance(found, Domains):
            part = part_of(dataset, spec, split.train)
            found = estimated(dataset, spec, part, payment.key)
            payment.keep(found)
    check_learned(found, bounds, rest)
    return found


def stopped_before(
    dataset: Dataset, spec: TrainingSpec, ledger: Ledger, number: int = 0
) -> NothingLearnedError | None:
    """Return what a plan stopped with, and stops with again; None if it is not known to stop.

    It is read off the bounds that were paid for, as the stop itself is, so it tells no more.
    """
    if spec.domains is not None:
        return None
    (plan, bounds), (_, rest) = bills_of(dataset, spec, number)
    found = ledger.pending.result_of(plan)
    if isinstance(found, Domains):
        try:
            check_learned(found, bounds, rest)
        except NothingLearnedError as error:
            return error
    return None


def charges_due(
    dataset: Dataset, spec: TrainingSpec, ledger: Ledger, number: int = 0
) -> tuple[Charge, ...]:
    """Return the charges that a private fit would still make, which are not made here.

    Of bounds that are not paid yet nobody knows whether they tell anything, so that the charge of
    the model stands beside theirs; a plan that is known to stop makes none.
    """
    if stopped_before(dataset, spec, ledger, number) is not None:
        return ()
    return tuple(
        Charge(bill.what, bill.epsilon, bill.delta, bill.neighbouring, bill.unit)
        for plan, bill in bills_of(dataset, spec, number)
        if not is_paid(ledger, plan)
    )


def bounds_first(due: tuple[Charge, ...]) -> str:
    """Say what of the charges of a fit is spent at least; empty where all of it is."""
    if len(due) < 2:
        return ""
    bounds, model = due
    return (
        f"ε = {bounds.epsilon:g} of it pays for bounds and categories first. If in no column "
        "anything stands out of the noise, the run stops there and the other "
        f"ε = {model.epsilon:g} is not spent"
    )


def check_learned(found: Domains, bounds: Bill, rest: Bill) -> None:
    """Stop where an estimate tells nothing of any column.

    Raises
    ------
    NothingLearnedError
        Naming the columns to declare, what was spent and what is left.
    """
    if len(found.unlearned) < len(found.items):
        return
    names = ", ".join(map(repr, found.unlearned[:MOST_NAMED]))
    more = len(found.unlearned) - MOST_NAMED
    raise NothingLearnedError(
        f"bounds and categories were estimated for ε = {bounds.epsilon:g}, and in no column did "
        "anything stand out of the noise. No model was trained, and the other "
        f"ε = {rest.epsilon:g} was not charged",
        where=names + (f" and {more} more" if more > 0 else ""),
        remedy="Declare bounds and categories of these columns, as far as they are known without "
        "looking at the data: on the page “Privacy budget”, or in a file named with --bounds. "
        f"Then train with at most ε = {rest.epsilon:g} and δ = {rest.delta:g}, which this plan has "
        "left",
    )
