"""The pair of groups that a criterion of significance rests on, and where it stands to the limit.

That groups differ significantly says that there is some gap, not that it is beyond the limit: the
largest of many estimates passes a limit by chance, the more surely the more rows there are. So a
pair fails only where its gap is clearly beyond, by its interval at :data:`CLEAR`, made for all
pairs of the attribute together. Among 500 people a group a gap that is significant is that clear by
itself; what it costs and gains among more is told in docs/policies.md.

A wrong answer would be caught by the share of "not met" at a gap just within the limit, and by
intervals of two rates computed by hand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import studentized_range

from core.fairness.intervals.intervals import spread_of_sum
from core.fairness.metrics.group_measurement import Measurement
from core.policy.compared import Compared
from core.policy.policy import Criterion
from core.policy.significance import MOST_COMPARED, PairTest, pair_tests

CLEAR = 0.5
"""Level of the interval that lies beyond the limit, over all pairs of the attribute."""
TOLERANCE = 1e-9
"""By so much a figure may pass its limit by rounding alone."""

Standing = Literal["clear", "beyond", "within"]


def deciding_pair(criterion: Criterion, found: Compared) -> tuple[PairTest, Standing] | None:
    """Find the surest of the pairs that stand furthest: clearly beyond, beyond, or any.

    Parameters
    ----------
    criterion : Criterion
        By significance.
    found : Compared

    Returns
    -------
    tuple of (PairTest, str) or None
        None where the figure can't be computed.
    """
    if found.figure.estimate is None:
        return None
    pairs = pair_tests(found.measurements)
    beyond = [pair for pair in pairs if is_beyond(criterion, _size(criterion, found, pair))]
    z = clearance(len(found.groups), len(found.measurements))
    clear = [pair for pair in beyond if _is_clear(criterion, found, pair, z)]
    standing: Standing = "clear" if clear else "beyond" if beyond else "within"

    def order(pair: PairTest) -> tuple[float, float]:
        return pair.p_value, -abs(_difference(found.measurements, pair))

    return min(clear or beyond or pairs, key=order), standing


def is_beyond(criterion: Criterion, value: float) -> bool:
    """Whether a difference or ratio is on the wrong side of the criterion's limit."""
    if criterion.at_most is not None:
        return value > criterion.at_most + TOLERANCE
    assert criterion.at_least is not None
    return value < criterion.at_least - TOLERANCE


@lru_cache(maxsize=256)
def clearance(groups: int, figures: int) -> float:
    """So many standard errors a gap lies beyond the limit where it is clear.

    Over all pairs by Tukey's studentised range, over figures by Šidák, as significance is.

    Examples
    --------
    >>> round(clearance(2, 1), 3), round(clearance(4, 1), 3)
    (0.674, 1.399)
    """
    level = CLEAR ** (1 / figures)
    if groups > MOST_COMPARED:
        pairs = groups * (groups - 1) // 2
        return float(-ndtri((1 - level) / pairs / 2))
    if groups > 2:
        return float(studentized_range.ppf(level, groups, np.inf)) / math.sqrt(2)
    return float(ndtri((1 + level) / 2))


def _difference(measurements: Sequence[Measurement], pair: PairTest) -> float:
    values = measurements[pair.measurement].estimates()
    return float(values[pair.first] - values[pair.second])


def _size(criterion: Criterion, found: Compared, pair: PairTest) -> float:
    """Difference or ratio of a pair, as the criterion's figure has it."""
    if criterion.at_least is None:
        return abs(_difference(found.measurements, pair))
    values = found.measurements[pair.measurement].estimates()[[pair.first, pair.second]]
    # A pair of which both rates are 0 is alike.
    return float(values.min() / values.max()) if values.max() > 0 else 1.0


def _is_clear(criterion: Criterion, found: Compared, pair: PairTest, z: float) -> bool:
    """Whether the interval of what a pair is beyond the limit leaves out 0.

    Beyond the limit a gap has high − low − limit above 0, and a ratio limit · high − low: either is
    a difference of two figures, whose interval is made of both their own (Zou and Donner 2008).
    """
    both = found.measurements[pair.measurement].chosen(np.array([pair.first, pair.second]))
    values = both.estimates()
    low, high = np.argsort(values, kind="stable").tolist()
    ends = both.contrast_ends(float(2 * ndtr(z) - 1))
    weight = 1.0 if criterion.at_least is None else criterion.at_least
    excess = weight * values[high] - values[low] - (criterion.at_most or 0.0)
    common = both.correlation()
    reach = spread_of_sum(
        weight * np.maximum(values[high] - ends[0][high], 0),
        np.maximum(ends[1][low] - values[low], 0),
        0.0 if common is None else -float(common[0, 1]),
    )
    return bool(excess - reach > TOLERANCE)
