"""Which rows of a dataset fall into which part, under a training spec's split.

Rows of one person are no independent evidence, and a model that has seen one of them has seen the
person. So where the roles declare identifiers, no part of a split shares a person with another:

- a stratified split goes by persons as all identifiers together link them
  (:func:`core.data.persons.persons_of`);
- a hash-based split, as a private plan has it, must not move when one row more links two persons.
  It goes by the value of a single identifier, that of the row itself, and is refused where another
  identifier links rows that this one does not.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from core.arrays import Ints
from core.data.content import Hashes
from core.data.dataset import Dataset
from core.data.persons import persons_of
from core.data.row_hashing import in_order
from core.data.table import Repair
from core.errors import InputError
from core.learning.split import Split, SplitSpec, split_rows
from core.privacy.accounting.contribution import kept_rows, person_hashes

__all__ = ["persons_at", "resampled", "split_dataset", "split_keys"]


def split_dataset(
    dataset: Dataset,
    spec: SplitSpec,
    *,
    person: str | None = None,
    rows_per_person: int = 1,
) -> tuple[Split, tuple[Repair, ...]]:
    """Divide the rows, and say which were left out.

    Parameters
    ----------
    dataset : Dataset
    spec : SplitSpec
    person : str or None
        Identifier column whose persons contribute ``rows_per_person`` rows at most.
    rows_per_person : int

    Returns
    -------
    split : Split
    repairs : tuple of Repair
        Rows that were left out to bound what one person contributes.

    Raises
    ------
    InputError
        As :func:`core.learning.split.split_rows`; if persons are so linked that a part can't be
        filled; or if a hash-based split would part rows that a second identifier links.
    """
    if person is not None:
        return _bounded(dataset, spec, person, rows_per_person)
    persons = persons_of(dataset.identifiers)
    if not spec.stratified:
        return _hash_split(dataset, spec, persons), ()
    split = split_rows(dataset.target, spec, dataset.content, persons)
    if persons is None:
        return split, ()
    columns = dataset.roles.identifiers
    most = f"{int(np.bincount(persons).max())} of {len(dataset)} rows are of one person"
    _check_filled(split, spec, columns, most)
    return replace(split, by=columns, persons=int(persons.max()) + 1), ()


def split_keys(dataset: Dataset) -> Hashes:
    """Hash what decides a row's part where rows are split by their hashes, shape (n,).

    The value of the first declared identifier; of a row that has none, all that it says. Whether
    any identifier repeats has no say: one row more could change that.
    """
    if dataset.identifiers is None:
        return dataset.content
    persons = dataset.identifiers[dataset.roles.identifiers[0]].to_numpy(dtype=object)
    return np.where(pd.isna(persons), dataset.content, person_hashes(persons)).astype(np.uint64)


def persons_at(dataset: Dataset, split: Split, rows: Ints) -> Ints | None:
    """Give the rows of each person a number; None where the split kept none together."""
    if not split.by or dataset.identifiers is None:
        return None
    return persons_of(dataset.identifiers[list(split.by)].iloc[rows])


def resampled(dataset: Dataset, split: Split, rng: np.random.Generator) -> Ints:
    """Draw as many training rows with replacement, or persons with all their rows (bootstrap).

    Returns
    -------
    ndarray of int64
        Positions, some several times; the same whichever order the table is in.
    """
    rows = in_order(dataset, split.train)
    persons = persons_at(dataset, split, rows)
    if persons is None:
        return np.asarray(rng.choice(rows, len(rows), replace=True))
    of = np.split(rows[np.argsort(persons, kind="stable")], np.cumsum(np.bincount(persons))[:-1])
    return np.concatenate([of[k] for k in rng.integers(len(of), size=len(of))])


def _hash_split(dataset: Dataset, spec: SplitSpec, persons: Ints | None) -> Split:
    split = split_rows(dataset.target, spec, split_keys(dataset))
    if dataset.identifiers is None:
        return split
    first, *others = dataset.roles.identifiers
    alone = persons_of(dataset.identifiers[[first]])
    count = len(dataset) if alone is None else int(alone.max()) + 1
    linked = len(dataset) if persons is None else int(persons.max()) + 1
    if linked < count:
        raise InputError(
            f"a randomised split, as a private plan has it, goes by one identifier, {first!r}, and "
            "others link rows that it does not",
            where=", ".join(f"column {name!r}" for name in others),
            remedy="Keep one identifier, the one that names the person, and leave the others out",
        )
    if alone is not None:
        _check_filled(split, spec, (first,), "some persons have too many rows")
    return replace(split, by=(first,), persons=count)


def _bounded(
    dataset: Dataset, spec: SplitSpec, person: str, rows_per_person: int
) -> tuple[Split, tuple[Repair, ...]]:
    """Divide persons who contribute so many rows at most, each by the own identifier alone."""
    assert dataset.identifiers is not None
    persons = dataset.identifiers[person].to_numpy(dtype=object)
    nameless = int(dataset.identifiers[person].isna().sum())
    kept = kept_rows(persons, dataset.content, dataset.target, rows_per_person, spec.seed)
    rows = np.flatnonzero(kept)
    split = split_rows(dataset.target[rows], spec, person_hashes(persons[rows]))
    repairs = (
        Repair(
            f"Of each person {rows_per_person} rows are used at most; which, their own values "
            "and the seed decide.",
            len(kept) - len(rows) - nameless,
            person,
        ),
        Repair("Rows that name no person are left out.", nameless, person),
    )
    bounded = replace(split.at(rows), by=(person,), persons=len(pd.unique(persons[rows])))
    return bounded, tuple(item for item in repairs if item.count)


def _check_filled(split: Split, spec: SplitSpec, columns: tuple[str, ...], most: str) -> None:
    """Refuse a split that persons of many rows keep from its shares.

    Lots of a few hundred persons miss half of a share by bad luck at times; a tenth they do not.
    """
    least = 0.5 if spec.stratified else 0.1
    parts = (split.train, split.validation, split.test)
    n = sum(len(rows) for rows in parts)
    shares = (spec.train, spec.validation, spec.test)
    for name, rows, share in zip(("training", "validation", "test"), parts, shares, strict=True):
        if len(rows) >= least * share * n:
            continue
        raise InputError(
            f"all rows of a person stay in one part, and {most}, so that the {name} part has less "
            f"than {'half' if spec.stratified else 'a tenth'} of its share",
            where=", ".join(f"column {name!r}" for name in columns),
            remedy="If a value there stands for no one, such as 'unknown', leave it blank; if the "
            "column names no person, take it out of the identifiers",
        )
