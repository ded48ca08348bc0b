from __future__ import annotations

import numpy as np
import pytest

from core.errors import InputError
from core.fairness.disparities.gap_verdict import gap_verdict
from core.fairness.metrics.group_measurement import Sampling
from core.fairness.metrics.score_calibration import score_estimates
from tests.core.fairness.test_rate_tests import cube_of, cubes, scored


def test_each_finding():
    big = gap_verdict(cube_of([600, 400, 200, 800], [600, 400, 450, 550]), "true_positive_rate")
    assert big.finding == "gap found"
    assert 0.2 < big.gap.low < 0.25 < big.gap.high
    assert big.sentence.startswith("Gap found in true positive rate: 0.250 between g1 and g0")
    alike = [60_000, 40_000, 20_000, 80_000]
    none = gap_verdict(cube_of(alike, alike), "accuracy")
    assert none.finding == "no larger gap"
    assert none.gap.high < 0.05
    assert "statistically significant" not in none.sentence
    unsure = gap_verdict(cube_of([20, 10, 10, 20], [20, 10, 12, 18]), "accuracy")
    assert unsure.finding == "not enough evidence"
    small = gap_verdict(cube_of([20, 10, 10, 20], [2, 1, 1, 1]), "accuracy")
    assert small.finding == "undefined"
    assert small.left_out == ("g1",)


def test_a_small_sure_gap_is_told_within_the_tolerance():
    found = gap_verdict(
        cube_of([60_000, 40_000, 20_000, 80_000], [60_000, 40_000, 22_000, 78_000]),
        "true_positive_rate",
    )
    assert found.finding == "no larger gap"
    assert "A gap of at least 0.01" in found.sentence


def test_groups_that_are_left_out_are_counted():
    found = gap_verdict(cube_of([90, 10, 20, 80], [60, 40, 60, 40], [1, 1, 1, 1]), "accuracy")
    assert found.left_out == ("g2",)
    assert found.sentence.endswith("Nothing is said of 1 group too small or without the figure.")


def test_bad_questions():
    cube = cube_of([20, 10, 10, 20], [20, 10, 12, 18])
    with pytest.raises(InputError, match="needs scores"):
        gap_verdict(cube, "roc_auc")
    with pytest.raises(InputError, match="tolerance"):
        gap_verdict(cube, "accuracy", tolerance=0)


def test_score_metrics_f1_and_balanced_accuracy_have_verdicts():
    cube, scores = cubes(*scored(np.random.default_rng(3), (900, 800, 12), (2.5, 0.6, 1.0)))
    estimates = score_estimates(scores)
    for name in ("roc_auc", "brier", "f1", "balanced_accuracy"):
        found = gap_verdict(cube, name, scores=estimates)
        assert found.finding == "gap found", name
        assert found.left_out == ("g2",)
        assert 0 < found.gap.low < found.gap.estimate < found.gap.high
    areas = [item.estimate for item in estimates["roc_auc"][:2]]
    assert gap_verdict(cube, "roc_auc", scores=estimates).gap.estimate == pytest.approx(
        abs(areas[0] - areas[1])
    )


def test_equal_groups_are_seldom_said_to_differ_and_far_ones_never_to_be_alike():
    rng = np.random.default_rng(2)
    wrong = np.zeros(2)
    for world in range(250):
        cells = [0.3, 0.2, 0.2, 0.3]
        alike = cube_of(*(rng.multinomial(n, cells) for n in (60, 200, 500)))
        wrong[0] += gap_verdict(alike, "accuracy", sampling=Sampling(500, world)).finding == (
            "gap found"
        )
        apart = cube_of(
            rng.multinomial(2000, [0.3, 0.2, 0.2, 0.3]),
            rng.multinomial(2000, [0.33, 0.175, 0.175, 0.32]),  # accuracy 0.60 against 0.65
        )
        found = gap_verdict(apart, "accuracy", sampling=Sampling(500, world), tolerance=0.05)
        wrong[1] += found.finding == "no larger gap"
    assert wrong[0] <= 22  # 5 % of 250, and three standard errors
    assert wrong[1] <= 22
