"""The figures that an axis of a trade-off can show, read off the registries.

A metric of everyone or a disparity among the groups of a combination; a new entry of a registry
is here unasked. A figure without a better and a worse end can be shown, and can't be traded off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.arrays import Floats
from core.errors import InputError
from core.fairness.disparities.disparities import DISPARITIES, DisparityDefinition
from core.fairness.metrics.metric_definition import GroupMetric, ScoreMetric
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.score_quality import BINS
from core.tradeoff.sweep.point import combination_name, figure_name

Direction = Literal["higher", "lower", "nearer to 1"]

SHARES = ("balanced_accuracy", "f1", "roc_auc", "brier", "expected_calibration_error")
"""Metrics inside [0, 1] that are no plain rates; of others the registry tells no bounds."""


@dataclass(frozen=True)
class ParetoAxis:
    """What an axis shows.

    Attributes
    ----------
    name : str
        Of the figure in :attr:`core.tradeoff.sweep.point.SweepPoint.figures`; "epsilon" for ε.
    title, sentence : str
        For people; explanation for a newcomer.
    kind : {"performance", "disparity", "privacy"}
    direction : {"higher", "lower", "nearer to 1"} or None
        Which end is better. Ratios are lowest over highest, at most 1, so that the nearer to 1
        is the higher.
    low, high : float or None
        Bounds; None where there is none, or none is known.
    combination : tuple of str
        Sensitive columns of a disparity.
    reason : str or None
        Why it has no better end.
    """

    name: str
    title: str
    sentence: str
    kind: Literal["performance", "disparity", "privacy"]
    direction: Direction | None
    low: float | None = None
    high: float | None = None
    combination: tuple[str, ...] = ()
    reason: str | None = None

    @property
    def sign(self) -> float:
        """1 where more is worse, −1 where more is better.

        Raises
        ------
        InputError
            If it has no better end.
        """
        if self.direction is None:
            raise InputError(
                f"it can't be traded off: {self.reason}",
                where=self.title,
                remedy="Choose a figure of which one end is better",
            )
        return 1.0 if self.direction == "lower" else -1.0

    def loss(self, values: Floats) -> Floats:
        """Turn values, any shape, so that less is better; NaN stays NaN."""
        out: Floats = self.sign * values
        return out


EPSILON = ParetoAxis(
    "epsilon",
    "ε",
    "ε: how much a model may depend on any one person's row; the smaller, the stronger the "
    "guarantee, and ∞ is no guarantee.",
    "privacy",
    "lower",
    0.0,
)


def axes(combinations: Sequence[tuple[str, ...]]) -> tuple[ParetoAxis, ...]:
    """List metrics of everyone, then each disparity for each combination.

    Parameters
    ----------
    combinations : sequence of tuple of str
        Sensitive columns whose groups are compared.
    """
    return (
        *(_of_metric(metric) for metric in METRICS),
        *(_of_disparity(d, combination) for combination in combinations for d in DISPARITIES),
    )


def objectives(combinations: Sequence[tuple[str, ...]]) -> tuple[ParetoAxis, ...]:
    """List only those of which one end is better."""
    return tuple(axis for axis in axes(combinations) if axis.direction is not None)


def axis_named(name: str, combinations: Sequence[tuple[str, ...]]) -> ParetoAxis:
    """Look an axis up by the name of its figure.

    Raises
    ------
    InputError
        If there is none.
    """
    found = {axis.name: axis for axis in axes(combinations)}
    if name not in found:
        raise InputError(
            "there is no figure of that name",
            where=repr(name),
            remedy=f"Choose one of: {', '.join(found)}",
        )
    return found[name]


def _of_metric(metric: GroupMetric | ScoreMetric) -> ParetoAxis:
    direction: Direction | None = None
    reason = None
    if metric.better == "follows_decision":
        reason = "more positive decisions are neither better nor worse for everyone together"
    elif metric.better == "neither":
        reason = "neither more nor less of it is better"
    else:
        direction = metric.better
    low, high = (0.0, 1.0) if _is_share(metric) else (None, None)
    return ParetoAxis(
        metric.name, metric.title, metric.sentence, "performance", direction, low, high, (), reason
    )


def _of_disparity(definition: DisparityDefinition, combination: tuple[str, ...]) -> ParetoAxis:
    direction: Direction | None = "lower" if definition.comparison == "difference" else None
    high: float | None = 1.0
    if definition.comparison == "ratio":
        direction = "nearer to 1"
    elif definition.scale == "bins":
        # Outcomes minus scores reach from −s to 1 − s, with s a bin apart at most.
        high = 1 + 1 / BINS
    elif not all(_is_share(METRICS[name]) for name in definition.metrics):
        high = None
    reason = None
    if definition.judges == "labels":
        direction, reason = None, "it speaks of recorded outcomes alone, which no model changes"
    return ParetoAxis(
        figure_name(definition.name, combination),
        f"{definition.title} by {combination_name(combination)}",
        definition.sentence,
        "disparity",
        direction,
        0.0,
        high,
        combination,
        reason,
    )


def _is_share(metric: GroupMetric | ScoreMetric) -> bool:
    return metric.kind == "rate" or metric.name in SHARES
