"""What several private releases cost together.

Four answers, each with its condition:

- **Basic** (Dwork and Roth 2014, theorem 3.16): ε and δ add up, without any rounding (see
  :mod:`core.privacy.accounting.exact`). Holds whatever was chosen when.
- **Rényi**, by zero-concentrated differential privacy: a pure ε-DP release is ε²/2-zCDP (Bun and
  Steinke 2016, proposition 1.4), ρ adds up, also where each ε is chosen after seeing earlier
  results (a privacy filter: Feldman and Zrnic 2021; Whitehouse, Ramdas, Rogers and Wu 2023), and ρ
  is turned into ε at a δ that was set aside beforehand (Canonne, Kamath and Steinke 2020,
  proposition 7). A δ of a release is added to that one. ρ is added up without rounding, and what
  is computed of it in floats is rounded up by more than they can be wrong.
- **Advanced** (Kairouz, Oh and Viswanath 2015, theorem 3.5; after Dwork, Rothblum and Vadhan
  2010): holds where all ε were fixed beforehand.
- **Optimal**, by privacy loss distributions (dp-accounting; Kairouz, Oh and Viswanath 2015 for
  releases of which only ε and δ are known): no bound can be smaller. Holds where all ε were fixed
  beforehand.

A person at a page chooses the next ε after seeing results. So the ledger's cap is kept by basic or
Rényi composition, and the other two say what a plan made beforehand would have cost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from scipy.optimize import minimize_scalar

from core.privacy.accounting.charge import Charge, Neighbouring
from core.privacy.accounting.exact import exact, rounded_up, two_steps

_ROUNDING = 1e-14
"""Relative; each term above is a few operations, each wrong by one part in 2⁵² at most."""

Method = Literal["basic", "renyi", "advanced", "optimal"]


@dataclass(frozen=True)
class Spent:
    """What a ledger comes to.

    Attributes
    ----------
    epsilon, delta : float
        Never below what was spent: rounded up to a float where need be.
    neighbouring : {"replace-one", "add-or-remove"} or None
        None if nothing was spent.
    method : str
        How it was composed.
    """

    epsilon: float
    delta: float
    neighbouring: Neighbouring | None
    method: Method = "basic"


@dataclass(frozen=True)
class Composition:
    """One way to add up a ledger.

    Attributes
    ----------
    method : {"basic", "renyi", "advanced", "optimal"}
    title, reason : str
        What it is, and when it holds.
    adaptive : bool
        Whether it holds where each ε was chosen after seeing earlier results.
    epsilon : float or None
        None where it has no answer, see ``reason``.
    delta : float
    """

    method: Method
    title: str
    reason: str
    adaptive: bool
    epsilon: float | None
    delta: float


def compose(charges: tuple[Charge, ...]) -> Spent:
    """Add charges up by basic composition.

    Returns
    -------
    Spent
        Under the relation that all share, or under "replace-one" if they are mixed.
    """
    epsilon, delta = summed(charges)
    return Spent(rounded_up(epsilon), min(1.0, rounded_up(delta)), _stated(charges)[1])


def summed(charges: tuple[Charge, ...]) -> tuple[Fraction, Fraction]:
    """Add ε and δ of charges up without rounding, stated as :func:`compose` states them."""
    costs, _ = _stated(charges)
    return sum((e for e, _ in costs), Fraction(0)), sum((d for _, d in costs), Fraction(0))


def compose_renyi(charges: tuple[Charge, ...], slack: float) -> Spent:
    """Add charges up as zero-concentrated differential privacy.

    Parameters
    ----------
    charges : tuple of Charge
    slack : float
        The δ set aside for the conversion, in (0, 1); fixed before the first charge.

    Returns
    -------
    Spent
        Its δ is the slack and the charges' own.
    """
    costs, relation = _stated(charges)
    rho = rounded_up(sum((e * e for e, _ in costs), Fraction(0)) / 2)
    delta = rounded_up(exact(slack) + summed(charges)[1])
    return Spent(zcdp_epsilon(rho, slack), min(1.0, delta), relation, "renyi")


def compositions(charges: tuple[Charge, ...], delta: float) -> tuple[Composition, ...]:
    """Add charges up in every way, at a δ in all.

    Parameters
    ----------
    charges : tuple of Charge
    delta : float
        The δ that all may cost together, in [0, 1).

    Returns
    -------
    tuple of Composition
        Basic, Rényi, advanced, optimal.
    """
    basic = compose(charges)
    slack = delta - basic.delta
    found = [
        Composition(
            "basic",
            "Basic",
            "ε and δ add up; holds whatever is chosen when.",
            True,
            basic.epsilon,
            basic.delta,
        )
    ]
    texts = {
        "renyi": (
            "Rényi",
            "Squares of ε add up; pays where there are many small releases, and holds also where "
            "each is chosen after seeing the last.",
        ),
        "advanced": ("Advanced", "Holds only if all releases were planned beforehand."),
        "optimal": (
            "Optimal",
            "The smallest that can be proven of releases planned beforehand, from their "
            "privacy loss distributions.",
        ),
    }
    for method, (title, reason) in texts.items():
        adaptive = method == "renyi"
        if slack <= 0 or not charges:
            why = " Not defined here, because no δ is left to set aside for it."
            found.append(Composition(method, title, reason + why, adaptive, None, delta))  # type: ignore[arg-type]
            continue
        if method == "renyi":
            epsilon = compose_renyi(charges, slack).epsilon
        elif method == "advanced":
            epsilon = _advanced(charges, slack)
        else:
            epsilon = optimal_epsilon(charges, delta)
        found.append(Composition(method, title, reason, adaptive, epsilon, delta))  # type: ignore[arg-type]
    return tuple(found)


def tightest(found: tuple[Composition, ...], *, adaptive: bool) -> Composition:
    """Return the smallest ε among those that hold.

    Parameters
    ----------
    found : tuple of Composition
    adaptive : bool
        Whether releases were chosen one after the other, which rules out advanced and optimal.
    """
    valid = [c for c in found if c.epsilon is not None and (c.adaptive or not adaptive)]
    return min(valid, key=lambda c: c.epsilon or 0.0)


def zcdp_epsilon(rho: float, delta: float) -> float:
    """Return the ε at δ that ρ-zCDP implies.

    Proposition 7 of Canonne, Kamath and Steinke 2020 ("The Discrete Gaussian for Differential
    Privacy"): for every α > 1, ρ-zCDP implies (ε, δ)-DP with
    δ = exp((α − 1)(αρ − ε)) / (α − 1) · (1 − 1/α)^α. Any α gives a valid ε, so a search that misses
    the best one costs tightness and never validity. The terms are written in the gap α − 1, so that
    none is a difference of near numbers, and what their roundings can come to is added.

    Parameters
    ----------
    rho : float
        At least 0.
    delta : float
        In (0, 1).

    Returns
    -------
    float
        At least 0.
    """
    if rho == 0:
        return 0.0

    def epsilon(log_gap: float) -> float:
        gap = math.exp(log_gap)
        terms = (
            (1 + gap) * rho,
            math.log(gap),
            -(1 + 1 / gap) * math.log1p(gap),
            -math.log(delta) / gap,
        )
        return math.fsum(terms) + _ROUNDING * math.fsum(abs(term) for term in terms)

    best = minimize_scalar(epsilon, bounds=(-12.0, 25.0), method="bounded")
    return max(0.0, float(best.fun))


def _advanced(charges: tuple[Charge, ...], slack: float) -> float:
    costs = _floats(charges)
    squares = math.fsum(e * e for e, _ in costs)
    drift = math.fsum(e * math.tanh(e / 2) for e, _ in costs)
    return min(math.fsum(e for e, _ in costs), drift + math.sqrt(2 * math.log(1 / slack) * squares))


def optimal_epsilon(charges: tuple[Charge, ...], delta: float) -> float:
    """Return the smallest ε at δ of releases planned beforehand, by privacy loss distributions.

    Parameters
    ----------
    charges : tuple of Charge
        At least one.
    delta : float
        Above the sum of their own.

    Returns
    -------
    float
        Rounded upwards by the grid of the distributions, never down; at most the sum.
    """
    from dp_accounting.pld import common, privacy_loss_distribution

    costs = _floats(charges)
    total = math.fsum(e for e, _ in costs)
    # A grid of a thousandth of the sum rounds each loss up by at most that; finer for few charges.
    step = max(total / (2000 * len(costs)), 1e-5)
    whole = None
    for cost in dict.fromkeys(costs):
        one = privacy_loss_distribution.from_privacy_parameters(
            common.DifferentialPrivacyParameters(*cost), value_discretization_interval=step
        ).self_compose(costs.count(cost))
        whole = one if whole is None else whole.compose(one)
    assert whole is not None
    return min(total, float(whole.get_epsilon_for_delta(delta)))


def _floats(charges: tuple[Charge, ...]) -> list[tuple[float, float]]:
    """ε and δ of each under one relation, rounded up."""
    return [(rounded_up(e), rounded_up(d)) for e, d in _stated(charges)[0]]


def _stated(
    charges: tuple[Charge, ...],
) -> tuple[list[tuple[Fraction, Fraction]], Neighbouring | None]:
    """ε and δ of each under one relation, and that relation.

    Where units differ the total is a guarantee to a row, and a charge for a person counts as two:
    where only some rows of a person are used, taking a row away may bring another of theirs in.
    Where relations differ too, each is stated under replace-one.
    """
    relations = {charge.neighbouring for charge in charges}
    if not relations:
        return [], None
    mixed = len({charge.unit for charge in charges}) > 1
    relation: Neighbouring = relations.pop() if len(relations) == 1 else "replace-one"
    costs = []
    for charge in charges:
        cost = exact(charge.epsilon), exact(charge.delta)
        for counts_twice in (mixed and charge.unit != "row", charge.neighbouring != relation):
            cost = two_steps(*cost) if counts_twice else cost
        costs.append(cost)
    return costs, relation
