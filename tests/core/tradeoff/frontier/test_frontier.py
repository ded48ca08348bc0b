"""Pareto fronts against a comparison of every pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.arrays import Floats
from core.tradeoff.frontier.frontier import at_least_as_good, pareto_front

NAMES = ("a", "b", "c", "d", "e")
awkward = st.sampled_from([0.0, -0.0, 1.0, 1.0 + 2**-52, 2.0, np.inf, -np.inf, np.nan])


def by_pairs(losses: Floats) -> np.ndarray:
    out = np.zeros(len(losses), dtype=bool)
    for i, row in enumerate(losses):
        if np.isnan(row).any():
            continue
        out[i] = not any(
            all(x <= y for x, y in zip(other, row, strict=True))
            and any(x < y for x, y in zip(other, row, strict=True))
            for other in losses
            if not np.isnan(other).any()
        )
    return out


@given(st.data(), st.integers(1, 5))
def test_equals_the_comparison_of_all_pairs(data: st.DataObject, m: int) -> None:
    cell = data.draw(st.sampled_from([awkward, st.floats(-2, 2), st.integers(0, 3).map(float)]))
    rows = data.draw(st.lists(st.lists(cell, min_size=m, max_size=m), max_size=25))
    losses = np.array(rows, dtype=np.float64).reshape(-1, m)
    found = pareto_front(losses, NAMES[:m])
    assert found.member.tolist() == by_pairs(losses).tolist()
    assert found.undefined.tolist() == np.isnan(losses).any(axis=1).tolist()
    assert not (found.member & found.undefined).any()
    assert sum(count for _, count in found.reasons) == np.isnan(losses).sum()


@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_equals_it_on_hundreds_of_rows_with_many_ties(m: int) -> None:
    rng = np.random.default_rng(m)
    losses = rng.integers(0, 9, (300, m)).astype(float)
    assert pareto_front(losses, NAMES[:m]).member.tolist() == by_pairs(losses).tolist()


def test_all_on_the_front() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.random((2, 10_000))
    assert pareto_front(np.column_stack([x, y, -x - y]), NAMES[:3]).member.all()


def test_equal_rows_do_not_dominate_each_other() -> None:
    assert pareto_front(np.ones((4, 3)), NAMES[:3]).member.all()


def test_infinite_epsilon_is_the_worst() -> None:
    losses = np.array([[0.1, np.inf], [0.1, 1.0], [0.0, np.inf]])
    assert pareto_front(losses, NAMES[:2]).member.tolist() == [False, True, True]


def test_undefined_rows_are_counted_with_the_reason() -> None:
    found = pareto_front(np.array([[np.nan, 1.0], [np.nan, np.nan], [0.0, 0.0]]), ("gap", "ε"))
    assert found.reasons == (("gap is not defined", 2), ("ε is not defined", 1))


def test_who_is_at_least_as_good_leaves_the_row_itself_out() -> None:
    losses = np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 2.0], [0.0, 0.0], [np.nan, 0.0]])
    assert at_least_as_good(losses, 0).tolist() == [False, True, False, True, False]
