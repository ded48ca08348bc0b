"""What a release says: figures made of noisy counts, each with an interval that holds the noise.

Two intervals answer two questions. "These rows": where the figure of the table itself lies, which
only the noise hides. "Population": where the figure lies for the people these rows are a sample
of; it holds the noise and the sampling. Negative counts are noise; they are shown as 0 and counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product

import numpy as np

from core.fairness.intervals.intervals import normal_quantile
from core.fairness.metrics.assessment import Figure
from core.privacy.mechanisms.noise import noise_reach
from core.privacy.release.noisy_share import NoiseSize, noisy_share, noisy_share_interval, swamped
from core.privacy.release.release import Release
from core.privacy.release.release_plan import GRID, CountsPlan, MeanPlan, QuantilePlan

LEVEL = 0.95


@dataclass(frozen=True)
class Cell:
    """A cell of a histogram or contingency table.

    Attributes
    ----------
    labels : tuple of str
        One for each axis.
    noisy : int
        As it was released, negative ones included.
    count : Figure
        Rows, at least 0; its interval holds the table's own count.
    share : Figure
        Of all rows in declared cells; its interval holds the population's share.
    """

    labels: tuple[str, ...]
    noisy: int
    count: Figure
    share: Figure


@dataclass(frozen=True)
class ReleasedCounts:
    """A histogram or contingency table.

    Attributes
    ----------
    cells : tuple of Cell
    outside : int
        Noisy number of rows outside all declared cells.
    negative : int
        How many noisy counts were below 0 and are shown as 0.
    """

    cells: tuple[Cell, ...]
    outside: int
    negative: int


@dataclass(frozen=True)
class ReleasedNumber:
    """A mean or a quantile.

    Attributes
    ----------
    rows, population : Figure
        With the interval of these rows' own figure, and of the population's.
    counted : int
        Noisy number of rows with a value.
    """

    rows: Figure
    population: Figure
    counted: int


def noise_of(release: Release, unit: float = 1.0) -> NoiseSize:
    """How large the noise on each count of a release is."""
    return NoiseSize.of(release.plan.epsilon, release.plan.sensitivity, unit)


def read_counts(release: Release) -> ReleasedCounts:
    """Read a histogram or contingency table."""
    plan = release.plan
    assert isinstance(plan, CountsPlan)
    *inside, outside = release.counts
    counts = np.array(inside, dtype=np.float64)
    rest = counts.sum() - counts
    noise, cells = noise_of(release), (1.0, float(len(counts) - 1))
    shares = noisy_share(counts, rest)
    low, high = noisy_share_interval(counts, rest, cells, noise, LEVEL)
    reach = noise_reach(plan.epsilon, plan.sensitivity, LEVEL)
    found = [
        Cell(
            labels,
            noisy,
            Figure(max(0, noisy), max(0, noisy - reach), max(0, noisy + reach)),
            _figure(share, ends, noise, len(counts)),
        )
        for labels, noisy, share, *ends in zip(
            product(*(axis.labels for axis in plan.axes)), inside, shares, low, high, strict=True
        )
    ]
    return ReleasedCounts(tuple(found), outside, sum(count < 0 for count in release.counts))


def read_number(release: Release) -> ReleasedNumber:
    """Read a mean or a quantile."""
    return (_mean if isinstance(release.plan, MeanPlan) else _quantile)(release, LEVEL)


def _mean(release: Release, level: float) -> ReleasedNumber:
    plan = release.plan
    assert isinstance(plan, MeanPlan)
    noise = noise_of(release, GRID)
    above, below = (np.array([count / GRID]) for count in release.counts)
    share = noisy_share(above, below)

    def figure(sampling: bool) -> Figure:
        low, high = noisy_share_interval(above, below, (1, 1), noise, level, sampling=sampling)
        found = _figure(float(share[0]), [float(low[0]), float(high[0])], noise, 2)
        if found.estimate is None or found.low is None or found.high is None:
            return found
        width = plan.high - plan.low
        return Figure(
            plan.low + width * found.estimate,
            plan.low + width * found.low,
            plan.low + width * found.high,
        )

    return ReleasedNumber(figure(False), figure(True), round(sum(release.counts) / GRID))


def _quantile(release: Release, level: float) -> ReleasedNumber:
    """Invert T(c) = (1 − q) · rows below c − q · rows from c on, of mean 0 at the q quantile.

    Its variance is that of the noise, plus M q (1 − q) of the sampling: the interval for a
    quantile by counting ranks (Thompson 1936), with noise. The end comes from the last candidate,
    walking inwards, at which the quantile still surely lies further on; so only the candidate next
    to the true quantile can lead it astray.
    """
    plan = release.plan
    assert isinstance(plan, QuantilePlan)
    counts = np.array(release.counts[:-1], dtype=np.float64)
    noise, edges = noise_of(release), np.array(plan.axis.edges)
    total, q = counts.sum(), plan.share
    if swamped(total, len(counts), noise):
        figure = Figure(None, reason=_swamped_reason(noise, len(counts), total))
        return ReleasedNumber(figure, figure, round(total))
    below = np.concatenate([[0.0], np.cumsum(counts)])
    score = (1 - q) * below - q * (total - below)
    cells = np.arange(len(edges))
    noise_variance = noise.variance * ((1 - q) ** 2 * cells + q**2 * (len(counts) - cells))
    best = int(np.argmin(np.abs(score[1:-1])) + 1) if len(counts) > 1 else 0

    def figure_of(sampling: bool) -> Figure:
        spread = np.sqrt(noise_variance + (total * q * (1 - q) if sampling else 0))
        z = normal_quantile(level) * spread
        # The bounds themselves are declared, so nothing lies beyond them.
        surely_below = np.cumprod(score[1:-1] < -z[1:-1]).sum()
        surely_above = np.cumprod((score[1:-1] > z[1:-1])[::-1]).sum()
        low, high = int(surely_below), len(edges) - 1 - int(surely_above)
        middle = min(max(best, low), high)
        return Figure(float(edges[middle]), float(edges[low]), float(edges[high]))

    return ReleasedNumber(figure_of(False), figure_of(True), round(total))


def _figure(share: float, ends: list[float], noise: NoiseSize, cells: int) -> Figure:
    if math.isnan(ends[0]):
        return Figure(None, reason=_swamped_reason(noise, cells))
    return Figure(float(share), float(ends[0]), float(ends[1]))


def _swamped_reason(noise: NoiseSize, cells: int, total: float | None = None) -> str:
    counted = "" if total is None else f" and {total:.0f} rows were counted"
    return f"the noise swamps the number of rows: it reaches ± {noise.reach(cells):,.0f}{counted}"
