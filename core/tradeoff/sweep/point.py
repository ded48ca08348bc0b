"""The result of one run of a sweep: its figures, and the counts of the groups behind them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from core.errors import InputError
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.metric_registry import METRICS, GroupMetric
from core.mitigation import MITIGATIONS
from core.tradeoff.sweep.grid import RunSpec, Setting
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


def point_to_json(point: SweepPoint) -> dict[str, Any]:
    """Write a point down."""
    return asdict(point) | {
        "figures": {
            name: [item.value, item.error] + ([item.reason] if item.reason else [])
            for name, item in point.figures.items()
        }
    }


def point_from_json(record: Mapping[str, Any]) -> SweepPoint:
    """Read a point back.

    Raises
    ------
    InputError
        If it isn't a point of this version, or holds what no point can: NaN, an infinity, a text
        in place of a number.
    """
    try:
        charged, run = record["charged"], _run(record["run"])
        figures = {name: _estimate(*item) for name, item in record["figures"].items()}
        return SweepPoint(
            run,
            _without_score_figures(run, figures),
            tuple(_group(group) for group in record["groups"]),
            _whole(record["test_rows"]),
            _whole(record["train_rows"]),
            _number(record["seconds"]),
            None if charged is None else (_number(charged[0]), _number(charged[1])),
            _text_or_none(record["reason"]),
        )
    except (
        KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError,
    ) as error:  # fmt: skip
        raise InputError(
            f"it isn't a point of a sweep of this version ({error!r})", where="point"
        ) from error


def _run(record: Mapping[str, Any]) -> RunSpec:
    run = RunSpec(**{**record, "setting": Setting(**record["setting"])})
    setting = run.setting
    for text in (setting.learner, setting.mitigation, setting.balancing):
        _text(text)
    for whole in (setting.k, run.split_seed, run.repeat):
        _whole(whole)
    _number(setting.strength)
    if setting.epsilon is not None:
        _number(setting.epsilon)
    if run.noise_seed is not None:
        _whole(run.noise_seed)
    return run


def _without_score_figures(run: RunSpec, figures: dict[str, Estimate]) -> dict[str, Estimate]:
    """Leave out what earlier versions took a chance of a decision for: a score of the outcome."""
    name = run.setting.mitigation
    if name not in MITIGATIONS or not MITIGATIONS[name].score_is_probability:
        return figures
    scores = {metric.name for metric in METRICS if not isinstance(metric, GroupMetric)}
    scores |= {item.name for item in DISPARITIES if scores & set(item.metrics)} | {"brier"}
    return {
        name: Estimate(None, reason=SCORES_ARE_PROBABILITIES)
        if name.partition(" by ")[0] in scores
        else figure
        for name, figure in figures.items()
    }


def _estimate(value: Any, error: Any = None, reason: Any = None) -> Estimate:
    return Estimate(
        None if value is None else _number(value),
        None if error is None else _number(error),
        _text_or_none(reason),
    )


def _group(record: Mapping[str, Any]) -> GroupCounts:
    group = GroupCounts(**record)
    _text(group.combination)
    _text(group.name)
    _text_or_none(group.too_small)
    _whole(group.rows)
    for count in (
        group.true_positives, group.false_negatives, group.false_positives, group.true_negatives,
        group.effective_rows or 0.0,
    ):  # fmt: skip
        if _number(count) < 0:
            raise ValueError(f"{count!r} is no count")
    return group


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is no whole number")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)
