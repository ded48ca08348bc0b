"""What a mitigation is, and the registry of all of them.

A mitigation takes a training task and returns a decider. "No mitigation" is one too, so every
comparison has its baseline. A new mitigation is one ``MITIGATIONS.add(...)`` in the module of its
family.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.learning.models import EncodedModel
from core.registry import Registry

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Groups = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Part:
    """Rows of one part of the split.

    Attributes
    ----------
    X : DataFrame, shape (n, p)
        Raw features.
    positive : ndarray of bool, shape (n,)
    groups : ndarray of str, shape (n,)
        Group of each row in the attribute that is mitigated.
    weights : ndarray of float, shape (n,), or None
    """

    X: pd.DataFrame
    positive: Flags
    groups: Groups
    weights: Floats | None = None


@dataclass(frozen=True)
class Task:
    """What a mitigation trains on.

    Attributes
    ----------
    train, validation : Part
    build : callable
        Makes a fresh, untrained model of the chosen learner.
    seed : int
    """

    train: Part
    validation: Part
    build: Callable[[], EncodedModel]
    seed: int


class Decider(Protocol):
    """A trained model together with its way to decide."""

    def score(self, X: pd.DataFrame) -> Floats:
        """Score in [0, 1], larger meaning more likely positive, shape (n,)."""
        ...

    def decide(self, X: pd.DataFrame, groups: Groups) -> Flags:
        """Positive decisions, shape (n,)."""
        ...


@dataclass(frozen=True)
class Mitigation:
    """A registered mitigation.

    Attributes
    ----------
    name, title, sentence : str
    family : {"none", "before", "during", "after"}
        Whether it acts before, during or after training.
    fit : callable
        From a :class:`Task` to a :class:`Decider`.
    needs_group_to_decide : bool
        Whether the sensitive attribute must be known when a decision is made.
    randomised : bool
        Whether two people with equal features may be decided differently, by lot.
    keeps_privacy : bool
        Whether a private learner's promise still covers the whole.
    source : str
        Where the method was published.
    """

    name: str
    title: str
    sentence: str
    family: Literal["none", "before", "during", "after"]
    fit: Callable[[Task], Decider]
    needs_group_to_decide: bool = False
    randomised: bool = False
    keeps_privacy: bool = False
    source: str = ""


MITIGATIONS: Registry[Mitigation] = Registry("mitigation")


class ThresholdDecider:
    """A model whose decision is positive at a score of at least ``threshold``."""

    def __init__(self, model: EncodedModel, threshold: float = 0.5):
        self.model = model
        self.threshold = threshold

    def score(self, X: pd.DataFrame) -> Floats:
        """Score of the model, shape (n,)."""
        return self.model.score(X)

    def decide(self, X: pd.DataFrame, groups: Groups) -> Flags:
        """Positive where the score reaches the threshold, shape (n,)."""
        return self.score(X) >= self.threshold


def _no_mitigation(task: Task) -> Decider:
    model = task.build()
    model.fit(task.train.X, task.train.positive, task.train.weights)
    return ThresholdDecider(model)


MITIGATIONS.add(
    Mitigation(
        "none",
        "No mitigation",
        "The learner as it is: the baseline that every mitigation is compared with.",
        "none",
        _no_mitigation,
        keeps_privacy=True,
    )
)
