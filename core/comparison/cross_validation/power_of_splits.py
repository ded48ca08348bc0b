"""What splits of the same data can find: power of the corrected resampled t-test.

Definition
----------
Of normal differences that are equally correlated, with the correlation that the test assumes, the
test's statistic follows the noncentral t with J − 1 degrees of freedom and noncentrality
δ / √Var(d̄), Var(d̄) = (1/J + n_test / n_train) s². However many splits, Var(d̄) stays above
n_test / n_train · s²: repeating a cross-validation adds no people, so below a floor no number of
splits finds a difference. The s that was seen stands for the true one.

Sources: Nadeau and Bengio 2003, see :mod:`core.comparison.cross_validation.corrected_test`; the
noncentral t after Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions, chapter
31.

A wrong answer would be caught by scipy's noncentral t where that is defined, and by a simulation.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri
from scipy.stats import chi2
from scipy.stats import t as student

from core.arrays import Floats
from core.errors import InputError

Scalars = float | Floats

LEVEL, POWER = 0.95, 0.8

NODES = 200
"""Of the Gauss–Legendre quadrature of power."""


def detectable_difference(
    spread: float, splits: int, ratio: float, level: float = LEVEL, power: float = POWER
) -> float:
    """Smallest true difference that the corrected test finds with the given power.

    Parameters
    ----------
    spread : float
        s, the standard deviation of the differences over splits, 0 or more.
    splits : int
        J, at least 2.
    ratio : float
        n_test / n_train, above 0.
    level, power : float
        In (0, 1), with power above 1 − level.
    """
    check_options(ratio, level, power)
    if splits < 2:
        raise InputError("it takes at least two", where=f"splits = {splits}")
    error = float(corrected_error(spread, splits, ratio))
    return error * _noncentrality(splits - 1, level, power)


def corrected_error(spread: Scalars, splits: Scalars, ratio: Scalars) -> Floats:
    """Return the standard error of a mean over splits, by Nadeau and Bengio (2003).

    Parameters
    ----------
    spread, splits, ratio : float or ndarray of float64, of shapes that fit
        Deviation over splits with J − 1 below, J, test rows over training rows.

    Returns
    -------
    ndarray of float64
        √(1/J + n_test/n_train) · s.
    """
    out: Floats = np.sqrt(1 / np.asarray(splits) + ratio) * spread
    return out


@lru_cache(maxsize=1)
def _nodes() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return nodes, weights


@lru_cache(maxsize=512)
def _noncentrality(freedom: int, level: float, power: float) -> float:
    """Noncentrality at which |t| passes its critical value with the given power.

    The tails of the noncentral t, as the mean over the distribution of s / σ of normal tails:
    scipy's own answers NaN with few degrees of freedom and a large noncentrality.
    """
    critical = float(student.ppf(0.5 + level / 2, freedom))
    nodes, weights = _nodes()
    # Equal shares of the distribution are integrated over, so the nodes are where it has its mass.
    reach = critical * np.sqrt(chi2.ppf((nodes + 1) / 2, freedom) / freedom)

    def lacking(shift: float) -> float:
        return float(weights @ (ndtr(shift - reach) + ndtr(-shift - reach))) / 2 - power

    high = critical + float(ndtri(power)) + 1
    while lacking(high) < 0:
        high *= 2
    return float(brentq(lacking, 0.0, high))


def check_options(ratio: float, level: float, power: float) -> None:
    """Refuse what the corrected test can't work with.

    Raises
    ------
    InputError
        If the ratio is not above 0, or the level or power out of range.
    """
    if not (np.isfinite(ratio) and ratio > 0):
        raise InputError(
            "the rows tested on over the rows trained on must be a number above 0",
            where=f"ratio = {ratio}",
        )
    if not 0 < level < 1:
        raise InputError("it must lie between 0 and 1", where=f"level {level}")
    if not 1 - level < power < 1:
        raise InputError(
            f"it must lie between {1 - level:g} and 1, since so many are found by chance",
            where=f"power {power}",
        )
