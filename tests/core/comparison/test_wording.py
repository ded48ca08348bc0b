"""Titles of what is compared, where the positive decision is favourable and where it is adverse."""

from __future__ import annotations

from core.comparison.cross_validation.corrected_test import corrected_test
from core.comparison.wording import format_difference, title_of
from core.fairness.metrics.assessment import Figure


def test_a_rate_of_adverse_decisions_selects_nobody() -> None:
    assert title_of("selection_rate") == "selection rate"
    assert title_of("selection_rate", False) == "rate of the adverse decision"
    assert title_of("accuracy", False) == title_of("accuracy") == "accuracy"


def test_sentences_name_it_so_too() -> None:
    higher = Figure(0.1, 0.05, 0.15)
    said = format_difference("selection_rate", higher, ("old", "new"), False)
    assert said.startswith("new's rate of the adverse decision is 10.0 points higher than old's")
    assert "new's selection rate" in format_difference("selection_rate", higher, ("old", "new"))
    found = corrected_test([0.1, 0.12, 0.09, 0.11, 0.1], 0.25)
    assert "rate of the adverse decision" in found.sentence(
        "selection_rate", positive_is_favourable=False
    )
    assert "selection rate" in found.sentence("selection_rate")
