"""Differences of settings: paired over splits, unpaired with few, and all at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.tradeoff.frontier.differences import difference, differences, side_by_side
from core.tradeoff.frontier.spread import Observation, Spread, spread_of

values = st.dictionaries(
    st.integers(0, 5), st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.7, 1.0]), min_size=1, max_size=3)
)


def made(by_split: dict[int, list[float]], error: float | None = 0.02) -> Spread:
    found = [Observation(j, v, error, 0.5) for j, inside in by_split.items() for v in inside]
    return spread_of(found, noisy=True)


def test_three_splits_in_common_are_paired() -> None:
    first = made({0: [0.8], 1: [0.7], 2: [0.9], 7: [0.1]})
    second = made({0: [0.75, 0.79], 1: [0.7], 2: [0.84], 3: [0.99]})
    apart = [0.03, 0.0, 0.06]
    half = stats.t.ppf(0.975, 2) * np.sqrt((1 / 3 + 0.5) * np.var(apart, ddof=1))
    found = difference(first, second)
    assert found.paired
    assert found.value == pytest.approx(0.03)
    assert found.low == pytest.approx(0.03 - half)
    assert found.high == pytest.approx(0.03 + half)


def test_pairing_takes_out_what_splits_have_in_common() -> None:
    hard = {0: 0.0, 1: 0.2, 2: -0.2, 3: 0.1}
    first = made({j: [0.6 + h] for j, h in hard.items()})
    second = made({j: [0.5 + h + j / 1000] for j, h in hard.items()})
    assert difference(first, second).distinct


def test_two_splits_are_taken_for_independent() -> None:
    first = made({0: [0.80, 0.84], 1: [0.78, 0.78]})
    second = made({0: [0.70, 0.70], 1: [0.71, 0.73]}, error=0.03)
    # Noise variances are 2 · 0.02² / (4 − 2) and 2 · 0.01² / (4 − 2), over four runs each.
    error = np.sqrt(0.02**2 + 0.0004 / 4 + 0.03**2 + 0.0001 / 4)
    found = difference(first, second)
    assert not found.paired
    assert found.value == pytest.approx(0.80 - 0.71)
    assert (found.high or 0) - (found.value or 0) == pytest.approx(stats.norm.ppf(0.975) * error)


def test_equal_runs_are_not_told_apart() -> None:
    same = made({0: [0.8, 0.8], 1: [0.7, 0.7], 2: [0.9, 0.9]})
    found = difference(same, same)
    assert found.value == 0
    assert found.distinct is False


def test_without_a_figure_or_an_interval_there_is_a_reason() -> None:
    nothing = spread_of([], noisy=True, reasons=["no rows"])
    found = difference(made({0: [0.5]}), nothing)
    assert (found.value, found.distinct) == (None, None)
    assert found.reason == "no rows"
    found = difference(made({0: [0.5]}), made({0: [0.4, 0.4]}))
    assert found.value == pytest.approx(0.1)
    assert found.low is None
    assert found.reason is not None
    assert "one draw of noise" in found.reason


@given(st.lists(values, min_size=1, max_size=6), st.data())
def test_all_at_once_equals_one_by_one(
    worlds: list[dict[int, list[float]]], data: st.DataObject
) -> None:
    spreads = [made(world, data.draw(st.sampled_from([None, 0.02]))) for world in worlds]
    reference = data.draw(st.integers(0, len(spreads) - 1))
    found = differences(side_by_side(spreads), reference)
    for row, spread in enumerate(spreads):
        one = difference(spread, spreads[reference])
        for whole, single in (
            (found.value, one.value),
            (found.low, one.low),
            (found.high, one.high),
        ):
            assert np.isnan(whole[row]) if single is None else whole[row] == pytest.approx(single)
        assert (one.reason is None) == (one.low is not None)
        assert row != reference or one.value in (0, None)


@given(values, values)
def test_turned_round_it_changes_sign(a: dict[int, list[float]], b: dict[int, list[float]]) -> None:
    one, other = difference(made(a), made(b)), difference(made(b), made(a))
    assert one.distinct == other.distinct
    if one.value is not None and other.value is not None:
        assert one.value == pytest.approx(-other.value)
