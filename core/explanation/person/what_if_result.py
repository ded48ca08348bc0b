"""A person as they are and edited: frozen specs and results."""

from __future__ import annotations

from dataclasses import dataclass

from core.arrays import Flags, Floats
from core.explanation.attribution.contributions import Contributions
from core.explanation.counterfactual.counterfactual_result import Value


@dataclass(frozen=True)
class Edit:
    """One feature's new value.

    Attributes
    ----------
    feature : str
        Or the column whose group a mitigation decides by.
    value : float, str or None
        None where missing.
    """

    feature: str
    value: Value


Edits = tuple[Edit, ...]


@dataclass(frozen=True)
class AskedWhatIf:
    """Edits of one person as they are asked for before there is a model.

    Attributes
    ----------
    row : int
        Of the table as it was read, counted from 0.
    values : tuple of (str, str)
        Feature and value, as typed.
    """

    row: int
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PersonState:
    """What the model says of a person, as they are or edited.

    Attributes
    ----------
    values : dict of str to (float, str or None)
        By feature, and by the group's column where a mitigation decides by it.
    group : str or None
        By which a mitigation decides; None where it looks at none.
    score : float
        On which the decision rests.
    explained_score : float
        Which Shapley values explain: with the group unknown.
    positive : bool
        The decision; of an edited person whose decision is drawn at random the likelier one.
    probability : float or None
        Of the positive decision where it is drawn at random; None where it isn't.
    threshold, distance : float or None
        The score from which on the decision is positive, and score less threshold; None where no
        single one decides.
    usual : float
        Share of the training rows so decided that are at least as far from others of them, in
        [0, 1]: the measure by which counterfactuals are judged.
    plausible : bool
        Whether that is enough for a counterfactual.
    """

    values: dict[str, Value]
    group: str | None
    score: float
    explained_score: float
    positive: bool
    probability: float | None
    threshold: float | None
    distance: float | None
    usual: float
    plausible: bool


@dataclass(frozen=True)
class WhatIfAnswer:
    """A person as they are and edited.

    Attributes
    ----------
    row : int
        Number of the row in the table as it was read, counted from 0.
    edits : tuple of Edit
        In the order of features; none that changes nothing.
    before, after : PersonState
    reasons_before, reasons_after : Contributions
        Shapley values of each, of one row.
    """

    row: int
    edits: Edits
    before: PersonState
    after: PersonState
    reasons_before: Contributions
    reasons_after: Contributions


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores and decisions of several people.

    Attributes
    ----------
    scores : ndarray, shape (n,)
    decisions : ndarray of bool, shape (n,)
        The likelier one where it is drawn at random.
    probabilities : ndarray, shape (n,)
        Of the positive decision where it is drawn at random, NaN where it isn't.
    threshold : float or None
        The score from which on decisions are positive, where one decides about all of them.
    """

    scores: Floats
    decisions: Flags
    probabilities: Floats
    threshold: float | None
