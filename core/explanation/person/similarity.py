"""How alike two people are: Gower's distance on raw features of mixed types."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class Similarity:
    """Rows between which Gower's distance can be taken.

    Gower 1971, A general coefficient of similarity and some of its properties, Biometrics 27: the
    mean over features of |difference| / range for numbers and of "not the same" for categories.
    Gower leaves a feature out of a pair where a value is missing; here "missing" is a value like a
    category, at distance 1 from any number and 0 from itself, so that people of whom little is
    known are not near to everybody.

    Attributes
    ----------
    names : tuple of str
        Numbers first, then categories.
    numbers : ndarray, shape (n, a)
        Divided by the range; NaN where missing.
    codes : ndarray of int, shape (n, b)
        Of categories.
    """

    names: tuple[str, ...]
    numbers: Floats
    codes: Ints

    @classmethod
    def of(cls, rows: pd.DataFrame, ranges_of: pd.DataFrame) -> Similarity:
        """Prepare rows.

        Parameters
        ----------
        rows : DataFrame, shape (n, p)
            Numbers float64, everything else categories; p at least 1.
        ranges_of : DataFrame, shape (m, p)
            Rows whose ranges the numbers are divided by; a feature of a single value counts 0.
        """
        numeric = [str(c) for c in rows if rows[c].dtype.kind == "f"]
        others = [str(c) for c in rows if rows[c].dtype.kind != "f"]
        numbers = np.empty((len(rows), len(numeric)))
        for j, name in enumerate(numeric):
            known = ranges_of[name].dropna().to_numpy(dtype=np.float64)
            # Halved first: the range of the largest floats is none itself.
            width = float(np.ptp(known / 2)) * 2 if len(known) else 0.0
            column = rows[name].to_numpy(dtype=np.float64)
            numbers[:, j] = column / width if 0 < width < np.inf else column * 0
        codes = np.empty((len(rows), len(others)), dtype=np.int64)
        for j, name in enumerate(others):
            codes[:, j] = pd.factorize(rows[name], use_na_sentinel=False)[0]
        return cls((*numeric, *others), numbers, codes)

    def distances(self, some: Ints, others: Ints) -> Floats:
        """Distances of shape (len(some), len(others)), each in [0, 1]."""
        total = np.zeros((len(some), len(others)))
        for column in self.numbers.T:
            a, b = column[some], column[others]
            gap = np.abs(a[:, None] - b[None])
            lost_a, lost_b = np.isnan(a), np.isnan(b)
            if lost_a.any() or lost_b.any():
                gap = np.where(lost_a[:, None] | lost_b[None], 1.0, gap)
                gap[np.ix_(lost_a, lost_b)] = 0.0
            total += gap
        for code in self.codes.T:
            total += code[some][:, None] != code[others][None]
        return total / len(self.names)

    def total_distances(self) -> Floats:
        """Each row's distances to all rows, summed, shape (n,).

        Feature by feature from sorted values and counts, in n log n rather than n² steps.
        """
        n = len(self.numbers)
        total = np.zeros(n)
        for column in self.numbers.T:
            known = np.flatnonzero(~np.isnan(column))
            lost = np.isnan(column)
            order = known[np.argsort(column[known], kind="stable")]
            values = column[order]
            before = np.concatenate([[0.0], np.cumsum(values)])
            rank = np.arange(len(values))
            below = values * rank - before[:-1]
            above = before[-1] - before[1:] - values * (len(values) - 1 - rank)
            total[order] += below + above + lost.sum()
            total[lost] += len(known)
        for code in self.codes.T:
            total += n - np.bincount(code)[code]
        return total / len(self.names)

    def differing(self, one: int, other: int) -> tuple[str, ...]:
        """Names of the features in which two rows are not equal."""
        a, b = self.numbers[one], self.numbers[other]
        unlike = (a != b) & ~(np.isnan(a) & np.isnan(b))
        flags = np.concatenate([unlike, self.codes[one] != self.codes[other]])
        return tuple(name for name, flag in zip(self.names, flags, strict=True) if flag)
