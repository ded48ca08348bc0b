"""Quantiles from a sketch that can be merged: counts in buckets whose width grows with the value.

Masson, Rim and Lee 2019, DDSketch, Proceedings of the VLDB Endowment 12: a value x > 0 goes into
bucket ⌈log_γ x⌉ with γ = (1 + α) / (1 − α), and any value of a bucket is within a share α of the
bucket's middle 2γ^i / (γ + 1). Negative values mirror this; buckets are never collapsed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Floats, Ints

ACCURACY = 0.001
"""α: quantiles are off by at most this share of the value."""

SMALLEST = 1e-300
"""Anything closer to zero counts as zero."""

_LOG_GAMMA = float(np.log1p(ACCURACY) - np.log1p(-ACCURACY))
_OFFSET = 1_000_000
"""Above the bucket number of any float, so that a key's sign is its value's."""


@dataclass(frozen=True, eq=False)
class QuantileSketch:
    """Weighted counts by bucket.

    Attributes
    ----------
    keys : ndarray of int64, shape (m,)
        Ascending, in the order of the values they stand for; 0 for zero.
    weight : ndarray of float64, shape (m,)
        Summed weights, all positive.
    """

    keys: Ints
    weight: Floats

    def merge(self, *others: QuantileSketch) -> QuantileSketch:
        """Add up sketches: the result is the sketch of all their values together."""
        parts = (self, *others)
        return _summed(
            np.concatenate([part.keys for part in parts]),
            np.concatenate([part.weight for part in parts]),
        )

    def absolute(self) -> QuantileSketch:
        """Sketch of the absolute values."""
        return _summed(np.abs(self.keys), self.weight)

    def quantile(self, share: float) -> float:
        """Find the smallest value up to which at least a share of the weight lies.

        The quantile of type 1 of Hyndman and Fan (1996), up to a relative error of
        :data:`ACCURACY`.

        Parameters
        ----------
        share : float
            In [0, 1].

        Returns
        -------
        float
            NaN without any weight.
        """
        if not len(self.keys):
            return float("nan")
        reached = np.cumsum(self.weight)
        # Rounding of the sums must not push a rank to the next value.
        needed = share * reached[-1] * (1 - 1e-12)
        position = min(int(np.searchsorted(reached, needed)), len(self.keys) - 1)
        return _value(int(self.keys[position]))


def sketch_values(values: Floats, weights: Floats | None = None) -> QuantileSketch:
    """Sketch finite values, shape (n,), with non-negative weights, 1 each by default."""
    weight = np.ones(len(values)) if weights is None else np.asarray(weights, dtype=np.float64)
    return _summed(bucket_keys(values), weight)


def bucket_keys(values: Floats) -> Ints:
    """Key of each value's bucket."""
    size = np.abs(np.asarray(values, dtype=np.float64))
    zero = size < SMALLEST
    bucket = np.ceil(np.log(np.where(zero, 1.0, size)) / _LOG_GAMMA).astype(np.int64) + _OFFSET
    return np.where(zero, 0, np.where(values < 0, -bucket, bucket)).astype(np.int64)


def _summed(keys: Ints, weight: Floats) -> QuantileSketch:
    held = weight > 0
    distinct, position = np.unique(keys[held], return_inverse=True)
    total = np.bincount(position, weight[held], minlength=len(distinct)).astype(np.float64)
    return QuantileSketch(distinct.astype(np.int64), total)


def _value(key: int) -> float:
    """Middle of a bucket: 2γ^i / (γ + 1) = γ^i (1 − α)."""
    if key == 0:
        return 0.0
    size = float(np.exp((abs(key) - _OFFSET) * _LOG_GAMMA)) * (1 - ACCURACY)
    return size if key > 0 else -size
