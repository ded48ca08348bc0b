"""Folds of repeated stratified cross-validation, the same for every model that is compared.

Definition
----------
In each repeat the rows of each label are put in the order of uniform numbers, which their own
values and the seed decide, and dealt out to K folds, so that folds differ by at most one row in
size and in positives (stratified cross-validation, Kohavi 1995, IJCAI). Each fold is the test part
once; of the rest a fixed share, stratified too, is the validation part that post-processing is
fitted on, and what remains is trained on. Where rows are about persons, persons are dealt out
instead, see :mod:`core.learning.stratified`. The same rows in another order make the same folds.

A wrong answer would be caught by tests that folds are disjoint, cover every row once in each
repeat, have equal shares of positives, part no person, and stay when rows are shuffled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Flags, Ints
from core.data.content import Hashes
from core.data.row_hashing import copies_apart, uniforms_of_hashes
from core.errors import InputError
from core.learning.split import Split
from core.learning.stratified import deal_persons

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
        Identifier column whose persons stay together, rows that name none left out; None keeps
        together whom all declared identifiers link.
    """

    folds: int = 5
    repeats: int = 2
    validation: float = 0.2
    seed: int = 0
    person: str | None = None

    @property
    def label(self) -> str:
        """How to call them in a sentence: "5 × 2 splits"."""
        return f"{self.folds} × {self.repeats} splits"


@dataclass(frozen=True, eq=False)
class Fold:
    """One fold of one repeat, both counted from 0."""

    repeat: int
    fold: int
    split: Split


def make_folds(
    target: Flags, spec: FoldSpec, content: Hashes, persons: Ints | None = None
) -> tuple[Fold, ...]:
    """Deal rows out.

    Parameters
    ----------
    target : ndarray of bool, shape (n,)
    spec : FoldSpec
    content : ndarray of uint64, shape (n,)
        Hash of each row's values, the label aside, which decides its place.
    persons : ndarray of int64, shape (n,), optional
        Equal for the rows of one person, from 0.

    Returns
    -------
    tuple of Fold
        Repeat by repeat, with row positions into ``target``.

    Raises
    ------
    InputError
        If an option is out of range, a label has fewer rows than there are folds, there are fewer
        persons than folds, a person has so many rows that a fold would have less than half of its
        share, or a part to learn from would lack a label.
    """
    _check(spec)
    for label, name in ((True, "positive"), (False, "negative")):
        found = int((target == label).sum())
        if found < spec.folds:
            raise InputError(
                f"only {found} rows have a {name} label, which is too few for {spec.folds} folds",
                where="target",
                remedy="Choose fewer folds, or bring more rows",
            )
    if persons is not None and persons.max() + 1 < spec.folds:
        raise InputError(
            f"there are only {persons.max() + 1} persons, which is too few for {spec.folds} folds",
            where=_where(spec),
            remedy="Choose fewer folds, or bring more rows",
        )
    out = []
    for repeat in range(spec.repeats):
        seed = (spec.seed, repeat)
        position = _dealt(target, content, persons, spec, seed)
        for fold in range(spec.folds):
            rest = np.flatnonzero(position != fold)
            held = _held_out(
                target[rest],
                content[rest],
                None if persons is None else pd.factorize(persons[rest])[0],
                spec,
                (*seed, fold + 1),
            )
            split = Split(
                rest[~held].astype(np.int64),
                rest[held].astype(np.int64),
                np.flatnonzero(position == fold).astype(np.int64),
            )
            _check_learnable(target, split, repeat, fold)
            out.append(Fold(repeat, fold, split))
    return tuple(out)


def _dealt(
    target: Flags, content: Hashes, persons: Ints | None, spec: FoldSpec, seed: tuple[int, ...]
) -> Ints:
    """Each row's fold, shape (n,)."""
    if persons is not None:
        position = deal_persons(target, content, persons, [1 / spec.folds] * spec.folds, seed)
        fewest = int(np.bincount(position, minlength=spec.folds).min())
        if 2 * fewest * spec.folds < len(target):
            raise InputError(
                f"all rows of a person stay in one fold, and {int(np.bincount(persons).max())} of "
                f"{len(target)} rows are of one person, so that a fold has less than half of its "
                "share",
                where=_where(spec),
                remedy="Choose fewer folds; if a value there stands for no one, such as "
                "'unknown', leave it blank",
            )
        return position
    content = copies_apart(content, target)
    order = np.lexsort((content, uniforms_of_hashes(content, seed), ~target))
    position = np.empty(len(target), dtype=np.int64)
    # The second label goes on where the first stopped, so that sizes too differ by at most one.
    position[order] = np.arange(len(target)) % spec.folds
    return position


def _held_out(
    target: Flags, content: Hashes, persons: Ints | None, spec: FoldSpec, seed: tuple[int, ...]
) -> Flags:
    """Which of the rows outside a fold are for validation."""
    shares = (spec.validation, 1 - spec.validation)
    if persons is not None:
        return np.asarray(deal_persons(target, content, persons, shares, seed) == 0)
    held = np.zeros(len(target), dtype=np.bool_)
    content = copies_apart(content, target)
    uniforms = uniforms_of_hashes(content, seed)
    for label in (True, False):
        rows = np.flatnonzero(target == label)
        order = rows[np.lexsort((content[rows], uniforms[rows]))]
        held[order[: max(1, round(spec.validation * len(rows)))]] = True
    return held


def _where(spec: FoldSpec) -> str:
    return "the identifiers" if spec.person is None else f"column {spec.person!r}"


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
