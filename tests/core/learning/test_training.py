from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, brier_score_loss, roc_auc_score

from core.errors import InputError
from core.fairness.mitigation import MITIGATIONS
from core.learning.learners import LEARNERS
from core.learning.training import TrainingSpec, train
from core.privacy.budget import Budget, BudgetExceededError, Ledger
from core.privacy.promise import promise_of
from tests.core.worlds import DOMAINS, dataset

ORDINARY = [item.name for item in LEARNERS if not item.private]
PRIVATE = [item.name for item in LEARNERS if item.private]


def spec_for(name: str) -> TrainingSpec:
    if LEARNERS[name].private:
        return TrainingSpec(name, epsilon=2.0, delta=1e-6, domains=DOMAINS)
    return TrainingSpec(name)


@pytest.mark.parametrize("name", LEARNERS.names())
def test_every_learner_trains_and_is_measured_as_scikit_learn_measures(name: str) -> None:
    data = dataset(800)
    trained = train(data, spec_for(name), Ledger(Budget(2.0, 1e-6)))
    target = data.target[trained.split.test]
    figures = trained.performance.figures
    assert figures["accuracy"].estimate == pytest.approx(
        accuracy_score(target, trained.decisions), abs=1e-12
    )
    assert figures["roc_auc"].estimate == pytest.approx(
        roc_auc_score(target, trained.scores), abs=1e-12
    )
    assert figures["brier"].estimate == pytest.approx(
        brier_score_loss(target, trained.scores), abs=1e-12
    )
    assert np.array_equal(trained.decisions, trained.scores >= 0.5)
    if name in ORDINARY:
        assert figures["roc_auc"].estimate > 0.75


@pytest.mark.parametrize("name", ORDINARY)
def test_the_same_seed_gives_the_same_model(name: str) -> None:
    data = dataset(400)
    first, second = (train(data, TrainingSpec(name, seed=3)) for _ in range(2))
    assert np.array_equal(first.scores, second.scores)


@pytest.mark.parametrize("name", PRIVATE)
def test_a_private_fit_is_charged_before_it_runs_and_refused_over_the_cap(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = dataset(400)
    ledger = Ledger(Budget(3.0, 1e-5))
    trained = train(data, spec_for(name), ledger)
    (charge,) = ledger.charges
    assert charge.epsilon == 2.0
    assert charge.neighbouring == LEARNERS[name].neighbouring
    assert trained.baseline is not None
    ran = []
    monkeypatch.setattr("core.learning.models.EncodedModel.fit", lambda *a, **k: ran.append(a))
    with pytest.raises(BudgetExceededError):
        train(data, spec_for(name), ledger)
    assert ran == []
    assert len(ledger.charges) == 1


def test_a_crash_during_the_fit_leaves_the_charge_standing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def crash(*args: object, **kwargs: object) -> None:
        raise MemoryError

    ledger = Ledger(Budget(2.0, 1e-6))
    monkeypatch.setattr("core.learning.models.EncodedModel.fit", crash)
    with pytest.raises(MemoryError):
        train(dataset(400), spec_for(PRIVATE[0]), ledger)
    assert ledger.spent().epsilon == 2.0


def test_a_private_release_without_a_ledger_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs a ledger"):
        train(dataset(400), spec_for(PRIVATE[0]))


@pytest.mark.parametrize("name", PRIVATE)
def test_undeclared_domains_are_paid_for_within_the_same_budget(name: str) -> None:
    data = dataset(4000)
    ledger = Ledger(Budget(8.0, 1e-5))
    trained = train(data, TrainingSpec(name, epsilon=8.0, delta=1e-5), ledger)
    (charge,) = ledger.charges
    assert (charge.epsilon, charge.delta) == (
        8.0,
        pytest.approx(1e-5 if LEARNERS[name].needs_delta else 5e-6),
    )
    assert trained.domains is not None
    assert trained.domains.origin == "paid"
    # The model itself was built with what was left: nine tenths.
    assert trained.decider.model.estimator.epsilon == pytest.approx(7.2)  # type: ignore[attr-defined]
    assert "paid for from the budget" in promise_of(trained).covers[1]


def test_seeded_noise_makes_no_promise() -> None:
    trained = train(dataset(400), replace(spec_for(PRIVATE[0]), noise="seeded"))
    promise = promise_of(trained)
    assert promise.epsilon is None
    assert "simulation" in promise.statement


@pytest.mark.parametrize("mitigation", [m.name for m in MITIGATIONS if not m.keeps_privacy])
def test_mitigations_that_would_break_the_promise_are_refused(mitigation: str) -> None:
    spec = replace(spec_for(PRIVATE[0]), mitigation=mitigation)
    ledger = Ledger(Budget(2.0, 1e-6))
    with pytest.raises(InputError, match=r"promise of .* would no longer hold"):
        train(dataset(400), spec, ledger)
    assert ledger.charges == ()


def test_an_epsilon_that_would_be_ignored_is_refused() -> None:
    with pytest.raises(InputError, match="not private and would ignore epsilon"):
        train(dataset(400), TrainingSpec("logistic_regression", epsilon=1.0))


def test_inner_fits_of_a_cloning_mitigation_never_run_unmetered() -> None:
    # fairlearn clones the estimator and so loses diffprivlib's own accountant: the plan is
    # refused before anything is fitted, and the ledger shows it.
    ledger = Ledger(Budget(1.0, 1e-6))
    with pytest.raises(InputError):
        train(
            dataset(400),
            TrainingSpec(
                "dp_logistic_regression",
                "exponentiated_gradient",
                epsilon=1.0,
                domains=DOMAINS,
            ),
            ledger,
        )
    assert ledger.charges == ()
