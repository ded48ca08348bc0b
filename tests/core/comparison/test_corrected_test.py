from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nct
from scipy.stats import t as student
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

from core.comparison.cross_validation.corrected_test import (
    corrected_test,
    detectable_difference,
)
from core.comparison.cross_validation.folds import FoldSpec, make_folds
from core.data.content import row_hashes
from core.errors import InputError


def test_equals_a_computation_by_hand() -> None:
    # mean 0.02, squared deviations 1, 0, 1, 0 (× 1e-4), so s² = 2e-4 / 3;
    # variance of the mean (1/4 + 1/4) s² = 1e-4 / 3, t = 0.02 / 0.0057735 = 3.4641.
    found = corrected_test([0.01, 0.02, 0.03, 0.02], 0.25)
    assert found.difference.estimate == pytest.approx(0.02)
    assert found.spread == pytest.approx(np.sqrt(2e-4 / 3))
    assert found.p_value == pytest.approx(0.040519, abs=1e-5)  # tables: t(3) = 3.4641
    half = 3.182446 * 0.0057735
    assert found.difference.low == pytest.approx(0.02 - half, abs=1e-7)
    assert found.difference.high == pytest.approx(0.02 + half, abs=1e-7)


def test_the_correction_widens_by_the_root_of_one_plus_j_times_the_ratio() -> None:
    d = np.random.default_rng(0).normal(size=10)
    found = corrected_test(d, 0.25)
    low, high = student.interval(0.95, 9, d.mean(), d.std(ddof=1) / np.sqrt(10))
    assert found.difference.low is not None
    assert found.difference.high is not None
    widths = (found.difference.high - found.difference.low) / (high - low)
    assert widths == pytest.approx(np.sqrt(1 + 10 * 0.25))


@pytest.mark.parametrize("values", [[], [0.1]])
def test_fewer_than_two_splits_are_undefined_with_a_reason(values: list[float]) -> None:
    found = corrected_test(values, 0.25)
    assert found.difference.estimate is None
    assert "at least two splits" in str(found.difference.reason)
    assert found.p_value is None
    assert found.sentence("accuracy").startswith("Nothing can be said")


@pytest.mark.parametrize("value", [0.0, 0.1, -0.3])
def test_equal_differences_have_an_estimate_but_no_interval(value: float) -> None:
    found = corrected_test([value] * 7, 0.25)
    assert found.difference.estimate == pytest.approx(value)
    assert found.difference.low is None
    assert "the same in all 7 splits" in str(found.difference.reason)
    assert found.p_value is None
    assert "can't be said" in found.sentence("accuracy")


def test_power_equals_that_of_scipys_noncentral_t_where_it_is_defined() -> None:
    for splits, ratio in ((5, 0.25), (10, 0.3125), (100, 0.1)):
        delta = detectable_difference(0.02, splits, ratio)
        shift = delta / (0.02 * np.sqrt(1 / splits + ratio))
        critical = student.ppf(0.975, splits - 1)
        found = nct.sf(critical, splits - 1, shift) + nct.cdf(-critical, splits - 1, shift)
        assert found == pytest.approx(0.8, abs=1e-6)


def test_power_equals_a_simulation_of_correlated_differences() -> None:
    # Equally correlated with ρ = r / (1 + r), as the correction assumes; s² is about σ² (1 − ρ).
    rng, splits, ratio, found = np.random.default_rng(1), 10, 0.25, 0
    rho = ratio / (1 + ratio)
    delta = detectable_difference(np.sqrt(1 - rho), splits, ratio)
    for shared, own in zip(rng.normal(size=4000), rng.normal(size=(4000, splits)), strict=True):
        d = delta + np.sqrt(rho) * shared + np.sqrt(1 - rho) * own
        p_value = corrected_test(d, ratio).p_value
        assert p_value is not None
        found += p_value < 0.05
    assert found / 4000 == pytest.approx(0.8, abs=0.025)


def test_the_sentence_says_what_was_found_and_what_would_have_been() -> None:
    found = corrected_test([0.01, 0.02, 0.012, 0.005, 0.014], 0.25)
    assert found.sentence("accuracy", ("old", "new"), "5 × 1 splits") == (
        "new is right 1.2 points more often than old (0.2 to 2.2); with these 5 × 1 splits a "
        "difference of 1.4 points would have been found with 80% power."
    )
    lower = corrected_test([-0.01, -0.02, -0.012, -0.005, -0.014], 0.25)
    assert lower.sentence("roc_auc").startswith(
        "B's ROC AUC is 0.012 lower than A's (0.002 to 0.022); "
    )
    unclear = corrected_test([0.01, -0.02, 0.012], 0.25)
    assert unclear.sentence("accuracy").startswith(
        "It is not shown that A and B differ in accuracy"
    )


@pytest.mark.parametrize(
    ("values", "ratio", "options"),
    [
        ([0.1, np.nan], 0.25, {}),
        ([0.1, 0.2], 0.0, {}),
        ([0.1, 0.2], np.nan, {}),
        ([0.1, 0.2], 0.25, {"level": 1.0}),
        ([0.1, 0.2], 0.25, {"power": 0.01}),
    ],
)
def test_unusable_input_is_refused(
    values: list[float], ratio: float, options: dict[str, float]
) -> None:
    with pytest.raises(InputError):
        corrected_test(values, ratio, **options)


@given(
    st.lists(st.floats(-1, 1), min_size=0, max_size=12),
    st.floats(0.01, 10),
)
@settings(max_examples=80, deadline=None)
def test_swapping_the_models_mirrors_the_answer(values: list[float], ratio: float) -> None:
    one, other = corrected_test(values, ratio), corrected_test([-v for v in values], ratio)
    assert one.p_value == other.p_value
    assert (one.difference.low is None) == (other.difference.high is None)
    if one.difference.low is not None and other.difference.high is not None:
        assert one.difference.low == pytest.approx(-other.difference.high)
        assert one.p_value is not None
        # Interval and test say the same.
        inside = one.difference.low <= 0 <= (one.difference.high or 0)
        assert inside == (one.p_value >= 0.05) or one.p_value == pytest.approx(0.05)
    assert one.sentence("accuracy").endswith(".")


@pytest.mark.slow
def test_false_alarms_on_noise_are_rare_with_the_correction_and_common_without() -> None:
    """Two learners on labels that are noise are equally good; 5 × 6 cross-validation of each."""
    rng, naive, corrected, worlds, splits = np.random.default_rng(0), 0, 0, 200, 30
    for world in range(worlds):
        X, y = rng.normal(size=(100, 5)), rng.random(100) < 0.5
        d = []
        for fold in make_folds(y, FoldSpec(5, 6, seed=world), row_hashes(pd.DataFrame(X))):
            train, test = fold.split.train, fold.split.test
            right = [
                (model.fit(X[train], y[train]).predict(X[test]) == y[test]).mean()
                for model in (LogisticRegression(), GaussianNB())
            ]
            d.append(right[1] - right[0])
        values = np.array(d)
        p_value = corrected_test(values, 20 / 64).p_value
        assert p_value is not None
        corrected += p_value < 0.05
        t = values.mean() / (values.std(ddof=1) / np.sqrt(splits))
        naive += 2 * student.sf(abs(t), splits - 1) < 0.05
    assert corrected <= 0.05 * worlds
    assert naive > 0.15 * worlds
