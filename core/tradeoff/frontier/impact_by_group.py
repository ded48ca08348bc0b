"""Impact by group: how each group fares at a setting, and beside a reference setting.

Rates of a group come from the counts of each run and are summarised over the runs as any other
figure, see :mod:`core.tradeoff.frontier.spread`. Counts are never summed over runs for an interval:
test rows of several splits overlap and would be counted as if they were other people. The standard
error of one run's rate is half the width of Wilson's 95 % interval over 1.96. With weights, a
group's rows are taken to weigh alike, since a run keeps summed weights and not their squares, so
the interval is then too narrow where weights within a group differ much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from core.arrays import Floats
from core.errors import InputError
from core.fairness.intervals.intervals import normal_quantile, wilson
from core.fairness.metrics.metric_definition import GroupMetric
from core.fairness.metrics.metric_registry import METRICS
from core.learning.learners import LEARNERS
from core.tradeoff.frontier.chosen import setting_label
from core.tradeoff.frontier.differences import Difference, difference
from core.tradeoff.frontier.group_rates import GroupRate, ImpactByGroup
from core.tradeoff.frontier.spread import LEVEL, Observation, Spread, spread_of
from core.tradeoff.sweep.grid import Setting
from core.tradeoff.sweep.point import GroupCounts, SweepPoint, combination_name

__all__ = ["RATES", "GroupRate", "ImpactByGroup", "default_reference", "impact_by_group"]

RATES = ("selection_rate", "true_positive_rate", "false_positive_rate", "accuracy")


def impact_by_group(
    points: Sequence[SweepPoint],
    setting: Setting,
    combination: tuple[str, ...],
    *,
    reference: Setting | None = None,
    rates: Sequence[str] = RATES,
) -> ImpactByGroup:
    """Summarise the groups of a combination over the runs of a setting.

    Parameters
    ----------
    points : sequence of SweepPoint
        Of the sweep.
    setting : Setting
    combination : tuple of str
        Sensitive columns.
    reference : Setting, optional
        Without privacy and mitigation by :func:`default_reference` otherwise.
    rates : sequence of str
        Metrics of a 2 × 2 table.

    Raises
    ------
    InputError
        If no run of the setting has the combination's groups, or a rate needs scores.
    """
    name = combination_name(combination)
    wanted = reference or default_reference(setting)
    own, other = (
        [p for p in points if p.run.setting == chosen and p.reason is None]
        for chosen in (setting, wanted)
    )
    groups = _group_names((*own, *other), name)
    if not _group_names(own, name):
        raise InputError(
            f"no finished run of {setting_label(setting)} has groups of it",
            where=name,
            remedy="Choose a setting and a combination of the sweep",
        )
    cells = []
    for group in groups:
        counts, others = _counts(own, name, group), _counts(other, name, group)
        small = [c.too_small for _, c in (*counts, *others) if c is not None and c.too_small]
        for rate in rates:
            spread, values = _spread(counts, rate, setting)
            beside = _spread(others, rate, wanted)[0] if other else None
            change = Difference(None, reason="the sweep holds no run of the reference setting")
            cells.append(
                GroupRate(
                    group,
                    rate,
                    spread,
                    beside,
                    min(values, default=None),
                    max(values, default=None),
                    change if beside is None else _of_shares(difference(spread, beside)),
                    small[0] if small else None,
                    len(small),
                )
            )
    return ImpactByGroup(
        setting, wanted if other else None, name, groups, tuple(rates), tuple(cells)
    )


def _group_names(points: Iterable[SweepPoint], combination: str) -> tuple[str, ...]:
    """Name the groups of a combination, each once."""
    return tuple(
        dict.fromkeys(g.name for p in points for g in p.groups if g.combination == combination)
    )


def default_reference(setting: Setting) -> Setting:
    """Return the learner, or its baseline if it is private, with nothing else chosen."""
    learner = LEARNERS[setting.learner]
    return Setting(learner.baseline or learner.name)


def _of_shares(found: Difference) -> Difference:
    """Cut the interval of a difference of two shares to what can be."""
    if found.low is None or found.high is None:
        return found
    return replace(found, low=max(found.low, -1.0), high=min(found.high, 1.0))


def _counts(
    points: list[SweepPoint], combination: str, group: str
) -> list[tuple[SweepPoint, GroupCounts | None]]:
    return [
        (
            point,
            next(
                (g for g in point.groups if g.combination == combination and g.name == group), None
            ),
        )
        for point in points
    ]


def _spread(
    counts: list[tuple[SweepPoint, GroupCounts | None]], rate: str, setting: Setting
) -> tuple[Spread, list[float]]:
    metric = METRICS[rate]
    if not isinstance(metric, GroupMetric) or metric.rate is None:
        raise InputError(
            "it is no share of a group's rows", where=metric.title, remedy="Choose a rate"
        )
    trials = metric.rate[1]
    found: list[Observation] = []
    reasons: list[str] = []
    for point, group in counts:
        table = np.zeros((2, 2)) if group is None else _table(group)
        value = float(metric.value(table))
        if group is None or np.isnan(value):
            reasons.append(f"no {trials.phrase} in this group")
            continue
        rows = group.rows if group.effective_rows is None else group.effective_rows
        size = rows * float(trials(table)) / float(table.sum())
        low, high = wilson(np.float64(value), np.float64(size), LEVEL)  # type: ignore[arg-type]
        error = float(high - low) / (2 * normal_quantile(LEVEL))
        shared = point.test_rows / point.train_rows if point.train_rows else 0.0
        found.append(Observation(point.run.split_seed, value, error, shared))
    spread = spread_of(found, noisy=setting.epsilon is not None, reasons=reasons, bounds=(0.0, 1.0))
    return spread, [item.value for item in found]


def _table(group: GroupCounts) -> Floats:
    return np.array(
        [
            [group.true_negatives, group.false_positives],
            [group.false_negatives, group.true_positives],
        ]
    )
