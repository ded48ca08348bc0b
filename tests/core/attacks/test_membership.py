"""Membership inference against scikit-learn, brute force, and models that do or don't remember."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta
from sklearn.metrics import log_loss, roc_auc_score

from core.attacks.figures import advantage, area, at_limit, curve, difference
from core.attacks.lira import LiraSpec, estimated_seconds, likelihood_ratio, lira
from core.attacks.membership import by_group, loss_attack
from core.attacks.people import confidence, people_of
from core.errors import InputError
from core.fairness.metrics.assessment import Figure
from tests.core.attacks.models import forest, trained_on
from tests.core.worlds import dataset

FEW = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.5, 0.5000001, 1.0, -3.0])),
    min_size=1,
    max_size=60,
)


@given(FEW, st.sampled_from([0.01, 0.1, 0.3]))
def test_figures_equal_brute_force(rows, limit):
    member = np.array([m for m, _ in rows])
    scores = np.array([s for _, s in rows])
    auc, at = area(member, scores), at_limit(member, scores, limit)
    if member.all() or not member.any():
        assert auc.estimate is None
        assert auc.reason.startswith("no ")
        return
    assert auc.estimate == pytest.approx(roc_auc_score(member, scores))
    rates = [
        ((scores[member] > t).mean(), (scores[~member] > t).mean())
        for t in [-np.inf, *np.unique(scores)]
    ]
    allowed = int(limit * (~member).sum() + 1e-9)
    if not allowed:
        assert "non-members, and there are" in at.true_rate.reason
    else:
        best = max(true for true, false in rates if false <= limit + 1e-12)
        assert at.true_rate.estimate == pytest.approx(best)
        assert at.true_rate.low <= best <= at.true_rate.high
        assert at.false_rate.estimate <= limit + 1e-12
    false, true = curve(member, scores)
    assert (false[0], false[-1], true[-1]) == (0, 1, 1)
    assert (np.diff(false) >= 0).all()
    assert (np.diff(true) >= 0).all()
    assert all(
        any(np.allclose((f, t), (b, a)) for a, b in rates) for f, t in zip(false, true, strict=True)
    )


def test_intervals_are_clopper_and_pearsons_and_newcombes():
    member = np.r_[np.ones(200, bool), np.zeros(1000, bool)]
    scores = np.r_[np.ones(14), np.zeros(186), np.full(10, 1.0), np.linspace(-2, 0.9, 990)]
    at = at_limit(member, scores, 0.01)
    assert at.allowed == 10
    assert at.true_rate.estimate == pytest.approx(0.07)
    assert at.true_rate.low == pytest.approx(beta.ppf(0.025, 14, 187))
    assert at.true_rate.high == pytest.approx(beta.ppf(0.975, 15, 186))
    assert at.note == ""
    distinct = np.random.default_rng(0).permutation(1100).astype(float)
    assert "rests on 9 of 900" in at_limit(member[:1100], distinct, 0.01).note
    # Newcombe 1998, table II, example (a): 56/70 − 48/80, method 10.
    member = np.r_[np.ones(70, bool), np.zeros(80, bool)]
    guessed = np.r_[np.arange(70) < 56, np.arange(80) < 48]
    found = advantage(member, guessed)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_scores_that_cannot_be_parted_are_said():
    member = np.arange(2000) < 1000
    at = at_limit(member, np.where(np.arange(2000) % 3 == 0, 1.0, 0.0), 0.01)
    assert at.true_rate.estimate == 0
    assert "share the highest score" in at.note
    assert difference(Figure(None, reason="no members"), Figure(0.5)).reason == "no members"


def test_losses_are_scikit_learns():
    rng = np.random.default_rng(0)
    scores, positive = rng.random(50), rng.random(50) < 0.5
    data = dataset(600)
    people = people_of(data, trained_on(data))
    for one, label, odds in zip(scores, positive, confidence(scores, positive), strict=True):
        expected = log_loss([label], [one], labels=[False, True])
        assert np.logaddexp(0, -odds) == pytest.approx(expected)
    assert (people.loss > 0).all()
    assert np.isfinite(confidence(np.array([0.0, 1.0]), np.array([True, False]))).all()


def test_a_memorising_forest_is_found_out_and_a_plain_line_is_not():
    data = dataset(1500)
    forgetful, memory = (
        loss_attack(data, trained_on(data)),
        loss_attack(data, trained_on(data, forest())),
    )
    assert memory.auc.low > 0.6
    assert memory.advantage.low > 0.15
    assert forgetful.auc.low < 0.5 < forgetful.auc.high
    assert forgetful.members == memory.members == 900
    assert {group.group for group in memory.groups} == {"f", "m"}
    assert memory.joint_level == pytest.approx(0.975)
    assert "at least 1,000 non-members" in memory.at[1].true_rate.reason


def test_rows_of_weight_zero_are_not_asked_about():
    data = dataset(600)
    trained = trained_on(data)
    weights = np.ones(600)
    weights[trained.split.train[:100]] = weights[trained.split.test[:10]] = 0
    people = people_of(replace(data, weights=weights), trained)
    assert people.member.sum() == len(trained.split.train) - 100
    assert (~people.member).sum() == len(trained.split.test) - 10
    assert (weights[people.rows] > 0).all()


def test_the_exposed_group_is_found_and_no_other():
    rng = np.random.default_rng(0)
    sensitive = pd.DataFrame({"g": rng.choice(["a", "b", "c"], 6000), "one": ["x"] * 6000})
    member = rng.random(6000) < 0.7
    scores = rng.normal(size=6000) + 0.8 * (member & (sensitive["g"] == "b").to_numpy())
    groups, level = by_group(sensitive, member, scores)
    assert [group.significantly_worse for group in groups] == [False, True, False]
    assert level == pytest.approx(1 - 0.05 / 3)
    single = by_group(sensitive, member | (sensitive["g"] == "a").to_numpy(), scores)[0][0]
    assert single.auc.reason == "no non-members"
    assert single.gap.estimate is None
    assert not single.significantly_worse


def test_likelihood_ratios_by_hand():
    seen = np.array([[3.0, 0.0], [5.0, 1.0], [1.0, 4.0], [1.0, 6.0]])
    inside = np.array([[True, False], [True, False], [False, True], [False, True]])
    # Pooled variances: in (1 + 1 + 1 + 1) / 2 = 2, out (0 + 0 + 0.25 + 0.25) / 2 = 0.25.
    found = likelihood_ratio(np.array([4.0, 0.5]), seen, inside)

    def log_density(x, mean, variance):
        return -((x - mean) ** 2) / (2 * variance) - np.log(2 * np.pi * variance) / 2

    expected = [
        log_density(4, 4, 2) - log_density(4, 1, 0.25),
        log_density(0.5, 5, 2) - log_density(0.5, 0.5, 0.25),
    ]
    assert found == pytest.approx(expected)


def test_shadow_models_find_members_and_can_be_stopped(monkeypatch):
    data = dataset(500)
    trained = trained_on(data, learner="random_forest")
    steps = list(lira(data, trained, LiraSpec(8)))
    assert [share for share, _ in steps] == pytest.approx(np.arange(1, 9) / 8)
    assert [result is None for _, result in steps[:4]] == [True, True, True, False]
    found = steps[-1][1]
    assert found.method == "likelihood ratio"
    assert found.shadows == 8
    assert not found.simulated
    assert found.auc.low > 0.5
    with pytest.raises(InputError, match="come in pairs"):
        next(lira(data, trained, LiraSpec(5)))
    assert estimated_seconds(data, trained, LiraSpec(8)) > 0


def test_shadow_models_of_a_private_learner_are_simulations_without_charge():
    data = dataset(300)
    trained = trained_on(data, learner="dp_logistic_regression")
    *_, (_, found) = lira(data, trained, LiraSpec(4))
    assert found.simulated
    assert found.auc.low < 0.55
