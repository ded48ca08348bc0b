"""Dealing rows, or whole persons, out to parts of given shares, label by label.

Definition
----------
*Rows*: within each label, rows stand in the order of uniform numbers that their own values and a
seed decide, and are cut into the parts, so that each has its share of each label to the nearest
row.

*Persons* with several rows are dealt out one by one, those of most rows first and in the order of
their numbers, each to the part where it leaves the least Σ (c − s)² / s: c is the part's portion of
a label's rows, s its share, the sum over parts and labels. Persons with one row then fill up what
is left, label by label.

Neither asks where in the table a row stands: the same rows in another order fall into the same
parts. Rows that differ in nothing, label included, are exchangeable.

A wrong answer would be caught by tests that shuffle rows, that no person is parted, and that each
part has its share of rows and of labels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Ints
from core.data.content import Hashes
from core.data.row_hashing import copies_apart, uniforms_of_hashes


def deal_rows(
    target: Flags, content: Hashes, shares: Sequence[float], seed: int | Sequence[int]
) -> Ints:
    """Deal rows out; rows that differ in nothing each by a lot of its own.

    Parameters
    ----------
    target : ndarray of bool, shape (n,)
    content : ndarray of uint64, shape (n,)
        Hash of each row's values.
    shares : sequence of float
        Above 0, of sum 1.
    seed : int or sequence of int

    Returns
    -------
    ndarray of int64, shape (n,)
        Each row's part, counted from 0.
    """
    return _fill(target, content, shares, seed, np.zeros((len(shares), 2)))


def deal_persons(
    target: Flags,
    content: Hashes,
    persons: Ints,
    shares: Sequence[float],
    seed: int | Sequence[int],
) -> Ints:
    """Deal persons out, all rows of each to one part.

    Parameters
    ----------
    target : ndarray of bool, shape (n,)
    content : ndarray of uint64, shape (n,)
        Hash of each row's values.
    persons : ndarray of int64, shape (n,)
        From 0, as :func:`core.data.persons.persons_of` makes them.
    shares : sequence of float
        Above 0, of sum 1.
    seed : int or sequence of int

    Returns
    -------
    ndarray of int64, shape (n,)
        Each row's part, counted from 0.
    """
    several = np.flatnonzero(np.bincount(persons) > 1)
    rows = np.flatnonzero(np.isin(persons, several))
    part = np.empty(len(target), dtype=np.int64)
    codes = np.searchsorted(several, persons[rows])
    dealt, full = _deal_several(target, rows, codes, person_content(target, content, persons)[
        several], shares, seed)  # fmt: skip
    part[rows] = dealt[codes]
    single = np.setdiff1d(np.arange(len(target)), rows)
    part[single] = _fill(target[single], content[single], shares, seed, full)
    return part


def person_content(target: Flags, content: Hashes, persons: Ints) -> Hashes:
    """Hash what all rows of each person say, shape (persons,), in whichever order they stand."""
    mixed = pd.util.hash_array(content + target.astype(np.uint64))
    out = np.zeros(int(persons.max(initial=-1)) + 1, dtype=np.uint64)
    np.add.at(out, persons, mixed)
    return out


def _deal_several(
    target: Flags,
    rows: Ints,
    codes: Ints,
    content: Hashes,
    shares: Sequence[float],
    seed: int | Sequence[int],
) -> tuple[Ints, Floats]:
    """Each person's part, and the rows of labels 0 and 1 that each part has then."""
    counts = np.zeros((len(content), 2))
    np.add.at(counts, (codes, target[rows].astype(np.int64)), 1)
    whole = np.maximum([(~target).sum(), target.sum()], 1)
    portions = (counts / whole).tolist()
    full = [[0.0, 0.0] for _ in shares]
    part = np.zeros(len(content), dtype=np.int64)
    order = np.lexsort((content, uniforms_of_hashes(content, seed), -counts.sum(axis=1)))
    for person in order.tolist():
        no, yes = portions[person]
        costs = [
            (no * (2 * there[0] + no) + yes * (2 * there[1] + yes)) / share
            for there, share in zip(full, shares, strict=True)
        ]
        chosen = costs.index(min(costs))
        part[person] = chosen
        full[chosen][0] += no
        full[chosen][1] += yes
    return part, np.array(full) * whole


def _fill(
    target: Flags,
    content: Hashes,
    shares: Sequence[float],
    seed: int | Sequence[int],
    full: Floats,
) -> Ints:
    """Deal single rows out to parts that hold so many rows of each label already."""
    part = np.empty(len(target), dtype=np.int64)
    content = copies_apart(content, target)
    uniforms = uniforms_of_hashes(content, seed)
    for label in (False, True):
        rows = np.flatnonzero(target == label)
        total = len(rows) + full[:, int(label)].sum()
        wanted = np.maximum(np.asarray(shares) * total - full[:, int(label)], 0.0)
        ends = np.round(np.cumsum(wanted) / max(wanted.sum(), 1e-300) * len(rows)).astype(int)
        order = rows[np.lexsort((content[rows], uniforms[rows]))]
        part[order] = np.searchsorted(ends[:-1], np.arange(len(rows)), side="right")
    return part
