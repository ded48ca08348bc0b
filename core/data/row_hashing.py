"""Uniform numbers that a row's own values and a seed decide, wherever the row stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Ints
from core.data.content import Hashes, row_hashes
from core.data.dataset import Dataset


def hash_uniforms(X: pd.DataFrame, seed: int | Sequence[int]) -> Floats:
    """One uniform number in [0, 1) for each row, decided by its values and the seed alone.

    Parameters
    ----------
    X : DataFrame, shape (n, p)
    seed : int or sequence of int

    Returns
    -------
    ndarray of float64, shape (n,)
        Equal rows have equal numbers.
    """
    return uniforms_of_hashes(row_hashes(X), seed)


def uniforms_of_hashes(content: Hashes, seed: int | Sequence[int]) -> Floats:
    """Uniform numbers in [0, 1), shape (n,), decided by each row's hash and the seed alone."""
    salt = np.random.SeedSequence(seed).generate_state(1, np.uint64)[0]
    mixed = np.asarray(pd.util.hash_array(content ^ salt), dtype=np.uint64)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53


def copies_apart(content: Hashes, target: Flags) -> Hashes:
    """Give rows that differ in nothing, label included, hashes of their own, shape (n,).

    Where columns have few values such rows are many, and would else fall into one part as a block.
    They are exchangeable, so it does not matter which of them gets which of the hashes, and the
    hashes there are hang on no order.
    """
    order = np.lexsort((target, content))
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = (np.diff(content[order]) != 0) | (target[order][1:] != target[order][:-1])
    position = np.arange(len(order))
    copy = np.empty(len(order), dtype=np.uint64)
    copy[order] = (position - np.maximum.accumulate(np.where(begins, position, 0))).astype(
        np.uint64
    )
    # The hash of 0 is 0: a row that is no copy keeps its own.
    return content + np.asarray(pd.util.hash_array(copy), dtype=np.uint64)


def in_order(dataset: Dataset, rows: Ints) -> Ints:
    """Put rows into an order that their own values decide, so that none of the table's has a say.

    What is drawn of them at random (balancing, the bootstrap samples of a forest, the rows that
    boosting holds out) is then the same for the same rows, however the table is sorted. Rows that
    differ in nothing, label included, are exchangeable.
    """
    return rows[np.lexsort((dataset.target[rows], dataset.content[rows]))]
