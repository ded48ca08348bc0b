"""A sweep's findings as JSON: settings with their figures, the front, prices, impact by group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from core.data.roles.decision_labels import DecisionLabels
from core.errors import InputError
from core.tradeoff.frontier.axes import ParetoAxis, axis_named
from core.tradeoff.frontier.chosen import sentence_of, setting_label
from core.tradeoff.frontier.equivalent_settings import (
    all_equivalent_sentence,
    equivalent_sentence,
    equivalent_settings,
)
from core.tradeoff.frontier.impact_by_group import impact_by_group
from core.tradeoff.frontier.marginal import epsilon_prices, gap_prices
from core.tradeoff.frontier.pareto_analysis import ParetoAnalysis, pareto_analysis
from core.tradeoff.frontier.spread import Spread
from core.tradeoff.frontier.ties import tied_with_best
from core.tradeoff.sweep.grid import Grid, LeftOut, Setting
from core.tradeoff.sweep.point import SweepPoint, combination_name, figure_name

PERFORMANCE = "roc_auc"
UNFAIRNESS = "equalized_odds_difference"
SCHEMA = 1


def default_axes(grid: Grid) -> tuple[ParetoAxis, ParetoAxis]:
    """Figures that are traded off where nobody chose others.

    Of an existing score the order of people is what it is, so ROC AUC would tell nothing.
    """
    return (
        axis_named("accuracy" if grid.given else PERFORMANCE, grid.attributes),
        axis_named(figure_name(UNFAIRNESS, grid.attributes[0]), grid.attributes),
    )


def frontier_json(
    points: Sequence[SweepPoint],
    grid: Grid,
    label: str,
    *,
    axes: tuple[ParetoAxis, ParetoAxis] | None = None,
    left_out: Sequence[LeftOut] = (),
    positive_is_favourable: bool = True,
    called: DecisionLabels | None = None,
) -> dict[str, Any]:
    """Lay a sweep out for people and programs that have nothing but this file.

    Parameters
    ----------
    points : sequence of SweepPoint
        At least one.
    grid : Grid
    label : str
        What must be known of every picture, see :attr:`core.tradeoff.sweep.basis.Basis.label`.
    axes : tuple of (Axis, Axis), optional
        Performance and unfairness.
    left_out : sequence of LeftOut
        Combinations that can't be trained.
    positive_is_favourable : bool
    called : DecisionLabels, optional
        How the two decisions are called.

    Returns
    -------
    dict
        JSON: ε is null without privacy, undefined figures are null with a reason.

    Raises
    ------
    InputError
        If there is no point, or a figure has no better end.
    """
    first, second = axes or default_axes(grid)
    same = equivalent_settings(points)
    judging = [p for p in points if p.run.setting not in same]
    none = not judging
    # Where all decide alike nothing is judged, and the rows stand in the table alone.
    judging = judging or list(points)
    land = pareto_analysis(judging, first, second)
    judged = land.judged()
    ties = [
        tied_with_best(table, axis.sign)
        for table, axis in zip(land.tables, land.axes[:2], strict=True)
    ]
    rows = [
        {
            **asdict(setting),
            "words": setting_label(setting),
            "performance": _spread(land.performance[row]),
            "unfairness": _spread(land.unfairness[row]),
            "status": judged.status[row],
            "tied_performance": ties[0].tied[row],
            "tied_unfairness": ties[1].tied[row],
        }
        for row, setting in enumerate(land.settings)
    ]
    if none:
        rows = _equivalent_rows(land, ())
    elif len(judging) < len(points):
        rows += _equivalent_rows(pareto_analysis(points, first, second), land.settings)
    return {
        "schema": SCHEMA,
        "label": label,
        "axes": {"performance": _axis(first), "unfairness": _axis(second)},
        "split_seeds": list(grid.split_seeds),
        "noise_seeds": list(grid.noise_seeds),
        "delta": grid.delta,
        "runs": len(points),
        "failed": _counted(point.reason for point in points if point.reason),
        "left_out": _counted(item.reason for item in left_out),
        "settings": rows,
        "decides_alike": [
            {
                "setting": asdict(setting),
                "words": setting_label(setting),
                "selection_rate": rate,
                "sentence": equivalent_sentence(rate, called),
            }
            for setting, rate in same.items()
        ],
        "ties": {"performance": ties[0].sentence, "unfairness": ties[1].sentence}
        if not none
        else dict.fromkeys(
            ("performance", "unfairness"), f"{all_equivalent_sentence(len(land.settings))}."
        ),
        "front": []
        if none
        else [
            {
                "setting": asdict(land.settings[row]),
                "sentence": sentence_of(land, land.settings[row]),
            }
            for row in _front(land, judged.front)
        ],
        "prices": {"epsilon": [], "gap": []}
        if none
        else {"epsilon": _epsilon_prices(land), "gap": _gap_prices(land)},
        "who_pays": [
            _paid(points, combination, setting, positive_is_favourable)
            for combination in grid.attributes
            for setting in _payers(land)
        ],
    }


def _equivalent_rows(
    everything: ParetoAnalysis, judged: Collection[Setting]
) -> list[dict[str, Any]]:
    """Rows of the settings that were left out of what is judged."""
    return [
        {
            **asdict(setting),
            "words": setting_label(setting),
            "performance": _spread(everything.performance[row]),
            "unfairness": _spread(everything.unfairness[row]),
            "status": "decides alike",
            "tied_performance": None,
            "tied_unfairness": None,
        }
        for row, setting in enumerate(everything.settings)
        if setting not in judged
    ]


def _front(land: ParetoAnalysis, member: Any) -> list[int]:
    return sorted(
        (row for row in range(len(land.settings)) if member[row]),
        key=lambda row: (-land.epsilon[row], land.losses[row, 0]),
    )


def _payers(land: ParetoAnalysis) -> list[Setting]:
    """Private settings without mitigation: what is paid there is the price of privacy alone."""
    return [
        s for s in land.settings if s.epsilon is not None and s == Setting(s.learner, s.epsilon)
    ]


def _axis(axis: ParetoAxis) -> dict[str, Any]:
    return {
        "name": axis.name,
        "title": axis.title,
        "sentence": axis.sentence,
        "direction": axis.direction,
        "combination": list(axis.combination),
    }


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "mean": spread.mean,
        "low": spread.low,
        "high": spread.high,
        "interval": spread.method,
        "sd_noise": spread.sd_noise,
        "sd_sampling": spread.sd_sampling,
        "runs": spread.runs,
        "undefined_runs": spread.undefined,
        "reason": spread.reason,
    }


def _epsilon_prices(land: ParetoAnalysis) -> list[dict[str, Any]]:
    return [
        {
            "figure": price.axis.name,
            "smaller": asdict(price.smaller),
            "larger": asdict(price.larger),
            "gain": asdict(price.gain),
            "for_one": asdict(price.for_one),
            "for_doubling": asdict(price.for_doubling),
            "on_front": list(price.on_front),
        }
        for price in epsilon_prices(land)
    ]


def _gap_prices(land: ParetoAnalysis) -> list[dict[str, Any]]:
    return [
        {
            "fairer": asdict(price.fairer),
            "better": asdict(price.better),
            "epsilon": price.epsilon,
            "price": price.price.to_json(),
        }
        for price in gap_prices(land)
    ]


def _paid(
    points: Sequence[SweepPoint],
    combination: tuple[str, ...],
    setting: Setting,
    positive_is_favourable: bool,
) -> dict[str, Any]:
    record: dict[str, Any] = {
        "combination": combination_name(combination),
        "setting": asdict(setting),
        "words": setting_label(setting),
    }
    try:
        found = impact_by_group(points, setting, combination)
    except InputError as error:
        return record | {"reason": str(error)}
    return record | {
        "reference": None if found.reference is None else asdict(found.reference),
        "sentence": found.sentence(
            "true_positive_rate", positive_is_favourable=positive_is_favourable
        ),
        "groups": [
            {
                "group": cell.group,
                "rate": cell.rate,
                **_spread(cell.spread),
                "change": asdict(cell.change),
                "too_small": cell.too_small,
            }
            for cell in found.cells
        ],
    }


def _counted(reasons: Any) -> list[dict[str, Any]]:
    return [{"reason": reason, "count": count} for reason, count in Counter(reasons).most_common()]
