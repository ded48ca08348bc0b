"""The cube of any number of classes: counts over group × true class × predicted class."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from core.arrays import Array, Floats, Ints, Objects
from core.fairness.counts.cube import OutcomeCube, as_persons, as_weights
from core.fairness.counts.grouping import Group, Grouped, Grouping, sum_groups
from core.fairness.counts.person_cells import PersonCells, count_by_person
from core.fairness.counts.person_draws import PersonDraws, with_prior
from core.fairness.intervals.intervals import PRIOR, effective_size


@dataclass(frozen=True, eq=False)
class ClassCube(Grouped):
    """Counts of outcomes by group.

    Attributes
    ----------
    attributes : tuple of str
    groups : tuple of tuples of str, length g
        The combinations of values that occur, sorted.
    classes : tuple of str, length k
        All that occur as a true or a predicted class, sorted.
    count : ndarray of int64, shape (g, k, k)
        Rows by group, true class and predicted class.
    weight, weight_squared : ndarray of float64, shape (g, k, k)
        Summed weights and squared weights; equal to ``count`` without weights.
    weighted : bool
    persons : PersonCells or None
        The cells of each person, where persons have several rows; None where rows are persons.
    """

    classes: tuple[str, ...]
    count: Ints
    weight: Floats
    weight_squared: Floats
    weighted: bool = False
    persons: PersonCells | None = None

    def merged(
        self, attributes: tuple[str, ...], groups: tuple[Group, ...], position: Ints
    ) -> Self:
        """Merge groups: each goes to the place among ``groups`` that stands at its own."""
        g = len(groups)
        return replace(
            self,
            attributes=attributes,
            groups=groups,
            count=sum_groups(self.count, position, g),
            weight=sum_groups(self.weight, position, g),
            weight_squared=sum_groups(self.weight_squared, position, g),
            persons=self.persons and self.persons.merged(position, g),
        )

    def against_rest(self, name: str) -> OutcomeCube:
        """Count with one class as the positive one, all others together as the negative one."""
        c = self.classes.index(name)
        return OutcomeCube(
            self.attributes,
            self.groups,
            against_rest(self.count, c),
            against_rest(self.weight, c),
            against_rest(self.weight_squared, c),
            self.weighted,
            persons=self.persons and self.persons.mapped(lambda cells: against_rest(cells, c)),
        )

    def persons_in(self, position: int) -> int:
        """Count the persons with rows in a group."""
        if self.persons is None:
            return int(self.count[position].sum())
        return int(self.persons.number()[position])

    def draw(self, position: int, draws: int, rng: np.random.Generator) -> Floats:
        """Draw the cells' shares in one group, shape (draws, k, k): Dirichlet(count + prior).

        The prior gives half a row to each class's correct cell and spreads another half over its
        wrong ones, so that the recall of a class has Jeffreys' prior however many classes there
        are; with two it is the prior of :func:`core.fairness.intervals.intervals.cell_draws`.
        """
        k = len(self.classes)
        if self.persons is not None:
            own = self.persons.chosen(np.array([position]))
            drawn = with_prior(PersonDraws.of(own, draws, rng).amounts(own), own, rng)[:, 0]
            return np.asarray(drawn / drawn.sum(axis=(1, 2), keepdims=True))
        weight = self.weight[position]
        size = effective_size(weight.sum(), self.weight_squared[position].sum())
        scale = size / weight.sum() if weight.sum() > 0 else 0.0
        prior = np.full((k, k), PRIOR / (k - 1))
        np.fill_diagonal(prior, PRIOR)
        shares = rng.standard_gamma(weight * scale + prior, size=(draws, k, k))
        out: Floats = shares / shares.sum(axis=(1, 2), keepdims=True)
        return out


def count_classes(
    grouping: Grouping,
    labels: Objects,
    predictions: Objects,
    weights: Floats | None = None,
    persons: Ints | None = None,
) -> ClassCube:
    """Count classes by group in one pass, by position.

    Parameters
    ----------
    labels, predictions : ndarray of str, shape (n,)
        As many as the grouping has rows.
    weights : ndarray of float64, shape (n,), optional
        Non-negative, not all zero.
    persons : ndarray of int64, shape (n,), optional
        Equal for rows of one person; without them every row is a person.
    """
    classes, codes = np.unique(np.concatenate([labels, predictions]), return_inverse=True)
    n, g, k = len(grouping), len(grouping.groups), len(classes)
    cell = (grouping.codes * k + codes[:n]) * k + codes[n:]
    count = np.bincount(cell, minlength=g * k * k).reshape(g, k, k).astype(np.int64)
    names = tuple(str(name) for name in classes)
    by_person, ids = None, as_persons(persons, n)
    if ids is not None:
        within = np.asarray(codes[:n] * k + codes[n:], dtype=np.int64)
        by_person = count_by_person(ids, grouping.codes, g, within, (k, k), weights)
    if weights is None:
        weight = count.astype(np.float64)
        return ClassCube(
            grouping.attributes, grouping.groups, names, count, weight, weight.copy(),
            persons=by_person,
        )  # fmt: skip
    w = as_weights(weights, n)
    weight, squared = (
        np.bincount(cell, values, minlength=g * k * k).reshape(g, k, k).astype(np.float64)
        for values in (w, w**2)
    )
    return ClassCube(
        grouping.attributes, grouping.groups, names, count, weight, squared, True, by_person
    )


def against_rest(table: Array, position: int) -> Array:
    """Collapse tables of shape (..., k, k) to one class against the rest, shape (..., 2, 2).

    Parts are summed and never subtracted, so an empty cell stays exactly 0 with weights too.
    """
    others = np.arange(table.shape[-1]) != position
    out = np.empty((*table.shape[:-2], 2, 2), dtype=table.dtype)
    out[..., 1, 1] = table[..., position, position]
    out[..., 1, 0] = table[..., position, others].sum(axis=-1)
    out[..., 0, 1] = table[..., others, position].sum(axis=-1)
    out[..., 0, 0] = table[..., others, :][..., others].sum(axis=(-2, -1))
    return out
