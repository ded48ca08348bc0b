"""Labels changed before training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.arrays import Flags, Floats, Objects
from core.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Mitigation,
    MitigationContext,
    ThresholdDecider,
    TrainingData,
)


def massaged(
    positive: Flags,
    groups: Objects,
    scores: Floats,
    weights: Floats | None = None,
    strength: float = 1.0,
) -> Flags:
    """Labels with those nearest the border flipped, so that every group has the base rate of all.

    Kamiran and Calders 2012, "Data preprocessing techniques for classification without
    discrimination", section 4.2, for any number of groups: in a group below the base rate of all,
    the negatives of highest score become positive; in one above it, the positives of lowest score
    become negative. Between equal scores the earlier row is flipped. At a strength below 1 that
    share of the flips is made, the most doubtful ones.

    Parameters
    ----------
    positive : ndarray of bool, shape (n,)
    groups : ndarray of str, shape (n,)
    scores : ndarray of float, shape (n,)
        Of a ranker.
    weights : ndarray of float, shape (n,), optional
    strength : float
        In (0, 1]; towards 0 no label is flipped.

    Returns
    -------
    ndarray of bool, shape (n,)
        Each group's base rate lies the part ``strength`` of the way from what it was to that of
        all, to within half of one row.
    """
    weight = np.ones(len(positive)) if weights is None else weights
    rate = weight[positive].sum() / weight.sum()
    out = positive.copy()
    for group in np.unique(groups):
        of_group = groups == group
        missing = rate * weight[of_group].sum() - weight[of_group & positive].sum()
        promote = missing > 0
        rows = np.flatnonzero(of_group & (positive != promote) & (weight > 0))
        order = rows[np.argsort(-scores[rows] if promote else scores[rows], kind="stable")]
        middles = np.cumsum(weight[order]) - weight[order] / 2
        out[order[middles < strength * abs(missing)]] = promote
    return out


def massaged_part(task: MitigationContext) -> TrainingData:
    """Training rows with labels massaged by the chosen learner as ranker."""
    part = task.train
    scores = task.plain().predict_score(part.X)
    labels = massaged(part.positive, part.groups, scores, part.weights, task.strength)
    return replace(part, positive=labels)


def _massaging(task: MitigationContext) -> Decider:
    part = massaged_part(task)
    model = task.build()
    model.fit(part.X, part.positive, part.weights)
    return ThresholdDecider(model)


MITIGATIONS.add(
    Mitigation(
        "massaging",
        "Label massaging",
        "Flips the training outcomes that a first model finds most doubtful, until all groups have "
        "the same share of positive outcomes.",
        "before",
        _massaging,
        source="Kamiran and Calders 2012",
        assumes="Recorded outcomes are unjust between groups, and those nearest the border are "
        "the ones that were recorded wrongly.",
        aim="demographic_parity_difference",
        degrees="At half strength half as many outcomes are flipped, the most doubtful ones.",
    )
)
