"""Lots: uniform numbers that a row's own values and a seed decide, wherever the row stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.content import Hashes, row_hashes


def lots(X: pd.DataFrame, seed: int | Sequence[int]) -> npt.NDArray[np.float64]:
    """One lot in [0, 1) for each row, decided by its values and the seed alone.

    Parameters
    ----------
    X : DataFrame, shape (n, p)
    seed : int or sequence of int

    Returns
    -------
    ndarray of float64, shape (n,)
        Equal rows have equal lots.
    """
    return lots_of(row_hashes(X), seed)


def lots_of(content: Hashes, seed: int | Sequence[int]) -> npt.NDArray[np.float64]:
    """One lot in [0, 1) for each row, shape (n,), decided by its hash and the seed alone."""
    salt = np.random.SeedSequence(seed).generate_state(1, np.uint64)[0]
    mixed = np.asarray(pd.util.hash_array(content ^ salt), dtype=np.uint64)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
