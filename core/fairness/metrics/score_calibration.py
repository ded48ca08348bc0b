"""Calibration and Brier score from the score cube: what scores predict and what is observed."""

from __future__ import annotations

import numpy as np

from core.arrays import Floats, Ints
from core.fairness.counts.ranking import ScoreEstimate, ScoreEstimates
from core.fairness.counts.score_cube import ScoreCube, binned_auc
from core.fairness.intervals.intervals import effective_size
from core.fairness.metrics.score_quality import BINS, calibration_estimate


def score_estimates(cube: ScoreCube) -> dict[str, ScoreEstimates]:
    """Estimate every metric of scores from the bins, by its registered name."""
    return {
        "roc_auc": binned_auc(cube)[0],
        "brier": brier_score(cube)[0],
        "expected_calibration_error": expected_calibration_error(cube),
    }


def expected_calibration_error(cube: ScoreCube) -> ScoreEstimates:
    """Mean over coarse bins of |mean score − share of positives|, weighted by rows.

    Equal to :func:`core.fairness.metrics.score_quality.expected_calibration_error` on the rows if
    no bin of the cube reaches over an edge of the coarse bins; such a bin counts where it begins.
    """
    weights, squares, positives, scores = _by_bin(cube)
    found: list[ScoreEstimate] = []
    for i in range(len(cube.groups)):
        reason = _without(cube, i)
        if reason:
            found.append(ScoreEstimate(None, reason=reason))
            continue
        by_bin = None
        if cube.persons is not None:
            by_bin = cube.persons.of_group(i).by_bin(_coarse(cube), BINS)
        found.append(calibration_estimate(weights[i], squares[i], positives[i], scores[i], by_bin))
    return tuple(found)


def brier_score(cube: ScoreCube) -> tuple[ScoreEstimates, Floats]:
    """Mean squared distance between score and label in each group, and its error.

    A bin's rows of one label count with their mean score, which takes nothing away but the variance
    of scores within a bin: at most a quarter of its squared width.

    Returns
    -------
    tuple of ScoreEstimate, one for each group, and ndarray of float64, shape (g,)
        By how much the exact score may be larger; 0 where every bin is of a single score, NaN where
        undefined.
    """
    # Within [0, 1], the outermost bins end there.
    ends = np.clip(np.r_[0.0, cube.edges, 1.0], 0, 1)
    lost = np.where(cube.single, 0.0, np.square(np.diff(ends)) / 4)
    found: list[ScoreEstimate] = []
    errors = np.full(len(cube.groups), np.nan)
    for i, (weight, squared) in enumerate(zip(cube.weight, cube.weight_squared, strict=True)):
        reason = _without(cube, i)
        if reason:
            found.append(ScoreEstimate(None, reason=reason))
            continue
        total = weight.sum()
        mean = np.divide(cube.score_weight[i], weight, out=np.zeros_like(weight), where=weight > 0)
        distance = np.square(mean - np.array([[0.0], [1.0]]))
        value = float(np.clip(np.sum(weight * distance) / total, 0, 1))
        errors[i] = np.sum(weight.sum(axis=0) * lost) / total
        if cube.persons is not None:
            found.append(cube.persons.of_group(i).mean(value, distance))
            continue
        size = float(effective_size(total, squared.sum()))
        if size < 1 + 1e-9:
            found.append(ScoreEstimate(value, reason="an interval needs at least two rows"))
            continue
        spread = np.sum(squared * np.square(distance - value)) / total**2
        found.append(ScoreEstimate(value, float(np.sqrt(spread * size / (size - 1))), size))
    return tuple(found), errors


def _by_bin(cube: ScoreCube) -> tuple[Floats, Floats, Floats, Floats]:
    """Weight, squared weight, weight of positives and weight × score, shape (g, BINS) each."""
    coarse = _coarse(cube)

    def merged(cells: Floats) -> Floats:
        out = np.zeros((BINS, len(cube.groups)))
        np.add.at(out, coarse, cells.T)
        return out.T

    return (
        merged(cube.weight.sum(axis=1)),
        merged(cube.weight_squared.sum(axis=1)),
        merged(cube.weight[:, 1]),
        merged(cube.score_weight.sum(axis=1)),
    )


def _coarse(cube: ScoreCube) -> Ints:
    """Coarse bin of each bin: that of its lower edge; the first one has none and begins at 0."""
    starts = np.r_[0.0, cube.edges]
    found = np.searchsorted(np.arange(1, BINS) / BINS, starts, side="right")
    return np.asarray(found, dtype=np.int64)


def _without(cube: ScoreCube, position: int) -> str | None:
    """Say why a group has no figure that takes scores as probabilities."""
    rows = np.flatnonzero(cube.count[position].sum(axis=0))
    if not len(rows):
        return "no rows"
    if not _probabilities(cube, position, int(rows[0]), int(rows[-1])):
        return "some scores are no probabilities between 0 and 1"
    if not cube.weight[position].any():
        return "no rows with a weight above zero"
    return None


def _probabilities(cube: ScoreCube, position: int, first: int, last: int) -> bool:
    """Whether a group's scores lie in [0, 1], as far as the bins tell."""
    if first == 0 or cube.edges[first - 1] < 0 or cube.edges[last - 1] > 1:
        return False
    if cube.edges[last - 1] < 1:
        return last == len(cube.edges) or bool(cube.edges[last] <= 1) or bool(cube.single[last])
    # The bin that begins at 1 holds a larger score just where its mean says so.
    total = cube.score_weight[position, :, last].sum()
    return bool(total <= cube.weight[position, :, last].sum() * (1 + 1e-9))
