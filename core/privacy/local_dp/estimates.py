"""Frequencies and means from local reports, with intervals that include the noise.

Each report is one independent draw, so the share of reports that name a category is binomial where
people are drawn independently from a population. Wilson's interval of that share, moved by the
same straight line that takes the bias off, is the interval of the frequency; it holds sampling and
noise. For the frequency among these very people it errs to the wide side. A mean of scores has
Student's interval; their spread holds both too.
"""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from core.arrays import Flags, Floats
from core.fairness.intervals.intervals import wilson
from core.fairness.metrics.assessment import Figure
from core.privacy.local_dp.mechanisms import CategoryMechanism

LEVEL = 0.95


def frequencies(support: Flags, mechanism: CategoryMechanism) -> tuple[Figure, ...]:
    """Estimate how frequent each category is.

    Parameters
    ----------
    support : ndarray of bool, shape (n, k)
        Which categories each report names.
    mechanism : RandomisedResponse or UnaryEncoding
        That made them.

    Returns
    -------
    tuple of Figure
        Unbiased, so an estimate can fall outside [0, 1]; ends of intervals are cut to it.
    """
    rows = len(support)
    if not rows:
        return (Figure(None, reason="there are no reports"),) * mechanism.categories
    share = support.mean(axis=0)
    p, q = mechanism.kept, mechanism.named
    ends = wilson(share, np.full(len(share), float(rows)), LEVEL)
    low, high = (np.clip((end - q) / (p - q), 0, 1) for end in ends)
    estimate = (share - q) / (p - q)
    return tuple(
        Figure(float(e), float(a), float(b)) for e, a, b in zip(estimate, low, high, strict=True)
    )


def mean_of_scores(scores: Floats, low: float, high: float) -> Figure:
    """Estimate a mean from scores on [0, 1], in the units of the column.

    Parameters
    ----------
    scores : ndarray, shape (n,)
        Of reports, of which the mean over the noise is the value.
    low, high : float
        Declared bounds.

    Returns
    -------
    Figure
        The estimate is not cut to the bounds; its interval is.
    """
    rows = len(scores)
    if rows < 2:
        return Figure(None, reason="a mean with an interval needs at least two reports")
    mean = float(scores.mean())
    reach = float(stdtrit(rows - 1, 0.5 + LEVEL / 2) * scores.std(ddof=1) / np.sqrt(rows))
    below, above = (
        low + (high - low) * min(1.0, max(0.0, end)) for end in (mean - reach, mean + reach)
    )
    return Figure(low + (high - low) * mean, below, above)
