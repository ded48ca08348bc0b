"""Balancing: training rows in which both labels have the same say.

Where one label is rare, a learner that is right for the frequent one has little reason to find the
rare one. Balancing changes training rows only; validation and test rows stay as they are, so every
figure speaks of the people as they come. It looks at labels and never at groups: methods that even
out groups are mitigations. Sources: Chawla et al. 2002, "SMOTE", JAIR 16, section 2 (over- and
undersampling); King and Zeng 2001, "Logistic regression in rare events data", Political Analysis
9(2) (weights).

A new method is one ``BALANCINGS.add(...)``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.arrays import Flags, Floats, Ints
from core.errors import InputError
from core.registry import Registry


@dataclass(frozen=True)
class Balanced:
    """Training rows after balancing.

    Attributes
    ----------
    rows : ndarray of int64, shape (m,)
        Positions among the training rows, ascending; a row may be there several times.
    weights : ndarray of float64, shape (m,), or None
        None where every row weighs alike.
    """

    rows: Ints
    weights: Floats | None = None


@dataclass(frozen=True)
class Balancing:
    """A registered method.

    Attributes
    ----------
    name, title, sentence : str
    apply : callable
        From labels, shape (n,), weights or None, and a seed to the balanced rows. Both labels are
        there.
    weighs : bool
        Whether it sets row weights, which some mitigations refuse.
    """

    name: str
    title: str
    sentence: str
    apply: Callable[[Flags, Floats | None, int], Balanced]
    weighs: bool = False


BALANCINGS: Registry[Balancing] = Registry("balancing")


def balanced(name: str, positive: Flags, weights: Floats | None, seed: int) -> Balanced:
    """Balance training rows.

    Parameters
    ----------
    name : str
        Registered name.
    positive : ndarray of bool, shape (n,)
    weights : ndarray of float64, shape (n,), optional
        Kept with their rows; what is balanced is the sum of weights.
    seed : int

    Raises
    ------
    InputError
        If one label has no row, or no weight.
    """
    method = BALANCINGS[name]
    weight = np.ones(len(positive)) if weights is None else weights
    if name != "none" and not min(weight[positive].sum(), weight[~positive].sum()) > 0:
        raise InputError(
            "one of the labels has no training row, so there is nothing to balance",
            where=f"balancing {name!r}",
            remedy="Use more rows, another seed, or no balancing",
        )
    return method.apply(positive, weights, seed)


def _none(positive: Flags, weights: Floats | None, seed: int) -> Balanced:
    return Balanced(np.arange(len(positive), dtype=np.int64), weights)


def _class_weights(positive: Flags, weights: Floats | None, seed: int) -> Balanced:
    weight = np.ones(len(positive)) if weights is None else weights
    out = weight.copy()
    for rows in (positive, ~positive):
        out[rows] *= weight.sum() / (2 * weight[rows].sum())
    return Balanced(np.arange(len(positive), dtype=np.int64), out)


def _sampled(positive: Flags, weights: Floats | None, seed: int, *, grow: bool) -> Balanced:
    """Resample the label of less weight up, or of more weight down, to the other's weight."""
    weight = np.ones(len(positive)) if weights is None else weights
    rng = np.random.default_rng([seed, 0xBA1])
    sums = {label: float(weight[positive == label].sum()) for label in (False, True)}
    small = sums[True] < sums[False]  # the label of less weight
    changed = small if grow else not small
    rows = np.flatnonzero(positive == changed)
    size = max(1, round(len(rows) * sums[not changed] / sums[changed]))
    if grow:
        # Whole rounds first, so that how often two rows appear differs by at most one.
        rounds, rest = divmod(size, len(rows))
        drawn = np.concatenate([np.tile(rows, rounds), rng.choice(rows, rest, replace=False)])
    else:
        drawn = rng.choice(rows, min(size, len(rows)), replace=False)
    kept = np.sort(np.concatenate([np.flatnonzero(positive != changed), drawn])).astype(np.int64)
    return Balanced(kept, None if weights is None else weights[kept])


BALANCINGS.add(
    Balancing("none", "No balancing", "Training rows as they come: the baseline.", _none)
)
BALANCINGS.add(
    Balancing(
        "class_weights",
        "Class weights",
        "Gives the rows of the rarer label more weight, so that both labels weigh the same in "
        "training.",
        _class_weights,
        weighs=True,
    )
)
BALANCINGS.add(
    Balancing(
        "oversampling",
        "Oversampling",
        "Repeats training rows of the rarer label until both labels have the same number.",
        lambda positive, weights, seed: _sampled(positive, weights, seed, grow=True),
    )
)
BALANCINGS.add(
    Balancing(
        "undersampling",
        "Undersampling",
        "Leaves out training rows of the more frequent label, drawn at random, until both labels "
        "have the same number.",
        lambda positive, weights, seed: _sampled(positive, weights, seed, grow=False),
    )
)
