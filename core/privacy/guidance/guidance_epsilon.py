"""The smallest ε at which a question still has an answer, by simulation on synthetic data.

The data are never looked at, so nothing is spent: a person says how many rows there are and how
exact the answer must be, rows are drawn at random from a synthetic population, noise is added as a
release adds it (:mod:`core.privacy.mechanisms.noise`, one row more or less), and the error is what
came of both. All draws come from a seed, the same for every ε, so the curve over ε is smooth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

EPSILONS = tuple(float(f"{value:.2g}") for value in np.logspace(-2, 2, 41))
"""Tried, ascending, ten to a power of ten."""


@dataclass(frozen=True)
class Answer:
    """What was found.

    Attributes
    ----------
    epsilon : float or None
        The smallest of those tried from which on the question has an answer.
    reason : str or None
        Why there is none.
    measure : str
        What ``reached`` holds, and in which unit.
    wanted : float
        What it must reach.
    at_most : bool
        Whether it must stay at or below ``wanted``, rather than at or above.
    tried : tuple of float
    reached : tuple of float
        For each ε tried.
    without_noise : float
        What the rows alone reach.
    """

    epsilon: float | None
    reason: str | None
    measure: str
    wanted: float
    at_most: bool
    tried: tuple[float, ...]
    reached: tuple[float, ...]
    without_noise: float


class Question(Protocol):
    """What can be asked before anything is spent."""

    @property
    def measure(self) -> str:
        """What is simulated, and its unit."""
        ...

    @property
    def wanted(self) -> float:
        """What it must reach."""
        ...

    @property
    def at_most(self) -> bool:
        """Whether it must stay at or below ``wanted``."""
        ...

    def reached(self, epsilon: float | None, rng: np.random.Generator) -> float:
        """Simulate; None is without noise."""
        ...


def smallest_epsilon(question: Question, seed: int = 0) -> Answer:
    """Find the smallest ε at which a question has an answer.

    Parameters
    ----------
    question : Question
    seed : int
        Of the simulation.
    """

    def at(epsilon: float | None) -> float:
        return question.reached(epsilon, np.random.default_rng(seed))

    plain, reached = at(None), tuple(at(epsilon) for epsilon in EPSILONS)

    def enough(value: float) -> bool:
        return value <= question.wanted if question.at_most else value >= question.wanted

    found, reason = None, None
    for epsilon, value in zip(reversed(EPSILONS), reversed(reached), strict=True):
        if not enough(value):
            break
        found = epsilon
    if not enough(plain):
        found = None
        reason = "these rows are too few even without noise"
    elif found is None:
        reason = f"the noise is too large even at ε = {EPSILONS[-1]:g}"
    return Answer(
        found, reason, question.measure, question.wanted, question.at_most, EPSILONS, reached, plain
    )  # fmt: skip
