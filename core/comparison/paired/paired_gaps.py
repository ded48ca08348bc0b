"""How two models differ in a gap between groups, when the gap is the largest of several.

Definition
----------
A gap is the largest of the signed differences x_i − x_j over ordered pairs of groups, a ratio the
smallest of x_i / x_j. Near equality these have a kink: resampling noise can only push a gap up, so
draws of a gap of 0 all lie above 0, and the percentile interval of gap(B) − gap(A) is shifted
against whichever model is the fairer one. No bootstrap of the gap itself repairs that (Andrews
2000, Econometrica 68). The signed difference of one pair of groups has no kink. Write b(p) and a(q)
for those of B and A, p and q for the pairs that are truly furthest apart. The difference of gaps is
b(p) − a(q). As a(q) is the largest, it is at most b(p) − a(p), and as b(p) is the largest, at least
b(q) − a(q). So:

- a pair is kept for a model if it could be the furthest apart, that is unless the one that is so in
  the sample lies clearly beyond it (moment selection, Andrews and Soares 2010, Econometrica 78);
- each contrast b(·) − a(·) has the interval of its difference in the sample plus and minus the
  normal quantile times its bootstrap standard error;
- the upper end is the largest over kept p of the smaller of the upper ends of b(p) − a(p) and of
  the largest b(p) − a(q) over kept q; the lower end likewise.

Where one pair is clearly the furthest apart in both models, that is the interval of one contrast.
Where several may be, the same pair's difference bounds it, in which what the models share cancels.

A wrong answer would be caught by coverage in simulated worlds, with and without gaps.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from core.arrays import Floats, Ints
from core.fairness.disparities.contrasts import odds_of
from core.fairness.disparities.disparities import DisparityDefinition
from core.fairness.intervals.intervals import normal_quantile

SELECTION = 0.005
"""Error allowed to the choice of pairs that could be the furthest apart."""

MOST_GROUPS = 30
"""With more groups there are more contrasts than can be told apart or kept in memory."""

FAR = 2.0
"""Ratios beyond are told as this: the smallest ratio is at most 1, so none of them is it."""


def gap_difference(
    definition: DisparityDefinition,
    seen: tuple[list[Floats], list[Floats]],
    drawn: tuple[list[Floats], list[Floats]],
    level: float,
) -> tuple[float, float]:
    """Interval of B's disparity minus A's.

    Parameters
    ----------
    definition : DisparityDefinition
    seen : tuple of two lists of ndarray, shape (g,) each
        For A and B, each metric of the definition in every group.
    drawn : tuple of two lists of ndarray, shape (draws, g) each
        The same in resampled people, the same for A and B; finite.
    level : float
        In (0, 1).
    """
    # The smallest ratio is the largest of their negatives.
    sign = -1.0 if definition.comparison == "ratio" else 1.0
    (a, a_draws), (b, b_draws) = (
        (sign * _contrasts(definition, values), sign * _contrasts(definition, draws))
        for values, draws in zip(seen, drawn, strict=True)
    )
    low, high = furthest_difference((a, b), (a_draws, b_draws), level)
    ends = sorted((sign * low, sign * high))
    return max(-1.0, ends[0]), min(1.0, ends[1])


def furthest_difference(
    seen: tuple[Floats, Floats], drawn: tuple[Floats, Floats], level: float
) -> tuple[float, float]:
    """Interval of B's largest contrast minus A's.

    Parameters
    ----------
    seen : tuple of two ndarray, shape (m,) each
        Contrasts of A and of B, the same in each place; NaN where a model has not that one.
    drawn : tuple of two ndarray, shape (draws, m) each
        The same in resampled people, the same for A and B.
    level : float
        In (0, 1).
    """
    a, b = seen
    q, p = _possible(a, drawn[0]), _possible(b, drawn[1])
    a_draws, b_draws = (side - side.mean(axis=0) for side in drawn)
    z = normal_quantile(level)
    across = b[p][:, None] - a[q]
    reach = z * _spreads(b_draws[:, p], a_draws[:, q])
    same, width = b - a, z * (b_draws - a_draws).std(axis=0)
    # Only of a contrast that both have is it known that neither's largest lies below it.
    high = np.fmin(same[p] + width[p], (across + reach).max(axis=1)).max()
    low = np.fmax(same[q] - width[q], (across - reach).min(axis=0)).min()
    return float(low), float(high)


def _spreads(b: Floats, a: Floats) -> Floats:
    """Deviation of every column of b less every column of a, where all have mean 0."""
    shared = b.T @ a / len(a)
    variance = np.square(b).mean(axis=0)[:, None] + np.square(a).mean(axis=0) - 2 * shared
    out: Floats = np.sqrt(np.maximum(variance, 0))
    return out


def _contrasts(definition: DisparityDefinition, values: list[Floats]) -> Floats:
    """Differences or ratios of all ordered pairs of groups in all metrics, shape (..., m)."""
    first, second = np.nonzero(~np.eye(values[0].shape[-1], dtype=np.bool_))
    out = []
    for item in values:
        x = odds_of(item) if definition.scale == "odds" else item
        if definition.comparison == "difference":
            out.append(x[..., first] - x[..., second])
            continue
        above, below = x[..., first], x[..., second]
        # Two groups with nothing are equal; something over nothing is as far as it gets.
        found = np.where(above > 0, FAR, 1.0)
        np.divide(above, below, out=found, where=below > 0)
        out.append(np.minimum(found, FAR))
    return np.concatenate(out, axis=-1)


def _possible(values: Floats, draws: Floats) -> Ints:
    """Positions of the contrasts that could be the largest of all."""
    best, many = int(np.nanargmax(values)), int(np.isfinite(values).sum())
    noise = (draws[:, [best]] - draws).std(axis=0)
    kept = values[best] - values <= float(ndtri(1 - SELECTION / many)) * noise
    return np.flatnonzero(kept).astype(np.int64)
