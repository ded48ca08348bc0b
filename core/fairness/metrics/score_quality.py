"""How well scores can be taken at their word: Brier score and calibration error by group."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import ndtri

from core.arrays import Flags, Floats, Ints
from core.fairness.counts.person_cells import PersonCells, count_by_person, effective_persons
from core.fairness.counts.ranking import (
    GroupEstimate,
    ScoreEstimate,
    ScoreEstimates,
    by_person,
    effective,
    estimate_groups,
)
from core.fairness.intervals.intervals import effective_size

BINS = 10
"""Of equal width over [0, 1], closed on the left; the last holds 1 too."""


@dataclass(frozen=True)
class CalibrationEstimate(ScoreEstimate):
    """An expected calibration error, which noise can only push upwards where it is near 0.

    The error is Σ |d| over bins. It is off by at most Σ |noise| (triangle inequality), so its
    interval is the estimate plus and minus the quantile of that sum: never too narrow, for any
    true error, as long as the noise of a bin is near normal.

    Attributes
    ----------
    noise : tuple of float
        Standard error of each bin's part.
    bin_rate, bin_size, bin_score : tuple of float
        By bin: share of positives, effective number of rows, mean score; 0 where it is empty.
    bin_persons : tuple of float
        By bin: effective number of persons, whatever their outcomes; rows are persons unless told.
    """

    noise: tuple[float, ...] = ()
    bin_rate: tuple[float, ...] = ()
    bin_size: tuple[float, ...] = ()
    bin_score: tuple[float, ...] = ()
    bin_persons: tuple[float, ...] = ()

    def interval(self, level: float) -> tuple[float, float] | None:
        """Compute the ends, in [0, 1]."""
        if self.estimate is None or self.standard_error is None:
            return None
        noise = np.array(self.noise)
        # |N(0, s)| has mean s √(2/π), variance s² (1 − 2/π) and third cumulant s³ √(2/π) (4/π − 1);
        # the quantile of their sum is Cornish and Fisher's (1938) to the first order.
        spread = float(np.sqrt(np.square(noise).sum() * (1 - 2 / np.pi)))
        third = float((noise**3).sum() * np.sqrt(2 / np.pi) * (4 / np.pi - 1))
        z = float(ndtri(level))
        skewed = (z**2 - 1) / 6 * third / spread**3 if spread > 0 else 0.0
        reach = float(noise.sum() * np.sqrt(2 / np.pi) + (z + skewed) * spread)
        return max(0.0, self.estimate - reach), min(1.0, self.estimate + max(reach, 0.0))

    def draw(self, draws: int, rng: np.random.Generator) -> Floats:
        """Draw from the estimate plus or minus the sum of the bins' noise, shape (draws,)."""
        if self.estimate is None or self.standard_error is None:
            return np.full(draws, np.nan)
        size = np.abs(rng.normal(size=(draws, len(self.noise)))) @ np.array(self.noise)
        out: Floats = self.estimate + size * rng.choice([-1.0, 1.0], size=draws)
        return np.clip(out, 0, 1)


def brier_score(
    codes: Ints,
    groups: int,
    target: Flags,
    scores: Floats,
    weights: Floats | None = None,
    persons: Ints | None = None,
) -> ScoreEstimates:
    """Mean squared distance between score and outcome in each group.

    Brier (1950), Monthly Weather Review 78. Its standard error is that of a mean.

    Parameters
    ----------
    codes : ndarray of int64, shape (n,)
        Each row's group, 0 to ``groups`` − 1.
    target : ndarray of bool, shape (n,)
    scores : ndarray of float64, shape (n,)
        In [0, 1], or the group's figure is undefined.
    weights : ndarray of float64, shape (n,), optional
    persons : ndarray of int64, shape (n,), optional
        Equal for rows of one person; without them every row is a person.

    Returns
    -------
    tuple of ScoreEstimate, one for each group
    """
    order = np.argsort(codes, kind="stable")
    one = partial(_checked, _brier)
    return estimate_groups(one, order, codes, groups, target, scores, weights, persons)


def expected_calibration_error(
    codes: Ints,
    groups: int,
    target: Flags,
    scores: Floats,
    weights: Floats | None = None,
    persons: Ints | None = None,
) -> ScoreEstimates:
    """Mean over :data:`BINS` bins of |mean score − share of positives|, weighted by rows.

    Naeini, Cooper and Hauskrecht (2015), AAAI. Parameters are those of :func:`brier_score`.
    """
    order = np.argsort(codes, kind="stable")
    one = partial(_checked, _calibration)
    return estimate_groups(one, order, codes, groups, target, scores, weights, persons)


def _checked(
    one: GroupEstimate,
    target: Flags,
    scores: Floats,
    weights: Floats,
    persons: Ints | None,
) -> ScoreEstimate:
    if not len(target):
        return ScoreEstimate(None, reason="no rows")
    if ((scores < 0) | (scores > 1)).any():
        return ScoreEstimate(None, reason="some scores are no probabilities between 0 and 1")
    if not weights.any():
        return ScoreEstimate(None, reason="no rows with a weight above zero")
    return one(target, scores, weights, persons)


def _brier(target: Flags, scores: Floats, weights: Floats, persons: Ints | None) -> ScoreEstimate:
    squares = np.square(scores - target)
    total = weights.sum()
    mean = float(np.clip((weights * squares).sum() / total, 0, 1))
    if persons is not None:
        moved = weights * (squares - mean) / total
        return by_person(mean, persons, moved, effective(persons, weights))
    size = float(effective_size(total, np.square(weights).sum()))
    if size < 1 + 1e-9:
        return ScoreEstimate(mean, reason="an interval needs at least two rows")
    variance = np.square(weights * (squares - mean)).sum() / total**2 * size / (size - 1)
    return ScoreEstimate(mean, float(np.sqrt(variance)), size)


def _calibration(
    target: Flags, scores: Floats, weights: Floats, persons: Ints | None
) -> ScoreEstimate:
    bins = np.minimum((scores * BINS).astype(np.int64), BINS - 1)

    def summed(values: Floats) -> Floats:
        return np.bincount(bins, values, minlength=BINS).astype(np.float64)

    weight, squared = summed(weights), summed(np.square(weights))
    by_bin = None
    if persons is not None:
        by_bin = count_by_person(
            np.unique(persons, return_inverse=True)[1], bins, BINS,
            target.astype(np.int64), (2,), weights,
        )  # fmt: skip
    return calibration_estimate(
        weight, squared, summed(weights * target), summed(weights * scores), by_bin
    )


def calibration_estimate(
    weight: Floats,
    squared: Floats,
    positive: Floats,
    score: Floats,
    persons: PersonCells | None = None,
) -> CalibrationEstimate:
    """Make the estimate of one group from its bins.

    Parameters
    ----------
    weight, squared, positive, score : ndarray of float64, shape (BINS,)
        Summed weights, their squares, weights of positives, and weight × score; not all zero.
    persons : PersonCells, optional
        Weights of each person's negative and positive rows, bins as groups.
    """
    total = weight.sum()
    excess = score - positive
    estimate = float(np.clip(np.abs(excess).sum() / total, 0, 1))
    size = number = effective_size(weight, squared)
    if persons is not None:
        trials = persons.cells.sum(axis=1)
        size = persons.sizes(persons.cells[:, 1], trials, number, 0.95)
        number = effective_persons(persons.group, trials, BINS)
    used = size > 0
    share, mean = np.zeros_like(weight), np.zeros_like(weight)
    np.divide(positive, weight, out=share, where=used)
    np.divide(score, weight, out=mean, where=used)
    share = np.clip(share, 0, 1)
    # One more success and failure, so that a bin with like outcomes is not taken for certain
    # (Agresti and Coull 1998, The American Statistician 52).
    near = (share[used] * size[used] + 1) / (size[used] + 2)
    deviation = np.square(excess[used] / weight[used])
    variance = np.square(weight[used] / total) * (near * (1 - near) + deviation) / size[used]
    noise = np.sqrt(variance)
    return CalibrationEstimate(
        estimate,
        float(noise.sum()),
        float(effective_size(total, squared.sum())),
        noise=tuple(noise.tolist()),
        bin_rate=tuple(share.tolist()),
        bin_size=tuple(size.tolist()),
        bin_score=tuple(mean.tolist()),
        bin_persons=tuple(number.tolist()),
    )
