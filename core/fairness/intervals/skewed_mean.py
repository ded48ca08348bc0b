"""Intervals of means of skewed values, and whether so few rows carry a mean that none can be given.

Student's interval assumes that a mean is near normal. Where values are skewed its upper end comes
too short: a sample without the rare large values underrates both the mean and the spread. Hall's
transformation takes the skewness of the sample into account (Hall 1992, Journal of the Royal
Statistical Society B 54, "On the removal of skewness by transformation").

No method repairs what a sample can't show. Errors with heavy tails have a mean square that rests on
the few largest, and samples without those look harmless: it is the tame-looking ones whose
intervals miss. So the tail is judged by all groups together and not by the group alone, whose own
luck decides how it looks.
"""

from __future__ import annotations

import numpy as np

from core.arrays import Floats

HEAVIEST = 6.0
"""Squared coefficient of variation from which on an interval of a mean isn't given. Of squared
errors it is 2 where errors are normal, 5 if exponential; of lognormal ones it is 54."""


def hall_ends(
    mean: float, deviation: float, skewness: float, size: float, quantile: float
) -> tuple[float, float]:
    """Compute the interval of a mean by Hall's transformation of Student's ratio.

    Parameters
    ----------
    mean : float
    deviation : float
        Standard deviation of the values, above 0.
    skewness : float
        Third central moment over the third power of the deviation; 0 gives Student's interval.
    size : float
        Effective number of values, above 1.
    quantile : float
        Of Student's distribution, 0 or more.
    """
    root = float(np.sqrt(size))
    error = deviation / root

    def back(t: float) -> float:
        # 3 √n / g (∛(1 + g u / √n) − 1), without the difference that loses digits for small g.
        u = t - skewness / (6 * root)
        c = np.cbrt(1 + skewness * u / root)
        return float(3 * u / (c**2 + c + 1))

    return mean - back(quantile) * error, mean - back(-quantile) * error


def squared_variation(mean: Floats, square: Floats) -> Floats:
    """Variance over squared mean; NaN where the mean is 0 or undefined."""
    out = np.full(np.shape(mean), np.nan)
    np.divide(square, np.square(mean), out=out, where=np.nan_to_num(mean) != 0)
    return np.asarray(out - 1)


def too_heavy(mean: Floats, square: Floats, weight: Floats, unit: Floats) -> list[str | None]:
    """Say for each group why its mean can't have an interval; None where it can.

    Parameters
    ----------
    mean, square : ndarray of float64, shape (g,)
        Of values of 0 or more, and of their squares; NaN where a group has none.
    weight : ndarray of float64, shape (g,)
    unit : ndarray of float64, shape (g,)
        A usual value in each group, by which groups of unlike errors are made comparable.
    """
    own = squared_variation(mean, square)
    known = ~np.isnan(own) & (weight > 0)
    all_of = 0.0
    if known.any():
        w, u = weight[known], unit[known]
        middle = np.average(mean[known] / u, weights=w)
        all_of = float(np.average(square[known] / u**2, weights=w) / middle**2 - 1)
    # A group alone is all there is: both are one figure, and rounding must not choose the words.
    alone = int(known.sum()) == 1
    out: list[str | None] = []
    for value in own.tolist():
        worst, where = max((value, "in this group"), (all_of, "over all groups"))
        where = "here" if alone else where
        if not worst > HEAVIEST:
            out.append(None)
            continue
        out.append(
            f"no interval: so few large errors carry it {where} (squared coefficient of variation "
            f"{worst:.1f}, above {HEAVIEST:g}) that the sample can't say how far off it is; the "
            "median absolute error has an interval that holds"
        )
    return out
