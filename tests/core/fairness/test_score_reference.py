from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from core.errors import InputError
from core.fairness.assessment.assess import assess
from core.fairness.disparities.score_reference import compare_scores_with


def world(seed: int, sizes=(300, 200, 12), shift=(0.0, 0.8, 0.0)):
    rng = np.random.default_rng(seed)
    group = np.repeat(["a", "b", "c"], sizes)
    target = rng.random(len(group)) < 0.4
    strength = np.repeat([1.0 + s for s in shift], sizes)
    score = 1 / (1 + np.exp(-(strength * target + rng.normal(0, 1, len(group)) - 0.5)))
    sensitive = pd.DataFrame({"g": group})
    return target, score, sensitive, assess(target, score >= 0.5, sensitive, scores=score)


@pytest.mark.parametrize("metric", ["roc_auc", "brier"])
def test_differences_and_ratios_are_those_of_scikit_learn(metric):
    target, score, sensitive, found = world(0)
    of = roc_auc_score if metric == "roc_auc" else brier_score_loss
    by = {name: of(target[sensitive["g"] == name], score[sensitive["g"] == name]) for name in "abc"}
    for item in compare_scores_with(found, metric, "a"):
        assert item.difference.estimate == pytest.approx(by[item.group] - by["a"], abs=1e-12)
        assert item.ratio.estimate == pytest.approx(by[item.group] / by["a"], abs=1e-12)
        assert item.difference.low < item.difference.estimate < item.difference.high
        assert item.ratio.low < item.ratio.estimate < item.ratio.high
    whole = of(target, score)
    for item in compare_scores_with(found, metric):
        assert item.reference == "everyone"
        assert item.difference.estimate == pytest.approx(by[item.group] - whole, abs=1e-12)


def test_the_best_group_is_large_enough_to_judge_and_intervals_are_wider():
    found = world(1)[3]
    best = compare_scores_with(found, "roc_auc", "best")
    assert {item.reference for item in best} == {"b"}
    plain = {item.group: item for item in compare_scores_with(found, "roc_auc", "b")}
    for item in best:
        other = plain[item.group].difference
        assert item.difference.high - item.difference.low > other.high - other.low


def test_the_interval_of_a_difference_covers_the_true_one():
    hits = 0
    for seed in range(200):
        found = world(seed, (150, 150, 40), (0.0, 0.0, 0.0))[3]
        gap = next(i for i in compare_scores_with(found, "roc_auc", "a") if i.group == "b")
        hits += gap.difference.low <= 0 <= gap.difference.high
    assert hits >= 180


def test_undefined_figures_keep_their_reason_and_strangers_are_named():
    target = np.array([True] * 6 + [False, True] * 5)
    score = np.linspace(0.1, 0.9, 16)
    sensitive = pd.DataFrame({"g": ["a"] * 6 + ["b"] * 10})
    found = assess(target, score >= 0.5, sensitive, scores=score)
    (gap,) = compare_scores_with(found, "roc_auc", "b")
    assert gap.difference.estimate is None
    assert "not defined" in (gap.difference.reason or "")
    with pytest.raises(InputError, match="no such group"):
        compare_scores_with(found, "roc_auc", "z")
    with pytest.raises(InputError, match="all others"):
        compare_scores_with(found, "roc_auc", "rest")
