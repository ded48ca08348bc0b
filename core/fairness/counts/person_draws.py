"""Draws of groups' cells, from rows or, where persons have several, from persons.

Persons are drawn and not their rows: the Bayesian bootstrap (Rubin 1981, Annals of Statistics 9)
gives each person a random weight that all of the person's rows share, in whatever group they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Floats, Ints
from core.fairness.counts.cube import OutcomeCube
from core.fairness.counts.person_cells import PersonCells, effective_persons, student_factor
from core.fairness.intervals.intervals import PRIOR, cell_draws

MOST_WEIGHTS = 2000
"""With more persons, some share a weight: unions of persons are as independent as persons are."""

LEAST_SHAPE = 0.05
"""Of the gamma distribution of weights, for a group of two or three persons."""


@dataclass(frozen=True, eq=False)
class PersonDraws:
    """Random weights of persons, the same wherever their rows are.

    Attributes
    ----------
    weights : ndarray of float64, shape (draws, w)
        With a mean of 1.
    column : ndarray of int64
        Of each person, by number: the column of ``weights``.
    """

    weights: Floats
    column: Ints

    @classmethod
    def of(cls, persons: PersonCells, draws: int, rng: np.random.Generator) -> PersonDraws:
        """Draw weights for the persons of some groups.

        A group of few persons gets weights that vary more, by as much as Student's 97.5 % quantile
        lies beyond the normal one; without that its draws would be spread too little.
        """
        total = persons.cells.reshape(len(persons.cells), -1).sum(axis=1)
        number = effective_persons(persons.group, total, persons.groups)
        spread = np.maximum(number - 1, 0) * student_factor(number, 0.95)
        shape = np.maximum((spread - 1) / np.maximum(number, 1), LEAST_SHAPE)
        # Persons of one group stand side by side, so that those of a small one share no weight.
        distinct, first, own = np.unique(persons.person, return_index=True, return_inverse=True)
        position = np.empty(len(distinct), dtype=np.int64)
        position[np.lexsort((distinct, persons.group[first]))] = np.arange(len(distinct))
        position %= MOST_WEIGHTS
        column = np.full(int(distinct.max(initial=-1)) + 1, -1, dtype=np.int64)
        column[distinct] = position
        shapes = np.full(min(len(distinct), MOST_WEIGHTS), np.inf)
        np.minimum.at(shapes, position[own], shape[persons.group])
        weights = rng.standard_gamma(shapes, size=(draws, len(shapes))) / shapes
        return cls(weights, column)

    def amounts(self, persons: PersonCells) -> Floats:
        """Weighted sums of each group's cells, shape (draws, g, ...)."""
        shape = persons.cells.shape[1:]
        width = int(np.prod(shape))
        summed = np.zeros((self.weights.shape[1], persons.groups, width))
        np.add.at(
            summed,
            (self.column[persons.person], persons.group),
            persons.cells.reshape(len(persons.cells), width),
        )
        flat = self.weights @ summed.reshape(len(summed), -1)
        return np.asarray(flat.reshape(len(flat), persons.groups, *shape))


def with_prior(amounts: Floats, persons: PersonCells, rng: np.random.Generator) -> Floats:
    """Give half a person to each cell that is empty in all draws, as Jeffreys' prior does.

    Parameters
    ----------
    amounts : ndarray of float64, shape (draws, g, ...)
        From :meth:`PersonDraws.amounts`.
    """
    total = persons.cells.reshape(len(persons.cells), -1).sum(axis=1)
    number = effective_persons(persons.group, total, persons.groups)
    whole = np.bincount(persons.group, total, minlength=persons.groups)
    one = np.divide(whole, number, out=np.zeros(persons.groups), where=number > 0)
    flat = amounts.reshape(len(amounts), persons.groups, -1)
    for group, cell in np.argwhere(~flat.any(axis=0)).tolist():
        prior = rng.standard_gamma(PRIOR, size=len(flat))
        flat[:, group, cell] = prior * (one[group] or 1.0)
    return flat.reshape(amounts.shape)


def draw_amounts(cube: OutcomeCube, draws: int, rng: np.random.Generator) -> Floats:
    """Draw every group's cells, with the groups' weights, shape (draws, g, 2, 2).

    Where persons have several rows, groups weigh as their persons' draws make them; otherwise as
    they are in the cube.
    """
    if cube.persons is None:
        cells = cell_draws(cube.weight, cube.weight_squared, draws, rng)
        return np.asarray(cells * cube.weight.sum(axis=(1, 2))[:, None, None])
    drawn = PersonDraws.of(cube.persons, draws, rng).amounts(cube.persons)
    return with_prior(drawn, cube.persons, rng)


def draw_cells(cube: OutcomeCube, draws: int, rng: np.random.Generator) -> Floats:
    """Draw the cells' shares in each group, shape (draws, g, 2, 2): each group's sum to 1."""
    if cube.persons is None:
        return cell_draws(cube.weight, cube.weight_squared, draws, rng)
    amounts = draw_amounts(cube, draws, rng)
    return np.asarray(amounts / amounts.sum(axis=(2, 3), keepdims=True))
