"""Standardised mean difference: how far apart the scores of two groups are, in their own spread.

Definition
----------
SMD = (mean_g − mean_ref) / s, with s² = ((n_g − 1) s_g² + (n_ref − 1) s_ref²) / (n_g + n_ref − 2)
(Cohen 1988). Its interval is that of large samples, with the variance
(n_g + n_ref) / (n_g n_ref) + SMD² / (2 (n_g + n_ref)) (Hedges and Olkin 1985, Statistical Methods
for Meta-Analysis, chapter 5). Weights make weighted means and variances, and effective sizes for
the interval.

A wrong answer would be caught by computing means and variances with other code, and by samples of
normal scores whose true difference is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Floats
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.known_groups import is_unknown
from core.fairness.intervals.intervals import effective_size, normal_quantile
from core.fairness.metrics.assessment import Figure

FEWEST = 2
"""Scores that a group needs for a spread."""


@dataclass(frozen=True)
class MeanDifference:
    """Scores of one group against those of the reference.

    Attributes
    ----------
    group, reference : str
    count, reference_count : int
        Rows.
    mean, reference_mean : float
    pooled_sd : float or None
        None where either group has too few scores.
    smd : Figure
        Below 0 where the group scores lower.
    """

    group: str
    reference: str
    count: int
    reference_count: int
    mean: float
    reference_mean: float
    pooled_sd: float | None
    smd: Figure

    def to_json(self) -> dict[str, Any]:
        """As it stands in JSON."""
        return {
            "group": self.group,
            "reference": self.reference,
            "count": self.count,
            "reference_count": self.reference_count,
            "mean": self.mean,
            "reference_mean": self.reference_mean,
            "pooled_sd": self.pooled_sd,
            "smd": self.smd.to_json(),
        }


@dataclass(frozen=True)
class _Scores:
    """What is needed of the scores of some rows: rows, effective rows, mean and variance."""

    rows: int
    effective: float
    mean: float
    variance: float


def mean_differences(
    scores: Floats,
    sensitive: pd.DataFrame,
    reference: str | None = None,
    weights: Floats | None = None,
    *,
    left_out: Sequence[str] = (),
    persons_repeat: bool = False,
    level: float = 0.95,
) -> tuple[MeanDifference, ...]:
    """Compare the scores of every known group with those of a reference, the largest group first.

    Parameters
    ----------
    scores : ndarray of float64, shape (n,)
        Finite.
    sensitive : DataFrame of str, shape (n, s)
    reference : str, optional
        Name of the reference group; by default the one with the most rows. Highest means would
        make chance the yardstick.
    weights : ndarray of float64, shape (n,), optional
    left_out : sequence of str
        Names of groups that are not compared.
    persons_repeat : bool
        Whether persons have several rows: the interval counts rows, so there is none then.
    level : float
        Of the intervals, each by itself.
    """
    grouping = group_rows(sensitive)
    found: dict[str, _Scores] = {}
    for position, group in enumerate(grouping.groups):
        rows, name = grouping.codes == position, " · ".join(group)
        known = not is_unknown(group) and name not in left_out
        if known and (weights is None or weights[rows].any()):
            found[name] = _summary(scores[rows], None if weights is None else weights[rows])
    if len(found) < 2:
        return ()
    if reference is None or reference not in found:
        reference = max(sorted(found), key=lambda name: found[name].rows)
    base = found.pop(reference)
    return tuple(
        _difference(name, own, reference, base, level, persons_repeat)
        for name, own in sorted(found.items(), key=lambda item: (-item[1].rows, item[0]))
    )


def _summary(scores: Floats, weights: Floats | None) -> _Scores:
    w = np.ones(len(scores)) if weights is None else weights
    effective = float(effective_size(w.sum(keepdims=True), (w**2).sum(keepdims=True))[0])
    mean = float(np.average(scores, weights=w))
    spread = float(np.average((scores - mean) ** 2, weights=w))
    # The variance's usual n / (n − 1), with the effective number where rows are weighted.
    variance = spread * effective / (effective - 1) if effective > 1 else 0.0
    return _Scores(len(scores), effective, mean, variance)


def _difference(
    name: str, own: _Scores, reference: str, base: _Scores, level: float, persons_repeat: bool
) -> MeanDifference:
    pooled: float | None = None
    if min(own.effective, base.effective) < FEWEST:
        few = name if own.effective < FEWEST else reference
        smd = Figure(None, reason=f"{few} has fewer than {FEWEST} scores, so no spread")
    else:
        free = own.effective + base.effective - 2
        pooled = float(
            np.sqrt(
                ((own.effective - 1) * own.variance + (base.effective - 1) * base.variance) / free
            )
        )
        smd = _standardised(own, base, pooled, level, persons_repeat)
    return MeanDifference(name, reference, own.rows, base.rows, own.mean, base.mean, pooled, smd)


def _standardised(
    own: _Scores, base: _Scores, pooled: float, level: float, persons_repeat: bool
) -> Figure:
    if pooled == 0:
        return Figure(None, reason="all scores within the two groups are the same")
    value = (own.mean - base.mean) / pooled
    if persons_repeat:
        return Figure(value, reason="persons have several rows, and this interval counts rows")
    total = own.effective + base.effective
    error = np.sqrt(total / (own.effective * base.effective) + value**2 / (2 * total))
    reach = float(normal_quantile(level) * error)
    return Figure(value, value - reach, value + reach)
