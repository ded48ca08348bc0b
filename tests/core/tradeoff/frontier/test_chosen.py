"""Sentences about what was chosen and given up, on planted figures."""

from __future__ import annotations

from core.tradeoff.frontier.chosen import sentence_of, setting_label, without_privacy
from core.tradeoff.frontier.pareto_analysis import pareto_analysis
from core.tradeoff.sweep.grid import Setting
from tests.core.tradeoff.planted import ACCURACY, PARITY, planted

PLAIN = Setting("logistic_regression")
FAIR = Setting("logistic_regression", None, "reweighing", 0.5)
PRIVATE = Setting("dp_logistic_regression", 1.0)
OTHER = Setting("dp_naive_bayes", 0.5, balancing="oversampling")
FIGURES = {PLAIN: (0.86, 0.10), FAIR: (0.85, 0.02), PRIVATE: (0.84, 0.12), OTHER: (0.84, 0.12)}


def sentence(figures: dict[Setting, tuple[float | None, float | None]], setting: Setting) -> str:
    points = planted(list(figures), lambda s, j, k: figures[s], error=0.005)
    return sentence_of(pareto_analysis(points, ACCURACY, PARITY), setting)


def test_what_was_given_up() -> None:
    # 1.96 · 0.005 · √2 = 0.0139.
    assert sentence(FIGURES, PRIVATE) == (
        "With private logistic regression at ε = 1, accuracy is 0.840 (0.830 to 0.850), 2.0 points "
        "worse (0.6 to 3.4) than the best of all (logistic regression without privacy); "
        "demographic parity difference by sex is 0.120 (0.110 to 0.130), 10.0 points worse (8.6 to "
        "11.4) than the fairest (logistic regression without privacy, reweighing at strength 0.5). "
        "Without privacy the same choices are 2.0 points better (0.6 to 3.4) in accuracy and 2.0 "
        "points better (0.6 to 3.4) in demographic parity difference by sex. "
        "1 of the 3 other settings is at least as good in all three."
    )


def test_the_best_and_the_fairest_say_so() -> None:
    assert "accuracy is 0.860 (0.850 to 0.870), the best of all;" in sentence(FIGURES, PLAIN)
    text = sentence(FIGURES, FAIR)
    assert "0.020 (0.010 to 0.030), the fairest." in text
    assert text.endswith("None of the 3 other settings is at least as good in all three.")


def test_of_settings_equal_in_a_figure_the_one_on_the_front_is_named() -> None:
    # A mitigation that only moves thresholds ranks people as the bare learner does.
    moved = Setting("logistic_regression", None, "threshold_optimizer")
    text = sentence({PLAIN: (0.86, 0.10), moved: (0.86, 0.02), PRIVATE: (0.8, 0.1)}, PRIVATE)
    assert "than the best of all (logistic regression without privacy, threshold opt" in text


def test_a_sweep_without_the_same_choices_says_so() -> None:
    assert "holds no run of the same choices without privacy" in sentence(FIGURES, OTHER)


def test_a_private_mitigation_is_compared_with_the_bare_learner_without_privacy() -> None:
    mitigated = Setting("dp_logistic_regression", 1.0, "private_threshold")
    text = sentence(FIGURES | {mitigated: (0.85, 0.11)}, mitigated)
    assert "Logistic regression without privacy is 1.0 points better (−0.4 to 2.4)" in text


def test_undefined_figures_are_told_with_their_reason() -> None:
    text = sentence({PLAIN: (0.8, None), PRIVATE: (0.7, None)}, PRIVATE)
    assert "is not defined, because no rows in group x" in text
    assert "can't be ranked" in text


def test_words_of_a_setting() -> None:
    assert setting_label(Setting("decision_tree", None, "none", 1.0, "class_weights", 5)) == (
        "decision tree without privacy, class weights for balance, features generalised to k = 5"
    )
    assert setting_label(OTHER) == "private naive Bayes at ε = 0.5, oversampling for balance"


def test_the_same_choices_without_privacy() -> None:
    assert without_privacy(OTHER) == Setting("naive_bayes", balancing="oversampling")
    assert without_privacy(PLAIN) is None
