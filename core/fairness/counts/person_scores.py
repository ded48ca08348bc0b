"""Whose scores lie in which bin: the rows of a score cube, where persons have several."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.arrays import Floats, Ints
from core.fairness.counts.person_cells import PersonCells, count_by_person
from core.fairness.counts.ranking import ScoreEstimate, by_person, effective


@dataclass(frozen=True, eq=False)
class PersonScores:
    """One entry for each row.

    Attributes
    ----------
    person, group, label, bin : ndarray of int64, shape (n,)
        The row's person, and its place in the score cube: group, label (0 or 1) and bin of score.
    weight : ndarray of float64, shape (n,)
    """

    person: Ints
    group: Ints
    label: Ints
    bin: Ints
    weight: Floats

    def merged(self, position: Ints) -> PersonScores:
        """Merge groups: each goes to the position that stands at its own."""
        return replace(self, group=position[self.group])

    def of_group(self, position: int) -> PersonScores:
        """Keep the rows of one group."""
        held = self.group == position
        person, group, label, index = (
            values[held] for values in (self.person, self.group, self.label, self.bin)
        )
        return PersonScores(person, group, label, index, self.weight[held])

    def selected_from(self, first: Ints) -> PersonCells:
        """Count each person's outcomes where bins from ``first`` of the group on are selected."""
        cell = self.label * 2 + (self.bin >= first[self.group])
        return count_by_person(self.person, self.group, len(first), cell, (2, 2), self.weight)

    def by_bin(self, coarse: Ints, bins: int) -> PersonCells:
        """Weigh each person's negative and positive rows in every coarse bin.

        Parameters
        ----------
        coarse : ndarray of int64
            Of each bin of the cube: its coarse bin, below ``bins``.
        """
        positions = coarse[self.bin]
        return count_by_person(self.person, positions, bins, self.label, (2,), self.weight)

    def mean(self, value: float, by_cell: Floats) -> ScoreEstimate:
        """Estimate a mean over the rows, each counting as its label and bin does.

        Parameters
        ----------
        by_cell : ndarray of float64, shape (2, b)
        """
        moved = self.weight * (by_cell[self.label, self.bin] - value) / self.weight.sum()
        return by_person(value, self.person, moved, effective(self.person, self.weight))

    def area(self, area: float, below: Floats) -> ScoreEstimate:
        """Estimate the area under the curve from the share of each label below each bin, (2, b)."""
        moved = np.zeros(len(self.person))
        sizes = []
        for label, centre in ((1, area), (0, 1 - area)):
            rows = self.label == label
            weight = self.weight[rows]
            moved[rows] = weight * (below[1 - label, self.bin[rows]] - centre) / weight.sum()
            sizes.append(effective(self.person[rows], weight))
        return by_person(area, self.person, moved, min(sizes))
