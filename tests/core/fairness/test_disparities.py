from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import (
    MetricFrame,
    demographic_parity_difference,
    demographic_parity_ratio,
    equal_opportunity_difference,
    equal_opportunity_ratio,
    equalized_odds_difference,
    equalized_odds_ratio,
    false_positive_rate,
)
from hypothesis import given, settings
from sklearn.metrics import accuracy_score, precision_score

from core.fairness.assessment.assess import assess
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.metric_registry import METRICS
from tests.core.fairness.tables import false_negative_share, prevalence, tables


def _frame_difference(metric):
    def difference(y_true, y_pred, *, sensitive_features, sample_weight=None):
        frame = MetricFrame(
            metrics=metric,
            y_true=y_true,
            y_pred=y_pred,
            sensitive_features=sensitive_features,
            sample_params={"sample_weight": sample_weight},
        )
        return frame.difference()

    return difference


def _frame_ratio(metric):
    def ratio(y_true, y_pred, *, sensitive_features, sample_weight=None):
        frame = MetricFrame(
            metrics=metric,
            y_true=y_true,
            y_pred=y_pred,
            sensitive_features=sensitive_features,
            sample_params={"sample_weight": sample_weight},
        )
        return frame.ratio()

    return ratio


PEERS = {
    "demographic_parity_difference": demographic_parity_difference,
    "demographic_parity_ratio": demographic_parity_ratio,
    "equalized_odds_difference": equalized_odds_difference,
    "equalized_odds_ratio": equalized_odds_ratio,
    "equal_opportunity_difference": equal_opportunity_difference,
    "equal_opportunity_ratio": equal_opportunity_ratio,
    "false_positive_rate_difference": _frame_difference(false_positive_rate),
    "predictive_parity_difference": _frame_difference(precision_score),
    "accuracy_difference": _frame_difference(accuracy_score),
    "predictive_parity_ratio": _frame_ratio(precision_score),
    "treatment_equality_difference": _frame_difference(false_negative_share),
    "prevalence_difference": _frame_difference(prevalence),
    "prevalence_ratio": _frame_ratio(prevalence),
}


def peer(name, target, prediction, sensitive, weights=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return PEERS[name](
            target.astype(int),
            prediction.astype(int),
            sensitive_features=sensitive,
            sample_weight=weights,
        )


@settings(max_examples=25, deadline=None)
@given(tables(columns=1))
def test_disparities_equal_fairlearn_wherever_they_are_defined(rows):
    result = assess(
        rows.target,
        rows.prediction,
        rows.sensitive,
        weights=rows.weights,
        draws=100,
        minimum_count=0,  # fairlearn compares all groups, however small.
    )
    # Rows of unknown group enter no comparison.
    known = (rows.sensitive["s0"] != "(missing)").to_numpy()
    by_name = {group.name: group for group in result.groups if not group.is_unknown}
    for name in PEERS:
        found = result.disparity(name)
        figure = found.figure
        needed = DISPARITIES[name].metrics
        missing = [
            group
            for group in by_name.values()
            if any(group.figures[metric].estimate is None for metric in needed)
        ]
        if figure.estimate is not None:
            assert len(by_name) > 1
            assert not missing
            weights = None if rows.weights is None else rows.weights[known]
            expected = peer(
                name, rows.target[known], rows.prediction[known], rows.sensitive[known], weights
            )
            assert figure.estimate == pytest.approx(expected, abs=1e-12), name
            assert 0 <= figure.low <= figure.estimate <= figure.high <= 1
            if found.between:
                rates = [[by_name[g].figures[m].estimate for g in found.between] for m in needed]
                gaps = [abs(a - b) for a, b in rates]
                ratios = [min(a, b) / max(a, b) for a, b in rates if max(a, b)]
                pool = gaps if DISPARITIES[name].comparison == "difference" else ratios
                assert any(value == pytest.approx(expected, abs=1e-12) for value in pool)
            continue
        assert figure.reason
        assert figure.low is figure.high is None
        if found.among_defined is not None and found.among_defined.estimate is not None:
            assert missing
            left_out = {group.group[0][1] for group in missing}
            keep = known & ~rows.sensitive["s0"].isin(left_out).to_numpy()
            weights = None if rows.weights is None else rows.weights[keep]
            expected = peer(
                name, rows.target[keep], rows.prediction[keep], rows.sensitive[keep], weights
            )
            assert found.among_defined.estimate == pytest.approx(expected, abs=1e-12)


def table(**groups):
    """Make the rows of groups given as (TN, FP, FN, TP)."""
    target, prediction, names = [], [], []
    for name, (tn, fp, fn, tp) in groups.items():
        target += [False] * (tn + fp) + [True] * (fn + tp)
        prediction += [False] * tn + [True] * fp + [False] * fn + [True] * tp
        names += [name] * (tn + fp + fn + tp)
    return np.array(target), np.array(prediction), pd.DataFrame({"g": names})


def test_one_group_has_nothing_to_compare_with():
    for found in assess(*table(a=(5, 5, 5, 5))).disparities:
        assert found.figure.estimate is None
        assert "only one group" in found.figure.reason
        assert found.among_defined is None


def test_a_group_without_positives_leaves_the_others_comparable():
    rows = table(a=(30, 10, 10, 30), b=(30, 10, 20, 20), c=(20, 5, 0, 0))
    apart = assess(*rows).disparity("equal_opportunity_difference")
    assert apart.figure.estimate == pytest.approx(0.25, abs=1e-12)
    assert apart.left_out == ("c",)
    result = assess(*rows, minimum_count=0)
    found = result.disparity("equal_opportunity_difference")
    assert found.left_out == ()
    assert found.figure.estimate is None
    assert found.figure.reason == (
        "true positive rate is not defined in group c (no positive labels in this group)"
    )
    assert found.among_defined.estimate == pytest.approx(0.25, abs=1e-12)
    assert found.among_defined.low < 0.25 < found.among_defined.high
    assert found.between == ("b", "a")
    assert result.disparity("demographic_parity_difference").figure.estimate is not None


def test_nobody_selected_has_a_difference_but_no_ratio():
    result = assess(*table(a=(30, 0, 10, 0), b=(30, 0, 20, 0)))
    parity = result.disparity("demographic_parity_difference")
    assert parity.figure.estimate == 0
    assert parity.figure.low == 0
    assert 0 < parity.figure.high < 0.2
    assert parity.between == ()
    ratio = result.disparity("demographic_parity_ratio").figure
    assert ratio.estimate is None
    assert ratio.reason == "the selection rate is 0 in every group"
    precision = result.disparity("predictive_parity_difference").figure
    assert precision.reason == (
        "precision is not defined in any group: no positive decisions in this group"
    )


def test_a_rate_of_zero_gives_ratio_zero_with_an_upper_end():
    ratio = assess(*table(a=(40, 0, 0, 0), b=(20, 0, 0, 20))).disparity("demographic_parity_ratio")
    assert (ratio.figure.estimate, ratio.figure.low) == (0, 0)
    assert 0 < ratio.figure.high < 0.3


def test_reasons_do_not_list_hundreds_of_groups():
    groups = {f"g{i:03}": (3, 1, 0, 0) for i in range(50)} | {"z": (3, 1, 2, 2)}
    reason = assess(*table(**groups)).disparity("equal_opportunity_difference").figure.reason
    assert reason.endswith("and likewise in 47 more groups")
    assert len(reason) < 400


@pytest.mark.parametrize("favourable", [True, False])
def test_the_worse_treated_group_comes_first(favourable):
    rows = table(rare=(80, 5, 10, 5), often=(20, 30, 10, 40))
    result = assess(*rows, positive_is_favourable=favourable)
    worst = ("rare", "often") if favourable else ("often", "rare")
    assert result.disparity("demographic_parity_difference").between == worst
    assert result.disparity("equal_opportunity_ratio").between == worst
    # Accuracy is 0.85 and 0.6, and better higher whatever is decided.
    assert result.disparity("accuracy_difference").between == ("often", "rare")


def test_equalized_odds_takes_the_worse_of_the_two_rates():
    result = assess(*table(a=(90, 10, 50, 50), b=(50, 50, 40, 60)))
    found = result.disparity("equalized_odds_difference")
    assert found.figure.estimate == pytest.approx(0.4)
    false_positives = result.disparity("false_positive_rate_difference").figure
    assert found.figure.low <= false_positives.low  # two rates at once need a wider interval
    assert found.figure.high >= false_positives.high
    assert result.disparity("equalized_odds_ratio").figure.estimate == pytest.approx(0.2)


def test_the_percentile_interval_of_two_groups_by_an_independent_simulation():
    rng = np.random.default_rng(9)
    found = assess(*table(a=(90, 10, 50, 50), b=(50, 50, 40, 60)), draws=20_000)
    figure = found.disparity("equal_opportunity_difference").figure
    difference = np.abs(rng.beta(50.5, 50.5, 200_000) - rng.beta(60.5, 40.5, 200_000))
    assert figure.low == 0
    assert figure.high == pytest.approx(np.quantile(difference, 0.975), abs=0.02)
    ratio = found.disparity("demographic_parity_ratio").figure
    logs = np.log(rng.beta(61, 141, 200_000) / rng.beta(111, 91, 200_000))
    assert ratio.low == pytest.approx(np.exp(np.quantile(logs, 0.025)), abs=0.02)
    assert ratio.high == pytest.approx(np.exp(np.quantile(logs, 0.975)), abs=0.02)


def test_many_groups_are_bounded_by_single_intervals():
    rng = np.random.default_rng(1)
    groups = {
        f"g{i:02}": tuple(rng.multinomial(400, [0.4, 0.1 + i / 100, 0.1, 0.4 - i / 100]))
        for i in range(25)
    }
    many = assess(*table(**groups))
    for definition in DISPARITIES:
        figure = many.disparity(definition.name).figure
        if definition.metrics[0] in ("roc_auc", "expected_calibration_error"):
            continue
        assert 0 <= figure.low <= figure.estimate <= figure.high <= 1
    rate = many.disparity("false_positive_rate_difference").figure
    assert 0 < rate.low < rate.estimate < rate.high < 1
    ratio = many.disparity("equal_opportunity_ratio").figure
    assert 0 < ratio.low < ratio.estimate < ratio.high < 1


def test_scores_are_compared_where_there_are_any():
    rng = np.random.default_rng(2)
    rows = table(a=(60, 40, 40, 60), b=(60, 40, 40, 60))
    scores = rng.normal(rows[0] * np.where(rows[2]["g"] == "a", 2.0, 0.2))
    found = assess(*rows, scores=scores).disparity("roc_auc_difference")
    assert found.between == ("b", "a")
    assert 0.1 < found.figure.low < found.figure.estimate < found.figure.high < 0.6
    without = assess(*rows).disparity("roc_auc_difference").figure
    assert without.reason == ("ROC AUC is not defined in any group: no scores were given")
    lonely = table(a=(60, 40, 40, 60), b=(6, 4, 0, 1))
    figure = assess(*lonely, scores=rng.normal(size=len(lonely[0]))).disparity("roc_auc_difference")
    assert figure.figure.estimate is not None
    assert figure.figure.low is None
    assert "at least two positive" in figure.figure.reason
    assert "in group b" in figure.figure.reason


def test_every_disparity_explains_itself():
    for definition in DISPARITIES:
        assert definition.sentence.startswith(definition.title)
        assert all(name in METRICS for name in definition.metrics)
        assert any(year in definition.source for year in ("20", "19"))


def test_treatment_equality_is_the_ratio_of_error_ratios():
    result = assess(*table(a=(90, 40, 80, 90), b=(90, 40, 20, 90), c=(90, 80, 80, 90)))
    found = result.disparity("treatment_equality_ratio")
    # False negatives for each false positive: 2, 0.5 and 1.
    assert found.figure.estimate == pytest.approx(0.25, abs=1e-12)
    assert 0 < found.figure.low < 0.25 < found.figure.high < 1
    assert set(found.between) == {"a", "b"}
    two = assess(*table(a=(0, 160, 240, 0), b=(0, 240, 160, 0))).disparity(
        "treatment_equality_ratio"
    )
    # The odds ratio's interval by Woolf (1955): exp(log OR ± 1.96 √(Σ 1 / cells)).
    middle, half = np.log(4 / 9), 1.96 * np.sqrt(2 / 160 + 2 / 240)
    assert two.figure.low == pytest.approx(np.exp(middle - half), abs=0.02)
    assert two.figure.high == pytest.approx(np.exp(middle + half), abs=0.02)


def test_treatment_equality_needs_false_positives():
    result = assess(*table(a=(30, 10, 20, 30), b=(30, 0, 5, 30), c=(30, 20, 20, 30)))
    found = result.disparity("treatment_equality_ratio")
    assert found.figure.reason == (
        "number of false negatives for each false positive is not defined in group b "
        "(no false positives in this group)"
    )
    assert found.among_defined.estimate == pytest.approx(0.5, abs=1e-12)
    none = assess(*table(a=(30, 10, 0, 30), b=(30, 5, 0, 30)))
    assert "is 0 in every group" in none.disparity("treatment_equality_ratio").figure.reason
