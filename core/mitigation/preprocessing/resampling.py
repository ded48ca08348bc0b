"""Resampling before training: every group gets the base rate of all by rows added or left out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Flags, Ints, Objects
from core.errors import InputError
from core.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Mitigation,
    MitigationContext,
    ThresholdDecider,
    TrainingData,
    group_of_one_outcome,
    refuse_weights,
)

NEIGHBOURS = 5
"""Of a row, between which and itself SMOTE makes a new one: the default of its authors."""

CellSizes = dict[tuple[str, bool], int]


def cell_sizes(positive: Flags, groups: Objects, *, grow: bool, strength: float = 1.0) -> CellSizes:
    """Size that each cell of group and label needs so that all groups have one base rate.

    Only one of a group's two cells changes, so the change is the smallest that only adds rows, or
    only leaves rows out. The base rate aimed at is that of all rows, as in the sampling of
    Kamiran and Calders 2012, "Data preprocessing techniques for classification without
    discrimination", section 4.4. At a strength below 1 that part of the change is made.

    Parameters
    ----------
    positive : ndarray of bool, shape (n,)
    groups : ndarray of str, shape (n,)
    grow : bool
        Whether rows are added; otherwise they are left out.
    strength : float
        In (0, 1]; towards 0 every cell keeps its size.

    Returns
    -------
    dict of (group, label) to int
        Rounded to whole rows, at least 1.

    Raises
    ------
    InputError
        If a group has one outcome only, naming it.
    """
    odds = positive.sum() / max((~positive).sum(), 1)
    sizes: CellSizes = {}
    for group in np.unique(groups):
        of_group = groups == group
        yes, no = int((of_group & positive).sum()), int((of_group & ~positive).sum())
        if not yes or not no:
            raise group_of_one_outcome(str(group), yes + no, "training", "there are none to sample")
        too_few_positives = yes < odds * no
        if too_few_positives == grow:
            yes = max(1, round((1 - strength) * yes + strength * (odds * no)))
        else:
            no = max(1, round((1 - strength) * no + strength * (yes / odds)))
        sizes[str(group), True], sizes[str(group), False] = yes, no
    return sizes


def resampled(
    positive: Flags, groups: Objects, *, grow: bool, seed: int, strength: float = 1.0
) -> Ints:
    """Positions of the rows after random over- or undersampling, ascending.

    Growing keeps every row and repeats some; otherwise some are left out. Whole rounds of
    repetition come first, so that how often two rows of a cell appear differs by at most one.

    Returns
    -------
    ndarray of int64
    """
    rng = np.random.default_rng(seed)
    chosen = []
    sizes = cell_sizes(positive, groups, grow=grow, strength=strength)
    for (group, label), size in sizes.items():
        cell = np.flatnonzero((groups == group) & (positive == label))
        rounds, rest = divmod(size, len(cell))
        chosen += [np.repeat(cell, rounds), rng.permutation(cell)[:rest]]
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def with_synthetic_rows(part: TrainingData, seed: int, strength: float = 1.0) -> TrainingData:
    """Add rows made between neighbours of one group and label, by SMOTE for mixed features.

    Chawla et al. 2002, "SMOTE: synthetic minority over-sampling technique", section 6.1, through
    imbalanced-learn. Made rows come after the rows given, which stay as they are; made rows have
    no missing number, since the median stands in for it where neighbours are sought.

    Raises
    ------
    InputError
        If a group has one outcome only, or a single row of an outcome it needs more of.
    """
    sizes = cell_sizes(part.positive, part.groups, grow=True, strength=strength)
    names = list(sizes)
    code = {cell: i for i, cell in enumerate(names)}
    pairs = zip(part.groups, part.positive, strict=True)
    codes = np.array([code[str(g), bool(y)] for g, y in pairs])
    counts = np.bincount(codes, minlength=len(names))
    growing = [i for i, cell in enumerate(names) if sizes[cell] > counts[i]]
    if not growing:
        return part
    smallest = min(growing, key=lambda i: counts[i])
    if counts[smallest] < 2:
        group, label = names[smallest]
        raise InputError(
            f"it has a single training row whose outcome is {'positive' if label else 'negative'}, "
            "so there is no neighbour to make new ones with",
            where=f"group {group!r}",
            remedy="Merge it with another group, or use another mitigation",
        )
    numbers = [str(c) for c in part.X if part.X[c].dtype.kind == "f"]
    filled = part.X.copy()
    filled[numbers] = filled[numbers].fillna(part.X[numbers].median().fillna(0.0))
    sampler = _sampler(part.X, numbers)(
        sampling_strategy={i: sizes[names[i]] for i in growing},
        k_neighbors=min(NEIGHBOURS, int(counts[smallest]) - 1),
        random_state=seed,
    )
    made, made_codes = sampler.fit_resample(filled, codes)
    made, made_codes = made.iloc[len(part.X) :], np.asarray(made_codes)[len(part.X) :]
    X = pd.concat([part.X, made.astype(part.X.dtypes)], ignore_index=True)
    return TrainingData(
        X,
        np.concatenate([part.positive, np.array([names[i][1] for i in made_codes], dtype=bool)]),
        np.concatenate([part.groups, np.array([names[i][0] for i in made_codes], dtype=object)]),
    )


def _sampler(X: pd.DataFrame, numbers: list[str]) -> Callable[..., Any]:
    # Loaded where it is needed: it brings the library's tests of estimators along.
    from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC

    categories = [c for c in X if c not in numbers]
    if not categories:
        return partial(SMOTE)
    if not numbers:
        return partial(SMOTEN)
    return partial(SMOTENC, categorical_features=categories)


def _random(task: MitigationContext, *, grow: bool) -> Decider:
    refuse_weights(task, "resampling adds or leaves out whole rows and cannot keep their weights")
    part = task.train
    rows = resampled(part.positive, part.groups, grow=grow, seed=task.seed, strength=task.strength)
    model = task.build()
    model.fit(part.X.iloc[rows].reset_index(drop=True), part.positive[rows])
    return ThresholdDecider(model)


def _smotenc(task: MitigationContext) -> Decider:
    refuse_weights(task, "synthetic rows have no weight in the weight column")
    part = with_synthetic_rows(task.train, task.seed, task.strength)
    model = task.build()
    model.fit(part.X, part.positive)
    return ThresholdDecider(model)


MITIGATIONS.add(
    Mitigation(
        "oversampling",
        "Random oversampling",
        "Repeats training rows of the outcome that a group has too few of, until all groups have "
        "the same share of positive outcomes.",
        "before",
        partial(_random, grow=True),
        source="Kamiran and Calders 2012",
        assumes="The gap in base rates is an injustice or an error in the data, and repeated rows "
        "stand for people who are missing.",
        aim="demographic_parity_difference",
        degrees="At half strength half as many rows are repeated.",
        takes_weights=False,
    )
)
MITIGATIONS.add(
    Mitigation(
        "undersampling",
        "Random undersampling",
        "Leaves out training rows of the outcome that a group has too many of, until all groups "
        "have the same share of positive outcomes.",
        "before",
        partial(_random, grow=False),
        source="Kamiran and Calders 2012",
        assumes="The gap in base rates is an injustice or an error in the data, and enough rows "
        "are left to learn from.",
        aim="demographic_parity_difference",
        degrees="At half strength half as many rows are left out.",
        takes_weights=False,
    )
)
MITIGATIONS.add(
    Mitigation(
        "smotenc",
        "Synthetic oversampling (SMOTENC)",
        "Makes up training rows between neighbours, of the outcome that a group has too few of, "
        "until all groups have the same share of positive outcomes.",
        "before",
        _smotenc,
        source="Chawla et al. 2002, through imbalanced-learn",
        assumes="What lies between two similar people of one group and outcome is a plausible "
        "person of that group and outcome.",
        aim="demographic_parity_difference",
        degrees="At half strength half as many synthetic rows are added.",
        takes_weights=False,
    )
)
