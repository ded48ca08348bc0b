"""Fairness to individuals: whether like people are treated alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype
from sklearn.neighbors import NearestNeighbors

from core.arrays import Flags, Floats, Ints
from core.errors import InputError
from core.fairness.counts.cube import as_flags, as_persons
from core.fairness.counts.person_cells import student_factor
from core.fairness.intervals.intervals import normal_quantile, wilson
from core.fairness.metrics.assessment import Figure

BATCH = 500
"""Rows looked up between two yields."""
MINIMUM_ROWS = 30


@dataclass(frozen=True)
class GroupConsistency:
    """Consistency of a group's decisions with those of their neighbours, of whatever group.

    Attributes
    ----------
    group : str
    rows : int
        Rows of the group that were looked up.
    figure : Figure
    too_small : bool
        Whether they are fewer than :data:`MINIMUM_ROWS`.
    """

    group: str
    rows: int
    figure: Figure
    too_small: bool


@dataclass(frozen=True)
class Consistency:
    """How alike the decisions for similar people are.

    Attributes
    ----------
    figure : Figure
        1 − mean |decision − mean decision of the nearest neighbours|, in [0, 1]; 1 is best.
    neighbours : int
    rows, rows_in_all : int
        Rows whose neighbours were looked up, and rows in all, among which the neighbours are.
    sampling_error : float
        How far the figure may lie, at the interval's level, from that of all rows because only
        some were looked up; 0 if all were. The interval includes it.
    by_group : tuple of GroupConsistency
        Most rows first; empty without groups.
    """

    figure: Figure
    neighbours: int
    rows: int
    rows_in_all: int
    sampling_error: float
    by_group: tuple[GroupConsistency, ...] = ()


def consistency(features: pd.DataFrame, prediction: Flags, **options: object) -> Consistency:
    """Return the last of :func:`consistency_steps`, whose parameters and errors these are."""
    *_, (_, found) = consistency_steps(features, prediction, **options)  # type: ignore[arg-type]
    return found


def consistency_steps(
    features: pd.DataFrame,
    prediction: Flags,
    *,
    neighbours: int = 5,
    groups: Sequence[str] | None = None,
    most_rows: int = 5000,
    level: float = 0.95,
    seed: int = 0,
    persons: Ints | None = None,
) -> Iterator[tuple[float, Consistency]]:
    """Compare each decision with those of the most similar people.

    Zemel et al. 2013, Learning fair representations, ICML, section 5.1. Nobody is a neighbour of
    themselves. Numbers are standardised, missing ones at the mean; text is one-hot encoded.

    People share neighbours, so their parts are not independent. The variance is therefore the
    jackknife's (Efron and Stein 1981, Annals of Statistics 9, whose theorem says that it errs
    upwards): without a person, those who had them as a neighbour turn to the next nearest. It
    covers the sampling of rows as well. Where persons have several rows, the changes that leaving
    out each row makes are summed within the person. The interval is Wilson's at the size of this
    variance.

    Parameters
    ----------
    features : DataFrame, shape (n, p)
    prediction : array of bool, shape (n,)
    neighbours : int
        1 to n − 1.
    groups : sequence of str, shape (n,), optional
    most_rows : int
        Of more rows, so many are drawn with ``seed``, at least 1.
    level : float
        Of intervals, in (0, 1).
    persons : array of int, shape (n,), optional
        Equal for rows of one person.

    Yields
    ------
    tuple of float and Consistency
        Share done in (0, 1], and the figure by then: rows are looked up in random order, so that
        a part of them is a sample too.

    Raises
    ------
    InputError
        If there is no column, or there are not more rows than neighbours.
    """
    n = len(features)
    decision = as_flags(prediction, "prediction", n).astype(np.float64)
    if not features.shape[1]:
        raise InputError("there is no column to tell who is similar by", where="features")
    if not 1 <= neighbours < n:
        raise InputError(
            f"it must be at least 1 and fewer than the {n} rows", where=f"neighbours {neighbours}"
        )
    if most_rows < 1:
        raise InputError("at least 1 row must be looked up", where=f"most rows {most_rows}")
    group_of = None if groups is None else np.asarray(groups, dtype=object).astype(str)
    if group_of is not None and group_of.shape != (n,):
        raise InputError(f"{len(group_of)} for {n} rows", where="groups")
    encoded, who = _encoded(features), as_persons(persons, n)
    rows = np.random.default_rng(seed).permutation(n)[:most_rows]
    # One more than asked for: who would take the place of a neighbour that is deleted.
    reach = min(neighbours + 1, n - 1)
    model = NearestNeighbors(n_neighbors=reach + 1).fit(encoded)
    parts: list[Ints] = []
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        nearest = model.kneighbors(encoded[batch], return_distance=False)
        # Among identical rows oneself need not come first, or be there at all.
        own = nearest == batch[:, None]
        own[~own.any(axis=1), -1] = True
        parts.append(nearest[~own].reshape(len(batch), reach))
        done = rows[: start + len(batch)]
        looked_up = _LookedUp(decision, done, np.concatenate(parts), neighbours, level, who)
        yield len(done) / len(rows), looked_up.found(group_of)


@dataclass(frozen=True, eq=False)
class _LookedUp:
    """Rows with their nearest others, shape (m, k) or with one more column of the next nearest."""

    decision: Floats
    rows: Ints
    nearest: Ints
    neighbours: int
    level: float
    persons: Ints | None = None

    def found(self, groups: npt.NDArray[np.str_] | None) -> Consistency:
        m, n = len(self.rows), len(self.decision)
        others = self.decision[self.nearest[:, : self.neighbours]]
        agreement = 1 - np.abs(self.decision[self.rows] - others.mean(axis=1))
        error = 0.0
        if 1 < m < n:
            spread = float(agreement.std(ddof=1)) * np.sqrt((1 - m / n) / m)
            error = float(normal_quantile(self.level) * spread)
        by_group = []
        own = None if groups is None else groups[self.rows]
        for name in () if groups is None else np.unique(groups).tolist():
            inside = own == name
            size = int(inside.sum())
            figure = Figure(None, reason="none of its rows was looked up")
            if size:
                figure = self.figure(agreement, inside)
            by_group.append(GroupConsistency(name, size, figure, size < MINIMUM_ROWS))
        return Consistency(
            self.figure(agreement, np.ones(m, dtype=bool)),
            self.neighbours,
            m,
            n,
            error,
            tuple(sorted(by_group, key=lambda item: (-item.rows, item.group))),
        )

    def figure(self, agreement: Floats, inside: Flags) -> Figure:
        """Mean over some of the rows, with the jackknife's interval."""
        n, k = len(self.decision), self.neighbours
        value, m = float(agreement[inside].mean()), int(inside.sum())
        if self.nearest.shape[1] == k:
            return Figure(value, reason="no interval: all others are everyone's neighbours")
        if m == 1:
            return Figure(value, reason="no interval: only one row was looked up")
        own, near = self.decision[self.rows[inside]], self.nearest[inside]
        others = self.decision[near[:, :k]]
        without = others.sum(axis=1, keepdims=True) - others + self.decision[near[:, k:]]
        moved = 1 - np.abs(own[:, None] - without / k) - agreement[inside][:, None]
        total = np.full(n, agreement[inside].sum())
        np.add.at(total, near[:, :k], moved)
        total[self.rows[inside]] -= agreement[inside]
        size = np.full(n, float(m))
        size[self.rows[inside]] -= 1
        left = total / size
        moved_by = left - left.mean()
        if self.persons is not None:
            moved_by = np.bincount(self.persons, moved_by)
            n = len(np.unique(self.persons))
        variance = float(np.square(moved_by).sum()) * (n - 1) / n
        bound = value * (1 - value)
        worth = float(m)
        if self.persons is not None:
            inside_persons = len(np.unique(self.persons[self.rows[inside]]))
            worth = float(inside_persons)
            variance /= float(student_factor(np.array(inside_persons), self.level))
        if variance > 1e-15 and bound > 0:
            worth = bound / variance
        low, high = wilson(np.array(value), np.array(worth), self.level)
        return Figure(value, min(float(low), value), max(float(high), value))


def _encoded(features: pd.DataFrame) -> Floats:
    """Standardise numbers and one-hot encode everything else, shape (n, k)."""
    parts = []
    for position in range(features.shape[1]):
        column = features.iloc[:, position]
        if is_numeric_dtype(column) and not is_bool_dtype(column):
            values = column.to_numpy(dtype=np.float64, na_value=np.nan)
            known = np.isfinite(values)
            if not known.any():
                continue
            mean, spread = values[known].mean(), values[known].std()
            centred = np.where(known, values - mean, 0.0)
            parts.append((centred / spread if spread > 0 else centred * 0)[:, None])
        else:
            codes, distinct = pd.factorize(column, use_na_sentinel=False)
            parts.append(np.eye(len(distinct))[codes])
    if not parts:
        raise InputError("no column holds any value", where="features")
    return np.concatenate(parts, axis=1)
