from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, recall_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

import core.comparison.cross_validation.cross_validation as module
from core.comparison.cross_validation.cross_validated import CrossValidated
from core.comparison.cross_validation.cross_validation import (
    FoldSpec,
    compare_cross_validated,
    cross_validate,
)
from core.comparison.cross_validation.folds import make_folds
from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.errors import InputError
from core.learning.learners import LEARNERS, LearnerConfiguration
from core.learning.split import SplitSpec, split_rows
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.worlds import DOMAINS, dataset, frame, table

PLAIN = TrainingSpec("logistic_regression")


def finished(
    data: Dataset, specs: list[TrainingSpec], folds: FoldSpec, **options: object
) -> tuple[CrossValidated, ...]:
    return list(cross_validate(data, specs, folds, **options))[-1][1]  # type: ignore[arg-type]


def visits(n: int = 400) -> Dataset:
    data = frame(n)
    data["patient"] = [f"p{i}" for i in np.random.default_rng(0).integers(0, n // 3, n)]
    read = table(data)
    return assign(read, default_roles(read, "paid", "yes", ("sex",), identifiers=("patient",))[0])


def test_figures_equal_a_plain_loop_with_scikit_learn_and_fairlearn() -> None:
    made = frame(300)[["income", "sex", "paid"]]
    made["height"] = np.random.default_rng(1).normal(170, 10, 300)
    read = table(made)
    data = assign(read, default_roles(read, "paid", "yes", ("sex",))[0])
    spec = FoldSpec(4, 2, 0.2, seed=5)
    (found,) = finished(data, [PLAIN], spec)
    numbers, y = data.features[["income", "height"]].to_numpy(), data.target
    for fold, result in zip(
        make_folds(data.target, spec, data.content), found.results, strict=True
    ):
        rows, test = fold.split.train, fold.split.test
        X = StandardScaler().fit(numbers[rows]).transform(numbers)
        model = LogisticRegression(max_iter=2000).fit(X[rows], y[rows])
        decided, score = model.predict(X[test]), model.predict_proba(X[test])[:, 1]
        sex = data.sensitive["sex"].to_numpy()[test]
        expected = {
            "accuracy": accuracy_score(y[test], decided),
            "roc_auc": roc_auc_score(y[test], score),
            "brier": brier_score_loss(y[test], score),
            "true_positive_rate": recall_score(y[test], decided),
            "demographic_parity_difference": demographic_parity_difference(
                y[test], decided, sensitive_features=sex
            ),
            "equalized_odds_difference": equalized_odds_difference(
                y[test], decided, sensitive_features=sex
            ),
        }
        assert (result.tested, result.trained) == (len(test), len(rows))
        for name, value in expected.items():
            assert result.figures[name].estimate == pytest.approx(value, abs=1e-9), name


def test_every_fold_equals_the_learner_fitted_by_hand() -> None:
    data = dataset(300)
    spec = FoldSpec(3, 1, seed=2)
    (found,) = finished(data, [PLAIN], spec)
    for fold, values in zip(
        make_folds(data.target, spec, data.content), found.results, strict=True
    ):
        model = LEARNERS["logistic_regression"].build(LearnerConfiguration(seed=0))
        model.fit(data.features.iloc[fold.split.train], data.target[fold.split.train])
        score = model.predict_score(data.features.iloc[fold.split.test])
        y = data.target[fold.split.test]
        assert values.figures["accuracy"].estimate == accuracy_score(y, score >= 0.5)
        assert values.figures["roc_auc"].estimate == pytest.approx(roc_auc_score(y, score))


def test_progress_and_partial_results_can_be_stopped_at() -> None:
    data = dataset(200)
    seen = []
    for share, results in cross_validate(data, [PLAIN, PLAIN], FoldSpec(2, 2), names=["x", "y"]):
        seen.append((share, tuple(len(r.results) for r in results)))
        if share >= 0.5:
            break
    assert seen == [(0.125, (1, 0)), (0.25, (1, 1)), (0.375, (2, 1)), (0.5, (2, 2))]
    values = results[0].values("accuracy")
    assert len(values) == 2
    assert None not in values[0]
    assert values[1] == (None, None)
    partial = compare_cross_validated(*results, "accuracy")
    assert partial.splits == "2 splits"
    assert len(partial.differences) == 2


def test_the_same_model_twice_does_not_differ_and_has_no_spread() -> None:
    a, b = finished(dataset(200), [PLAIN, PLAIN], FoldSpec(3, 2))
    found = compare_cross_validated(a, b, "roc_auc")
    assert found.differences == (0.0,) * 6
    assert found.test.p_value is None


def test_the_comparison_takes_the_ratio_of_the_folds_and_speaks() -> None:
    a, b = finished(dataset(300), [PLAIN, TrainingSpec("decision_tree")], FoldSpec(5, 2))
    found = compare_cross_validated(a, b, "accuracy")
    assert found.test.ratio == pytest.approx(60 / 192, abs=0.01)
    assert found.differences == tuple(
        y.figures["accuracy"].estimate - x.figures["accuracy"].estimate
        for x, y in zip(a.results, b.results, strict=True)
    )
    assert "these 5 × 2 splits" in found.sentence()
    assert a.mean("accuracy") == pytest.approx(np.mean(a.values("accuracy")))


def test_undefined_figures_keep_their_reason_and_are_counted() -> None:
    data = frame(200)
    data.loc[:3, "sex"] = "x"  # four rows: some folds have none with a positive label
    read = table(data)
    data = assign(read, default_roles(read, "paid", "yes", ("sex",))[0])
    a, b = finished(data, [PLAIN, TrainingSpec("decision_tree")], FoldSpec(5, 2))
    name = "equal_opportunity_difference"
    counted = a.undefined(name)
    missing = sum(v is None for row in a.values(name) for v in row)
    assert 0 < missing == sum(counted.values())
    assert all("not defined in group x" in reason for reason in counted)
    found = compare_cross_validated(a, b, name)
    assert len(found.differences) == 10 - missing
    assert f"{missing} splits are left out" in found.sentence()
    assert a.undefined("accuracy") == {}


def test_a_mitigation_that_a_fold_does_not_allow_is_undefined_there() -> None:
    data = frame(200)
    data.loc[:2, "sex"] = "x"
    data.loc[:2, "paid"] = "yes"
    read = table(data)
    data = assign(read, default_roles(read, "paid", "yes", ("sex",))[0])
    spec = replace(PLAIN, mitigation="threshold_optimizer")
    (found,) = finished(data, [spec], FoldSpec(5, 1))
    reasons = found.undefined("accuracy")
    assert any("could not be trained" in reason for reason in reasons)


def test_nobody_is_parted_and_rows_of_a_private_learner_are_bounded_for_all() -> None:
    data = visits()
    private = TrainingSpec(
        "dp_binned_regression",
        epsilon=2.0,
        delta=1e-5,
        domains=DOMAINS,
        noise="seeded",
        person="patient",
        rows_per_person=2,
    )
    a, b = finished(data, [PLAIN, private], FoldSpec(3, 1))
    assert a.folds.person == "patient"
    assert a.repairs == b.repairs
    left = sum(repair.count for repair in a.repairs)
    persons = data.identifiers["patient"]
    assert len(data) - left == persons.value_counts().clip(upper=2).sum()
    assert sum(r.tested for r in a.results) == len(data) - left
    assert a.label is None
    assert "No privacy guarantee" in str(b.label)


def test_a_persons_rows_stay_together_by_the_folds_own_column(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, seen = visits(), []
    real = module.train

    def spy(*args: object, **options: object) -> object:
        seen.append(options["split"])
        return real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "train", spy)
    finished(data, [PLAIN], FoldSpec(3, 1, person="patient"))
    persons = data.identifiers["patient"].to_numpy()
    for split in seen:
        assert not set(persons[split.test]) & set(persons[split.train])
        assert not set(persons[split.validation]) & set(persons[split.train])
    assert np.array_equal(np.sort(np.concatenate([s.test for s in seen])), np.arange(len(data)))


def test_noise_differs_from_fold_to_fold_and_repeats_with_the_seed() -> None:
    data = dataset(300)
    private = TrainingSpec(
        "dp_binned_regression", epsilon=0.5, delta=1e-5, domains=DOMAINS, noise="seeded"
    )
    first, second = (finished(data, [private], FoldSpec(2, 2))[0] for _ in range(2))
    assert first == second
    seeds = {
        module._of_fold(private, fold).seed_of_noise
        for fold in make_folds(data.target, FoldSpec(2, 2), data.content)
    }
    assert len(seeds) == 4


def test_what_cannot_be_compared_is_refused() -> None:
    data = dataset(200)
    fresh = TrainingSpec("dp_binned_regression", epsilon=1.0, delta=1e-5, domains=DOMAINS)
    for specs, options, expected in (
        ([fresh], {}, "seeded noise only"),
        ([], {}, "no model"),
        ([PLAIN], {"combination": ("city",)}, "not a sensitive column"),
        ([PLAIN, PLAIN], {"names": ["x", "x"]}, "different names"),
        ([PLAIN], {"folds": FoldSpec(person="city")}, "not the role of an identifier"),
        ([TrainingSpec("logistic_regression", epsilon=1.0)], {}, "is not private"),
    ):
        with pytest.raises(InputError, match=expected):
            next(cross_validate(data, specs, **options))  # type: ignore[arg-type]
    seeded = replace(fresh, noise="seeded", person="patient")
    with pytest.raises(InputError, match="different persons"):
        next(cross_validate(visits(), [seeded, replace(seeded, rows_per_person=3)]))


def test_models_of_different_folds_are_not_paired() -> None:
    data = dataset(200)
    (a,) = finished(data, [PLAIN], FoldSpec(2, 1))
    (b,) = finished(data, [PLAIN], FoldSpec(2, 1, seed=1))
    with pytest.raises(InputError, match="not cross-validated on the same folds"):
        compare_cross_validated(a, b, "accuracy")
    with pytest.raises(InputError, match="no split is done"):
        compare_cross_validated(replace(a, results=()), replace(a, results=()), "accuracy")
    with pytest.raises(InputError):
        compare_cross_validated(a, a, "no such figure")


def test_training_on_a_given_split_equals_training_on_ones_own() -> None:
    data = dataset(300)
    split = split_rows(data.target, SplitSpec(seed=4), data.content)
    own = train(data, replace(PLAIN, seed=4))
    given = train(data, replace(PLAIN, seed=4), split=split)
    assert np.array_equal(own.scores, given.scores)
    assert given.split is split
    fresh = TrainingSpec("dp_binned_regression", epsilon=1.0, delta=1e-5, domains=DOMAINS)
    with pytest.raises(ValueError, match="makes its own split"):
        train(data, fresh, split=split)


def test_weights_reach_the_figures() -> None:
    plain = dataset(200)
    weights = np.where(plain.sensitive["sex"] == "f", 3.0, 1.0)
    data = replace(plain, weights=weights)
    (found,) = finished(data, [PLAIN], FoldSpec(2, 1))
    for fold, result in zip(
        make_folds(data.target, FoldSpec(2, 1), data.content), found.results, strict=True
    ):
        test = fold.split.test
        trained = train(data, PLAIN, split=fold.split)
        expected = accuracy_score(data.target[test], trained.decisions, sample_weight=weights[test])
        assert result.figures["accuracy"].estimate == pytest.approx(expected)
