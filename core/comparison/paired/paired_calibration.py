"""How two models differ in the calibration gap at equal score, on the same test people.

Definition
----------
The gap of one model (:mod:`core.fairness.disparities.calibration_gap`) is the largest difference,
over pairs of groups and bins of scores, of what is observed beyond what was predicted: the mean of
outcome less score in a bin. That is a largest of signed contrasts, and two models' largest are
compared as in :mod:`core.comparison.paired.paired_gaps`; the contrasts of a model are those of bins
in which both groups have people enough.

Contrasts are of means, and means of resampled people have the covariance of their influences
(infinitesimal jackknife, Efron 1982, The Jackknife, the Bootstrap and Other Resampling Plans,
chapter 6): of two bins the sum over people in both of (z − mean) (z′ − mean′) / (n n′). It is what
pairs the models. Draws are normal with it. A bin whose outcomes are all alike is not taken for
certain: a bin's variance is at least p (1 − p) / n with one more success and failure (Agresti and
Coull 1998, The American Statistician 52).

A wrong answer would be caught by resampling rows one by one, and by coverage in simulated worlds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from core.arrays import Flags, Floats, Ints
from core.comparison.paired.paired_gaps import furthest_difference
from core.fairness.counts.cube import as_persons
from core.fairness.counts.grouping import Grouping
from core.fairness.disparities.calibration_gap import SMALLEST_BIN
from core.fairness.metrics.score_quality import BINS

MOST_GROUPS = 14
"""With more, over 2,000 contrasts would be compared with one another."""


def calibration_gap_difference(
    grouping: Grouping,
    target: Flags,
    scores: tuple[Floats, Floats],
    draws: int,
    rng: np.random.Generator,
    level: float,
    persons: Ints | None = None,
) -> tuple[float, float] | str:
    """Interval of B's calibration gap at equal score minus A's, or why there is none.

    Parameters
    ----------
    grouping : Grouping
        Of n rows.
    target : ndarray of bool, shape (n,)
    scores : tuple of two ndarray of float64, shape (n,)
        Of A and B, in [0, 1], of models that both have a gap.
    draws : int
    level : float
        In (0, 1).
    persons : ndarray of int, shape (n,), optional
        Equal for rows of one person, within whom influences are summed.
    """
    groups = len(grouping.groups)
    if groups > MOST_GROUPS:
        return f"with {groups} groups too many pairs and bins could be the furthest apart"
    ids = as_persons(persons, len(target))
    a, b = (_Bins.of(grouping.codes, groups, target, one, ids) for one in scores)
    drawn = rng.multivariate_normal(
        np.r_[a.mean, b.mean],
        _covariance(a, b, ids),
        size=draws,
        method="eigh",
        check_valid="ignore",
    )
    low, high = furthest_difference(
        (_contrasts(a.mean, a.number, groups), _contrasts(b.mean, b.number, groups)),
        (
            _contrasts(drawn[:, : len(a.mean)], a.number, groups),
            _contrasts(drawn[:, len(a.mean) :], b.number, groups),
        ),
        level,
    )
    most = 1 + 1 / BINS
    return max(-most, low), min(most, high)


@dataclass(frozen=True, eq=False)
class _Bins:
    """One model's m = groups × bins: shape (n,) each row's and its influence, (m,) the others.

    ``number`` counts persons, and ``least`` is the variance that so many have at the least.
    """

    cell: Ints
    influence: Floats
    mean: Floats
    number: Floats
    least: Floats

    @classmethod
    def of(
        cls,
        codes: Ints,
        groups: int,
        target: Flags,
        scores: Floats,
        persons: Ints | None = None,
    ) -> _Bins:
        m = groups * BINS
        cell = codes * BINS + np.minimum((scores * BINS).astype(np.int64), BINS - 1)
        size = np.bincount(cell, minlength=m).astype(np.float64)
        some = np.maximum(size, 1)
        beyond = target - scores
        mean = np.bincount(cell, beyond, m) / some
        near = (np.bincount(cell, target, m) + 1) / (size + 2)
        influence = (beyond - mean[cell]) / size[cell]
        number = size
        if persons is not None:
            held = np.unique(np.stack([persons, cell]), axis=1)[1]
            number = np.bincount(held, minlength=m).astype(np.float64)
        return cls(cell, influence, mean, number, near * (1 - near) / np.maximum(number, 1))


def _covariance(a: _Bins, b: _Bins, persons: Ints | None = None) -> Floats:
    """Covariance of all bins' means, of A and then of B, shape (2m, 2m)."""
    m = len(a.mean)
    if persons is not None:
        moved = csr_matrix(
            (
                np.r_[a.influence, b.influence],
                (np.r_[persons, persons], np.r_[a.cell, m + b.cell]),
            ),
            shape=(int(persons.max()) + 1, 2 * m),
        )
        found = (moved.T @ moved).toarray()
        variance = np.diag(found)
        larger = np.maximum(variance, np.r_[a.least, b.least]) - variance
        return np.asarray(found + np.diag(larger))
    own = [np.bincount(one.cell, np.square(one.influence), m) for one in (a, b)]
    shared = np.bincount(a.cell * m + b.cell, a.influence * b.influence, m * m).reshape(m, m)
    first, second = (
        np.diag(np.maximum(found, one.least)) for found, one in zip(own, (a, b), strict=True)
    )
    return np.block([[first, shared], [shared.T, second]])


def _contrasts(values: Floats, size: Floats, groups: int) -> Floats:
    """Differences of ordered pairs of groups within a bin, shape (..., pairs × bins).

    NaN where one of the two has too few people in the bin.
    """
    first, second = np.nonzero(~np.eye(groups, dtype=np.bool_))
    known = np.where(size >= SMALLEST_BIN, values, np.nan)
    by_group = known.reshape(*values.shape[:-1], groups, BINS)
    apart: Floats = by_group[..., first, :] - by_group[..., second, :]
    return apart.reshape(*values.shape[:-1], len(first) * BINS)
