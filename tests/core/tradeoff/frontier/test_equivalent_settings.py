"""Settings that decide alike for nearly everyone are told apart."""

from __future__ import annotations

import pytest

from core.data.roles.decision_labels import DecisionLabels
from core.tradeoff.frontier.equivalent_settings import (
    equivalent_sentence,
    equivalent_settings,
    selection_rates,
)
from core.tradeoff.sweep.grid import RunSpec, Setting
from core.tradeoff.sweep.point import Estimate, SweepPoint

ALL, FEW, HALF, FAILED = (Setting("naive_bayes", k=k) for k in (1, 2, 3, 4))


def point(setting: Setting, split: int, rate: float | None) -> SweepPoint:
    return SweepPoint(RunSpec(setting, split), {"selection_rate": Estimate(rate)})


def test_they_are_found_by_their_mean_over_runs() -> None:
    points = [
        point(ALL, 0, 1.0),
        point(ALL, 1, 0.985),
        point(FEW, 0, 0.005),
        point(HALF, 0, 1.0),
        point(HALF, 1, 0.5),
        SweepPoint(RunSpec(FAILED, 0), reason="why"),
    ]
    assert selection_rates(points)[HALF] == pytest.approx(0.75)
    assert equivalent_settings(points) == pytest.approx({ALL: 0.9925, FEW: 0.005})


def test_it_says_which_decision() -> None:
    assert "98.5% of people the positive decision" in equivalent_sentence(0.985)
    assert "99.0% of people the negative decision" in equivalent_sentence(0.01)
    deny = DecisionLabels("deny = yes", "deny = no", False, asked_for=True)
    assert "98.5% of people “deny = yes (refused)”: where" in equivalent_sentence(0.985, deny)
    assert "99.0% of people “deny = no (granted)”: where" in equivalent_sentence(0.01, deny)
