"""What a private release costs: ε, δ, the unit that is hidden, and the neighbouring relation.

Definitions
-----------
(ε, δ)-differential privacy: for all neighbouring tables D, D' and all sets S of outputs,
P[M(D) ∈ S] ≤ e^ε · P[M(D') ∈ S] + δ (Dwork and Roth 2014, "The Algorithmic Foundations of
Differential Privacy", definition 2.4).

Two neighbouring relations occur. "replace-one": one unit changes its values, and the number of
units is public. "add-or-remove": one unit is there or not. A replacement is a removal and an
addition, so a mechanism that is (ε, δ) under add-or-remove is (2ε, (1 + e^ε) δ) under replace-one
(group privacy for two, lemma 2.2 and theorem 2.2 there).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from core.errors import InputError

Neighbouring = Literal["replace-one", "add-or-remove"]

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
    """

    what: str
    epsilon: float
    delta: float
    neighbouring: Neighbouring
    unit: str = "row"
    when: str = ""
    audit: str = ""

    def as_replace_one(self) -> tuple[float, float]:
        """Return ε and δ under replace-one."""
        if self.neighbouring == "replace-one":
            return self.epsilon, self.delta
        return 2 * self.epsilon, min(1.0, (1 + math.exp(min(self.epsilon, 700))) * self.delta)


def check_epsilon(epsilon: float) -> float:
    """Return a valid ε, a finite number above zero; raise InputError for any other."""
    if not (isinstance(epsilon, int | float) and math.isfinite(epsilon) and epsilon > 0):
        raise InputError(
            "epsilon must be a finite number above 0",
            where=f"epsilon = {epsilon!r}",
            remedy="Common choices lie between 0.1 (very private) and 10 (hardly private)",
        )
    return float(epsilon)


def check_delta(delta: float) -> float:
    """Return a valid δ, at least 0 and below 1; raise InputError for any other."""
    if not (isinstance(delta, int | float) and math.isfinite(delta) and 0 <= delta < 1):
        raise InputError(
            "delta must be at least 0 and below 1",
            where=f"delta = {delta!r}",
            remedy="It should be well below one over the number of rows, such as 0.000001",
        )
    return float(delta)
