"""How far apart two rates are: evidence and band that may be looked at whenever one likes.

Definition
----------
Two arms or groups have rates p and q. For each pair (p, q) the likelihood ratio of a uniform
mixture of rates to p, times the same for q, is a martingale that begins at 1, whatever decides who
comes next from which arm, as long as that does not hang on an outcome still to come::

    M(p, q) = B(s + 1, f + 1) / (p^s (1 − p)^f) · B(u + 1, v + 1) / (q^u (1 − q)^v)

with s hits and f misses in the first arm, u and v in the second (mixture: Robbins 1970, Annals of
Mathematical Statistics 41). The smallest M over all pairs that a hypothesis allows is below the M
of the true pair, so by Ville's inequality it ever reaches 1/α with probability at most α if the
hypothesis holds: an e-process (universal inference, Wasserman, Ramdas and Balakrishnan 2020, PNAS
117, in its sequential form).

- :func:`log_e_apart`: of the hypothesis that q − p lies in a range; of q = p the smallest M is at
  the rate of both arms together.
- :func:`difference_sequence`: all differences whose own e-process has not reached 1/α. It leaves
  out a difference at the very moment at which the e-value against it reaches 1/α, since it is the
  same process. −log M is convex in (p, q), so this is an interval.

Intervals are intersected with those before, as in :mod:`core.comparison.monitoring.always_valid`.

A wrong answer would be caught by the smallest M on a fine grid of pairs, and by false alarms and
coverage over whole simulated paths.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln, xlogy

from core.arrays import Flags, Floats
from core.comparison.monitoring.always_valid import Ends, intersected

Counts = tuple[Floats, Floats]
"""Hits and misses of one arm so far, at every moment, shape (t,) each."""

HALVINGS = 40
"""Of a bracket: to 1e-12 of it."""
SLOPES = (np.log(1e-12), np.log(1e18))
"""Logarithms between which the slope of −log M at an end of the band lies."""
TINY = 1e-300


def log_e_apart(first: Counts, second: Counts, allowed: tuple[float, float]) -> Floats:
    """Natural logarithm of the e-process of the difference of two rates lying in a range.

    Parameters
    ----------
    first, second : tuple of (ndarray, ndarray), shape (t,) each
        Hits and misses of each arm.
    allowed : tuple of (float, float)
        Lowest and highest difference, second minus first, that the hypothesis allows; −1 < lowest
        ≤ highest < 1.
    """
    # −log M is convex in the difference, so the allowed one nearest to the sample's is smallest.
    apart = np.clip(_rate(second) - _rate(first), *allowed)
    low, high = np.maximum(0, -apart), np.minimum(1, 1 - apart)
    for _ in range(HALVINGS):
        half = (low + high) / 2
        rising = _slope(first, half) + _slope(second, half + apart) > 0
        low, high = np.where(rising, low, half), np.where(rising, half, high)
    rate = (low + high) / 2
    return _mixed(first, rate, 1 - rate) + _mixed(second, rate + apart, 1 - rate - apart)


def difference_sequence(first: Counts, second: Counts, alpha: float) -> Ends:
    """Confidence sequence of the difference of two rates, second minus first.

    Parameters
    ----------
    first, second : tuple of (ndarray, ndarray), shape (t,) each
        Hits and misses of each arm.
    alpha : float
        In (0, 1).

    Returns
    -------
    tuple of ndarray, each of shape (t,)
        Ends in [−1, 1], low above high where no constant difference is left.
    """
    return intersected(-_highest(second, first, alpha), _highest(first, second, alpha))


def _highest(first: Counts, second: Counts, alpha: float) -> Floats:
    """Highest difference that is left at each moment.

    There −log M rises by the same slope per unit of either rate; along the slope it rises too.
    """
    bar = -np.log(alpha)

    def at(slope: Floats) -> tuple[Floats, Flags]:
        high, below_one = _pushed(second, slope)
        above_zero, low = _pushed((first[1], first[0]), slope)
        log_m = _mixed(first, low, above_zero) + _mixed(second, high, below_one)
        return high - low, log_m >= bar

    inside = np.full(len(first[0]), SLOPES[0])
    outside = np.full(len(first[0]), SLOPES[1])
    out_at_last = at(np.exp(outside))[1]
    for _ in range(HALVINGS):
        half = (inside + outside) / 2
        out = at(np.exp(half))[1]
        inside, outside = np.where(out, inside, half), np.where(out, half, outside)
    # The end that is rejected is given, so that rounding never narrows the band.
    return np.where(out_at_last, at(np.exp(outside))[0], 1.0)


def _pushed(counts: Counts, slope: Floats) -> tuple[Floats, Floats]:
    """Return the rate above the sample's at which −log M has this slope, and 1 less it.

    It is the root of slope · q² − (slope − n) q − hits = 0 in [0, 1], each way without cancelling.
    """
    hits, misses = counts
    n = hits + misses
    root = np.sqrt((slope - n) ** 2 + 4 * slope * hits)
    rate = np.where(
        slope < n,
        2 * hits / np.maximum(n - slope + root, TINY),
        (slope - n + root) / (2 * slope),
    )
    return rate, 2 * misses / (n + slope + root)


def _mixed(counts: Counts, rate: Floats, rest: Floats) -> Floats:
    """Logarithm of one arm's factor of M; ``rest`` is 1 − rate."""
    hits, misses = counts
    out: Floats = betaln(hits + 1, misses + 1) - xlogy(hits, rate) - xlogy(misses, rest)
    return out


def _slope(counts: Counts, rate: Floats) -> Floats:
    hits, misses = counts
    out: Floats = misses / np.maximum(1 - rate, TINY) - hits / np.maximum(rate, TINY)
    return out


def _rate(counts: Counts) -> Floats:
    """Share of hits; of nobody 1/2, the middle of what can be."""
    hits, misses = counts
    n = hits + misses
    out: Floats = np.divide(hits, n, out=np.full(len(n), 0.5), where=n > 0)
    return out
