"""Folds of repeated stratified cross-validation, the same for every model that is compared.

Definition
----------
In each repeat the rows are shuffled and dealt out to K folds, label by label, so that folds differ
by at most one row in size and in positives (stratified cross-validation, Kohavi 1995, IJCAI).
Each fold is the test part once; of the rest a fixed share, stratified too, is the validation part
that post-processing is fitted on, and what remains is trained on. Where rows are about persons,
persons are dealt out instead, with scikit-learn's StratifiedGroupKFold, which balances labels as
well as whole persons allow.

A wrong answer would be caught by tests that folds are disjoint, cover every row once in each
repeat, have equal shares of positives, and part no person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold

from core.errors import InputError
from core.learning.split import Split

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
MOST_REPEATS = 100


@dataclass(frozen=True)
class FoldSpec:
    """How rows are dealt out.

    Attributes
    ----------
    folds : int
        K, from 2 to 50.
    repeats : int
        From 1 to :data:`MOST_REPEATS`, each with a new shuffle.
    validation : float
        Share of the rows outside a fold, in (0, 0.5].
    seed : int
        In [0, 2^32).
    person : str or None
        Identifier column whose persons stay together.
    """

    folds: int = 5
    repeats: int = 2
    validation: float = 0.2
    seed: int = 0
    person: str | None = None

    @property
    def told(self) -> str:
        """How to call them in a sentence: "5 × 2 splits"."""
        return f"{self.folds} × {self.repeats} splits"


@dataclass(frozen=True, eq=False)
class Fold:
    """One fold of one repeat, both counted from 0."""

    repeat: int
    fold: int
    split: Split


def make_folds(
    target: Flags, spec: FoldSpec, persons: npt.NDArray[Any] | None = None
) -> tuple[Fold, ...]:
    """Deal rows out.

    Parameters
    ----------
    target : ndarray of bool, shape (n,)
    spec : FoldSpec
    persons : ndarray, shape (n,), optional
        Equal for the rows of one person; none of them missing.

    Returns
    -------
    tuple of Fold
        Repeat by repeat, with row positions into ``target``.

    Raises
    ------
    InputError
        If an option is out of range, a label has fewer rows than there are folds, there are fewer
        persons than folds, or a part to learn from would lack a label.
    """
    _check(spec)
    codes = None if persons is None else pd.factorize(np.asarray(persons, dtype=object))[0]
    for label, name in ((True, "positive"), (False, "negative")):
        found = int((target == label).sum())
        if found < spec.folds:
            raise InputError(
                f"only {found} rows have a {name} label, which is too few for {spec.folds} folds",
                where="target",
                remedy="Choose fewer folds, or bring more rows",
            )
    if codes is not None and codes.max() + 1 < spec.folds:
        raise InputError(
            f"there are only {codes.max() + 1} persons, which is too few for {spec.folds} folds",
            where=f"column {spec.person!r}",
            remedy="Choose fewer folds, or bring more rows",
        )
    out = []
    for repeat in range(spec.repeats):
        rng = np.random.default_rng([spec.seed, repeat])
        place = _dealt(target, codes, spec.folds, rng)
        for fold in range(spec.folds):
            rest = np.flatnonzero(place != fold)
            held = _held_out(target[rest], None if codes is None else codes[rest], spec, rng)
            split = Split(
                rest[~held].astype(np.int64),
                rest[held].astype(np.int64),
                np.flatnonzero(place == fold).astype(np.int64),
            )
            _check_learnable(target, split, repeat, fold)
            out.append(Fold(repeat, fold, split))
    return tuple(out)


def _dealt(target: Flags, codes: Rows | None, folds: int, rng: np.random.Generator) -> Rows:
    """Each row's fold, shape (n,)."""
    place = np.empty(len(target), dtype=np.int64)
    if codes is not None:
        state = int(rng.integers(2**32))
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=state)
        for fold, (_, test) in enumerate(splitter.split(target, target, codes)):
            place[test] = fold
        return place
    rows = [rng.permutation(np.flatnonzero(target == label)) for label in (True, False)]
    # The second label goes on where the first stopped, so that sizes too differ by at most one.
    place[np.concatenate(rows)] = np.arange(len(target)) % folds
    return place


def _held_out(target: Flags, codes: Rows | None, spec: FoldSpec, rng: np.random.Generator) -> Flags:
    """Which of the rows outside a fold are for validation."""
    held = np.zeros(len(target), dtype=np.bool_)
    if codes is not None:
        fewest = min(int(target.sum()), int((~target).sum()), len(np.unique(codes)))
        if fewest < 2:
            raise InputError(
                "outside a fold only one person or one row of a label is left to learn from",
                where=f"column {spec.person!r}",
                remedy="Choose more folds, or bring more persons",
            )
        held[_dealt(target, codes, min(round(1 / spec.validation), fewest), rng) == 0] = True
        return held
    for label in (True, False):
        rows = rng.permutation(np.flatnonzero(target == label))
        held[rows[: max(1, round(spec.validation * len(rows)))]] = True
    return held


def _check(spec: FoldSpec) -> None:
    for what, value, low, high in (
        ("folds", spec.folds, 2, 50),
        ("repeats", spec.repeats, 1, MOST_REPEATS),
        ("seed", spec.seed, 0, 2**32 - 1),
    ):
        if not low <= value <= high:
            raise InputError(f"it must be from {low} to {high}", where=f"{what} = {value}")
    if not 0 < spec.validation <= 0.5:
        raise InputError(
            "the share of validation rows must lie above 0 and be at most 0.5",
            where=f"validation = {spec.validation:g}",
        )


def _check_learnable(target: Flags, split: Split, repeat: int, fold: int) -> None:
    for name, rows in (("training", split.train), ("validation", split.validation)):
        positives = int(target[rows].sum())
        if positives in (0, len(rows)):
            raise InputError(
                f"of {len(rows)} {name} rows {positives} are positive, so one class is absent",
                where=f"fold {fold + 1} of repeat {repeat + 1}",
                remedy="Choose fewer folds, or bring more rows",
            )
