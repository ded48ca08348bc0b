"""Two models' decisions about the same people, as counts; and resampled people.

Definition
----------
Every figure of decisions depends on the people only through how many there are in each cell of
group × label × decision of A × decision of B. Drawing n people with replacement (the bootstrap,
Efron 1979, Annals of Statistics 7) therefore is one multinomial draw of these cells, exactly, and
what pairs the two models is kept: both are read from the same draw.

A cell without people would stay empty in every draw, so two models that differ about nobody in the
sample would be taken to differ about nobody at all. Draws are therefore made from counts with 1/2
added to each cell, as in docs/decisions/0004; for the difference of two accuracies that adds one
person to each of the two discordant counts, which is Bonett and Price's (2012) interval. With
``smoothing=0`` it is the plain bootstrap of rows.

Where persons have several rows, persons are drawn: the Bayesian bootstrap gives each a weight that
all of the person's rows share (:mod:`core.fairness.counts.person_draws`), and 1/2 in a cell is half
of what a person weighs.

A wrong answer would be caught by resampling rows, or persons, one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Flags, Floats, Ints
from core.fairness.counts.cube import as_flags, as_persons
from core.fairness.counts.grouping import Grouping
from core.fairness.counts.person_cells import PersonCells, count_by_person, effective_persons
from core.fairness.counts.person_draws import PersonDraws
from core.fairness.intervals.intervals import PRIOR


@dataclass(frozen=True, eq=False)
class JointCells:
    """Counts of two models' decisions.

    Attributes
    ----------
    count : ndarray of int64, shape (g, 2, 2, 2)
        By group, label, decision of A, decision of B; 0 is negative and 1 positive.
    persons : PersonCells or None
        The cells of each person, where persons have several rows.
    """

    count: Ints
    persons: PersonCells | None = None

    def overall(self) -> JointCells:
        """Everyone as one group."""
        together = np.zeros(len(self.count), dtype=np.int64)
        return JointCells(
            self.count.sum(axis=0, keepdims=True),
            self.persons and self.persons.merged(together, 1),
        )

    def smoothed(self, smoothing: float = PRIOR) -> Floats:
        """Return what draws are made from, shape (g, 2, 2, 2)."""
        return self.count.astype(np.float64) + smoothing * self._one()

    def _one(self) -> Floats:
        """Return what one person weighs in each group, shape (g, 1, 1, 1)."""
        if self.persons is None:
            return np.ones((len(self.count), 1, 1, 1))
        held = self.persons.cells.sum(axis=(1, 2, 3))
        number = effective_persons(self.persons.group, held, len(self.count))
        one = self.count.sum(axis=(1, 2, 3)) / np.maximum(number, 1)
        return np.asarray(one[:, None, None, None])

    def draw(self, draws: int, rng: np.random.Generator, smoothing: float = PRIOR) -> Floats:
        """Draw as many people as there are, again and again, shape (draws, g, 2, 2, 2)."""
        if self.persons is not None:
            drawn_cells = PersonDraws.of(self.persons, draws, rng).amounts(self.persons)
            if smoothing > 0:
                prior = rng.standard_gamma(smoothing, size=drawn_cells.shape)
                drawn_cells = drawn_cells + prior * self._one()
            return drawn_cells
        cells = self.smoothed(smoothing).ravel()
        drawn = rng.multinomial(int(self.count.sum()), cells / cells.sum(), size=draws)
        return drawn.reshape(draws, *self.count.shape).astype(np.float64)


def count_jointly(
    grouping: Grouping,
    target: Flags,
    a: Flags,
    b: Flags,
    persons: Ints | None = None,
) -> JointCells:
    """Count rows by group, label and both decisions.

    Parameters
    ----------
    grouping : Grouping
        Of n rows.
    target, a, b : array of bool, shape (n,)
    persons : array of int, shape (n,), optional
        Equal for rows of one person; without them every row is a person.

    Raises
    ------
    InputError
        If lengths differ, or labels or decisions are not boolean.
    """
    n, g = len(grouping), len(grouping.groups)
    flags = [
        as_flags(values, where, n)
        for values, where in ((target, "target"), (a, "decisions of A"), (b, "decisions of B"))
    ]
    cell = grouping.codes
    for values in flags:
        cell = cell * 2 + values
    count = np.bincount(cell, minlength=8 * g).reshape(g, 2, 2, 2).astype(np.int64)
    ids = as_persons(persons, n)
    if ids is None:
        return JointCells(count)
    return JointCells(
        count, count_by_person(ids, grouping.codes, g, cell - grouping.codes * 8, (2, 2, 2))
    )


def tables(cells: Floats) -> tuple[Floats, Floats]:
    """Tables of label × decision of A and of B: shape (..., 2, 2, 2) becomes two of (..., 2, 2)."""
    return cells.sum(axis=-1), cells.sum(axis=-2)
