"""The rows that an audit judges: test rows of a trained model, or all existing predictions."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.arrays import Flags, Floats, Ints
from core.data.dataset import Dataset
from core.training.trained import Trained


@dataclass(frozen=True, eq=False)
class DecidedRows:
    """Decisions with what is known of the people they are about, position by position.

    Attributes
    ----------
    target : ndarray of bool, shape (n,), or None
    decisions : ndarray of bool, shape (n,)
    scores : ndarray of float64, shape (n,), or str or None
        A text says why there are none.
    sensitive : DataFrame of str, shape (n, s)
    weights : ndarray of float64, shape (n,), or None
    persons : ndarray of int64, shape (n,), or None
    """

    target: Flags | None
    decisions: Flags
    scores: Floats | str | None
    sensitive: pd.DataFrame
    weights: Floats | None
    persons: Ints | None


def decided_rows(dataset: Dataset, trained: Trained | None) -> DecidedRows:
    """Collect the rows that an audit judges."""
    if trained is None:
        assert dataset.predictions is not None
        return DecidedRows(
            dataset.outcome,
            dataset.predictions,
            dataset.scores,
            dataset.sensitive,
            dataset.weights,
            dataset.persons,
        )
    rows = trained.split.test
    return DecidedRows(
        dataset.target[rows],
        trained.decisions,
        trained.outcome_scores,
        dataset.sensitive.iloc[rows].reset_index(drop=True),
        None if dataset.weights is None else dataset.weights[rows],
        dataset.persons_at(rows),
    )
