"""Rows to learn something about a model from, and others to judge that by.

Whatever imitates or attacks a model, or guesses from its features, is learned on some rows and is
honest on others only. A model made elsewhere may be judged by all rows, so that none of its other
parts are apart from them: its judging rows are halved then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from core.arrays import Ints
    from core.training.trained import Trained


def rows_apart(trained: Trained, rows: Ints) -> tuple[Ints, Ints]:
    """Return rows to learn from, and rows that judge what was learned.

    Parameters
    ----------
    trained : Trained
    rows : ndarray of int64
        A part of the model's split.

    Returns
    -------
    tuple of ndarray of int64
        The part and the test rows, if they share none; else two halves of the test rows, drawn by
        the seed, both in their order.
    """
    test = trained.split.test
    if not np.isin(rows, test).any():
        return rows, test
    drawn = np.random.default_rng([trained.spec.seed, 0xA9A7]).permutation(test)
    half = len(test) // 2
    return np.sort(drawn[:half]), np.sort(drawn[half:])
