"""How sure a decision is, against refits made by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from core.explanation.person.decision_stability import (
    Refit,
    decision_stability,
    refit,
    threshold_of,
)
from core.explanation.person.person_texts import describe_distance, describe_stability
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.worlds import DOMAINS, dataset

DATA = dataset(400)
TRAINED = train(DATA, TrainingSpec("logistic_regression"))


def made(decided: list[bool], scores: list[float]) -> list[Refit]:
    n = len(TRAINED.decisions)
    return [
        Refit("bootstrap", np.full(n, s), np.full(n, d))
        for d, s in zip(decided, scores, strict=True)
    ]


def test_shares_ranges_and_intervals_are_those_counted():
    decision = bool(TRAINED.decisions[0])
    decided = [decision] * 15 + [not decision] * 5
    scores = list(np.linspace(0.2, 0.8, 20))
    found = decision_stability(DATA, TRAINED, 0, made(decided, scores))
    low, high = binomtest(15, 20).proportion_ci(method="wilson")
    assert found.same.estimate == 0.75
    assert (found.same.low, found.same.high) == (pytest.approx(low), pytest.approx(high))
    assert (found.low, found.high) == (0.2, 0.8)
    assert found.deviation == pytest.approx(np.std(scores, ddof=1))
    assert found.verdict == "likely"
    assert found.distance == pytest.approx(TRAINED.scores[0] - 0.5)
    assert "15 decided the same" in describe_stability(found)
    assert decision_stability(DATA, TRAINED, 0, made([decision] * 20, scores)).verdict == "firm"
    assert (
        decision_stability(DATA, TRAINED, 0, made(decided[10:], scores[10:])).verdict
        == "a close call"
    )


def test_without_refits_nothing_is_claimed():
    found = decision_stability(DATA, TRAINED, 0)
    assert found.verdict is None
    assert found.same.estimate is None
    assert found.same.reason
    assert "not measured" in describe_stability(found)


def test_a_refit_is_the_learner_on_rows_drawn_with_replacement():
    one, same, other = (refit(DATA, TRAINED, k) for k in (0, 0, 1))
    np.testing.assert_array_equal(one.scores, same.scores)
    assert np.abs(one.scores - other.scores).max() > 0.001
    # Far from each other they may not be: it is the same learner on like rows.
    assert np.corrcoef(one.scores, TRAINED.scores)[0, 1] > 0.95
    assert one.decisions.tolist() == (one.scores >= 0.5).tolist()


def test_a_private_refit_draws_noise_and_charges_nothing():
    spec = TrainingSpec("dp_logistic_regression", epsilon=2.0, delta=1e-5, domains=DOMAINS, seed=3)
    private = train(DATA, replace(spec, noise="seeded"))
    one, other = refit(DATA, private, 0), refit(DATA, private, 1)
    assert one.way == "noise"
    assert np.abs(one.scores - other.scores).max() > 0.001
    assert "simulation" in describe_stability(decision_stability(DATA, private, 0, [one, other]))


def test_a_threshold_is_told_only_where_one_decides():
    assert threshold_of(DATA, TRAINED, 0) == 0.5
    randomised = train(DATA, TrainingSpec("logistic_regression", mitigation="threshold_optimizer"))
    assert threshold_of(DATA, randomised, 0) is None
    assert "No single threshold" in describe_distance(decision_stability(DATA, randomised, 0))
    by_group = train(DATA, TrainingSpec("logistic_regression", mitigation="reject_option"))
    sex = DATA.sensitive["sex"].to_numpy()[by_group.split.test]
    for name in ("f", "m"):
        result = threshold_of(DATA, by_group, int(np.flatnonzero(sex == name)[0]))
        own = sex == name
        assert ((by_group.scores[own] >= result) == by_group.decisions[own]).all()
    doubted = replace(TRAINED, decisions=~TRAINED.decisions)
    assert threshold_of(DATA, doubted, 0) is None
