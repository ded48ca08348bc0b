"""The score cube: counts over group × label × score bin, enough for every threshold on an edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from core.arrays import Array, Flags, Floats, Ints
from core.errors import InputError
from core.fairness.counts.cube import as_flags, as_numbers, as_persons, as_scores, as_weights
from core.fairness.counts.grouping import Group, Grouped, Grouping, sum_groups
from core.fairness.counts.person_scores import PersonScores
from core.fairness.counts.ranking import ScoreEstimate, ScoreEstimates
from core.fairness.intervals.intervals import effective_size

BINS = 1000
"""Up to so many distinct scores each is a bin of its own; more are put on a grid of so many."""


@dataclass(frozen=True, eq=False)
class ScoreCube(Grouped):
    """Counts by group, label and bin of score; b bins lie around b − 1 ascending edges.

    Attributes
    ----------
    attributes : tuple of str, length s
        The sensitive columns; empty for everyone together.
    groups : tuple of tuples of str, length g
        The combinations of values that occur, sorted.
    edges : ndarray of float64, shape (b − 1,)
        Ascending; bin i holds the scores from ``edges[i − 1]`` to below ``edges[i]``.
    count : ndarray of int64, shape (g, 2, b)
        Rows by group, label (0 negative, 1 positive) and bin.
    weight, weight_squared : ndarray of float64, shape (g, 2, b)
        Their summed weights and squared weights; equal to ``count`` without weights.
    score_weight : ndarray of float64, shape (g, 2, b)
        Sum of weight × score.
    single : ndarray of bool, shape (b,)
        Whether all rows of a bin, whatever their group, have the very same score.
    weighted : bool
        Whether weights were given.
    persons : PersonScores or None
        Whose rows they are, where persons have several; None where rows are persons.
    has_outcome : bool
        Whether true outcomes were given; without them all rows stand under the negative label.
    """

    edges: Floats
    count: Ints
    weight: Floats
    weight_squared: Floats
    score_weight: Floats
    single: Flags
    weighted: bool = False
    persons: PersonScores | None = None
    has_outcome: bool = True

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
            score_weight=sum_groups(self.score_weight, position, g),
            persons=self.persons and self.persons.merged(position),
        )


def score_edges(scores: Floats, including: Sequence[float] = ()) -> Floats:
    """Edges of bins for scores: the distinct scores if they are few, else an even grid.

    Parameters
    ----------
    scores : ndarray of float64, shape (n,)
        Finite. Within [0, 1] the grid is 0, 0.001, ..., 1; otherwise it spans the scores.
    including : sequence of float
        Further edges, such as the threshold in use.

    Returns
    -------
    ndarray of float64
        Ascending, each once; the first is no larger than any score.
    """
    if not len(scores):
        raise InputError("there are no scores", where="scores")
    thresholds = as_numbers(including, "thresholds")
    # A glance at some rows spares the sort of many distinct scores.
    few = len(np.unique(scores[: 50 * BINS])) <= BINS
    distinct = np.unique(scores) if few else scores[:0]
    if few and len(distinct) <= BINS:
        return np.unique(np.r_[distinct, thresholds])
    low, width = grid_of(float(scores.min()), float(scores.max()))
    return np.unique(np.r_[grid(low, width), thresholds])


def grid_of(least: float, most: float) -> tuple[float, float]:
    """Start and width of the even grid for scores of that range; [0, 1] for probabilities."""
    if least >= 0 and most <= 1:
        return 0.0, 1.0
    if not np.isfinite(most - least):
        raise InputError(
            f"they range from {least:g} to {most:g}, too far for a grid",
            where="scores",
            remedy="Rescale them",
        )
    return least, (most - least) or 1.0


def grid(low: float, width: float) -> Floats:
    """Edges of the even grid, shape (BINS + 1,)."""
    out: Floats = low + np.arange(BINS + 1) * width / BINS
    return out


def count_scores(
    grouping: Grouping,
    target: Flags | None,
    scores: Floats,
    weights: Floats | None = None,
    edges: Floats | None = None,
    persons: Ints | None = None,
) -> ScoreCube:
    """Count scores by group, label and bin in one pass, by position.

    Parameters
    ----------
    grouping : Grouping
        Of n rows.
    target : ndarray of bool, shape (n,), or None
        None where no true outcome was given.
    scores : ndarray of float64, shape (n,)
        Finite; larger means more likely positive.
    weights : ndarray of float64, shape (n,), optional
        Non-negative.
    edges : ndarray of float64, optional
        Ascending; by default those of :func:`score_edges`.
    persons : ndarray of int64, shape (n,), optional
        Equal for rows of one person; without them every row is a person.

    Raises
    ------
    InputError
        If lengths differ, or labels, scores, weights or edges are not usable.
    """
    n, g = len(grouping), len(grouping.groups)
    score = as_scores(scores, n)
    label = np.zeros(n, dtype=np.bool_) if target is None else as_flags(target, "target", n)
    cuts = score_edges(score) if edges is None else as_numbers(edges, "edges of scores")
    if cuts.ndim != 1 or not len(cuts) or (np.diff(cuts) <= 0).any():
        raise InputError("they must ascend, each once", where="edges of scores")
    b = len(cuts) + 1
    # side="right" puts a score that equals an edge above it, as score >= threshold does.
    position = np.searchsorted(cuts, score, side="right")
    cell = (grouping.codes * 2 + label) * b + position
    shape = (g, 2, b)

    def summed(values: Floats | None) -> Array:
        return np.bincount(cell, values, minlength=g * 2 * b).reshape(shape)

    count = summed(None).astype(np.int64)
    if weights is None:
        weight: Floats = count.astype(np.float64)
        squared: Floats = weight.copy()
        score_weight: Floats = summed(score)
    else:
        row = as_weights(weights, n)
        weight, squared, score_weight = summed(row), summed(row**2), summed(row * score)
    whose = None
    ids = as_persons(persons, n)
    if ids is not None:
        weight_of = np.ones(n) if weights is None else as_weights(weights, n)
        whose = PersonScores(ids, grouping.codes, label.astype(np.int64), position, weight_of)
    return ScoreCube(
        grouping.attributes,
        grouping.groups,
        cuts,
        count,
        weight,
        squared,
        score_weight,
        _single(position, score, cuts),
        weights is not None,
        whose,
        target is not None,
    )


def binned_auc(cube: ScoreCube) -> tuple[ScoreEstimates, Floats]:
    """Area under the ROC curve in each group, rows of a bin counted as tied, and its error.

    The Mann–Whitney share with ties a half, and DeLong's variance, as in
    :func:`core.fairness.counts.ranking.roc_auc`. A pair within a bin counts a half where its scores
    would say 0, a half or 1, so the exact area differs by at most half the share of such pairs.

    Returns
    -------
    tuple of ScoreEstimate, one for each group, and ndarray of float64, shape (g,)
        The largest possible error; 0 where every bin is of a single score, NaN where undefined.
    """
    found: list[ScoreEstimate] = []
    errors = np.full(len(cube.groups), np.nan)
    for position, (count, weight, squared) in enumerate(
        zip(cube.count, cube.weight, cube.weight_squared, strict=True)
    ):
        reason = _without(count, weight)
        if reason:
            found.append(ScoreEstimate(None, reason=reason))
            continue
        totals = weight.sum(axis=1)
        share = weight / totals[:, None]
        below = np.cumsum(share, axis=1) - share / 2
        area = float(np.clip(np.sum(share[1] * below[0]), 0, 1))
        errors[position] = np.sum(share[1] * share[0] * ~cube.single) / 2
        if cube.persons is not None:
            found.append(cube.persons.of_group(position).area(area, below))
            continue
        sizes = effective_size(totals, squared.sum(axis=1))
        if sizes.min() < 1 + 1e-9:
            why = "an interval needs at least two positive and two negative labels"
            found.append(ScoreEstimate(area, reason=why))
            continue
        spread = np.sum(squared[1] * np.square(below[0] - area)) / totals[1] ** 2
        variance = spread * sizes[1] / (sizes[1] - 1)
        spread = np.sum(squared[0] * np.square(below[1] - (1 - area))) / totals[0] ** 2
        variance += spread * sizes[0] / (sizes[0] - 1)
        found.append(ScoreEstimate(area, float(np.sqrt(variance)), float(sizes.min())))
    return tuple(found), errors


def _without(count: Ints, weight: Floats) -> str | None:
    for label, phrase in ((1, "positive labels"), (0, "negative labels")):
        if not count[label].any():
            return f"no {phrase}"
        if not weight[label].any():
            return f"no {phrase} with a weight above zero"
    return None


def _single(position: Ints, score: Floats, edges: Floats) -> Flags:
    """Whether each bin's rows share one score: none differs from some row of the bin."""
    any_score = np.zeros(len(edges) + 1)
    any_score[position] = score
    out = np.ones(len(edges) + 1, dtype=np.bool_)
    out[position[score != any_score[position]]] = False
    return out
