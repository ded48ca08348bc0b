"""Which rows of a dataset fall into which part, under a training spec's split."""

from __future__ import annotations

import numpy as np

from core.data.dataset import Dataset
from core.data.table import Repair
from core.learning.split import Split, SplitSpec, split_rows
from core.privacy.contribution import kept_rows, person_lots

__all__ = ["split_dataset"]


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
        As :func:`core.learning.split.split_rows`.
    """
    if person is None:
        return split_rows(dataset.target, spec, dataset.content), ()
    assert dataset.identifiers is not None
    persons = dataset.identifiers[person].to_numpy(dtype=object)
    nameless = int(dataset.identifiers[person].isna().sum())
    kept = kept_rows(persons, dataset.content, dataset.target, rows_per_person, spec.seed)
    rows = np.flatnonzero(kept)
    split = split_rows(dataset.target[rows], spec, person_lots(persons[rows]))
    repairs = (
        Repair(
            f"Of each person {rows_per_person} rows are used at most; which, their own values "
            "and the seed decide.",
            len(kept) - len(rows) - nameless,
            person,
        ),
        Repair("Rows that name no person are left out.", nameless, person),
    )
    parts = (rows[part] for part in (split.train, split.validation, split.test))
    return Split(*parts), tuple(item for item in repairs if item.count)
