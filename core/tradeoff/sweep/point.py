"""The result of one run of a sweep: its figures, and the counts of the groups behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.metric_registry import METRICS, GroupMetric
from core.mitigation import MITIGATIONS
from core.storage.json_format import from_list, json_form, list_json
from core.tradeoff.sweep.grid import RunSpec
from core.training.trained import SCORES_ARE_PROBABILITIES

BETWEEN = " × "


_ALONE = re.compile("(?<![^ ])×+(?![^ ])")
"""Crosses with nothing but spaces around them, which could be taken for what stands between."""


def combination_name(combination: tuple[str, ...]) -> str:
    """Name a combination of columns, "sex × race"; no other combination has that name.

    A column's own crosses are doubled where they stand alone: the column "sex × race" is named
    "sex ×× race". So in a name a single cross between two spaces always parts two columns, and
    all other names are the columns as they are.
    """
    return BETWEEN.join(_ALONE.sub(lambda found: 2 * found[0], name) for name in combination)


def figure_name(disparity: str, combination: tuple[str, ...]) -> str:
    """Name a disparity among the groups of a combination, "accuracy_difference by sex × race"."""
    return f"{disparity} by {combination_name(combination)}"


@dataclass(frozen=True)
class Estimate:
    """A figure on test rows.

    Attributes
    ----------
    value : float or None
    error : float or None
        Standard error, from the test people alone: of one model, with neither another split nor
        other noise. Half the width of the figure's 95 % interval over 1.96.
    reason : str or None
        Why the value is not defined.
    """

    value: float | None
    error: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class GroupCounts:
    """Outcomes of one group's test rows.

    Attributes
    ----------
    combination : str
        Its :func:`combination_name`.
    name : str
        The group, "Female · Black".
    rows : int
    true_positives, false_negatives, false_positives, true_negatives : float
        Summed weights; rows where there are none.
    too_small : str or None
        Why the group is too small to judge.
    effective_rows : float or None
        (Σw)² / Σw² of its weights (Kish 1965), by which its rates are as sure as that many rows
        would make them, and no more than its persons where they have several rows each; None
        where every row counts once.
    """

    combination: str
    name: str
    rows: int
    true_positives: float
    false_negatives: float
    false_positives: float
    true_negatives: float
    too_small: str | None = None
    effective_rows: float | None = None


@dataclass(frozen=True)
class SweepPoint:
    """One run of a sweep.

    Attributes
    ----------
    run : RunSpec
    figures : mapping of str to Estimate
        Metrics of everyone by their name, disparities by :func:`figure_name`.
    groups : tuple of GroupCounts
    test_rows, train_rows : int
    seconds : float
        Of training and measuring.
    charged : tuple of (float, float) or None
        ε and δ that were charged to a ledger for it.
    reason : str or None
        Why it could not be trained.
    """

    run: RunSpec
    figures: Mapping[str, Estimate] = field(default_factory=dict)
    groups: tuple[GroupCounts, ...] = ()
    test_rows: int = 0
    train_rows: int = 0
    seconds: float = 0.0
    charged: tuple[float, float] | None = None
    reason: str | None = None

    def value(self, figure: str) -> float | None:
        """Return a figure's value; None where it is not defined or not there."""
        found = self.figures.get(figure)
        return None if found is None else found.value


def _without_empty_reason(found: Estimate) -> list[Any]:
    return list_json(found)[: 3 if found.reason else 2]


def _checked_counts(record: Any) -> Any:
    for name, count in record.items():
        if isinstance(count, int | float) and count < 0:
            raise ValueError(f"{count!r} is no count: {name}")
    return record


def _without_score_figures(record: dict[str, Any]) -> dict[str, Any]:
    """Leave out what earlier versions took a chance of a decision for: a score of the outcome."""
    name = record["run"]["setting"]["mitigation"]
    if name not in MITIGATIONS or not MITIGATIONS[name].score_is_probability:
        return record
    scores = {metric.name for metric in METRICS if not isinstance(metric, GroupMetric)}
    scores |= {item.name for item in DISPARITIES if scores & set(item.metrics)} | {"brier"}
    figures = {
        name: [None, None, SCORES_ARE_PROBABILITIES]
        if name.partition(" by ")[0] in scores
        else figure
        for name, figure in record["figures"].items()
    }
    return {**record, "figures": figures}


json_form(Estimate, write=_without_empty_reason, read=lambda record: from_list(Estimate, record))
json_form(GroupCounts, read=_checked_counts)
json_form(SweepPoint, read=_without_score_figures)
