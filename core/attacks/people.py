"""The people an attacker asks about: training rows (members) and test rows (non-members)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from core.arrays import Flags, Floats, Ints
from core.data.dataset import Dataset
from core.errors import InputError
from core.learning.dataset_split import persons_at
from core.mitigation import Decider, scores_of
from core.training.external_split import TRAINING_ROWS_UNKNOWN, trained_on_is_known
from core.training.fit import part_of, rows_used
from core.training.spec import TrainingSpec
from core.training.trained import Trained

SMALLEST = 1e-6
"""Scores are kept this far from 0 and 1: a forest's can be either, and their loss has no end."""


@dataclass(frozen=True, eq=False)
class People:
    """Rows that an attacker asks about, in the order of the dataset.

    Attributes
    ----------
    rows : ndarray of int64, shape (n,)
        Positions in the dataset, ascending: their order tells nothing of membership.
    member : ndarray of bool, shape (n,)
        Whether the model was trained on the row.
    positive : ndarray of bool, shape (n,)
    confidence : ndarray of float64, shape (n,)
        Log-odds that the model gives to the true label, within ±13.8.
    persons : ndarray of int64, shape (n,), or None
        Equal for the rows of one person, from 0, where the split kept them together: the attacker
        then asks about persons, each of whom has all rows among the members or none.
    """

    rows: Ints
    member: Flags
    positive: Flags
    confidence: Floats
    persons: Ints | None = None

    @property
    def unit(self) -> str:
        """What the attacker asks about: "row" or "person"."""
        return "row" if self.persons is None else "person"

    @property
    def first(self) -> Ints:
        """One position for each unit: its first row."""
        if self.persons is None:
            return np.arange(len(self.rows), dtype=np.int64)
        return np.asarray(np.unique(self.persons, return_index=True)[1], dtype=np.int64)

    def mean(self, values: Floats) -> Floats:
        """Average values of rows over each unit, shape (units,)."""
        if self.persons is None:
            return values
        return np.asarray(np.bincount(self.persons, values) / np.bincount(self.persons))

    def half(self, rng: np.random.Generator) -> Flags:
        """Draw half of the units at random, shape (n,), all rows of each."""
        units = len(self.first)
        drawn = np.zeros(units, dtype=np.bool_)
        drawn[rng.permutation(units)[: units // 2]] = True
        return drawn if self.persons is None else drawn[self.persons]

    @property
    def loss(self) -> Floats:
        """Cross-entropy of each row in nats, above 0, shape (n,)."""
        return np.asarray(np.logaddexp(0.0, -self.confidence))


def people_of(dataset: Dataset, trained: Trained) -> People:
    """Score the training and the test rows of a model as an attacker would.

    Validation rows may have set thresholds, and are left out. So are rows of weight 0, of both
    parts: those among the training rows took no part, and the others would be known by that.
    Under a balancing that leaves rows out, test rows are balanced alike.

    Raises
    ------
    InputError
        If it is not known which rows trained the model.
    """
    if not trained_on_is_known(trained.spec):
        raise InputError(
            f"{TRAINING_ROWS_UNKNOWN}, so there are no members to look for",
            where=trained.spec.external.name if trained.spec.external else None,
            remedy="Bring a table that holds its training rows too, and say which column marks "
            "them",
        )
    train = trained.split.train
    # Rows that balancing left out took no part. The same is left out of the test rows, or labels
    # alone would tell members from others.
    used = [rows_used(dataset, trained.spec, part) for part in (train, trained.split.test)]
    rows = np.sort(np.concatenate(used))
    if dataset.weights is not None:
        rows = rows[dataset.weights[rows] > 0]
    positive = dataset.target[rows]
    scores = scores_at(dataset, trained.spec, trained.decider, rows)
    persons = persons_at(dataset, trained.split, rows)
    return People(rows, np.isin(rows, train), positive, confidence(scores, positive), persons)


def scores_at(dataset: Dataset, spec: TrainingSpec, decider: Decider, rows: Ints) -> Floats:
    """Score rows whose groups are known, shape (rows,), in [0, 1]."""
    part = part_of(dataset, spec, rows)
    return scores_of(decider, part.X, part.groups)


def confidence(scores: Floats, positive: Flags) -> Floats:
    """Log-odds that scores give to the true label, shape (n,).

    Carlini et al. 2022, section V-A: logit scaling makes confidences nearly normal.

    Parameters
    ----------
    scores : ndarray of float64, shape (n,)
        Of the positive label, in [0, 1].
    positive : ndarray of bool, shape (n,)
    """
    odds = logit(np.clip(scores, SMALLEST, 1 - SMALLEST))
    return np.asarray(np.where(positive, odds, -odds))
