"""Shares of noisy counts, with intervals that hold the sampling and the noise.

Let a and b be noisy counts of hits and misses, M = a + b, and p the true share. Then
T(p) = a (1 − p) − b p has mean 0 and variance V(p) = M p (1 − p) + V_a (1 − p)² + V_b p², where
V_a and V_b are the known variances of the noise. The interval is all p with T(p)² ≤ z² V(p): the
score method of Wilson (1927), inverted as Fieller (1954) inverts a ratio. Without noise it is
Wilson's interval. z is widened for the heavier tails of Laplace noise by the Cornish–Fisher term
of the fourth cumulant, (z³ − 3z) / 24 · κ.

A mean of numbers between 0 and 1 with mean p has a variance of at most p (1 − p) (Bhatia and Davis
2000), so the same interval holds for it and errs to the wide side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.arrays import Flags, Floats
from core.fairness.intervals.intervals import normal_quantile
from core.privacy.mechanisms.noise import noise_fourth_cumulant, noise_variance

SWAMPED = 3.0
"""A denominator of fewer rows than so many standard deviations of its noise carries no share."""

UNBOUNDED = 1e9
"""Stands for an end at infinity, so that sums and odds of ends stay defined."""


@dataclass(frozen=True)
class NoiseSize:
    """How large the noise on one count is."""

    variance: float = 0.0
    fourth_cumulant: float = 0.0

    @classmethod
    def of(cls, epsilon: float, sensitivity: int, unit: float = 1.0) -> NoiseSize:
        """Noise at ε on a number that is counted in ``unit``."""
        return cls(
            noise_variance(epsilon, sensitivity) / unit**2,
            noise_fourth_cumulant(epsilon, sensitivity) / unit**4,
        )

    def reach(self, cells: float) -> float:
        """Twice the standard deviation of the noise on a sum of cells."""
        return float(2 * np.sqrt(self.variance * cells))


def swamped(total: Floats, cells: float, noise: NoiseSize) -> Flags:
    """Whether a noisy total may as well be nothing but noise, or is not above 0."""
    out: Flags = total <= SWAMPED * np.sqrt(noise.variance * cells)
    return out


def noisy_share(hits: Floats, misses: Floats) -> Floats:
    """Share of hits, kept inside [0, 1]; NaN where there is no positive total."""
    total = hits + misses
    out = np.full(np.shape(total), np.nan)
    np.divide(hits, total, out=out, where=total > 0)
    share: Floats = np.clip(out, 0, 1)
    return share


def noisy_share_interval(
    hits: Floats,
    misses: Floats,
    cells: tuple[float, float],
    noise: NoiseSize,
    level: float,
    *,
    sampling: bool = True,
    bounded: bool = True,
) -> tuple[Floats, Floats]:
    """Interval of a share of noisy counts.

    Parameters
    ----------
    hits, misses : ndarray
        Noisy counts, negative ones included.
    cells : tuple of float
        How many noisy counts were summed to hits, and to misses.
    noise : NoiseSize
        Of one count.
    level : float
        In (0, 1).
    sampling : bool
        Whether the rows are a sample of a population whose share is sought. Without it the
        interval is of the rows' own share and holds the noise alone.
    bounded : bool
        Whether ends stop at 0 and 1. For differences of shares they must not: a width that is cut
        off at a border would be missing from the width of the difference.

    Returns
    -------
    tuple of ndarray
        Ends, in [0, 1] if bounded; NaN where the noise swamps the total.
    """
    total = np.asarray(hits + misses, dtype=np.float64)
    undefined = swamped(total, sum(cells), noise)
    share = noisy_share(hits, misses)
    # A negative count is noise; the interval begins at 0 there and is as wide as that of none.
    a = np.where(hits < 0, 0.0, np.where(misses < 0, total, hits))
    in_hits, in_misses = noise.variance * cells[0], noise.variance * cells[1]
    spread = total if sampling else np.zeros_like(total)
    z2 = _widened(share, spread, cells, noise, level) ** 2
    squared = total**2 + z2 * (spread - in_hits - in_misses)
    linear = 2 * a * total + z2 * spread - 2 * z2 * in_hits
    constant = a**2 - z2 * in_hits
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(np.maximum(linear**2 - 4 * squared * constant, 0))
        low, high = (linear - root) / (2 * squared), (linear + root) / (2 * squared)
    if bounded:
        # At the borders the ends are 0 and 1 exactly, which rounding would miss.
        low = np.where(share <= 0, 0.0, np.minimum(np.clip(low, 0, 1), share))
        high = np.where(share >= 1, 1.0, np.maximum(np.clip(high, 0, 1), share))
    # At so high a level that the total may be 0, any share fits.
    whole = (0.0, 1.0) if bounded else (-UNBOUNDED, UNBOUNDED)
    low, high = np.where(squared <= 0, whole[0], low), np.where(squared <= 0, whole[1], high)
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high)


def _widened(
    share: Floats, spread: Floats, cells: tuple[float, float], noise: NoiseSize, level: float
) -> Floats:
    z = normal_quantile(level)
    p = np.nan_to_num(share, nan=0.5)
    variance = spread * p * (1 - p) + noise.variance * (cells[0] * (1 - p) ** 2 + cells[1] * p**2)
    fourth = noise.fourth_cumulant * (cells[0] * (1 - p) ** 4 + cells[1] * p**4)
    kurtosis = np.zeros_like(p)
    np.divide(fourth, variance**2, out=kurtosis, where=variance > 0)
    # Beyond the kurtosis of a single Laplace variable the expansion means nothing.
    out: Floats = z + (z**3 - 3 * z) / 24 * np.clip(kurtosis, 0, 3)
    return out
