"""What a run is about to spend and what it leaves, said before anything is spent."""

from __future__ import annotations

from dataclasses import dataclass

from core.privacy.accounting.budget import Budget
from core.privacy.accounting.charge import Charge

PART = 4
"""A run is offered one part of so many of what is left, so that one click doesn't spend it all."""


@dataclass(frozen=True)
class Outlook:
    """What a charge would do to a budget.

    Attributes
    ----------
    epsilon, delta : float
        Of the charge.
    before, after : float
        ε that is spent without and with it, by the rule that keeps the cap.
    left : float
        ε that is left of the cap after it; 0 where it doesn't fit.
    cap : float
    fits : bool
        Whether the cap covers it.
    delta_after, delta_cap : float
        The same of δ.
    """

    epsilon: float
    delta: float
    before: float
    after: float
    left: float
    cap: float
    fits: bool
    delta_after: float = 0.0
    delta_cap: float = 0.0

    @property
    def sentence(self) -> str:
        """All of it in words."""
        delta = f", δ = {self.delta:g}" if self.delta else ""
        asked = f"this run spends ε = {self.epsilon:g}{delta}"
        text = f" (in all then ε = {self.after:.4g} of the cap ε = {self.cap:g}"
        if self.delta_after > self.delta_cap:
            text += f", and δ = {self.delta_after:.4g} of the cap δ = {self.delta_cap:g}"
        if abs(self.after - self.before - self.epsilon) > 1e-9 * self.after:
            # Charges under both relations are converted to one, or compose to less.
            text += f"; together they count as that, and not as {self.before + self.epsilon:.4g}"
        text += ")"
        if not self.fits:
            return f"{asked}, which the cap does not cover{text}: it would be refused"
        return f"{asked} and leaves ε = {self.left:.4g}{text}"


def outlook(budget: Budget, charges: tuple[Charge, ...], *new: Charge) -> Outlook:
    """Say what charges would come to, beside those that stand; nothing is charged.

    Parameters
    ----------
    budget : Budget
    charges : tuple of Charge
        That stand.
    *new : Charge
        At least one.
    """
    together = (*charges, *new)
    spent = budget.spent(together)
    after = spent.epsilon
    fits = budget.covers(together)
    left = budget.left(together) if budget.composition == "basic" else budget.epsilon - after
    return Outlook(
        sum(charge.epsilon for charge in new),
        sum(charge.delta for charge in new),
        budget.spent(charges).epsilon if charges else 0.0,
        after,
        max(0.0, left) if fits else 0.0,
        budget.epsilon,
        fits,
        spent.delta,
        budget.delta,
    )


def offered(left: float, smallest: float) -> float:
    """Return the ε that is offered for one run: a part of what is left, in round figures.

    Parameters
    ----------
    left : float
        ε that is left of the cap.
    smallest : float
        Below which nothing is offered; more is never offered than is left.

    Returns
    -------
    float
        0 where less than ``smallest`` is left.
    """
    if left < smallest:
        return 0.0
    part = float(f"{left / PART:.2g}")
    return min(left, max(part, smallest))
