"""Settings that decide alike for nearly everyone.

A model that gives everyone the same decision has no gap between groups, whoever they are, and may
rank people well all the same: its scores only lie on one side of the threshold. On a front of
ranking and fairness it looks like the best of all. So it is told apart: a setting *decides alike*
if, on average over its runs, at least 98 of 100 test people get the same decision. The limit is a
convention of ours, and is said wherever it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from core.tradeoff.sweep.grid import Setting
from core.tradeoff.sweep.point import Point

ALIKE = 0.98


def selection_rates(points: Sequence[Point]) -> dict[Setting, float]:
    """Return the share of people with the positive decision, mean over each setting's runs."""
    found: dict[Setting, list[float]] = {}
    for point in points:
        rate = point.value("selection_rate")
        if rate is not None:
            found.setdefault(point.run.setting, []).append(rate)
    return {setting: fmean(rates) for setting, rates in found.items()}


def alike(points: Sequence[Point]) -> Mapping[Setting, float]:
    """Find settings that decide alike for nearly everyone, with their selection rates."""
    return {
        setting: rate
        for setting, rate in selection_rates(points).items()
        if max(rate, 1 - rate) >= ALIKE
    }


def alike_sentence(rate: float) -> str:
    """Say what a selection rate close to 0 or 1 means for what is seen."""
    share, which = (rate, "the positive") if rate >= 0.5 else (1 - rate, "the negative")
    return (
        f"It gives {100 * share:.1f} % of people {which} decision: where nearly everyone is "
        "decided alike, small gaps say nothing about fairness. Another threshold would show them."
    )
