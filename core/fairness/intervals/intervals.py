"""Intervals for rates and for sets of contrasts; the reasons are in docs/decisions/0004."""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv, expit, ndtri

from core.arrays import Floats

Ends = tuple[Floats, Floats]

PRIOR = 0.5
"""Added to each cell before drawing: Jeffreys' prior of a multinomial."""


def normal_quantile(level: float) -> float:
    """Two-sided standard normal quantile, 1.96 for a level of 0.95."""
    return float(ndtri(0.5 + level / 2))


def independent_level(level: float, intervals: int) -> float:
    """Level of each of several independent intervals that hold together with ``level``.

    Šidák (1967), Journal of the American Statistical Association 62: level ** (1 / m).
    """
    return float(level ** (1 / max(intervals, 1)))


def effective_size(weight: Floats, weight_squared: Floats) -> Floats:
    """Count the equally weighted rows that would be as informative: (Σw)² / Σw².

    Kish (1965), Survey Sampling, section 11.7. Equals the count without weights. It approximates:
    it takes weights to be unrelated to outcomes within the rows that it is computed over.
    """
    out = np.zeros(np.shape(weight))
    np.divide(np.square(weight), weight_squared, out=out, where=np.asarray(weight_squared) > 0)
    return out


def wilson(share: Floats, size: Floats, level: float) -> Ends:
    """Wilson's score interval of a share among ``size`` rows.

    Wilson (1927), Journal of the American Statistical Association 22. With weights, ``size`` is
    the effective size, and the interval is as approximate as that is.

    Parameters
    ----------
    share : ndarray
        In [0, 1], NaN where undefined.
    size : ndarray
        Number of rows, not necessarily whole.
    level : float
        In (0, 1).

    Returns
    -------
    tuple of ndarray
        Ends in [0, 1], NaN where ``share`` is NaN.
    """
    z2 = normal_quantile(level) ** 2
    centre = (share * size + z2 / 2) / (size + z2)
    half = np.sqrt(z2 * (share * (1 - share) * size + z2 / 4)) / (size + z2)
    # At the borders the ends are 0 and 1 exactly, which rounding would miss.
    low = np.where(share == 0, 0.0, np.clip(centre - half, 0, 1))
    high = np.where(share == 1, 1.0, np.clip(centre + half, 0, 1))
    return low, high


def clopper_pearson(hits: Floats, size: Floats, level: float) -> Ends:
    """Exact interval of a rate: never covers less than ``level``, and so is often wide.

    Clopper and Pearson (1934), Biometrika 26, by quantiles of the Beta distribution.

    Parameters
    ----------
    hits, size : ndarray
        0 ≤ hits ≤ size, 0 < size; effective numbers need not be whole.
    level : float
        In (0, 1).
    """
    return beta_limits(hits, size, level, 0.0)


def beta_limits(hits: Floats, size: Floats, level: float, shared: float) -> Ends:
    """Limits from Beta(hits + s, misses + 1 − s) below and Beta(hits + 1 − s, misses + s) above.

    Clopper and Pearson's for s = 0, Jeffreys' for s = 1/2 (Brown, Cai and DasGupta 2001,
    Statistical Science 16); 0 and 1 exactly where there are no hits or no misses.

    Parameters
    ----------
    hits, size : ndarray
        0 ≤ hits ≤ size, 0 < size; effective numbers need not be whole.
    level : float
        In [0, 1).
    shared : float
        s, in [0, 1/2]: how much of one row is shared out between hits and misses.
    """
    hits, size = np.asarray(hits, dtype=np.float64), np.asarray(size, dtype=np.float64)
    hits = np.clip(hits, 0, size)
    tail = (1 - level) / 2
    misses = size - hits
    # Rounding of effective numbers must not turn "none" into "almost none".
    none, every = hits <= 1e-9, misses <= 1e-9
    below = np.where(none, 1, hits + shared), misses + 1 - shared
    above = hits + 1 - shared, np.where(every, 1, misses + shared)
    low = np.where(none, 0.0, betaincinv(*below, tail))
    high = np.where(every, 1.0, betaincinv(*above, 1 - tail))
    return low, high


def mean_of_two(
    first: tuple[Floats, Ends], second: tuple[Floats, Ends], correlation: Floats | float = 0.0
) -> Ends:
    """Interval of the mean of two estimated figures from their own intervals.

    The method of variance estimates recovery: Zou and Donner (2008), Statistics in Medicine 27;
    for two proportions it is Newcombe's (1998) method 10.

    Parameters
    ----------
    first, second : tuple of an estimate and its (low, high)
    correlation : ndarray or float
        Of the two estimates; 0 where they are independent.
    """
    (a, (a_low, a_high)), (b, (b_low, b_high)) = first, second
    middle = (a + b) / 2
    low = middle - spread_of_sum(a - a_low, b - b_low, correlation) / 2
    high = middle + spread_of_sum(a_high - a, b_high - b, correlation) / 2
    return low, high


def spread_of_sum(first: Floats, second: Floats, correlation: Floats | float = 0.0) -> Floats:
    """√(a² + b² + 2 r a b): how far the sum of two figures reaches that reach so far alone.

    Zou (2007), Psychological Methods 12: the method of variance estimates recovery for figures that
    are correlated. For a difference the correlation is that with the sign turned round.
    """
    if np.ndim(correlation) == 0 and correlation == 0:
        return np.asarray(np.hypot(first, second))
    # At infinity the terms would cancel out to nothing.
    far = np.isinf(first) | np.isinf(second)
    a, b = np.where(far, 0, first), np.where(far, 0, second)
    square = a**2 + b**2 + 2 * correlation * a * b
    return np.where(far, np.inf, np.sqrt(np.maximum(square, 0)))


def logit_interval(estimate: float, standard_error: float, level: float) -> tuple[float, float]:
    """Interval of a figure inside (0, 1), symmetric on the logit scale.

    Pepe (2003), The Statistical Evaluation of Medical Tests, section 5.2; keeps inside [0, 1].
    """
    centre = np.log(estimate / (1 - estimate))
    half = normal_quantile(level) * standard_error / (estimate * (1 - estimate))
    return float(expit(centre - half)), float(expit(centre + half))


def cell_draws(
    weight: Floats, weight_squared: Floats, draws: int, rng: np.random.Generator
) -> Floats:
    """Draw the cells' shares in each group: Dirichlet(count + 1/2).

    A smoothed Bayesian bootstrap (Rubin 1981, Annals of Statistics 9). A multinomial bootstrap
    would keep a cell without rows at zero for ever, and so call a rate of 0 among 5 rows certain.
    With weights, counts are scaled to the group's effective size.

    Parameters
    ----------
    weight, weight_squared : ndarray, shape (g, 2, 2)
    draws : int

    Returns
    -------
    ndarray, shape (draws, g, 2, 2)
        Sums to 1 over the last two axes.
    """
    total = weight.sum(axis=(1, 2), keepdims=True)
    size = effective_size(total, weight_squared.sum(axis=(1, 2), keepdims=True))
    scale = np.divide(size, total, out=np.zeros_like(total), where=total > 0)
    shares = rng.standard_gamma(weight * scale + PRIOR, size=(draws, *weight.shape))
    out: Floats = shares / shares.sum(axis=(2, 3), keepdims=True)
    return out


def simultaneous_box(draws: Floats, level: float) -> Ends:
    """Intervals of several quantities that hold all of them together with ``level``.

    Besag, Green, Higdon and Mengersen (1995), Statistical Science 10, section 6.3: equal-rank
    order statistics in every column, taken just so far out that the box holds a share ``level``
    of the draws. For one column it is the plain percentile interval.

    Parameters
    ----------
    draws : ndarray, shape (b, m)

    Returns
    -------
    tuple of ndarray, each of shape (m,)
    """
    b, m = draws.shape
    order = np.argsort(draws, axis=0)
    rank = np.empty((b, m), dtype=np.int64)
    np.put_along_axis(rank, order, np.arange(1, b + 1)[:, None], axis=0)
    furthest = np.maximum(rank, b + 1 - rank).max(axis=1)
    needed = min(b, int(np.ceil(level * b)))
    reach = int(np.partition(furthest, needed - 1)[needed - 1])
    columns = np.arange(m)
    return draws[order[b - reach], columns], draws[order[reach - 1], columns]
