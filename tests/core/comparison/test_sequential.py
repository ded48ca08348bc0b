from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import comb
from scipy.stats import norm

from core.comparison.monitoring.always_valid import log_e_even, mean_sequence
from core.comparison.monitoring.moments import MOST_STEPS
from core.comparison.monitoring.sequential import watch_arms, watch_paired
from core.comparison.monitoring.sequential_gap import watch_gap
from core.comparison.monitoring.stream import AMONG
from core.errors import InputError


def stream(
    n: int, right_a: float, right_b: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y = rng.random(n) < 0.5
    return y, *(np.where(rng.random(n) < right, y, ~y) for right in (right_a, right_b))


def test_the_e_process_equals_its_closed_form_by_hand() -> None:
    # E after s and f is 2^m / ((m + 1) (m over s)): 2/2, 4/3, 8/4, and 8/(4 · 3).
    found = np.exp(log_e_even(np.array([1.0, 2, 3, 2]), np.array([0.0, 0, 0, 1])))
    assert found == pytest.approx([1, 4 / 3, 2, 2 / 3])
    s, f = np.arange(20.0), np.arange(20.0)[::-1]
    assert np.exp(log_e_even(s, f)) == pytest.approx(2**19 / (20 * comb(19, s)))


def test_the_e_process_has_mean_one_under_the_hypothesis() -> None:
    for m in (1, 5, 30):
        s = np.arange(m + 1.0)
        assert (np.exp(log_e_even(s, m - s)) * comb(m, s) / 2**m).sum() == pytest.approx(1)


def test_the_mean_sequence_equals_its_formula_written_out() -> None:
    x, alpha = np.random.default_rng(0).choice([0.0, 0.5, 1.0], 60, p=[0.1, 0.5, 0.4]), 0.05
    total = weighted = price = 0.0
    mean, spread, seen, squares = 0.5, 0.25, 0.0, 0.0
    ends = []
    for i, value in enumerate(x, 1):
        stake = min(np.sqrt(2 * np.log(2 / alpha) / (spread * i * np.log(1 + i))), 0.5)
        price += 4 * (value - mean) ** 2 * (-np.log(1 - stake) - stake) / 4
        total += stake
        weighted += stake * value
        seen += value
        mean = (0.5 + seen) / (i + 1)
        squares += (value - mean) ** 2
        spread = (0.25 + squares) / (i + 1)
        reach = (np.log(2 / alpha) + price) / total
        ends.append((weighted / total - reach, weighted / total + reach))
    low, high = mean_sequence(x, alpha)
    assert 0 < low[-1] < high[-1] < 1
    assert low[-1] == pytest.approx(max(end for end, _ in ends))
    assert high[-1] == pytest.approx(min(end for _, end in ends))


def test_peeking_raises_few_false_alarms_here_and_many_with_an_ordinary_test() -> None:
    """Two equally good models, looked at after every one of 1,000 people."""
    rng, worlds, ours, naive = np.random.default_rng(0), 300, 0, 0
    for _ in range(worlds):
        y, a, b = stream(1000, 0.7, 0.7, rng)
        ours += watch_paired(y, a, b).decided is not None
        d = (b == y).astype(float) - (a == y)
        t = np.arange(1, 1001)
        squares, total = np.cumsum(d**2), np.cumsum(d)
        z = np.divide(np.abs(total), np.sqrt(squares), out=np.zeros(1000), where=squares > 0)
        naive += (2 * norm.sf(z[t >= 30]) < 0.05).any()
    assert ours <= 0.05 * worlds
    assert naive > 0.25 * worlds


def test_arms_raise_few_false_alarms_too() -> None:
    rng, worlds, ours = np.random.default_rng(1), 60, 0
    for _ in range(worlds):
        y, a, _ = stream(600, 0.7, 0.7, rng)
        ours += watch_arms(y, a, rng.choice(["x", "y"], 600)).decided is not None
    assert ours <= 0.05 * worlds


@pytest.mark.parametrize(("a", "b"), [(0.7, 0.8), (0.9, 0.9), (0.99, 0.5)])
def test_the_interval_holds_the_difference_at_all_moments_together(a: float, b: float) -> None:
    rng, worlds, held, held_arms = np.random.default_rng(2), 60, 0, 0
    for _ in range(worlds):
        y, first, second = stream(700, a, b, rng)
        path = watch_paired(y, first, second).path
        held += all(m.low is not None and m.low <= b - a <= (m.high or 0) for m in path)
        arm = rng.random(700) < 0.5
        found = watch_arms(y, np.where(arm, second, first), np.where(arm, "b", "a"))
        held_arms += all(m.low is not None and m.low <= b - a <= (m.high or 0) for m in found.path)
    assert held >= 0.95 * worlds
    assert held_arms >= 0.95 * worlds


def test_a_difference_is_found_and_told() -> None:
    y, a, b = stream(3000, 0.7, 0.8, np.random.default_rng(3))
    found = watch_paired(y, a, b, names=("old", "new"))
    assert found.decided is not None
    assert found.decided in found.path
    assert found.decided.log_e is not None
    assert found.decided.log_e >= np.log(20)
    assert len(found.path) <= MOST_STEPS + 2
    assert (found.path[0].count, found.path[-1].count) == (1, 3000)
    text = found.sentence()
    assert text.startswith("After 3,000 people: new is right")
    assert f"decided after {found.decided.count:,}" in text
    assert "whenever one likes" in text
    last = found.path[-1]
    assert last.estimate == pytest.approx((b == y).mean() - (a == y).mean())
    assert found.changed is None


def test_the_p_value_never_rises_and_is_the_best_e_value_so_far() -> None:
    y, a, b = stream(400, 0.7, 0.75, np.random.default_rng(4))
    path = watch_paired(y, a, b).path
    p = [m.p_value for m in path]
    assert all(m.p_value is not None for m in path)
    assert p == sorted(p, reverse=True)  # type: ignore[type-var]
    assert len(path) == 400
    best = np.maximum.accumulate([m.log_e for m in path])  # type: ignore[misc]
    assert p == pytest.approx(np.exp(-np.maximum(best, 0)))


def test_missing_outcomes_are_skipped_counted_and_change_nothing_else() -> None:
    y, a, b = stream(300, 0.7, 0.8, np.random.default_rng(5))
    known = np.random.default_rng(6).random(300) < 0.6
    plain = watch_paired(y[known], a[known], b[known])
    for outcomes in (
        np.where(known, y.astype(object), None),
        np.where(known, y.astype(float), np.nan),
        pd.array(np.where(known, y.astype(object), pd.NA), dtype="boolean"),
    ):
        found = watch_paired(outcomes, a, b)
        assert found.skipped == (~known).sum()
        assert found.now == plain.now
        assert found.path[-1].row == np.flatnonzero(known)[-1]
        assert f"{found.skipped} whose outcome has not come are skipped" in found.sentence()


def test_figures_and_groups_count_whom_they_are_about() -> None:
    rng = np.random.default_rng(7)
    y, a, b = stream(2000, 0.7, 0.8, rng)
    g = rng.choice(["f", "m", "x"], 2000)
    found = watch_paired(y, a, b, figure="true_positive_rate", groups=g, group="f")
    of = (g == "f") & y
    assert found.count == (of.sum(), of.sum())
    assert found.left_out == 2000 - of.sum()
    assert found.now.estimate == pytest.approx(b[of].mean() - a[of].mean())
    for figure, among in AMONG.items():
        gap = watch_gap(y, a, g, ("f", "m"), figure=figure)
        value = a == y if figure == "accuracy" else a
        fits = np.ones(2000, bool) if among is None else y == among
        expected = value[fits & (g == "m")].mean() - value[fits & (g == "f")].mean()
        assert gap.now.estimate == pytest.approx(expected)
        assert gap.count == tuple((fits & (g == name)).sum() for name in "fm")
        assert gap.left_out + sum(gap.count) == 2000


def test_selection_rates_need_no_outcome() -> None:
    a = np.arange(40) % 2 == 0
    found = watch_gap([None] * 40, a, ["f", "m"] * 20, ("f", "m"), figure="selection_rate")
    assert found.now.estimate == -1
    assert found.skipped == 0
    assert found.decided is not None


def test_a_gap_that_turns_round_is_told_as_a_change() -> None:
    rng = np.random.default_rng(8)
    y, g = rng.random(8000) < 0.5, rng.choice(["f", "m"], 8000)
    swapped = (np.arange(8000) >= 4000) == (g == "m")
    found = watch_gap(y, np.where(swapped, y, ~y), g, ("f", "m"), figure="accuracy")
    assert found.changed is not None
    assert found.changed.count > 4000
    assert found.path[-1].low is None
    assert "must have changed over time" in found.sentence()


def test_no_outcome_at_all_is_undefined_with_a_reason() -> None:
    a = np.ones(5, bool)
    for found in (
        watch_paired([None] * 5, a, ~a),
        watch_gap([None] * 5, a, ["f"] * 5, ("f", "m")),
        watch_paired([], a[:0], a[:0]),
    ):
        assert found.path == ()
        assert found.now.estimate is None
        assert "nobody yet" in str(found.now.reason)
        assert found.decided is None
        assert found.sentence().startswith("After 0 people: nothing can be said")


@pytest.mark.parametrize(
    "call",
    [
        lambda y, a: watch_paired(y, a, a[:-1]),
        lambda y, a: watch_paired(y[:-1], a, a),
        lambda y, a: watch_paired(y, a.astype(int), a),
        lambda y, a: watch_paired(["yes"] * 6, a, a),
        lambda y, a: watch_paired([2] * 6, a, a),
        lambda y, a: watch_paired(y, a, a, figure="precision"),
        lambda y, a: watch_paired(y, a, a, group="f"),
        lambda y, a: watch_paired(y, a, a, groups=["m"] * 6, group="f"),
        lambda y, a: watch_paired(y, a, a, level=0.0),
        lambda y, a: watch_arms(y, a, ["x"] * 6),
        lambda y, a: watch_arms(y, a, ["x"] * 5),
        lambda y, a: watch_arms(y, a, ["x", "y", "z"] * 2),
        lambda y, a: watch_gap(y, a, ["x"] * 6, ("x", "x")),
    ],
)
def test_unusable_input_is_refused(call: Any) -> None:
    y = np.array([True, False] * 3)
    with pytest.raises(InputError):
        call(y, y)


@given(
    st.lists(
        st.tuples(st.sampled_from([True, False, None]), st.booleans(), st.booleans(),
                  st.sampled_from(["f", "m", None])),
        max_size=40,
    ),
    st.sampled_from(list(AMONG)),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_awkward_streams_are_answered(
    rows: list[tuple[bool | None, bool, bool, str | None]], figure: str
) -> None:
    y, g = [r[0] for r in rows], [r[3] for r in rows]
    a, b = (np.array([r[k] for r in rows], dtype=bool) for k in (1, 2))
    for found in (
        watch_paired(y, a, b, figure=figure),
        watch_gap(y, a, g, ("f", "m"), figure=figure),
    ):
        people = found.count[0] if found.paired else sum(found.count)
        assert people + found.skipped + found.left_out == len(rows)
        assert len(found.path) == people
        for m in found.path:
            if m.low is not None and m.high is not None:
                assert -1 <= m.low <= m.high <= 1
        assert "nan" not in found.sentence()
    mirrored = watch_paired(y, b, a, figure=figure)
    plain = watch_paired(y, a, b, figure=figure)
    assert [m.log_e for m in mirrored.path] == pytest.approx([m.log_e for m in plain.path])
    assert [m.p_value for m in mirrored.path] == pytest.approx([m.p_value for m in plain.path])
