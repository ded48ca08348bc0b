"""Recourse of one group: what was found for its people, summed up with intervals."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from core.arrays import Floats
from core.fairness.intervals.intervals import normal_quantile, wilson
from core.fairness.metrics.assessment import Figure

REPLICATES = 2000
MINIMUM_FOUND = 10
"""People with a recourse below which a median gets no interval."""


@dataclass(frozen=True)
class PersonRecourse:
    """What was found for one person.

    Attributes
    ----------
    position : int
        Among the test rows.
    cost : float or None
        Distance of the smallest counterfactual; None without any.
    features : tuple of str
        That it changes.
    proven : bool
        See :class:`core.explanation.counterfactual.counterfactual_result.Counterfactuals`.
    """

    position: int
    cost: float | None
    features: tuple[str, ...]
    proven: bool


@dataclass(frozen=True)
class GroupRecourse:
    """Recourse in one group.

    Attributes
    ----------
    group : str
    unfavourable, searched : int
        Test rows decided unfavourably, and those of them that were drawn and searched for.
    found : Figure
        Share with a recourse, with Wilson's interval.
    cost : Figure
        Median distance of those with a recourse, with a bootstrap percentile interval.
    sampling_error : float
        How far the share may lie from that of all of the group's unfavourably decided test rows
        because only some were drawn (95 %, finite population); 0 if all were.
    features : tuple of (str, float)
        Share of the recourses found that change each feature, the most frequent first.
    unproven : int
        People for whom not every combination was tried, so that a smaller one may exist.
    """

    group: str
    unfavourable: int
    searched: int
    found: Figure
    cost: Figure
    sampling_error: float
    features: tuple[tuple[str, float], ...]
    unproven: int


def group_recourse(
    name: str, unfavourable: int, people: list[PersonRecourse], seed: int = 0
) -> GroupRecourse:
    """Sum up what was found for people of one group.

    Parameters
    ----------
    name : str
    unfavourable : int
        Test rows of the group decided unfavourably, of which ``people`` are a sample.
    people : list of PersonRecourse
    seed : int
        Of the bootstrap.
    """
    n = len(people)
    costs = np.array([person.cost for person in people if person.cost is not None])
    counts = Counter(feature for person in people for feature in person.features)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    share, error = Figure(None, reason="nobody was decided unfavourably"), 0.0
    if unfavourable and not n:
        share = Figure(None, reason="nobody was searched for yet")
    if n:
        value = len(costs) / n
        low, high = wilson(np.array(value), np.array(n), 0.95)
        share = Figure(value, float(low), float(high))
        if n < unfavourable:
            # At 0 and 1 the normal error is 0, which is no error at all: Wilson's takes its place.
            left = (unfavourable - n) / max(unfavourable - 1, 1)
            half = max(float(high) - value, value - float(low))
            spread = float(normal_quantile(0.95)) * (value * (1 - value) / n) ** 0.5
            error = max(half, spread) * left**0.5
    return GroupRecourse(
        name,
        unfavourable,
        n,
        share,
        _median(costs, seed),
        error,
        tuple((feature, count / len(costs)) for feature, count in ordered),
        sum(not person.proven for person in people),
    )


def _median(costs: Floats, seed: int) -> Figure:
    if not len(costs):
        return Figure(None, reason="no recourse was found")
    value = float(np.median(costs))
    if len(costs) < MINIMUM_FOUND:
        few = f"no interval: fewer than {MINIMUM_FOUND} people have a recourse"
        return Figure(value, reason=few)
    drawn = np.random.default_rng(seed).choice(costs, (REPLICATES, len(costs)))
    low, high = np.quantile(np.median(drawn, axis=1), [0.025, 0.975])
    return Figure(value, min(float(low), value), max(float(high), value))
