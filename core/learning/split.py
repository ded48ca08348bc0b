"""The three-part split: train, validation, test.

Post-processing is fitted on validation rows, so that the test rows stay untouched until the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
        then falls into a part by a lot of its own, whatever the other rows are, so that one row
        more or less changes one part by one row.
    seed : int
        Non-negative.
    """

    train: float = 0.6
    validation: float = 0.2
    test: float = 0.2
    stratified: bool = True
    seed: int = 0


@dataclass(frozen=True)
class Split:
    """Row positions of the three parts: disjoint, ascending, together all rows."""

    train: Rows
    validation: Rows
    test: Rows


def split_rows(target: npt.NDArray[np.bool_], spec: SplitSpec) -> Split:
    """Divide rows at random.

    Parameters
    ----------
    target : ndarray of bool, shape (n,)
    spec : SplitSpec

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
    if spec.seed < 0:
        raise InputError("the seed must be 0 or more", where=f"seed = {spec.seed}")
    rng = np.random.default_rng(spec.seed)
    train, validation, test = (
        _stratified(target, shares, rng) if spec.stratified else _by_lot(len(target), shares, rng)
    )
    for name, rows in (("training", train), ("validation", validation), ("test", test)):
        positives = int(target[rows].sum())
        if positives in (0, len(rows)):
            raise InputError(
                f"of {len(rows)} rows {positives} are positive, so one class is absent",
                where=f"the {name} part",
                remedy="Use more rows, another seed, or another favourable label",
            )
    return Split(train, validation, test)


def _by_lot(n: int, shares: tuple[float, ...], rng: np.random.Generator) -> list[Rows]:
    part = np.searchsorted(np.cumsum(shares)[:-1], rng.random(n), side="right")
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
