"""What a mitigation is, and the registry of all of them.

A mitigation takes a training task and returns a decider. "No mitigation" is one too, so every
comparison has its baseline. A new mitigation is one ``MITIGATIONS.add(...)`` in the module of its
family.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Objects
from core.errors import InputError
from core.law.rules import GROUP_CUT_OFFS, rule
from core.learning.models import EncodedModel
from core.privacy.mechanisms.noise import NoiseSource
from core.registry import Registry


@dataclass(frozen=True)
class TrainingData:
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
    groups: Objects
    weights: Floats | None = None


@dataclass(frozen=True)
class NoisyCounting:
    """With what a mitigation may count rows beside a private learner; charged already.

    Attributes
    ----------
    epsilon : float
        For all counts together, under add-or-remove of one row.
    source : NoiseSource
    groups : tuple of str
        Declared groups of the attribute that is mitigated; empty where none were declared.
    """

    epsilon: float
    source: NoiseSource
    groups: tuple[str, ...] = ()


BaseModelCache = Callable[[Callable[[], EncodedModel]], EncodedModel]
"""Takes what makes a model and returns the model, made now or before."""


@dataclass(frozen=True)
class MitigationContext:
    """What a mitigation trains on.

    Attributes
    ----------
    train, validation : TrainingData
    build : callable
        Makes a fresh, untrained model of the chosen learner.
    seed : int
    counting : NoisyCounting or None
        For a mitigation that counts with noise.
    strength : float
        In (0, 1]; 1 is in full.
    share : callable or None
        Takes what makes the plain model and returns it, perhaps from an earlier call.
    """

    train: TrainingData
    validation: TrainingData
    build: Callable[[], EncodedModel]
    seed: int
    counting: NoisyCounting | None = None
    strength: float = 1.0
    share: BaseModelCache | None = None

    def plain(self) -> EncodedModel:
        """Return the learner trained on the training rows as they are; it must not be changed."""

        def make() -> EncodedModel:
            model = self.build()
            model.fit(self.train.X, self.train.positive, self.train.weights)
            return model

        return make() if self.share is None else self.share(make)


class Decider(Protocol):
    """A trained model and its decision rule, called as a classifier of scikit-learn is.

    Scores are one-dimensional: column 1 of what ``predict_proba`` returns there.
    """

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Score in [0, 1] with the group unknown, larger for the positive label, shape (n,)."""
        ...

    def predict(self, X: pd.DataFrame, groups: Objects) -> Flags:
        """Positive decisions, shape (n,)."""
        ...


@runtime_checkable
class GroupScorer(Decider, Protocol):
    """A decider whose score depends on the person's group where that is known."""

    def predict_score_in_group(self, X: pd.DataFrame, groups: Objects) -> Floats:
        """Score in [0, 1] on which the decision rests, shape (n,)."""
        ...


def scores_of(decider: Decider, X: pd.DataFrame, groups: Objects) -> Floats:
    """Score people whose groups are known: what the decision about them rests on.

    Parameters
    ----------
    decider : Decider
    X : DataFrame, shape (n, p)
        Raw features.
    groups : ndarray of str, shape (n,)
        In the attribute that was mitigated for.

    Returns
    -------
    ndarray of float, shape (n,)
        In [0, 1].
    """
    if isinstance(decider, GroupScorer):
        return decider.predict_score_in_group(X, groups)
    return decider.predict_score(X)


@dataclass(frozen=True)
class Mitigation:
    """A registered mitigation.

    Attributes
    ----------
    name, title, sentence : str
    family : {"none", "before", "during", "after"}
        Whether it acts before, during or after training.
    fit : callable
        From a :class:`MitigationContext` to a :class:`Decider`.
    needs_group_to_decide : bool
        Whether the sensitive attribute must be known when a decision is made.
    randomised : bool
        Whether two people with equal features may be decided differently, at random.
    keeps_privacy : bool
        Whether a private learner's guarantee still covers the whole.
    counts : {"", "training", "validation"}
        Which rows it counts with noise; it can be chosen with a private learner only.
    declared_groups : bool
        Whether the groups that it counts must be declared.
    learners : tuple of str
        Names of the only learners that it can be chosen with; empty for any.
    source : str
        Where the method was published.
    assumes : str
        What must be true for it to be the right cure, in one plain sentence.
    aim : str
        The disparity it narrows, by its name in
        :data:`core.fairness.disparities.disparities.DISPARITIES`; empty where none of them says it.
    replaces_learner : str
        Name of the only learner it can be chosen with, since it trains one of its own of that
        kind; empty where it trains whichever learner was chosen.
    degrees : str
        What half its strength means, in one plain sentence; empty where it has no degrees.
    takes_weights : bool
        Whether it can train on rows that have weights, see :func:`refuse_weights`.
    score_is_probability : bool
        Whether the score of what it trains is the probability of a positive decision, and so says
        nothing of how likely the positive outcome is.
    raises_positives : bool
        Whether all it does is to give more people the positive decision, which is a cure only
        where that is the favourable one.
    """

    name: str
    title: str
    sentence: str
    family: Literal["none", "before", "during", "after"]
    fit: Callable[[MitigationContext], Decider]
    needs_group_to_decide: bool = False
    randomised: bool = False
    keeps_privacy: bool = False
    counts: Literal["", "training", "validation"] = ""
    declared_groups: bool = False
    learners: tuple[str, ...] = ()
    source: str = ""
    assumes: str = ""
    aim: str = ""
    replaces_learner: str = ""
    degrees: str = ""
    takes_weights: bool = True
    score_is_probability: bool = False
    raises_positives: bool = False

    @property
    def warning(self) -> str:
        """What the law says of deciding by a person's group; empty where it doesn't."""
        return rule(GROUP_CUT_OFFS).warns if self.needs_group_to_decide else ""


MITIGATIONS: Registry[Mitigation] = Registry("mitigation")


def refuse_weights(task: MitigationContext, problem: str) -> None:
    """Answer row weights that a method cannot honour.

    Raises
    ------
    InputError
        If the task has weights, with ``problem`` as its reason.
    """
    if task.train.weights is not None:
        raise InputError(
            problem,
            where="weights",
            remedy="Leave the weight column out, or choose another mitigation",
        )


def counting_of(task: MitigationContext) -> NoisyCounting:
    """Return what a task may count with.

    Raises
    ------
    InputError
        If it has row weights, which counts would not be bounded with, or nothing to count with.
    """
    refuse_weights(task, "one row of a large weight would change a count by more than is hidden")
    if task.counting is None:
        raise InputError(
            "it counts rows with noise beside a private model, and there is no such model here",
            where="mitigation",
            remedy="Choose a private model, or a mitigation without noise",
        )
    return task.counting


def group_of_one_outcome(group: str, rows: int, part: str, so: str) -> InputError:
    """Name a group in which nothing can be learned, since all its rows have one outcome.

    Parameters
    ----------
    group : str
    rows : int
        How many it has.
    part : str
        "training" or "validation".
    so : str
        What therefore cannot be done.
    """
    return InputError(
        f"its {rows} {part} rows all have the same outcome, so {so}",
        where=f"group {group!r}",
        remedy="Mitigate for an attribute with larger groups, merge small groups with the roles, "
        "or use another mitigation",
    )


def check_outcomes(part: TrainingData, so: str) -> None:
    """Check that every group of validation rows has both outcomes.

    Raises
    ------
    InputError
        Naming a group that has not, with ``so`` as the consequence.
    """
    weight = np.ones(len(part.positive)) if part.weights is None else part.weights
    for group in np.unique(part.groups):
        labels = part.positive[(part.groups == group) & (weight > 0)]
        if labels.all() or not labels.any():
            raise group_of_one_outcome(str(group), len(labels), "validation", so)


class ThresholdDecider:
    """A model whose decision is positive at a score of at least ``threshold``."""

    kept_fields = ("model", "threshold")

    def __init__(self, model: EncodedModel, threshold: float = 0.5):
        self.model = model
        self.threshold = threshold

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Score of the model, shape (n,)."""
        return self.model.predict_score(X)

    def predict(self, X: pd.DataFrame, groups: Objects) -> Flags:
        """Positive where the score reaches the threshold, shape (n,)."""
        return self.predict_score(X) >= self.threshold


def _no_mitigation(task: MitigationContext) -> Decider:
    model = task.plain()
    return ThresholdDecider(model, model.threshold)


MITIGATIONS.add(
    Mitigation(
        "none",
        "No mitigation",
        "The model as it is: the baseline that every mitigation is compared with.",
        "none",
        _no_mitigation,
        keeps_privacy=True,
        assumes="The gaps of the model as it is are small enough, or justified.",
    )
)
