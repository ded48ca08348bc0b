"""Evidence and intervals that hold at every moment at once, however often one looks.

Definition
----------
An e-process E₁, E₂, … is 0 or more and, under the hypothesis, a martingale with E₀ = 1; Ville's
inequality (1939) then says that it ever reaches 1/α with probability at most α. A confidence
sequence is a sequence of intervals that all hold the true value together with probability 1 − α.

- :func:`log_e_even`: of two outcomes as likely as each other, s of the one and f of the other. The
  likelihood ratio of Bernoulli(p) to Bernoulli(1/2), mixed over uniform p (Robbins 1970, Annals of
  Mathematical Statistics 41): E = 2^(s+f) B(s + 1, f + 1), exact.
- :func:`mean_sequence`: of values in [0, 1], the predictable plug-in empirical Bernstein sequence
  of Waudby-Smith and Ramdas (2024), JRSS-B 86, theorem 2 with its recommended λ, capped at 1/2.

Two rates have theirs in :mod:`core.comparison.monitoring.two_rates`. Every interval is the
intersection of those so far, which holds them all together by definition. All take the chance, or
the mean, to stay the same given what came before. Where the intersection is empty that can't be so,
or this is one of the cases that the level allows.

A wrong answer would be caught by false alarms and by coverage over whole simulated paths, and by
formulas written out for a few steps.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln

from core.arrays import Floats

Ends = tuple[Floats, Floats]

CAP = 0.5
"""c, the largest λ: a larger one gains with few values and loses with many."""


def log_e_even(first: Floats, second: Floats) -> Floats:
    """Natural logarithm of the e-process of both outcomes being equally likely.

    Parameters
    ----------
    first, second : ndarray, shape (t,)
        How often each has come so far, at every moment.
    """
    out: Floats = (first + second) * np.log(2) + betaln(first + 1, second + 1)
    return out


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
    return intersected(np.maximum(centre - reach, 0), np.minimum(centre + reach, 1))


def intersected(low: Floats, high: Floats) -> Ends:
    """Intersect every interval with those before it."""
    return np.maximum.accumulate(low), np.minimum.accumulate(high)
