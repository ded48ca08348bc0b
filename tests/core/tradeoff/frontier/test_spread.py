"""Variance components and the interval of a mean: by hand, by scipy, and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.errors import InputError
from core.tradeoff.frontier.spread import Observation, spread_of, spreads
from core.tradeoff.frontier.variance import components
from core.tradeoff.sweep.grid import Setting
from tests.core.tradeoff.planted import ACCURACY, PARITY, planted

PRIVATE = Setting("dp_logistic_regression", 1.0)
PLAIN = Setting("logistic_regression")
runs = st.lists(st.floats(0, 1), min_size=1, max_size=4)


def observed(values: list[list[float]], error: float | None = 0.01) -> list[Observation]:
    return [Observation(j, v, error, 0.5) for j, inside in enumerate(values) for v in inside]


def test_components_of_a_table_worked_by_hand() -> None:
    # Means 2 and 7, grand mean 5. Within: (2 + 8) / 3. Between: 2·9 + 3·4 = 30, 1 degree.
    # n₀ = 5 − 13/5 = 2.4.
    found = components([[1, 3], [5, 7, 9]])
    assert found.noise == pytest.approx(10 / 3)
    assert found.sampling == pytest.approx((30 - 10 / 3) / 2.4)
    assert not found.truncated


def test_a_negative_component_is_0_and_said() -> None:
    found = components([[0, 10], [4, 6], [5, 5]])
    assert (found.sampling, found.truncated) == (0.0, True)
    spread = spread_of(observed([[0, 10], [4, 6], [5, 5]]), noisy=True)
    assert spread.sd_sampling == 0
    assert spread.sampling_reason is not None
    assert "set to 0" in spread.sampling_reason


@given(st.lists(st.lists(st.floats(0, 1), min_size=2, max_size=4), min_size=2, max_size=5))
def test_components_agree_with_the_f_test_of_scipy(values: list[list[float]]) -> None:
    found = components(values)
    within = np.concatenate([np.subtract(v, np.mean(v)) for v in values])
    sizes = np.array([len(v) for v in values])
    mean_square = np.square(within).sum() / (sizes.sum() - len(values))
    assert found.noise == pytest.approx(mean_square, abs=1e-12)
    if mean_square < 1e-6:
        return
    f = stats.f_oneway(*values).statistic
    n0 = (sizes.sum() - np.square(sizes).sum() / sizes.sum()) / (len(values) - 1)
    assert found.sampling == pytest.approx(max(mean_square * (f - 1) / n0, 0), abs=1e-9)


@pytest.mark.parametrize("sizes", [(3,) * 8, (1, 1, 2, 3, 4, 6, 2, 5)])
def test_components_are_unbiased(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(1500):
        splits = rng.normal(0, 2, len(sizes))
        found.append(
            components([list(rng.normal(a, 1, n)) for a, n in zip(splits, sizes, strict=True)])
        )
    assert np.mean([f.noise for f in found]) == pytest.approx(1, abs=0.05)
    assert np.mean([f.sampling for f in found]) == pytest.approx(4, abs=0.2)
    assert np.mean([f.truncated for f in found]) < 0.01


def test_without_noise_it_is_0_by_definition_and_not_unknown() -> None:
    found = spread_of(observed([[0.8], [0.7], [0.9]]), noisy=False)
    assert found.sd_noise == 0
    assert found.noise_reason is None
    assert found.sd_sampling == pytest.approx(np.std([0.8, 0.7, 0.9], ddof=1))
    single = spread_of(observed([[0.8]]), noisy=False)
    assert (single.sd_noise, single.sd_sampling) == (0, None)
    assert single.sampling_reason == "a single split"


def test_one_draw_in_each_split_can_not_be_told_from_sampling() -> None:
    found = spread_of(observed([[0.8], [0.7], [0.9]]), noisy=True)
    assert found.sd_noise is None
    assert found.sd_sampling is None
    assert found.sd_outer is None
    assert found.noise_reason == found.sampling_reason == "one draw of noise in each split"
    assert found.method == "splits"  # their variance holds both


def test_three_splits_give_the_corrected_resampled_t() -> None:
    values = [[0.7, 0.72], [0.8], [0.78, 0.76, 0.74]]
    found = spread_of(observed(values), noisy=True)
    means = [np.mean(v) for v in values]
    half = stats.t.ppf(0.975, 2) * np.sqrt((1 / 3 + 0.5) * np.var(means, ddof=1))
    assert found.mean == pytest.approx(np.mean(means))
    assert found.low == pytest.approx(np.mean(means) - half)
    assert found.high == pytest.approx(np.mean(means) + half)
    assert found.method == "splits"


def test_two_splits_give_the_interval_of_the_test_people() -> None:
    values = [[0.70, 0.74], [0.80, 0.84]]
    found = spread_of(observed(values, error=0.02), noisy=True)
    noise = (4 * 0.02**2) / 2
    half = stats.norm.ppf(0.975) * np.sqrt(0.02**2 + noise / 4)
    assert found.low == pytest.approx(0.77 - half)
    assert found.high == pytest.approx(0.77 + half)
    assert found.method == "test people"
    assert found.sd_outer == pytest.approx(np.sqrt(noise + (found.sd_sampling or 0) ** 2))


def test_splits_that_agree_do_not_make_an_interval_of_no_width() -> None:
    found = spread_of(observed([[0.1 + 0.2], [0.3], [0.3]], error=0.02), noisy=False)
    assert found.method == "test people"
    assert found.high is not None
    assert found.low is not None
    assert found.high - found.low > 0.07


@pytest.mark.parametrize(
    ("values", "error", "noisy", "reason"),
    [
        ([[0.8], [0.7]], 0.01, True, "one draw of noise"),
        ([[0.8, 0.7]], None, True, "no standard error"),
        ([], None, True, "no run"),
    ],
)
def test_no_interval_has_a_reason(
    values: list[list[float]], error: float | None, noisy: bool, reason: str
) -> None:
    found = spread_of(observed(values, error), noisy=noisy)
    assert (found.low, found.high, found.method) == (None, None, None)
    assert found.reason is not None
    assert reason in found.reason


@given(st.lists(runs, min_size=1, max_size=5), st.booleans(), st.sampled_from([None, 0.0, 0.05]))
def test_an_interval_holds_its_mean_inside_the_bounds(
    values: list[list[float]], noisy: bool, error: float | None
) -> None:
    found = spread_of(observed(values, error), noisy=noisy, bounds=(0.0, 1.0))
    assert found.mean is not None
    assert found.runs == sum(map(len, values))
    flat = [v for inside in values for v in inside]
    assert min(flat) - 1e-12 <= found.mean <= max(flat) + 1e-12
    assert (found.low is None) == (found.reason is not None)
    if found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.mean + 1e-12
        assert found.mean - 1e-12 <= found.high <= 1


def test_undefined_runs_are_left_out_counted_and_told() -> None:
    points = planted(
        [PRIVATE, PLAIN], lambda s, j, k: (0.8 + k / 100 if j else None, None), (0, 1), (0, 1)
    )
    found = spreads(points, ACCURACY)
    assert list(found) == [PRIVATE, PLAIN]
    assert (found[PRIVATE].runs, found[PRIVATE].undefined) == (2, 2)
    assert found[PRIVATE].mean == pytest.approx(0.805)
    gap = spreads(points, PARITY)[PLAIN]
    assert gap.mean is None
    assert gap.reason == "no rows in group x"


def test_a_run_that_is_there_twice_is_refused() -> None:
    points = planted([PLAIN], lambda s, j, k: (0.8, 0.1))
    with pytest.raises(InputError, match="twice"):
        spreads([*points, *points], ACCURACY)


def coverage(corrected: bool, worlds: int = 500) -> float:
    """How often the interval holds the true accuracy of a nearest-mean rule on 100 rows."""
    rng = np.random.default_rng(1)
    held, truths, found = 0, [], []
    for _ in range(worlds):
        label = rng.random(150) < 0.5
        value = rng.normal(label * 0.6, 1)
        observations = []
        for j in range(5):
            order = rng.permutation(150)
            train, test = order[:100], order[100:]
            cut = (value[train][label[train]].mean() + value[train][~label[train]].mean()) / 2
            right = (value[test] > cut) == label[test]
            if j == 0:  # the rule's accuracy among all people, each label being as frequent
                truths.append((stats.norm.cdf(cut) + stats.norm.sf(cut - 0.6)) / 2)
            observations.append(Observation(j, float(right.mean()), 0.05, 0.5 if corrected else 0))
        found.append(spread_of(observations, noisy=False))
    truth = float(np.mean(truths))
    for spread in found:
        assert spread.low is not None
        assert spread.high is not None
        held += spread.low <= truth <= spread.high
    return held / worlds


def test_the_correction_is_needed_and_enough() -> None:
    assert coverage(corrected=False) < 0.88
    assert coverage(corrected=True) >= 0.92
