"""Features of an audit that were generalised before anything was learned from them.

A sweep may find its best setting on k-anonymised features. An audit that follows it keeps the
table as it was and generalises the very features in the very way, each time they are read, so that
rows, groups, outcomes and splits are those that the sweep measured.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from core.data.dataset import Dataset
from core.data.table import Repair
from core.errors import InputError
from core.tradeoff.sweep.anonymised import anonymised


@dataclass(frozen=True)
class Generalised:
    """How the features of an audit are generalised.

    Attributes
    ----------
    quasi : tuple of str
        Features that are generalised.
    k : int
        2 or more: every row is like at least k − 1 others in them.
    begun_from : str
        Name of the audit it was begun from.
    """

    quasi: tuple[str, ...]
    k: int
    begun_from: str = ""

    def __post_init__(self) -> None:
        if self.k < 2:
            raise ValueError("features are generalised to a whole number of 2 or more")


def generalise(dataset: Dataset, how: Generalised | None) -> Dataset:
    """Generalise features as a sweep does, see :func:`core.tradeoff.sweep.anonymised.anonymised`.

    Parameters
    ----------
    dataset : Dataset
    how : Generalised or None
        None returns the dataset itself.

    Returns
    -------
    Dataset
        With a fingerprint of its own, and a repair for each feature that says how many values
        were changed.

    Raises
    ------
    InputError
        If a column is no feature, or k is larger than the number of rows.
    """
    if how is None:
        return dataset
    for name in how.quasi:
        if name not in dataset.features.columns:
            raise InputError(
                f"it is no feature of these rows, and has to be for them to be generalised to "
                f"k = {how.k}",
                where=f"column {name!r}",
                remedy="Make it a feature again, or begin another audit",
            )
    if how.k > len(dataset):
        raise InputError(
            f"k is larger than the number of rows, {len(dataset):,}", where=f"k = {how.k}"
        )
    found = anonymised(dataset, how.quasi, how.k)
    text = (
        f"Values were generalised by Mondrian until each row is like at least {how.k - 1} others "
        f"in {', '.join(how.quasi)}; of a range of numbers models see the middle. Groups and "
        "outcomes stayed as they were."
    )
    repairs = tuple(
        Repair(text, _changed(dataset.features[name], found.features[name]), name)
        for name in how.quasi
    )
    return replace(found, repairs=(*dataset.repairs, *repairs))


def _changed(before: pd.Series, after: pd.Series) -> int:
    one, other = before.reset_index(drop=True), after.reset_index(drop=True)
    same = (one == other) | (one.isna() & other.isna())
    return int((~same).sum())
