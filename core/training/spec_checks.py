"""What a training spec must satisfy before anything is charged or run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import InputError
from core.learning.learners import LEARNERS, Learner
from core.training.training_options import TRAINING_OPTIONS

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.training.spec import TrainingSpec

LARGEST = 1e30
"""Larger features overflow the single precision of trees, or squares in double precision."""


def check_spec(dataset: Dataset, spec: TrainingSpec) -> Learner:
    """Check a spec against the data before anything runs; return its learner.

    Raises
    ------
    InputError
        Naming the option that does not fit.
    """
    learner = LEARNERS[spec.learner]
    found = too_large(dataset)
    # A private learner clips to declared bounds, and a refusal would tell of the one row.
    if found is not None and not learner.private:
        name, largest = found
        raise InputError(
            f"it holds a value of size {largest:.3g}, too large to compute with",
            where=f"column {name!r}",
            remedy=f"Rescale it below {LARGEST:g}, correct the value, or leave the column out",
        )
    if dataset.features.shape[1] == 0:
        raise InputError("there is no feature to learn from", where="features")
    for option in TRAINING_OPTIONS:
        if option.check is not None:
            option.check(dataset, spec)
    return learner


def too_large(dataset: Dataset) -> tuple[str, float] | None:
    """Return the first numeric column that is too large to compute with, and its largest size."""
    for name in dataset.numbers:
        largest = float(dataset.features[name].abs().max())
        if largest > LARGEST:
            return name, largest
    return None
