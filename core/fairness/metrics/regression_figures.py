"""Figures of amounts in each group, with their intervals, from the regression cube alone.

Means have Student's interval, sizes of errors one that allows for their skewness, and that of
1 − R² is made on the logarithm. Quantiles have the order statistics' interval, which assumes
nothing. Where persons have several rows, R² and quantiles count a person as one row, which is
cautious.
"""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit
from scipy.stats import binom

from core.fairness.counts.quantile_sketch import ACCURACY
from core.fairness.counts.regression import SQUARES, TERMS, RegressionCube
from core.fairness.intervals.skewed_mean import hall_ends, too_heavy
from core.fairness.metrics.assessment import Figure

WEIGHTLESS = "all rows in this group have weight zero"
TOO_FEW = "an interval needs at least two rows"
CONSTANT_GROUP = "no interval: all rows in this group are alike"
TOO_WIDE = "no interval: too few rows that differ too much"
WIDEST = 7.0
"""An interval that reaches further than a factor e⁷ ≈ 1,100 either way says nothing."""


def mean_figures(cube: RegressionCube, term: str, level: float) -> tuple[Figure, ...]:
    """Mean of the error, the prediction or the outcome, with Student's interval.

    Student (1908), Biometrika 6, with the effective size; rough for strongly skewed values in
    groups of less than about a hundred rows. A mean error has none where the mean absolute error
    of the same rows has none: where all errors point one way the two are one number.
    """
    mean, square = cube.mean(term), cube.mean(SQUARES[term])
    shifts = np.zeros(len(mean)) if term == "error" else cube.centre
    sizes, freedom = cube.sizes(term)
    heavy: list[str | None] = [None] * len(mean)
    if term == "error":
        size = cube.mean("|error|")
        heavy = too_heavy(size, square, cube.weight, size)
    out = []
    for p, (m, n) in enumerate(zip(mean, sizes, strict=True)):
        if np.isnan(m):
            out.append(Figure(None, reason=WEIGHTLESS))
            continue
        value = float(m * cube.scale + shifts[p])
        variance = float(square[p] - m**2)
        reason = _no_interval(n, freedom[p], variance, square[p]) or heavy[p]
        if reason is not None:
            out.append(Figure(value, reason=reason))
        else:
            low, high = _ends(float(m), variance, 0.0, float(n), float(freedom[p]), level)
            out.append(Figure(value, low * cube.scale + shifts[p], high * cube.scale + shifts[p]))
    return tuple(out)


def size_figures(cube: RegressionCube, term: str, level: float) -> tuple[Figure, ...]:
    """Mean absolute error or root mean squared error, with an interval that allows for skewness.

    By Hall's transformation, and none where so few errors carry the mean that the sample can't tell
    (:mod:`core.fairness.intervals.skewed_mean`); what was measured is in docs/measured.md.

    Parameters
    ----------
    term : {"|error|", "error²"}
    """
    root = term == "error²"
    mean, square = cube.mean(term), cube.mean(SQUARES[term])
    third = cube.mean("error⁶" if root else "|error|³")
    sizes, freedom = cube.sizes(term)
    size = cube.mean("|error|")
    heavy = too_heavy(mean, square, cube.weight, size**2 if root else size)
    out = []
    for p, (m, n) in enumerate(zip(mean, sizes, strict=True)):
        if np.isnan(m):
            out.append(Figure(None, reason=WEIGHTLESS))
            continue
        value = float(np.sqrt(m) if root else m) * cube.scale
        variance = float(square[p] - m**2)
        reason = _no_interval(n, freedom[p], variance, square[p]) or heavy[p]
        if value == 0:
            out.append(Figure(0.0, reason="no interval: every prediction here is exact"))
        elif reason is not None:
            out.append(Figure(value, reason=reason))
        else:
            skew = _skewness(m, square[p], third[p])
            ends = _ends(float(m), variance, skew, float(n), float(freedom[p]), level)
            low, high = (np.sqrt(max(end, 0.0)) if root else max(end, 0.0) for end in ends)
            if high * cube.scale > value * np.exp(WIDEST):
                out.append(Figure(value, reason=TOO_WIDE))
            else:
                out.append(Figure(value, float(low) * cube.scale, float(high) * cube.scale))
    return tuple(out)


def _no_interval(size: float, freedom: float, variance: float, square: float) -> str | None:
    if size < 2 or freedom < 1:
        return TOO_FEW
    return CONSTANT_GROUP if variance <= 1e-14 * square else None


def _skewness(mean: float, square: float, third: float) -> float:
    variance = square - mean**2
    return float((third - 3 * mean * square + 2 * mean**3) / variance**1.5)


def _ends(
    mean: float, variance: float, skewness: float, size: float, freedom: float, level: float
) -> tuple[float, float]:
    deviation = float(np.sqrt(variance * size / (size - 1)))
    return hall_ends(mean, deviation, skewness, size, _student(freedom + 1, level))


def r_squared_figures(cube: RegressionCube, level: float) -> tuple[Figure, ...]:
    """R² = 1 − A/B with A the mean squared error and B the variance of outcomes.

    A row moves A/B by (error² − A/B · (outcome − mean)²) / B; the interval is that of the mean of
    these (the influence function: Hampel 1974, Journal of the American Statistical Association
    69), made on the logarithm of A/B.
    """
    out = []
    unit = np.square(cube.mean("|error|"))
    heavy = too_heavy(cube.mean("error²"), cube.mean("error⁴"), cube.weight, unit)
    rows = cube.sizes()[0]
    for position, n in enumerate(rows):
        if not cube.weight[position]:
            out.append(Figure(None, reason=WEIGHTLESS))
            continue
        m = {term: float(cube.mean(term)[position]) for term in TERMS}
        mu, a = m["outcome"], m["error²"]
        b = m["outcome²"] - mu**2
        if n < 2 or b <= 1e-12 * max(m["outcome²"], 1e-300):
            out.append(Figure(None, reason="all true values in this group are the same"))
            continue
        ratio = a / b
        if ratio == 0:
            out.append(Figure(1.0, reason="no interval: every prediction here is exact"))
            continue
        fourth = m["outcome⁴"] - 4 * mu * m["outcome³"] + 6 * mu**2 * m["outcome²"] - 3 * mu**4
        cross = m["error²·outcome²"] - 2 * mu * m["error²·outcome"] + mu**2 * a
        variance = max(ratio**2 * fourth - 2 * ratio * cross + m["error⁴"], 0.0) / b**2
        if variance <= 1e-14 * ratio**2:
            out.append(Figure(1 - ratio, reason=CONSTANT_GROUP))
            continue
        if heavy[position] is not None:
            out.append(Figure(1 - ratio, reason=heavy[position]))
            continue
        half = _student(n, level) * float(np.sqrt(variance / (n - 1))) / ratio
        lost = _on_logarithm(ratio, half)
        if lost.low is None or lost.high is None:
            out.append(Figure(1 - ratio, reason=lost.reason))
        else:
            out.append(Figure(1 - ratio, 1 - lost.high, 1 - lost.low))
    return tuple(out)


def quantile_figures(
    cube: RegressionCube, share: float, level: float, *, absolute: bool
) -> tuple[Figure, ...]:
    """Quantile of the error or of its absolute value, from the sketch.

    The interval lies between two order statistics: David and Nagaraja 2003, Order Statistics,
    section 7.1, with the effective size; it is widened by the sketch's own error.
    """
    tail = (1 - level) / 2
    out = []
    for sketch, size in zip(cube.sketches, cube.sizes()[0], strict=True):
        sketched = sketch.absolute() if absolute else sketch
        if not len(sketched.keys):
            out.append(Figure(None, reason=WEIGHTLESS))
            continue
        value = sketched.quantile(share)
        n = round(size)
        first, last = int(binom.ppf(tail, n, share)), int(binom.ppf(1 - tail, n, share)) + 1
        if first < 1 or last > n:
            least = _rows_needed(share, tail)
            why = f"an interval of this quantile needs at least {least} rows"
            out.append(Figure(value, reason=why))
            continue
        low, high = sketched.quantile(first / n), sketched.quantile(last / n)
        out.append(Figure(value, low - ACCURACY * abs(low), high + ACCURACY * abs(high)))
    return tuple(out)


def _rows_needed(share: float, tail: float) -> int:
    """Fewest rows among which both ends' order statistics exist."""
    n = 2
    while binom.ppf(tail, n, share) < 1 or binom.ppf(1 - tail, n, share) + 1 > n:
        n += 1
    return n


def _on_logarithm(value: float, half: float) -> Figure:
    if half > WIDEST:
        return Figure(value, reason=TOO_WIDE)
    return Figure(value, value * float(np.exp(-half)), value * float(np.exp(half)))


def _student(size: float, level: float) -> float:
    return float(stdtrit(size - 1, 0.5 + level / 2))
