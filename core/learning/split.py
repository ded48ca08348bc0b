"""The three-part split: train, validation, test.

Post-processing is fitted on validation rows, so that the test rows stay untouched until the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.content import row_hashes
from core.errors import InputError

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class SplitSpec:
    """How rows are divided.

    Attributes
    ----------
    train, validation, test : float
        Shares, above 0, that add up to 1.
    stratified : bool
        Whether each part gets the same share of positives. A private plan does without: each row
        then falls into a part by a lot that its own values decide, whatever the other rows are
        and wherever it stands, so that one row more or less changes one part by one row.
    seed : int
        In [0, 2^32).
    """

    train: float = 0.6
    validation: float = 0.2
    test: float = 0.2
    stratified: bool = True
    seed: int = 0


@dataclass(frozen=True)
class Split:
    """Row positions of the three parts: disjoint, ascending, together all rows that are used.

    Where an existing score is audited nothing is trained: the training part is the validation part
    too, and all other rows are test rows.
    """

    train: Rows
    validation: Rows
    test: Rows


def lots(X: pd.DataFrame, seed: int) -> npt.NDArray[np.float64]:
    """One lot in [0, 1) for each row, decided by its values and the seed alone.

    Parameters
    ----------
    X : DataFrame, shape (n, p)
    seed : int

    Returns
    -------
    ndarray of float64, shape (n,)
        Equal rows have equal lots.
    """
    return lots_of(content_of(X), seed)


def content_of(X: pd.DataFrame) -> npt.NDArray[np.uint64]:
    """Hash the values of each row, shape (n,): equal rows have equal hashes."""
    return row_hashes(X)


def lots_of(content: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.float64]:
    """One lot in [0, 1) for each row, shape (n,), decided by its hash and the seed alone."""
    salt = np.uint64(np.random.SeedSequence(seed).generate_state(1)[0])
    mixed = np.asarray(pd.util.hash_array(content ^ salt), dtype=np.uint64)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53


def split_rows(
    target: npt.NDArray[np.bool_], spec: SplitSpec, content: npt.NDArray[np.uint64]
) -> Split:
    """Divide rows at random.

    Parameters
    ----------
    target : ndarray of bool, shape (n,)
    spec : SplitSpec
    content : ndarray of uint64, shape (n,)
        Hash of each row's values, the label aside, which decides the row's lot where the split is
        not stratified; or of the person it is about, whose rows then share a part. With the label
        in it, rows that differ in nothing else would be parted by their label, and training and
        test rows would contradict each other.

    Returns
    -------
    Split

    Raises
    ------
    InputError
        If a part would lack one of the two classes: nothing could be learned or judged from it.
    """
    shares = (spec.train, spec.validation, spec.test)
    if min(shares) <= 0 or abs(sum(shares) - 1) > 1e-9:
        raise InputError(
            "the three shares of the split must be above 0 and add up to 1", where=str(shares)
        )
    if not 0 <= spec.seed < 2**32:
        raise InputError("the seed must be from 0 to 4294967295", where=f"seed = {spec.seed}")
    rng = np.random.default_rng(spec.seed)
    train, validation, test = (
        _stratified(target, shares, rng)
        if spec.stratified
        else _by_lot(lots_of(content, spec.seed), shares)
    )
    for name, rows in (("training", train), ("validation", validation), ("test", test)):
        positives = int(target[rows].sum())
        if positives in (0, len(rows)):
            counted = f"of {len(rows)} rows {positives} are positive, so one class is absent"
            raise InputError(
                # A private plan is split by lot, and no promise covers a count.
                counted if spec.stratified else "one of the two outcomes does not occur in it",
                where=f"the {name} part",
                remedy="Use more rows, another seed, or another favourable label",
            )
    return Split(train, validation, test)


def _by_lot(drawn: npt.NDArray[np.float64], shares: tuple[float, ...]) -> list[Rows]:
    part = np.searchsorted(np.cumsum(shares)[:-1], drawn, side="right")
    return [np.flatnonzero(part == k).astype(np.int64) for k in range(len(shares))]


def _stratified(
    target: npt.NDArray[np.bool_], shares: tuple[float, ...], rng: np.random.Generator
) -> list[Rows]:
    parts: list[list[Rows]] = [[] for _ in shares]
    for label in (True, False):
        shuffled = rng.permutation(np.flatnonzero(target == label)).astype(np.int64)
        ends = np.round(np.cumsum(shares) * len(shuffled)).astype(int)
        for part, rows in zip(parts, np.split(shuffled, ends[:-1]), strict=True):
            part.append(rows)
    return [np.sort(np.concatenate(part)) for part in parts]
