"""Decisions that are the same for nearly everybody are recognised by one function."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.roles.decision_labels import DecisionLabels
from core.fairness.metrics.constant_decisions import constant_counts, constant_decisions


@pytest.mark.parametrize(
    ("positive", "rows", "found"),
    [
        (0, 0, None),
        (0, 1, (False, 0)),
        (1, 1, (True, 0)),
        (1, 2, None),
        (99, 100, None),
        (100, 100, (True, 0)),
        (9, 1000, (False, 9)),
        (10, 1000, None),
        (990, 1000, None),
        (991, 1000, (True, 9)),
    ],
)
def test_both_sides_of_the_edge(positive: int, rows: int, found: tuple[bool, int] | None) -> None:
    one = constant_decisions(np.arange(rows) < positive)
    assert one == constant_counts(positive, rows)
    assert (None if one is None else (one.decision, one.exceptions)) == found


@given(st.integers(1, 10_000), st.data())
def test_the_other_decision_is_told_of_as_much(rows: int, data: st.DataObject) -> None:
    positive = data.draw(st.integers(0, rows))
    one, other = constant_counts(positive, rows), constant_counts(rows - positive, rows)
    assert (one is None) == (other is None) == (min(positive, rows - positive) / rows >= 0.01)
    if one is not None and other is not None:
        assert one.decision != other.decision
        assert one.share == other.share > 0.99
        assert one.share == pytest.approx(max(positive, rows - positive) / rows)


def test_the_sentence_counts_exceptions() -> None:
    one = constant_counts(1, 200)
    assert one is not None
    assert one.sentence == "199 of 200 rows get the negative decision, 1 the other one"
    everyone = constant_counts(200, 200)
    assert everyone is not None
    assert everyone.sentence == "All 200 rows get the positive decision"
    deny = DecisionLabels("deny = yes", "deny = no", False, asked_for=True)
    assert everyone.named(deny) == "All 200 rows get the decision “deny = yes (refused)”"
    assert "“deny = no (granted)”, 1 the other" in constant_counts(1, 200).named(deny)


def test_noise_beyond_the_rows_is_cut() -> None:
    assert constant_counts(-3.2, 100) == constant_counts(0, 100)
    assert constant_counts(104.7, 100) == constant_counts(100, 100)
