"""Evidence and intervals that hold at every moment at once, however often one looks.

Definition
----------
An e-process E₁, E₂, … is 0 or more and, under the hypothesis, a martingale with E₀ = 1; Ville's
inequality (1939) then says that it ever reaches 1/α with probability at most α. A confidence
sequence is a sequence of intervals that all hold the true value together with probability 1 − α.

- :func:`log_e_even`: of two outcomes as likely as each other, s of the one and f of the other. The
  likelihood ratio of Bernoulli(p) to Bernoulli(1/2), mixed over uniform p (Robbins 1970, Annals of
  Mathematical Statistics 41): E = 2^(s+f) B(s + 1, f + 1), exact.
- :func:`rate_sequence`: all p that the same mixture against Bernoulli(p) does not reject, B(s + 1,
  f + 1) / (p^s (1 − p)^f) < 1/α; exact too.
- :func:`mean_sequence`: of values in [0, 1], the predictable plug-in empirical Bernstein sequence
  of Waudby-Smith and Ramdas (2024), JRSS-B 86, theorem 2 with its recommended λ, capped at 1/2.

Every interval is the intersection of those so far, which holds them all together by definition. All
take the chance, or the mean, to stay the same given what came before. Where the intersection is
empty that can't be so, or this is one of the cases that the level allows.

A wrong answer would be caught by false alarms and by coverage over whole simulated paths, and by
formulas written out for a few steps.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, xlog1py, xlogy

Floats = npt.NDArray[np.float64]
Ends = tuple[Floats, Floats]

CAP = 0.5
"""c, the largest λ: a larger one gains with few values and loses with many."""

HALVINGS = 50
"""Of the bracket in which an end of a rate's interval lies: to 1e-15."""


def log_e_even(first: Floats, second: Floats) -> Floats:
    """Natural logarithm of the e-process of both outcomes being equally likely.

    Parameters
    ----------
    first, second : ndarray, shape (t,)
        How often each has come so far, at every moment.
    """
    out: Floats = (first + second) * np.log(2) + betaln(first + 1, second + 1)
    return out


def rate_sequence(hits: Floats, trials: Floats, alpha: float) -> Ends:
    """Confidence sequence of a rate.

    Parameters
    ----------
    hits, trials : ndarray, shape (t,)
        So far, at every moment; 0 ≤ hits ≤ trials.
    alpha : float
        In (0, 1).

    Returns
    -------
    tuple of ndarray, each of shape (t,)
        Ends in [0, 1], low above high where no rate is left.
    """
    misses = trials - hits
    middle = np.divide(hits, trials, out=np.full(len(trials), 0.5), where=trials > 0)
    mixed, bar = betaln(hits + 1, misses + 1), -np.log(alpha)

    def rejected(rate: Floats) -> npt.NDArray[np.bool_]:
        out: npt.NDArray[np.bool_] = mixed - xlogy(hits, rate) - xlog1py(misses, -rate) >= bar
        return out

    ends = []
    for border in (0.0, 1.0):
        outside, inside = np.full(len(trials), border), middle.copy()
        beyond = rejected(outside)
        for _ in range(HALVINGS):
            half = (outside + inside) / 2
            out = rejected(half)
            outside, inside = np.where(out, half, outside), np.where(out, inside, half)
        # The end that is rejected is given, so that rounding never narrows the interval.
        ends.append(np.where(beyond, outside, border))
    return _intersected(ends[0], ends[1])


def mean_sequence(values: Floats, alpha: float) -> Ends:
    """Confidence sequence of the mean of values in [0, 1], in order of arrival.

    Parameters
    ----------
    values : ndarray, shape (t,)
    alpha : float
        In (0, 1).

    Returns
    -------
    tuple of ndarray, each of shape (t,)
        Ends in [0, 1], low above high where no mean is left.
    """
    t = np.arange(1, len(values) + 1)
    mean = (0.5 + np.cumsum(values)) / (t + 1)
    spread = (0.25 + np.cumsum(np.square(values - mean))) / (t + 1)
    # Only what was known before a value came may decide how much is staked on it.
    mean_before, spread_before = np.r_[0.5, mean[:-1]], np.r_[0.25, spread[:-1]]
    bar = np.log(2 / alpha)
    stake = np.minimum(np.sqrt(2 * bar / (spread_before * t * np.log1p(t))), CAP)
    price = (-np.log1p(-stake) - stake) * np.square(values - mean_before)
    total = np.cumsum(stake)
    centre = np.cumsum(stake * values) / total
    reach = (bar + np.cumsum(price)) / total
    return _intersected(np.maximum(centre - reach, 0), np.minimum(centre + reach, 1))


def _intersected(low: Floats, high: Floats) -> Ends:
    return np.maximum.accumulate(low), np.minimum.accumulate(high)
