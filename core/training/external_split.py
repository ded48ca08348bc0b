"""Which rows judge a model that was made elsewhere.

Nothing is trained, so where no row of the table is known to have trained the model all rows judge
it, and all serve for comparison where an explanation needs rows to compare with. Rows that are
known to have trained it judge nothing. A mitigation is fitted on rows of its own, and all others
judge it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.arrays import Flags, Ints
from core.data.roles.trained_rows import rows_marked
from core.errors import InputError
from core.learning.dataset_split import split_dataset
from core.learning.split import Split, SplitSpec

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.external_models.external_spec import ExternalSpec
    from core.training.spec import TrainingSpec


TRAINING_ROWS_UNKNOWN = "which rows trained the model is not known"


def external_split(dataset: Dataset, spec: TrainingSpec) -> Split:
    """Divide the rows for a model made elsewhere.

    Returns
    -------
    Split
        Training rows: those that trained the model, where they are known, else rows to compare
        with. Validation rows: those a mitigation is fitted on. Test rows: those that judge.

    Raises
    ------
    InputError
        If no row is left to judge by.
    """
    if spec.mitigation != "none":
        return mitigation_split(dataset, spec)
    known = _known(dataset, spec)
    rows = np.arange(len(dataset), dtype=np.int64)
    free = rows[~known]
    return Split(rows[known] if known.any() else free, free, free)


def mitigation_split(dataset: Dataset, spec: TrainingSpec) -> Split:
    """Divide the rows for a model made elsewhere and a mitigation, whether or not it has one.

    Without one, it is judged on the same rows as with each of several.

    Raises
    ------
    InputError
        As :func:`external_split`.
    """
    assert spec.external is not None
    known = _known(dataset, spec)
    rows = np.arange(len(dataset), dtype=np.int64)
    dealt, _ = split_dataset(dataset, SplitSpec(seed=spec.seed, stratified=spec.is_stratified))
    fitted_on = _without(dealt.train, known)
    judging = _without(np.sort(np.r_[dealt.validation, dealt.test]), known)
    for part, name in ((fitted_on, "fit the mitigation on"), (judging, "judge by")):
        if len(np.unique(dataset.target[part])) < 2:
            raise InputError(
                f"of the {len(part):,} rows to {name} all have one outcome, or there is none",
                where=f"model {spec.external.name!r}",
                remedy="Take another seed, more rows, or no mitigation",
            )
    return Split(
        rows[known] if known.any() else fitted_on, fitted_on, judging, dealt.by, dealt.persons
    )


def _known(dataset: Dataset, spec: TrainingSpec) -> Flags:
    """Whether each row is known to have trained the model, where anything is known."""
    assert spec.external is not None
    if spec.external.trained_on is None:
        return np.zeros(len(dataset), dtype=np.bool_)
    return rows_trained_on(dataset, spec.external)


def rows_trained_on(dataset: Dataset, external: ExternalSpec) -> Flags:
    """Whether each row is known to have trained the model, shape (n,).

    Raises
    ------
    InputError
        If the column is gone, no row has the value, or every row has it.
    """
    assert external.trained_on is not None
    column, value = external.trained_on
    for frame in (dataset.markers, dataset.features, dataset.sensitive, dataset.identifiers):
        if frame is not None and column in frame:
            return rows_marked(frame[column], value)
    raise InputError(
        "it is to say which rows trained the model, and the roles of this table do not keep it",
        where=f"column {column!r}",
        remedy="Bring the model again with that column",
    )


def trained_on_is_known(spec: TrainingSpec) -> bool:
    """Whether it is known which rows trained the model of a spec."""
    return spec.external is None or spec.external.trained_on is not None


def _without(rows: Ints, known: Flags) -> Ints:
    return rows[~known[rows]]
