"""The person most like another who was decided otherwise."""

from __future__ import annotations

import numpy as np

from core.data.dataset import Dataset
from core.explanation.person.similarity import Similarity
from core.training.trained import Trained


def nearest_decided_otherwise(dataset: Dataset, trained: Trained, position: int) -> int | None:
    """Find the most similar test row with the other decision, by Gower's distance.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    position : int
        Of a person among the test rows.

    Returns
    -------
    int or None
        Position of the first of the nearest; None if all are decided alike.
    """
    others = np.flatnonzero(trained.decisions != trained.decisions[position]).astype(np.int64)
    if not len(others):
        return None
    rows = dataset.features.iloc[trained.split.test].reset_index(drop=True)
    near = Similarity.of(rows, dataset.features)
    return int(others[np.argmin(near.distances(np.array([position]), others)[0])])
