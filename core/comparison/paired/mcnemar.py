"""McNemar's exact test of two models being equally often right about the same people.

Definition
----------
Only people about whom exactly one model is right can tell the two apart. Among these, as many are
expected for either if both are equally often right, so the number for B is binomial with 1/2:
McNemar (1947), Psychometrika 12, in its exact form with the two-sided binomial probability.

Power is Miettinen's (1968, Biometrics 24) and Connor's (1987, Biometrics 43): with n people, a
share ψ of discordant ones and a true difference δ, the test at level α finds it with power
Φ((δ √n − z(α/2) √ψ) / √(ψ − δ²)). It approximates; the exact test finds a little less where few
differ.

A wrong answer would be caught by scipy's binomial test, and by the exact power summed over all
outcomes.

Where persons have several rows, what each person's rows say for B less what they say for A varies
by Σ s² under the null instead of by the number of discordant rows. Both counts, and the number of
people in the power, are divided by how many times larger that is (the design effect; Donald and
Donner 1987, Statistics in Medicine 6), and the test counts what is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri
from scipy.stats import binomtest

from core.arrays import Flags, Ints
from core.errors import InputError
from core.fairness.counts.cube import as_persons
from core.fairness.intervals.intervals import normal_quantile


@dataclass(frozen=True)
class McNemar:
    """Who is right where only one is.

    Attributes
    ----------
    people : int
        n, all rows that both decided on.
    only_a, only_b : int
        People about whom only this model is right.
    p_value : float
        Exact and two-sided; 1 where both are right about the same people.
    detectable : float or None
        Difference in accuracy that so many people with so many discordant ones would reveal with
        ``power``; None where too few are discordant for any.
    level, power : float
    """

    people: int
    only_a: int
    only_b: int
    p_value: float
    detectable: float | None
    level: float
    power: float


def mcnemar(
    right_a: Flags,
    right_b: Flags,
    *,
    level: float = 0.95,
    power: float = 0.8,
    persons: Ints | None = None,
) -> McNemar:
    """Test whether two models are equally often right about the same people.

    Parameters
    ----------
    right_a, right_b : ndarray of bool, shape (n,)
        Whether each model is right about each person.
    level, power : float
        In (0, 1), for what would have been found.
    persons : ndarray of int, shape (n,), optional
        Equal for rows of one person; without them every row is a person.

    Raises
    ------
    InputError
        If the lengths differ or there is nobody.
    """
    if len(right_a) != len(right_b) or not len(right_a):
        raise InputError(
            f"one has {len(right_a)} people and the other {len(right_b)}",
            where="right decisions",
            remedy="Give both models' decisions about the same people, of whom there is at least "
            "one",
        )
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    discordant = only_a + only_b
    n, times = len(right_a), 1.0
    ids = as_persons(persons, n)
    if ids is not None and discordant:
        changes = np.bincount(ids, right_b.astype(np.float64) - right_a)
        times = max(1.0, float(np.square(changes).sum()) / discordant)
    # Of an effective number of rows the whole ones are tested, which is cautious.
    tested = int(discordant / times + 1e-9)
    p_value = 1.0
    if tested:
        p_value = float(binomtest(round(only_b / discordant * tested), tested, 0.5).pvalue)
    found = detectable_accuracy(n / times, discordant / n, level=level, power=power)
    return McNemar(n, only_a, only_b, p_value, found, level, power)


def detectable_accuracy(
    people: float, discordant: float, *, level: float = 0.95, power: float = 0.8
) -> float | None:
    """Smallest true difference in accuracy that McNemar's test finds.

    Parameters
    ----------
    people : float
        n, at least 1; an effective number where persons have several rows.
    discordant : float
        ψ, the share of people about whom exactly one model is right, in [0, 1].
    level, power : float
        In (0, 1), with power above 1/2.

    Returns
    -------
    float or None
        In (0, ψ]; None where not even a difference of ψ is found, all discordant people being on
        one side.
    """
    if not 0 < level < 1:
        raise InputError("it must lie between 0 and 1", where=f"level {level}")
    if not 0.5 < power < 1:
        raise InputError("it must lie between 0.5 and 1", where=f"power {power}")
    alpha, beta = normal_quantile(level), float(ndtri(power))

    def excess(difference: float) -> float:
        under = beta * np.sqrt(max(discordant - difference**2, 0.0))
        return float(difference * np.sqrt(people) - alpha * np.sqrt(discordant) - under)

    if discordant <= 0 or excess(discordant) < 0:
        return None
    return float(brentq(excess, 0.0, discordant))
