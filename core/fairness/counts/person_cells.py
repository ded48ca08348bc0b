"""What each person's rows weigh in every group's cells, so that intervals count persons, not rows.

Rows of one person are no independent evidence: with eight rows a person, intervals that count rows
hold the true gap in 68 instead of 95 of 100 samples. A share of rows is a ratio of two sums over
persons, and its variance follows from how persons' residuals spread (linearisation: Cochran 1977,
Sampling Techniques, section 6; the correction 1 / (1 − share of the person) is that of Bell and
McCaffrey 2002, Survey Methodology 28). The number of independent rows that would give the same
variance is the effective size (Kish 1965), from which Wilson's and all other limits are made as
usual; Student's quantile allows for few persons (Korn and Graubard 1998, Survey Methodology 24).
What was measured: docs/decisions/0033.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.special import ndtri, stdtrit

from core.arrays import Flags, Floats, Ints

ShareTerms = tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]

LEAST_SIZE = 1e-9
"""An effective size that says nothing: that of a single person."""

DOUBT = 1.5
"""With k persons who have hits, k ** -DOUBT of the variance is that of rows that are all alike."""


@dataclass(frozen=True, eq=False)
class PersonCells:
    """Weights of each person's rows by cell, in each group in which the person has rows.

    Attributes
    ----------
    groups : int
        Number of groups, g.
    person, group : ndarray of int64, shape (e,)
        Each pair of a person and a group occurs once.
    cells : ndarray of float64, shape (e, ...)
        Summed weights of the person's rows in the group, by cell.
    """

    groups: int
    person: Ints
    group: Ints
    cells: Floats

    @property
    def crossing(self) -> bool:
        """Whether any person has rows in several groups."""
        return len(self.person) > len(np.unique(self.person))

    def number(self, of: Callable[[Floats], Floats] | None = None) -> Ints:
        """Persons with rows in each group, or with rows in some of its cells, shape (g,)."""
        held = np.ones(len(self.group), np.bool_) if of is None else of(self.cells) > 0
        return np.bincount(self.group[held], minlength=self.groups).astype(np.int64)

    def merged(self, position: Ints, groups: int) -> PersonCells:
        """Merge groups: each goes to the position that stands at its own."""
        return _summed(self.person, position[self.group], self.cells, groups)

    def chosen(self, positions: npt.NDArray[np.integer]) -> PersonCells:
        """Keep the groups at some positions, in that order."""
        position = np.full(self.groups, -1, dtype=np.int64)
        position[positions] = np.arange(len(positions))
        held = position[self.group] >= 0
        return PersonCells(
            len(positions), self.person[held], position[self.group[held]], self.cells[held]
        )

    def mapped(self, cells: Callable[[Floats], Floats]) -> PersonCells:
        """Replace each entry's cells by sums of them."""
        return PersonCells(self.groups, self.person, self.group, cells(self.cells))

    def influences(self, hits: Floats, trials: Floats) -> Floats:
        """By how much each entry moves its group's share of hits in trials, shape (e,)."""
        whole, share = self._share(hits, trials)
        moved = np.zeros(len(hits))
        total = whole[self.group]
        np.divide(hits - share[self.group] * trials, total, out=moved, where=total > 0)
        return moved

    def sizes(self, hits: Floats, trials: Floats, rows: Floats, level: float) -> Floats:
        """Independent rows that would tell as much of each group's share of hits, shape (g,).

        Never more than rows: that persons' rows balance each other out is not relied upon. Where
        all rows are hits or none is, a person counts as one row.

        Parameters
        ----------
        hits, trials : ndarray of float64, shape (e,)
            Summed weights of each entry.
        rows : ndarray of float64, shape (g,)
            Effective numbers of rows, were they independent.
        level : float
            Of the interval, in [0, 1): Student's quantile over the normal one is made part of the
            size.
        """
        size, persons = self.sizes_and_persons(hits, trials, rows)
        return np.asarray(np.where(size > 0, at_level(size, persons, level), 0.0))

    def sizes_and_persons(
        self, hits: Floats, trials: Floats, rows: Floats
    ) -> tuple[Floats, Floats]:
        """Sizes before Student's quantile, and the persons by whom that goes, shape (g,) each.

        Infinitely many where all rows are hits or none is, as no variance was estimated there.
        """
        whole, share = self._share(hits, trials)
        persons = effective_persons(self.group, trials, self.groups)
        spread = np.nan_to_num(share) * (1 - np.nan_to_num(share))
        alone = np.isclose(spread, 0, atol=1e-15)
        least, most = (1 / np.maximum(n, LEAST_SIZE) for n in (rows, np.minimum(persons, rows)))
        spread = np.where(alone, 1.0, spread)
        found = np.maximum(self._variance(hits, trials, whole) / spread, least)
        found = np.maximum(
            found, least + self._intraclass_correlation(hits, trials, spread, rows) * (most - least)
        )
        # How alike the rows of a person are can't be read off a few persons with hits.
        seen = np.minimum(*(self._persons_with(part) for part in (hits, trials - hits)))
        doubt = np.maximum(seen, 1) ** -DOUBT
        found = (1 - doubt) * found + doubt * np.maximum(found, most)
        size = np.where(alone, np.minimum(persons, rows), 1 / found)
        return np.where(whole > 0, size, 0.0), np.where(alone, np.inf, persons)

    def _variance(self, hits: Floats, trials: Floats, whole: Floats) -> Floats:
        """Variance of each group's share between persons."""
        total = whole[self.group]
        lever = np.divide(trials, total, out=np.zeros(len(trials)), where=total > 0)
        own = np.square(self.influences(hits, trials)) / np.maximum(1 - lever, LEAST_SIZE)
        return np.bincount(self.group, own, minlength=self.groups).astype(np.float64)

    def _intraclass_correlation(
        self, hits: Floats, trials: Floats, spread: Floats, rows: Floats
    ) -> Floats:
        """Estimate how alike the rows of a person are, in [0, 1]: their correlation.

        By moments, persons weighing as their rows do, and not squared as in the variance: where
        hits are few and the persons of many rows have none, the variance alone is too small.
        """
        whole, share = self._share(hits, trials)
        # What a row weighs, where rows of a group weigh unequally on the average of all weight.
        row = np.divide(whole, rows, out=np.zeros(self.groups), where=rows > 0)[self.group]
        beyond = trials - row
        several = beyond > 1e-9 * np.maximum(row, 1e-300)
        residual = np.square(hits - np.nan_to_num(share)[self.group] * trials)
        excess = np.zeros(len(hits))
        np.divide(residual - spread[self.group] * row * trials, trials, out=excess, where=several)
        above, below = (
            np.bincount(self.group[several], values[several], minlength=self.groups)
            for values in (excess, beyond)
        )
        out = np.zeros(self.groups)
        np.divide(above, below * spread, out=out, where=below > 0)
        persons = np.maximum(self._persons_with(trials), 2)
        return np.asarray(np.clip(out * persons / (persons - 1), 0, 1))

    def _persons_with(self, weight: Floats) -> Floats:
        held = weight > 1e-12 * np.abs(weight).max(initial=0)
        return np.bincount(self.group[held], minlength=self.groups).astype(np.float64)

    def correlation(self, influences: Floats) -> Floats:
        """Correlation between groups' figures, for persons who have rows in several, (g, g).

        Parameters
        ----------
        influences : ndarray of float64, shape (e,)
            By how much each entry moves its group's figure.
        """
        moved = csr_matrix(
            (influences, (self.person, self.group)),
            shape=(int(self.person.max(initial=-1)) + 1, self.groups),
        )
        common = (moved.T @ moved).toarray()
        spread = np.sqrt(np.diag(common))
        scale = np.outer(spread, spread)
        out = np.divide(common, scale, out=np.zeros_like(common), where=scale > 0)
        np.fill_diagonal(out, 1.0)
        return np.asarray(np.clip(out, -1, 1))

    def correlation_within(self, first: ShareTerms, second: ShareTerms) -> Floats:
        """Correlation of two shares within each group, shape (g,).

        Parameters
        ----------
        first, second : tuple of callable
            Sums of cells: hits and trials, from tables of shape (..., 2, 2).
        """
        a, b = (
            self.influences(hits(self.cells), all_(self.cells)) for hits, all_ in (first, second)
        )
        both, one, other = (
            np.bincount(self.group, values, minlength=self.groups)
            for values in (a * b, a * a, b * b)
        )
        scale = np.sqrt(one * other)
        out = np.zeros(self.groups)
        np.divide(both, scale, out=out, where=scale > 0)
        return np.clip(out, -1, 1)

    def _share(self, hits: Floats, trials: Floats) -> tuple[Floats, Floats]:
        whole, hit = (
            np.bincount(self.group, values, minlength=self.groups).astype(np.float64)
            for values in (trials, hits)
        )
        share = np.full(self.groups, np.nan)
        np.divide(hit, whole, out=share, where=whole > 0)
        return whole, np.clip(share, 0, 1)


def count_by_person(
    persons: Ints,
    codes: Ints,
    groups: int,
    cell: Ints,
    shape: tuple[int, ...],
    weights: Floats | None = None,
) -> PersonCells:
    """Sum rows' weights by person, group and cell.

    Parameters
    ----------
    persons, codes, cell : ndarray of int64, shape (n,)
        Each row's person, group, and cell within the group, counted along ``shape``.
    groups : int
    shape : tuple of int
        Of a group's cells.
    weights : ndarray of float64, shape (n,), optional
    """
    pair, entry = np.unique(persons * groups + codes, return_inverse=True)
    width = int(np.prod(shape))
    cells = np.bincount(entry * width + cell, weights, minlength=len(pair) * width)
    return PersonCells(
        groups,
        np.asarray(pair // groups, dtype=np.int64),
        np.asarray(pair % groups, dtype=np.int64),
        cells.astype(np.float64).reshape(len(pair), *shape),
    )


def effective_persons(group: Ints, weight: Floats, groups: int) -> Floats:
    """Count the persons of equal weight that would be as informative, shape (g,)."""
    total = np.bincount(group, weight, minlength=groups)
    squared = np.bincount(group, np.square(weight), minlength=groups)
    out = np.zeros(groups)
    np.divide(np.square(total), squared, out=out, where=squared > 0)
    return out


def share_size(hits: Flags, persons: Ints | None, level: float) -> float:
    """Independent rows that would tell as much of a share of rows.

    Parameters
    ----------
    hits : ndarray of bool, shape (n,)
    persons : ndarray of int64, shape (n,), or None
        Equal for rows of one person.
    level : float
        Of the interval.
    """
    if persons is None:
        return float(len(hits))
    one = np.zeros(len(hits), dtype=np.int64)
    cells = count_by_person(persons, one, 1, hits.astype(np.int64), (2,))
    rows = np.array([float(len(hits))])
    return float(cells.sizes(cells.cells[:, 1], cells.cells.sum(axis=1), rows, level)[0])


def difference_size(
    values: Floats, weights: Floats, persons: Ints, rows: float, level: float
) -> float:
    """Independent rows that would tell as much of a mean, at most ``rows`` of them.

    Parameters
    ----------
    values, weights : ndarray of float64, shape (n,)
    persons : ndarray of int64, shape (n,)
    rows : float
        Effective number of rows, were they independent.
    level : float
        Of the interval.
    """
    total = weights.sum()
    moved = weights * (values - (weights * values).sum() / total) / total
    own = np.unique(persons, return_inverse=True)[1]
    each, held = np.bincount(own, moved), np.bincount(own, weights)
    number = effective_persons(np.zeros(len(held), dtype=np.int64), held.astype(np.float64), 1)
    if number[0] <= 1 + 1e-9:
        return LEAST_SIZE
    between = float(np.square(each).sum() * number[0] / (number[0] - 1))
    alone = float(np.square(values - values.mean()).mean() / rows)
    if alone <= 0:
        return float(min(number[0], rows))
    factor = float(student_factor(number, level)[0])
    return float(rows * min(1.0, alone / between if between > 0 else 1.0) * factor)


def at_level(size: Floats, persons: Floats, level: float) -> Floats:
    """Lower sizes for Student's quantile; what tells nothing keeps :data:`LEAST_SIZE`."""
    known = np.isfinite(persons)
    factor = np.ones(np.shape(persons))
    factor[known] = student_factor(persons[known], level)
    return np.asarray(np.maximum(size * factor, LEAST_SIZE))


def student_factor(persons: Floats, level: float) -> Floats:
    """Return (normal / Student's quantile)², by which few persons lower an effective size."""
    tail = 0.5 + max(level, 1e-3) / 2
    freedom = np.maximum(np.asarray(persons, dtype=np.float64) - 1, 1e-6)
    return np.asarray(np.square(ndtri(tail) / stdtrit(freedom, tail)), dtype=np.float64)


def _summed(person: Ints, group: Ints, cells: Floats, groups: int) -> PersonCells:
    pair, entry = np.unique(person * groups + group, return_inverse=True)
    out = np.zeros((len(pair), *cells.shape[1:]))
    np.add.at(out, entry, cells)
    return PersonCells(
        groups,
        np.asarray(pair // groups, dtype=np.int64),
        np.asarray(pair % groups, dtype=np.int64),
        out,
    )
