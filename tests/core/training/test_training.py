from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, brier_score_loss, roc_auc_score

from core.data.assign import assign, default_roles
from core.errors import InputError
from core.learning import models
from core.learning.learners import LEARNERS, LearnerConfiguration
from core.learning.split import SplitSpec, split_rows
from core.mitigation import MITIGATIONS
from core.privacy.accounting.budget import Budget, BudgetExceededError
from core.privacy.accounting.ledger import Ledger
from core.training.privacy_guarantee import guarantee_of
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.worlds import DOMAINS, dataset, frame, table

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


def test_a_crash_during_the_fit_leaves_the_charge_standing_and_is_finished_at_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def crash(*args: object, **kwargs: object) -> None:
        raise MemoryError

    ledger = Ledger(Budget(2.0, 1e-6))
    with monkeypatch.context() as patch:
        patch.setattr("core.learning.models.EncodedModel.fit", crash)
        with pytest.raises(MemoryError):
            train(dataset(400), spec_for(PRIVATE[0]), ledger)
        # The rehearsal died of it already.
        assert ledger.charges == ()
        patch.setattr("core.training.training.rehearse", lambda *_: None)
        with pytest.raises(MemoryError):
            train(dataset(400), spec_for(PRIVATE[0]), ledger, with_baseline=False)
    assert ledger.spent().epsilon == 2.0
    trained = train(dataset(400), spec_for(PRIVATE[0]), ledger)
    assert len(trained.scores) == len(trained.split.test)
    assert len(ledger.charges) == 1
    with pytest.raises(BudgetExceededError):
        train(dataset(400), replace(spec_for(PRIVATE[0]), seed=5), ledger)


def test_a_private_release_without_a_ledger_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs a ledger"):
        train(dataset(400), spec_for(PRIVATE[0]))


@pytest.mark.parametrize("name", PRIVATE)
def test_undeclared_domains_are_paid_for_within_the_same_budget(name: str) -> None:
    data = dataset(4000)
    ledger = Ledger(Budget(8.0, 1e-5))
    trained = train(data, TrainingSpec(name, epsilon=8.0, delta=1e-5), ledger)
    assert len(ledger.charges) == 2
    spent = ledger.spent()
    assert (spent.epsilon, spent.delta) == (8.0, pytest.approx(1e-5))
    promise = guarantee_of(trained)
    assert (promise.epsilon, promise.delta) == (spent.epsilon, spent.delta)
    assert trained.domains is not None
    assert trained.domains.origin == "paid"
    # The model itself was built with what was left: nine tenths.
    assert trained.decider.model.estimator.epsilon == pytest.approx(7.2)  # type: ignore[attr-defined]
    assert "paid for from the budget" in guarantee_of(trained).covers[1]


def test_seeded_noise_makes_no_guarantee() -> None:
    trained = train(dataset(400), replace(spec_for(PRIVATE[0]), noise="seeded"))
    promise = guarantee_of(trained)
    assert promise.epsilon is None
    assert "simulation" in promise.statement


@pytest.mark.parametrize("mitigation", [m.name for m in MITIGATIONS if not m.keeps_privacy])
def test_mitigations_that_would_break_the_guarantee_are_refused(mitigation: str) -> None:
    spec = replace(spec_for(PRIVATE[0]), mitigation=mitigation)
    ledger = Ledger(Budget(2.0, 1e-6))
    with pytest.raises(InputError, match=r"guarantee of .* would no longer hold"):
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


@pytest.mark.parametrize("name", PRIVATE)
def test_the_guarantee_is_what_was_charged(name: str) -> None:
    ledger = Ledger(Budget(2.0, 1e-6))
    promise = guarantee_of(train(dataset(400), spec_for(name), ledger))
    (charge,) = ledger.charges
    assert (promise.epsilon, promise.delta) == (charge.epsilon, charge.delta)
    assert charge.delta == (1e-6 if LEARNERS[name].needs_delta else 0.0)
    assert promise.neighbouring == charge.neighbouring


@pytest.mark.parametrize(("epsilon", "why"), [(1e-4, "less than"), (1e6, "more than")])
def test_a_budget_that_a_learner_cannot_work_with_costs_nothing(epsilon: float, why: str) -> None:
    ledger = Ledger(Budget(1e7, 1e-6))
    spec = TrainingSpec("dp_explainable_boosting", epsilon=epsilon, delta=1e-6, domains=DOMAINS)
    with pytest.raises(InputError, match=f"cannot be set for {why}"):
        train(dataset(400), spec, ledger)
    assert ledger.charges == ()


def test_a_huge_epsilon_is_stated_without_overflow() -> None:
    spec = TrainingSpec("dp_logistic_regression", epsilon=1000.0, domains=DOMAINS)
    trained = train(dataset(400), spec, Ledger(Budget(1000.0)))
    assert "e^1000" in guarantee_of(trained).statement


@pytest.mark.parametrize("name", ORDINARY)
def test_rows_of_weight_zero_have_no_say(name: str) -> None:
    data = dataset(400)
    weights = np.where(np.arange(400) % 3 == 0, 0.0, 1.0)
    weighted = LEARNERS[name].build(LearnerConfiguration())
    weighted.fit(data.features, data.target, weights)
    kept = weights > 0
    plain = LEARNERS[name].build(LearnerConfiguration())
    plain.fit(data.features[kept], data.target[kept], weights[kept])
    assert weighted.predict_score(data.features) == pytest.approx(
        plain.predict_score(data.features)
    )


def test_weights_of_zero_throughout_a_part_are_named() -> None:
    data = dataset(400)
    weighted = replace(data, weights=np.zeros(400), roles=replace(data.roles, weight="w"))
    with pytest.raises(InputError, match=r"column 'w': all .* rows of the training part"):
        train(weighted, TrainingSpec("logistic_regression"))


def test_features_too_large_to_compute_with_are_named() -> None:
    data = dataset(400)
    huge = data.features.copy()
    huge.loc[3, "income"] = 1e200
    with pytest.raises(InputError, match=r"column .income..*1e\+200"):
        train(replace(data, features=huge), TrainingSpec("random_forest"))


@pytest.mark.parametrize("mitigation", ["exponentiated_gradient", "threshold_optimizer"])
def test_mitigations_that_cannot_weigh_rows_say_so(mitigation: str) -> None:
    data = dataset(400)
    weighted = replace(data, weights=np.ones(400), roles=replace(data.roles, weight="w"))
    with pytest.raises(InputError, match="Leave the weight column out"):
        train(weighted, TrainingSpec("logistic_regression", mitigation))


def test_rows_that_differ_only_in_their_label_share_a_part_of_a_private_split() -> None:
    data = frame(300).assign(paid="yes")
    twice = pd.concat([data, data.assign(paid="no")], ignore_index=True)
    read = table(twice)
    both = assign(read, default_roles(read, "paid", "yes", ("sex",))[0])
    split = split_rows(both.target, SplitSpec(stratified=False), both.content)
    for part in (split.train, split.validation, split.test):
        assert {int(row) % 300 for row in part if row < 300} == {
            int(row) % 300 for row in part if row >= 300
        }


def test_a_huge_value_is_clipped_by_a_private_learner_and_costs_only_its_baseline() -> None:
    data = dataset(400)
    features = data.features.copy()
    features.iloc[3, 0] = 1e31
    huge = replace(data, features=features)
    with pytest.raises(InputError, match="too large to compute with"):
        train(huge, TrainingSpec("logistic_regression"))
    spec = TrainingSpec("dp_binned_regression", epsilon=1.0, delta=1e-6, domains=DOMAINS)
    assert train(huge, spec, Ledger(Budget(1.0, 1e-6))).baseline is None
    assert train(data, spec, Ledger(Budget(1.0, 1e-6))).baseline is not None


def test_a_boosting_machine_of_few_rows_starts_no_processes(monkeypatch):
    asked = []
    monkeypatch.setattr(models, "ROWS_FOR_PROCESSES", 50)
    monkeypatch.setattr(
        models.EncodedModel, "fit", lambda self, *_: asked.append(self.estimator.n_jobs)
    )
    for rows in (49, 50):
        model = LEARNERS["explainable_boosting"].build(LearnerConfiguration(seed=0))
        model.fit(frame(rows)[["income"]], np.arange(rows) % 2 == 0)
    assert asked == [1, 2]


@pytest.mark.slow
def test_a_boosting_machine_is_the_same_with_processes_as_without(monkeypatch):
    data = dataset(400)
    alone = train(data, TrainingSpec("explainable_boosting"))
    monkeypatch.setattr(models, "ROWS_FOR_PROCESSES", 0)
    assert np.array_equal(train(data, TrainingSpec("explainable_boosting")).scores, alone.scores)
