"""The registry of intervals for a single rate; the choice is in docs/decisions/0004."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.arrays import Floats
from core.fairness.intervals.intervals import Ends, beta_limits, clopper_pearson, wilson
from core.registry import Registry

RateLimits = Callable[[Floats, Floats, float], Ends]
"""From (share, effective size, level) to the ends; NaN where the share is."""

QUARTER = 0.25
"""Half-way between Clopper and Pearson's limits (0) and Jeffreys' (1/2)."""


@dataclass(frozen=True)
class RateInterval:
    """An interval of a share of rows.

    Attributes
    ----------
    name, title, sentence : str
        Registered name; name for people; explanation for a newcomer.
    limits : callable
    source : str
        Where it comes from.
    """

    name: str
    title: str
    sentence: str
    limits: RateLimits
    source: str


def _exact(share: Floats, size: Floats, level: float) -> Ends:
    some = size > 0
    low, high = clopper_pearson(
        np.where(some, np.nan_to_num(share) * size, 0), np.where(some, size, 1), level
    )
    return np.where(some, low, np.nan), np.where(some, high, np.nan)


def near_exact(share: Floats, size: Floats, level: float) -> Ends:
    """Limits for contrasts of rates: Beta quantiles half-way from Jeffreys' to exact ones.

    Where a handful of rows meets a rare outcome, Wilson's and Jeffreys' limits cover too little
    and Clopper and Pearson's too much; these lie close to the mid-p limits (Berry and Armitage
    1995, The Statistician 44), and need no solving. Arguments as for :data:`RateLimits`.
    """
    some = size > 0
    low, high = beta_limits(
        np.where(some, np.nan_to_num(share) * size, 0), np.where(some, size, 1), level, QUARTER
    )
    return np.where(some, low, np.nan), np.where(some, high, np.nan)


RATE_INTERVALS: Registry[RateInterval] = Registry("interval of a rate")
RATE_INTERVALS.add(
    RateInterval(
        "wilson",
        "Wilson",
        "Wilson's score interval: holds the true rate in about as many cases as its level says, "
        "on average over possible rates.",
        wilson,
        "Wilson 1927, J. Am. Stat. Assoc. 22",
    )
)
RATE_INTERVALS.add(
    RateInterval(
        "clopper_pearson",
        "Clopper–Pearson (exact)",
        "Clopper and Pearson's exact interval: never holds the true rate less often than its level "
        "says, and is wider for it.",
        _exact,
        "Clopper and Pearson 1934, Biometrika 26",
    )
)
