"""The one-run audit of the audited model itself, its own rows as canaries.

Nothing is planted and nothing trained: that a row fell into the training part was a coin already.

Add-or-remove, rows parted by lot: each row falls into the training or the test part by a lot of its
own, independent of all others (:mod:`core.learning.split`), with odds of 3 : 1. Toss, for each
member, another coin that keeps it as a canary with probability 1/3, and keep every non-member. A
kept row is a member with probability (3/4 · 1/3) : (1/4) = 1 : 1. Given which rows were kept, and
given the members that were not, which are then a fixed part of the data, the memberships of the
kept rows are independent fair coins, and turning one adds or removes one row: theorem 5.2 applies
with the claimed ε and δ.

Replace-one, or a split of fixed sizes: pair the rows at random before looking at the split. Given
that exactly one row of each kept pair is a member, and given everything else, both ways round are
equally likely for each pair on its own: fair coins again, and turning one replaces a row by
another. A guarantee for adding or removing one row is one of 2ε and (1 + e^ε) δ for that (group
privacy, Dwork and Roth 2014, theorem 2.2).

Rows whose values occur more than once, or of a person with several rows, share a lot and are left
out: their coin would change several rows. Where the guarantee is for a person, one row stands for
all of that person: the coin adds or removes the person.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from core.arrays import Flags, Ints, Objects
from core.attacks.one_run import OneRun, judge
from core.attacks.people import People, people_of
from core.data.dataset import Dataset
from core.learning.dataset_split import split_keys
from core.learning.learners import LEARNERS
from core.learning.split import SplitSpec
from core.training.trained import Trained

WITHOUT_GUARANTEE = 1e-6
"""δ at which ε of a model without a guarantee is told."""


def audit_own_rows(dataset: Dataset, trained: Trained, seed: int = 0) -> OneRun:
    """Bound the ε of a trained model from below by guessing who its members are.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
        Ordinary or private. Of one whose noise was drawn from a seed, the simulated ε is judged.
    seed : int
        Of the coins that keep rows, and of the pairs.
    """
    learner = LEARNERS[trained.spec.learner]
    people = people_of(dataset, trained)
    rng = np.random.default_rng([seed, 0x5EED])
    person = trained.spec.person
    stratified = trained.spec.is_stratified
    if person is not None:
        alone = _one_each(_persons(dataset, person)[people.rows], rng)
    else:
        alone = _alone(dataset.content if stratified else split_keys(dataset), people.rows)
        if people.persons is not None:
            alone = alone & (np.bincount(people.persons)[people.persons] == 1)
    simulated = trained.noise == "seeded"
    cost = trained.cost
    delta = WITHOUT_GUARANTEE if cost is None else cost[1]
    if learner.neighbouring == "add-or-remove" and not stratified:
        kept = alone & fair_coins(people.member, rng)
        return judge(
            people.confidence[kept],
            people.member[kept],
            claimed=cost,
            delta=delta,
            what=f"{'rows' if person is None else 'persons'} of the data itself; "
            "a coin adds or removes one",
            simulated=simulated,
            seed=seed,
        )
    first, second = _pairs(people, alone, rng)
    if person is not None:
        # A stratified split parts rows and not persons: the guarantee for a person says nothing
        # here.
        cost = None
    if cost is not None and learner.neighbouring == "add-or-remove":
        cost = 2 * cost[0], min(1.0, cost[1] * (1 + math.exp(min(cost[0], 700.0))))
        delta = cost[1]
    return judge(
        people.confidence[first] - people.confidence[second],
        people.member[first],
        claimed=cost,
        delta=delta,
        what="pairs of rows of the data itself; a coin replaces one by the other",
        simulated=simulated,
        seed=seed,
    )


def fair_coins(member: Flags, rng: np.random.Generator) -> Flags:
    """Keep all non-members, and so many members by lot that kept memberships are fair coins.

    Parameters
    ----------
    member : ndarray of bool, shape (n,)
        By independent draws with the odds of training to test rows of a split.
    rng : Generator
    """
    shares = SplitSpec()
    uniforms = rng.random(len(member))
    return np.asarray(~member | (uniforms < shares.test / shares.train))


def _alone(content: npt.NDArray[np.uint64], rows: Ints) -> Flags:
    _, back, count = np.unique(content, return_inverse=True, return_counts=True)
    return np.asarray(count[back[rows]] == 1)


def _persons(dataset: Dataset, column: str) -> Objects:
    assert dataset.identifiers is not None
    return np.asarray(dataset.identifiers[column].to_numpy(dtype=object))


def _one_each(persons: Objects, rng: np.random.Generator) -> Flags:
    """Choose one row of each person by lot, shape (n,)."""
    order = rng.permutation(len(persons))
    _, first = np.unique(persons[order].astype(str), return_index=True)
    out = np.zeros(len(persons), dtype=np.bool_)
    out[order[first]] = True
    return out


def _pairs(people: People, alone: Flags, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Pair rows of one label at random; keep pairs with exactly one member. Positions, (m,) each.

    A stratified split is drawn within each label, and only there are both ways round alike.
    """
    firsts, seconds = [], []
    for label in (True, False):
        at = rng.permutation(np.flatnonzero(alone & (people.positive == label)))
        half = len(at) // 2
        one, other = at[:half], at[half : 2 * half]
        split = people.member[one] != people.member[other]
        firsts.append(one[split])
        seconds.append(other[split])
    return np.concatenate(firsts).astype(np.int64), np.concatenate(seconds).astype(np.int64)
