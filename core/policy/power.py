"""What too little data could have found: the smallest gap, and the rows that a group needed.

Both are read off the interval that was computed, as a plan for another sample of the same kind:
its upper half is a normal quantile times the standard error of the gap that is furthest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtri

from core.fairness.intervals.intervals import normal_quantile
from core.fairness.metrics.assessment import Figure
from core.policy.compared import LEVEL

POWER = 0.8
MOST = 1e5
"""A limit that is so many times smaller than what could be found is no gap for any table."""


@dataclass(frozen=True)
class Power:
    """What these data could have told.

    Attributes
    ----------
    detectable : float or None
        The smallest true gap, or the highest true ratio below 1, that is found beyond the limit in
        80 of 100 such samples; None where none could be.
    rows_needed : int or None
        Rows in each of two groups with which a gap as large as the limit is told from none in 80
        of 100 samples; None where the limit is no gap, or next to none.
    """

    detectable: float | None
    rows_needed: int | None


def power_of(
    figure: Figure,
    sizes: tuple[int, int],
    limit: float,
    *,
    ratio: bool,
    from_limit: bool,
    share: float = 1.0,
    clear: float = 0.0,
) -> Power:
    """Say what a comparison could have found.

    Parameters
    ----------
    figure : Figure
        With an interval at 95 %.
    sizes : tuple of int
        Rows of the two groups that make the gap.
    limit : float
    ratio : bool
        Whether it is a ratio, told on logarithms.
    from_limit : bool
        Whether the gap must differ from the limit, else from none.
    share : float
        Of the error of 5 % that this comparison has among those tested together, in (0, 1].
    clear : float
        Standard errors by which a gap that differs from none must be beyond the limit too.
    """
    if figure.estimate is None or figure.low is None or figure.high is None:
        return Power(None, None)
    if ratio:
        if figure.low <= 0 or figure.estimate <= 0:
            return Power(None, None)
        reach, border = math.log(figure.estimate / figure.low), -math.log(limit) if limit else None
    else:
        reach, border = figure.high - figure.estimate, limit
    error = reach / normal_quantile(LEVEL)
    level = LEVEL if from_limit else 1 - (1 - LEVEL) * share
    needed = (normal_quantile(level) + float(ndtri(POWER))) * error
    told = needed + (border if from_limit and border is not None else 0.0)
    if not from_limit and border is not None:
        told = max(told, border + (clear + float(ndtri(POWER))) * error)
    detectable = math.exp(-told) if ratio else (told if told <= 1 else None)
    rows = None
    if border and needed / border < MOST:
        equal = 2 / (1 / sizes[0] + 1 / sizes[1])
        rows = math.ceil(equal * (needed / border) ** 2 - 1e-9)
    return Power(detectable, rows)
