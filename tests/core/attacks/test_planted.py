"""Planted leaks are caught, and the whole mechanism is not."""

from __future__ import annotations

import pytest

from core.attacks.one_run import OneRun
from core.attacks.planted import audit_planted, odd_rows, plant
from core.errors import InputError
from core.learning.learners import LEARNERS, LearnerConfiguration
from core.privacy.accounting.budget import Budget, Charge
from core.privacy.accounting.ledger import Ledger
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.attacks.leaks import Flat, NoisyCounts, world
from tests.core.attacks.models import trained_on
from tests.core.worlds import DOMAINS, dataset


def planted(epsilon: float, canaries: int, seed: int = 0, **leak) -> OneRun:
    base, positive, odd, _ = world(canaries)
    *_, (_, found) = plant(
        base,
        positive,
        odd,
        make=lambda: NoisyCounts(epsilon, seed, **leak),
        reference=Flat,
        neighbouring="add-or-remove",
        claimed=(epsilon, 0.0),
        seed=seed,
    )
    assert found is not None
    return found


@pytest.mark.parametrize("epsilon", [0.5, 1.0, 2.0])
def test_whole_noise_is_not_refuted_though_nearly_all_of_epsilon_is_seen(epsilon):
    found = planted(epsilon, 2000)
    assert found.verdict == "not refuted"
    assert 0.5 * epsilon < found.epsilon <= epsilon


@pytest.mark.parametrize("epsilon", [0.5, 1.0, 2.0])
def test_half_the_noise_is_caught(epsilon):
    found = planted(epsilon, 2000, scale=0.5)
    assert found.verdict == "guarantee broken"
    assert found.epsilon > epsilon


def test_no_noise_at_all_is_caught_with_a_few_canaries():
    found = planted(0.5, 30, scale=0.0)
    assert found.verdict == "guarantee broken"
    assert found.trials[-1].correct == 30


def test_categories_read_from_the_data_are_caught():
    found = planted(0.5, 200, reads_categories=True)
    assert found.verdict == "guarantee broken"


@pytest.mark.parametrize("name", ["dp_logistic_regression", "dp_binned_regression"])
def test_a_linear_learner_is_caught_when_it_forgets_its_noise(name):
    # Only a learner with a weight for each category can remember canaries one by one; the others
    # are fitted again and again in test_repeated. It is built for another ε than it promises, with
    # a thousandth of the noise.
    learner = LEARNERS[name]
    base, positive, odd, domains = world(40)
    *_, (_, found) = plant(
        base,
        positive,
        odd,
        make=lambda: learner.build(LearnerConfiguration(0, 500.0, 1e-5, domains, noise_seed=0)),
        reference=Flat,
        neighbouring=learner.neighbouring,
        claimed=(0.5, 1e-5),
    )
    assert found.verdict == "guarantee broken", found


@pytest.mark.parametrize("name", [item.name for item in LEARNERS if item.private])
def test_a_forgotten_charge_is_seen_in_the_ledger(name, monkeypatch):
    data = dataset(300)
    spec = TrainingSpec(name, epsilon=0.7, delta=1e-6, domains=DOMAINS)
    with pytest.raises(ValueError, match="needs a ledger"):
        train(data, spec, with_baseline=False)

    def paid() -> float:
        ledger = Ledger(Budget(1.0, 1e-4))
        trained = train(data, spec, ledger, with_baseline=False)
        return sum(charge.epsilon for charge in ledger.charges) - trained.cost[0]

    assert paid() == pytest.approx(0)
    # The planted leak: a charge that is dropped.
    monkeypatch.setattr(Ledger, "charge", lambda *_, **__: Charge("", 0.7, 0.0, "replace-one"))
    assert paid() == pytest.approx(-0.7)


def test_odd_rows_stay_within_declared_domains():
    import numpy as np

    odd = odd_rows(DOMAINS, ["city", "income", "age"], 300, np.random.default_rng(0))
    assert list(odd.columns) == ["city", "income", "age"]
    assert set(odd["city"]) == {"north", "south", "east"}
    assert odd["income"].between(0, 10).all()
    assert {0.0, 100.0} <= set(odd["age"])


@pytest.mark.parametrize("learner", ["dp_logistic_regression", "dp_binned_regression"])
def test_the_learner_of_a_model_is_audited(learner):
    data = dataset(400)
    steps = list(audit_planted(data, trained_on(data, learner=learner), canaries=60))
    found = steps[-1][1]
    assert found.simulated
    assert found.claimed[0] == 1.0
    assert found.verdict == "not refuted"
    assert ("twin" in found.what) == (learner == "dp_logistic_regression")
    with pytest.raises(InputError, match="no privacy guarantee"):
        next(audit_planted(data, trained_on(data)))
