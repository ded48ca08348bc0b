"""Two trained models on the test rows that they share.

The comparison is :func:`core.comparison.paired.paired_bootstrap.compare_paired`; a wrong answer
would be caught by calling that by hand on the same rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.arrays import Floats, Ints
from core.comparison.paired.paired_bootstrap import compare_paired
from core.comparison.paired.paired_result import PairedComparison
from core.data.dataset import Dataset
from core.errors import InputError
from core.training.trained import Trained


def compare_trained(
    dataset: Dataset,
    a: Trained,
    b: Trained,
    combination: tuple[str, ...] | None = None,
    **options: Any,
) -> PairedComparison:
    """Compare two trained models on the test rows that they share.

    Parameters
    ----------
    dataset : Dataset
    a, b : Trained
        On this dataset, with the same test rows.
    combination : tuple of str, optional
        Sensitive columns whose groups are compared, the first one if not given.
    **options
        ``names``, ``level``, ``power``, ``draws``, ``seed`` and ``smoothing`` of
        :func:`compare_paired`.

    Raises
    ------
    InputError
        If the test rows differ: people that a model was trained on are no test of it.
    """
    if not np.array_equal(a.split.test, b.split.test) or a.fingerprint != b.fingerprint:
        raise InputError(
            "they were not tested on the same rows",
            where="the two models",
            remedy="Train both with the same seed and kind of split, or cross-validate them",
        )
    return compare_at(dataset, a.split.test, a, b, combination, **options)


def compare_at(
    dataset: Dataset,
    rows: Ints,
    a: Trained,
    b: Trained,
    combination: tuple[str, ...] | None = None,
    **options: Any,
) -> PairedComparison:
    """Compare what two models say of some rows.

    Parameters
    ----------
    dataset : Dataset
        Whose outcomes and groups those rows have.
    rows : ndarray of int64, shape (n,)
        Positions in it.
    a, b : Trained
        With scores and decisions of these rows, in their order.
    combination, **options
        As :func:`compare_trained`.
    """
    columns = list(combination or dataset.roles.sensitive[:1])
    return compare_paired(
        dataset.target[rows],
        a.decisions,
        b.decisions,
        dataset.sensitive.iloc[rows][columns].reset_index(drop=True),
        scores_a=_scores(a),
        scores_b=_scores(b),
        weights=None if dataset.weights is None else dataset.weights[rows],
        persons=dataset.persons_at(rows),
        positive_is_favourable=dataset.roles.positive_is_favourable,
        **options,
    )


def _scores(trained: Trained) -> Floats | None:
    """Scores of the outcome; None where a model has none, so that none are compared."""
    found = trained.outcome_scores
    return None if isinstance(found, str) else found
