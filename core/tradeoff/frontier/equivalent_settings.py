"""Settings that decide alike for nearly everyone.

A model that gives everyone the same decision has no gap between groups, whoever they are, and may
rank people well all the same: its scores only lie on one side of the threshold. On a front of
ranking and fairness it looks like the best of all. So it is marked: a setting *decides alike*
if, on average over its runs, its decisions are nearly constant, as those of one audited model are
(:mod:`core.fairness.metrics.constant_decisions`). The limit is said wherever it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from core.data.roles.decision_labels import DecisionLabels
from core.fairness.metrics.constant_decisions import NEARLY_NOBODY, nearly_constant
from core.tradeoff.sweep.grid import Setting
from core.tradeoff.sweep.point import SweepPoint

SAME_DECISION_SHARE = 1 - NEARLY_NOBODY
"""Where more people than this share get the same decision, decisions are nearly constant."""


def selection_rates(points: Sequence[SweepPoint]) -> dict[Setting, float]:
    """Return the share of people with the positive decision, mean over each setting's runs."""
    found: dict[Setting, list[float]] = {}
    for point in points:
        rate = point.value("selection_rate")
        if rate is not None:
            found.setdefault(point.run.setting, []).append(rate)
    return {setting: fmean(rates) for setting, rates in found.items()}


def equivalent_settings(points: Sequence[SweepPoint]) -> Mapping[Setting, float]:
    """Find settings that decide alike for nearly everyone, with their selection rates."""
    return {
        setting: rate for setting, rate in selection_rates(points).items() if nearly_constant(rate)
    }


def all_equivalent_sentence(settings: int) -> str:
    """Say that there is nothing to compare where all settings decide alike."""
    which = "The only setting gives" if settings == 1 else f"All {settings} settings give"
    return (
        f"{which} more than {100 * SAME_DECISION_SHARE:g}% of people the same decision, so their "
        "gaps say nothing about fairness, and none is the fairest"
    )


def equivalent_sentence(rate: float, called: DecisionLabels | None = None) -> str:
    """Say what a selection rate close to 0 or 1 means for what is seen, by the decision's name."""
    positive = rate >= 0.5
    share, which = (rate, "the positive") if positive else (1 - rate, "the negative")
    decision = f"{which} decision" if called is None else f"“{called.told(positive)}”"
    return (
        f"It gives {100 * share:.1f}% of people {decision}: where nearly everyone is "
        "decided alike, small gaps say nothing about fairness. Another threshold would show them."
    )
