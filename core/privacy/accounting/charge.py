"""What a private release costs: ε, δ, the unit that is hidden, and the neighbouring relation.

Definitions
-----------
(ε, δ)-differential privacy: for all neighbouring tables D, D' and all sets S of outputs,
P[M(D) ∈ S] ≤ e^ε · P[M(D') ∈ S] + δ (Dwork and Roth 2014, "The Algorithmic Foundations of
Differential Privacy", definition 2.4).

What is charged is an ε of at least 0.000001, and a δ of 0 or at least 1e-30: below that there is
nothing but noise to see.

Two neighbouring relations occur. "replace-one": one unit changes its values, and the number of
units is public. "add-or-remove": one unit is there or not. A replacement is a removal and an
addition, so a mechanism that is (ε, δ) under add-or-remove is (2ε, (1 + e^ε) δ) under replace-one
(group privacy for two, lemma 2.2 and theorem 2.2 there).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

from core.errors import InputError

Neighbouring = Literal["replace-one", "add-or-remove"]

SMALLEST_EPSILON = 1e-6
SMALLEST_DELTA = 1e-30
"""What may be charged at least; δ may be 0."""

NEIGHBOURING_SENTENCE: dict[str, str] = {
    "replace-one": "two tables are neighbours if one row has other values; "
    "the number of rows is public",
    "add-or-remove": "two tables are neighbours if one row is in the one and not in the other",
}


@dataclass(frozen=True)
class Charge:
    """One entry of the ledger.

    Attributes
    ----------
    what : str
        The release that it pays for.
    epsilon, delta : float
        Its cost under ``neighbouring``.
    neighbouring : {"replace-one", "add-or-remove"}
    unit : str
        Whose presence is hidden: "row", or a person with a bounded number of rows.
    when : str
        UTC time, ISO 8601.
    audit : str
        Id of the audit that it was made in; empty for the command line.
    id : str
        Tells it apart from all others, so that a run that died knows what it paid.
    """

    what: str
    epsilon: float
    delta: float
    neighbouring: Neighbouring
    unit: str = "row"
    when: str = ""
    audit: str = ""
    id: str = ""


def check_epsilon(epsilon: float) -> float:
    """Return a valid ε, a finite number above zero; raise InputError for any other."""
    # True is an int, and a ledger that says "true" could not be read again.
    number = isinstance(epsilon, int | float) and not isinstance(epsilon, bool)
    if not (number and 0 < epsilon <= sys.float_info.max):
        raise InputError(
            "epsilon must be a finite number above 0",
            where=f"epsilon = {epsilon!r}",
            remedy="Common choices lie between 0.1 (very private) and 10 (hardly private)",
        )
    return float(epsilon)


def check_delta(delta: float) -> float:
    """Return a valid δ, at least 0 and below 1; raise InputError for any other."""
    number = isinstance(delta, int | float) and not isinstance(delta, bool)
    if not (number and 0 <= delta < 1):
        raise InputError(
            "delta must be at least 0 and below 1",
            where=f"delta = {delta!r}",
            remedy="It should be well below one over the number of rows, such as 0.000001",
        )
    return float(delta)


def check_size(epsilon: float, delta: float) -> None:
    """Refuse a charge too small to be told apart from nothing.

    Raises
    ------
    InputError
        If ε lies below 0.000001, or δ above 0 and below 1e-30.
    """
    if epsilon < SMALLEST_EPSILON:
        raise InputError(
            f"the smallest ε that can be charged is {SMALLEST_EPSILON:f}",
            where=f"epsilon = {epsilon!r}",
            remedy="Nothing was charged. With less there is nothing but noise to see",
        )
    if 0 < delta < SMALLEST_DELTA:
        raise InputError(
            f"the smallest δ that can be charged is {SMALLEST_DELTA:g}",
            where=f"delta = {delta!r}",
            remedy="Nothing was charged. Give 0 where a release has no δ",
        )
