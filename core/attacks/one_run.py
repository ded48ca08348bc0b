"""A lower bound on ε from one training run.

Steinke, Nasr and Jagielski 2023, "Privacy auditing with one (1) training run" (NeurIPS), theorem
5.2 and the code of its appendix D. Each of m canaries is included by the toss of a fair coin of its
own; the auditor sees the model and guesses r of the coins, abstaining on the others. If training is
(ε, δ)-private for the change of one coin, the number of right guesses is hardly more than that of r
coins which show the truth with probability e^ε / (1 + e^ε) each: at least v are right with a
probability of at most

    P[W ≥ v] + 2 m δ max_i P[v > W ≥ v − i] / i,   W ~ Binomial(r, e^ε / (1 + e^ε)).

An ε at which that is below 5 % is refuted. A bound above the guarantee says "guarantee broken"; one
below says "not refuted" and proves nothing: a better attack might.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from scipy.stats import binom

from core.arrays import Flags, Floats
from core.storage.names import with_present_names

Verdict = Literal["guarantee broken", "not refuted", "no guarantee"]

SHARES = (0.05, 0.25, 1.0)
"""Shares of the canaries that are guessed, half of them as included and half as left out: few sure
guesses, some, or all. Fixed before any model is seen, the error shared out among them."""


@dataclass(frozen=True)
class Guesses:
    """How many coins were guessed, and how many of them rightly."""

    guesses: int
    correct: int


@dataclass(frozen=True)
class OneRun:
    """What one training run tells of ε.

    Attributes
    ----------
    canaries : int
        Fair coins that were tossed.
    trials : tuple of Guesses
        For each of :data:`SHARES` that leaves a guess to make.
    epsilon : float
        Lower bound on ε at ``confidence``, 0 or more.
    p_value : float or None
        Of the guarantee, all trials taken together; None without one.
    claimed : tuple of (float, float) or None
        ε and δ that training guarantees for the change of one coin.
    delta : float
        At which ``epsilon`` holds.
    confidence : float
    what : str
        What the canaries are and what a coin changes, in words.
    simulated : bool
        Whether the run was made for the audit, with noise drawn from a seed.
    """

    canaries: int
    trials: tuple[Guesses, ...]
    epsilon: float
    p_value: float | None
    claimed: tuple[float, float] | None = field(metadata={"first_name": "promised"})
    delta: float
    confidence: float
    what: str
    simulated: bool

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what a pickle of an earlier version calls by an earlier name."""
        vars(self).update(with_present_names(type(self), state))

    @property
    def verdict(self) -> Verdict:
        """What can be said of the guarantee: never that it holds."""
        if self.p_value is None:
            return "no guarantee"
        return "guarantee broken" if self.p_value < 1 - self.confidence else "not refuted"


def p_value(canaries: int, guesses: int, correct: int, epsilon: float, delta: float) -> float:
    """Bound the probability of so many right guesses under (ε, δ)-privacy.

    Parameters
    ----------
    canaries, guesses, correct : int
        0 ≤ correct ≤ guesses ≤ canaries.
    epsilon : float
        0 or more.
    delta : float
        In [0, 1].

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        If an argument is out of its range.
    """
    if not (0 <= correct <= guesses <= canaries and epsilon >= 0 and 0 <= delta <= 1):
        raise ValueError("0 ≤ correct ≤ guesses ≤ canaries, ε ≥ 0 and 0 ≤ δ ≤ 1 are needed")
    truth = 1 / (1 + math.exp(-epsilon))
    tail = float(binom.sf(correct - 1, guesses, truth))
    if delta == 0 or correct == 0:
        return min(1.0, tail)
    just_below = np.cumsum(binom.pmf(np.arange(correct - 1, -1, -1), guesses, truth))
    steepest = float((just_below / np.arange(1, correct + 1)).max())
    return min(1.0, tail + 2 * canaries * delta * steepest)


def epsilon_bound(
    canaries: int, guesses: int, correct: int, delta: float, confidence: float = 0.95
) -> float:
    """Find the largest ε that so many right guesses refute, 0 if they refute none.

    Parameters
    ----------
    canaries, guesses, correct : int
        As :func:`p_value`.
    delta : float
        In [0, 1].
    confidence : float
        In (0, 1).
    """
    error = 1 - confidence

    def refuted(epsilon: float) -> bool:
        return p_value(canaries, guesses, correct, epsilon, delta) < error

    if not refuted(0.0):
        return 0.0
    low, high = 0.0, 1.0
    while refuted(high):
        low, high = high, high + 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if refuted(middle) else (low, middle)
    return low


def judge(
    scores: Floats,
    included: Flags,
    *,
    claimed: tuple[float, float] | None,
    delta: float,
    what: str,
    simulated: bool,
    seed: int = 0,
    confidence: float = 0.95,
) -> OneRun:
    """Guess coins by scores, and see what the right guesses refute.

    Parameters
    ----------
    scores : ndarray of float64, shape (m,)
        Of each canary: larger is more surely included. Computed without looking at the coins.
    included : ndarray of bool, shape (m,)
        How the fair coins fell.
    claimed : tuple of (float, float) or None
        ε and δ for the change of one coin.
    delta : float
        At which the lower bound on ε is told; that of the guarantee where there is one.
    what : str
    simulated : bool
    seed : int
        Of the order of equal scores, which must not depend on the coins.
    confidence : float
        In (0, 1).
    """
    m = len(scores)
    shuffled = np.random.default_rng(seed).permutation(m)
    ranked = included[shuffled][np.argsort(-scores[shuffled], kind="stable")]
    halves = sorted({int(share * m / 2) for share in SHARES} - {0})
    trials = tuple(
        Guesses(2 * half, int(ranked[:half].sum() + (~ranked[m - half :]).sum())) for half in halves
    )
    each = 1 - (1 - confidence) / max(1, len(trials))
    bounds = [epsilon_bound(m, t.guesses, t.correct, delta, each) for t in trials]
    smallest = None
    if claimed is not None:
        values = [p_value(m, t.guesses, t.correct, *claimed) for t in trials]
        smallest = min([1.0, *(len(trials) * value for value in values)])
    return OneRun(
        m,
        trials,
        max(bounds, default=0.0),
        smallest,
        claimed,
        delta,
        confidence,
        what,
        simulated,
    )
