"""Sizes of subgroups and of everyone else, where persons have several rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Flags, Floats, Ints
from core.fairness.counts.person_cells import LEAST_SIZE, PersonCells, at_level, count_by_person
from core.fairness.intervals.intervals import effective_size

Sizes = tuple[Floats, Floats]


@dataclass(frozen=True, eq=False)
class SubgroupSizes:
    """Of some subgroups, shape (m,) each.

    Attributes
    ----------
    number, number_outside : ndarray of float64
        Persons with rows in the rate's denominator, in the subgroup and outside.
    own, rest : tuple of two ndarray of float64
        Effective sizes before Student's quantile, and the persons by whom that goes.
    """

    number: Floats
    number_outside: Floats
    own: Sizes
    rest: Sizes

    def at(self, positions: Ints) -> SubgroupSizes:
        """Keep some of the subgroups."""
        return SubgroupSizes(
            self.number[positions],
            self.number_outside[positions],
            (self.own[0][positions], self.own[1][positions]),
            (self.rest[0][positions], self.rest[1][positions]),
        )

    def inside(self, level: float) -> Floats:
        """Effective sizes of the subgroups for intervals at a level."""
        return at_level(*self.own, level)

    def outside(self, level: float) -> Floats:
        """Effective sizes of everyone else for intervals at a level."""
        return at_level(*self.rest, level)


class SubgroupPersons:
    """Rows of a rate's denominator, with the persons whose they are.

    Parameters
    ----------
    persons : ndarray of int64, shape (n,)
    weight : ndarray of float64, shape (n,)
        Above 0.
    hit : ndarray of bool, shape (n,)
    """

    def __init__(self, persons: Ints, weight: Floats, hit: Flags):
        self.persons = np.unique(persons, return_inverse=True)[1].astype(np.int64)
        self.weight = weight
        self.hit = hit.astype(np.int64)
        count = int(self.persons.max(initial=-1)) + 1
        self.trials = np.bincount(self.persons, weight, minlength=count).astype(np.float64)
        self.hits = np.bincount(self.persons, weight * hit, minlength=count).astype(np.float64)

    def compare(self, key: Ints, groups: int) -> SubgroupSizes:
        """Size every subgroup of a partition, and everyone outside of it.

        Parameters
        ----------
        key : ndarray of int64, shape (n,)
            Each row's subgroup, below ``groups``.
        """
        cells = count_by_person(self.persons, key, groups, self.hit, (2,), self.weight)
        hits, trials = cells.cells[:, 1], cells.cells.sum(axis=1)
        squared, weight = (
            np.bincount(key, values, minlength=groups).astype(np.float64)
            for values in (np.square(self.weight), self.weight)
        )
        own = cells.sizes_and_persons(hits, trials, effective_size(weight, squared))
        number = cells.number().astype(np.float64)
        # Persons with rows in the subgroup alone are nowhere outside.
        left = self.trials[cells.person] - trials
        only = left <= 1e-9 * self.trials[cells.person]
        gone = np.bincount(cells.group[only], minlength=groups)
        rest = self._outside(cells, hits, trials, weight, squared)
        return SubgroupSizes(number, len(self.trials) - gone.astype(np.float64), own, rest)

    def _outside(
        self, cells: PersonCells, hits: Floats, trials: Floats, weight: Floats, squared: Floats
    ) -> Sizes:
        """Sizes of all rows but a subgroup's, from the persons' sums less what lies in it."""
        group, groups = cells.group, cells.groups
        all_hits, all_trials = self.hits[cells.person], self.trials[cells.person]

        def moment(a: Floats, b: Floats, c: Floats, d: Floats, everyone: float) -> Floats:
            change = (a - b) * (c - d) - a * c
            return np.asarray(everyone + np.bincount(group, change, minlength=groups))

        hh = moment(all_hits, hits, all_hits, hits, float(self.hits @ self.hits))
        ht = moment(all_hits, hits, all_trials, trials, float(self.hits @ self.trials))
        tt = moment(all_trials, trials, all_trials, trials, float(self.trials @ self.trials))
        whole = np.maximum(self.trials.sum() - weight, 1e-300)
        hit = self.hits.sum() - np.bincount(group, hits, minlength=groups)
        share = np.clip(hit / whole, 0, 1)
        spread = share * (1 - share)
        persons = np.maximum(np.square(whole) / np.maximum(tt, 1e-300), 1.0)
        total = np.square(self.weight).sum() - squared
        rows = effective_size(whole, np.maximum(total, 1e-300))
        variance = np.maximum(hh - 2 * share * ht + share**2 * tt, 0) / whole**2
        variance *= persons / np.maximum(persons - 1, LEAST_SIZE)
        alone = spread <= 1e-15
        size = np.divide(spread, variance, out=rows.copy(), where=variance > 0)
        size = np.where(alone, np.minimum(persons, rows), np.minimum(size, rows))
        return size, np.where(alone, np.inf, persons)
