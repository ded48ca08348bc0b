"""The interval of the largest difference between two of several groups' figures.

Reasons, sources and what was measured: docs/decisions/0004.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from core.arrays import Floats, Ints
from core.fairness.intervals.intervals import Ends, normal_quantile, spread_of_sum

Singles = npt.NDArray[np.float32]

SELECTION = 0.005
"""Error allowed to the bands that tell which pairs of groups can be the furthest apart."""

NORMALS_LOG2 = 10
"""1,024 quasi-random normal vectors, from which critical values are read."""


@dataclass(frozen=True, eq=False)
class Part:
    """A metric in the groups that are compared.

    Attributes
    ----------
    estimates : ndarray of float64, shape (k,)
    ends : callable
        From a level in [0, 1) to the groups' own intervals.
    floor : callable
        From a level to a difference that the upper end reaches in any sample of this size; 0 is
        always true.
    correlation : ndarray of float64, shape (k, k), or None
        Between the figures of the groups, where persons have rows in several of them.
    """

    estimates: Floats
    ends: Callable[[float], Ends]
    floor: Callable[[float], float] = lambda _: 0.0
    correlation: Floats | None = None


@dataclass(frozen=True, eq=False)
class _Bounds:
    """Bounds of a − b for every ordered pair in every part, shape (m,) each."""

    low: Floats
    high: Floats


def on_logarithms(part: Part, floor: Callable[[float], float] = lambda _: 0.0) -> Part:
    """Turn figures into logarithms, so that their differences are those of ratios.

    A figure of 0 has none; its place takes the upper end at level 0, as good as its median.
    ``floor`` is that of the logarithms.
    """
    estimates = part.estimates
    median = np.maximum(part.ends(0.0)[1], np.finfo(np.float64).tiny)
    centre = np.log(np.where(estimates > 0, estimates, median))

    def ends(level: float) -> Ends:
        low, high = part.ends(level)
        down = np.full(low.shape, -np.inf)
        np.log(low, out=down, where=low > 0)
        return down, np.log(np.maximum(high, np.finfo(np.float64).tiny))

    return Part(centre, ends, floor, part.correlation)


def largest_difference(parts: list[Part], level: float) -> tuple[float, float]:
    """Interval of the largest a − b over ordered pairs of groups in the same part.

    Differences get their bounds from both groups' own intervals (Zou and Donner 2008, Statistics
    in Medicine 27). The true largest is some one pair's, so it needs no more than that pair's own
    upper bound: the upper end is the largest of the pairs' upper bounds, each at its own level. The
    lower end is the largest lower bound, which all pairs that can be the furthest apart must hold
    together: pairs which bands at a level of 99.5 % rule out are left aside (Andrews and Soares
    2010, Econometrica 78; Chernozhukov, Lee and Rosen 2013, Econometrica 81).

    A true difference below the floor, which depends on no outcome, can't lie above the upper end:
    there the lower end may spend the whole error. Beyond it each end spends half.

    Parameters
    ----------
    parts : list of Part
        Independent of each other, of at least two groups each.
    level : float
        In (0, 1).

    Returns
    -------
    tuple of float
        Low and high, 0 or more; infinite where a part's ends are.
    """
    alone = _bounds(parts, normal_quantile(level))
    floor = max(part.floor(level) for part in parts)
    noise = _noise(parts)
    band = _bounds(parts, float(np.quantile(noise.max(axis=1), 1 - SELECTION)))
    possible = band.high >= max(0.0, float(band.low.max()))
    # Of a single pair the critical value is known, and needs no sampling.
    furthest = noise[:, possible].max(axis=1) if possible.sum() > 1 else None

    def lower(error: float) -> float:
        z = ndtri(1 - error) if furthest is None else np.quantile(furthest, 1 - error)
        return float(_bounds(parts, float(z)).low[possible].max())

    low = lower(1 - level)
    if low >= floor:
        low = max(floor, lower((1 - level) / 2))
    return max(0.0, low), float(alone.high.max())


def _bounds(parts: list[Part], z: float) -> _Bounds:
    """Bounds of every ordered pair from the groups' own intervals, z standard errors wide."""
    lows, highs = [], []
    for part in parts:
        low, high = part.ends(float(2 * ndtr(z) - 1))
        i, j = _pairs(len(part.estimates))
        down, up = np.maximum(part.estimates - low, 0), np.maximum(high - part.estimates, 0)
        middle = part.estimates[i] - part.estimates[j]
        common = 0.0 if part.correlation is None else -part.correlation[i, j]
        lows.append(middle - spread_of_sum(down[i], up[j], common))
        highs.append(middle + spread_of_sum(up[i], down[j], common))
    return _Bounds(np.concatenate(lows), np.concatenate(highs))


def _noise(parts: list[Part]) -> Singles:
    """Draw the standardised error of every ordered pair, shape (draws, m).

    Pairs share groups, and so are correlated as differences of independent normal figures are; the
    largest over all pairs of equally wide figures is Tukey's studentised range over √2.
    """
    normals, columns, first = _normals(sum(len(p.estimates) for p in parts)), [], 0
    for part in parts:
        k = len(part.estimates)
        low, high = part.ends(0.95)
        # An end at infinity has no width: the other side's stands for both.
        width = np.where(np.isfinite(low), high - low, 2 * (high - part.estimates))
        spread = np.maximum(width, np.finfo(np.float32).tiny)
        own = normals[:, first : first + k]
        if part.correlation is not None:
            own = own @ _root(part.correlation).astype(np.float32)
        scaled = own * spread.astype(np.float32)
        i, j = _pairs(k)
        common = 0.0 if part.correlation is None else -part.correlation[i, j]
        smallest = np.finfo(np.float32).tiny
        length = np.maximum(spread_of_sum(spread[i], spread[j], common), smallest)
        length = length.astype(np.float32)
        columns.append((scaled[:, i] - scaled[:, j]) / length)
        first += k
    return np.concatenate(columns, axis=1)


def _root(correlation: Floats) -> Floats:
    """Return a matrix by which independent normal figures get this correlation."""
    values, vectors = np.linalg.eigh(correlation)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)


@lru_cache(maxsize=64)
def _pairs(groups: int) -> tuple[Ints, Ints]:
    first, second = np.nonzero(~np.eye(groups, dtype=np.bool_))
    return first, second


@lru_cache(maxsize=32)
def _normals(columns: int) -> Singles:
    """Scrambled Sobol points as normal figures: the same each time, and more even than random."""
    points = qmc.Sobol(columns, seed=0).random_base2(NORMALS_LOG2)
    return np.asfortranarray(ndtri(np.clip(points, 1e-10, 1 - 1e-10)), dtype=np.float32)
