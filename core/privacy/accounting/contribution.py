"""A guarantee to a person with several rows: bounded contributions and group privacy.

Definition
----------
Of each person at most m rows are kept, and all of a person's rows fall into the same part of the
split. Two tables are neighbours if all rows of one person are in the one and not in the other.
Which rows of a person are kept depends on these rows alone, so the kept rows of two neighbours
differ by at most m rows, all of one part. A mechanism that is (ε₁, δ₁)-private for one row under
add-or-remove is then, along a chain of m such steps, (m ε₁, δ₁ (1 + e^ε₁ + … + e^((m−1) ε₁)))-
private for a person: group privacy (Dwork and Roth 2014, theorem 2.2, for δ = 0; Vadhan 2017, "The
Complexity of Differential Privacy", lemma 2.2, whose m e^((m−1) ε₁) δ₁ bounds the sum from above).

A wrong answer would be caught by a brute force over small mechanisms, and by tests that add and
remove persons and compare the rows that are kept.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Flags, Objects
from core.data.row_hashing import uniforms_of_hashes
from core.errors import InputError

Hashes = npt.NDArray[np.uint64]


def check_rows_per_person(rows: int) -> int:
    """Return a valid bound, a whole number of at least 1.

    Raises
    ------
    InputError
        For any other.
    """
    if isinstance(rows, bool) or not isinstance(rows, int) or not 1 <= rows <= 1_000_000:
        raise InputError(
            "the rows kept of each person must be a whole number from 1 to 1,000,000",
            where=f"rows per person = {rows!r}",
            remedy="Few rows cost little accuracy for a person of few rows, and less noise",
        )
    return rows


def row_budget(epsilon: float, delta: float, rows: int) -> tuple[float, float]:
    """Return ε and δ for one row that come to the given ones for a person of that many rows.

    Parameters
    ----------
    epsilon : float
        Above 0, of the guarantee to a person.
    delta : float
        In [0, 1).
    rows : int
        m, at least 1.
    """
    return epsilon / rows, delta / _growth(epsilon / rows, rows)


def person_budget(epsilon: float, delta: float, rows: int) -> tuple[float, float]:
    """Return what a guarantee of ε and δ for one row comes to for a person of that many rows."""
    return epsilon * rows, delta * _growth(epsilon, rows) if delta else 0.0


def _growth(epsilon: float, rows: int) -> float:
    """1 + e^ε + … + e^((m−1) ε); infinite where that leaves the range of floats."""
    if rows == 1:
        return 1.0
    if epsilon * rows > 700:
        return math.inf
    return math.expm1(rows * epsilon) / math.expm1(epsilon)


def kept_rows(persons: Objects, content: Hashes, positive: Flags, rows: int, seed: int) -> Flags:
    """Say which rows are kept, at most so many of each person.

    A person's rows are kept in the order of uniform numbers that each row's own values and the seed
    decide, so neither other persons nor the order of the table have a say. A row that names no
    person is not kept: nobody's bound would count it.

    Parameters
    ----------
    persons : ndarray of str or None, shape (n,)
    content : ndarray of uint64, shape (n,)
        Hash of each row's values, the label aside.
    positive : ndarray of bool, shape (n,)
        Orders rows that differ in nothing else.
    rows : int
        m.
    seed : int

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    codes = pd.factorize(persons)[0]
    order = np.lexsort((positive, content, uniforms_of_hashes(content, seed), codes))
    ordered = codes[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=-2))
    rank = np.arange(len(ordered)) - np.repeat(begins, np.diff(begins, append=len(ordered)))
    kept = np.zeros(len(persons), dtype=np.bool_)
    kept[order] = (rank < rows) & (ordered >= 0)
    return kept


def person_hashes(persons: Objects) -> Hashes:
    """Hash each row's person, shape (n,): equal for the rows of one person, 0 where none is."""
    missing = pd.isna(persons)
    named = np.where(missing, "", persons).astype(object)
    return np.asarray(pd.util.hash_array(named, categorize=False), dtype=np.uint64) * (
        ~missing
    ).astype(np.uint64)


def describe_unit(person: str | None, rows: int) -> str:
    """Name the unit of the guarantee: "row", or "person (column 'id', at most 3 rows)"."""
    if person is None:
        return "row"
    return f"person (column {person!r}, at most {rows} {'row' if rows == 1 else 'rows'})"
