"""Every place that fits a spec again fits what the spec says, in every field of it.

Fitted again on the same rows with the same seeds, scores are the same bit by bit. The fields are
read from the class: a new one without a case here fails.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from core.attacks import lira
from core.attacks.people import people_of
from core.attacks.planted import audit_planted
from core.comparison.cross_validation.cross_validation import FoldSpec, cross_validate
from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.data.domains import CategoryDomain, Domains
from core.data.row_hashing import in_order
from core.data.samples import SAMPLES, load_sample
from core.explanation.attribution.shapes import shape_noise
from core.explanation.person.decision_stability import refit
from core.learning.balancing import balanced
from core.learning.learners import LEARNERS
from core.learning.split import Split
from core.privacy.mechanisms.domain_estimate import SHARE_OF_EPSILON
from core.tradeoff.price.price import PriceSpec, price_points
from core.training import training
from core.training.fit import fit, predict
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import train
from tests.core import worlds
from tests.core.worlds import DOMAINS, frame

GROUPED = Domains((*DOMAINS.items, CategoryDomain("sex", ("f", "m"))))
PLAIN = TrainingSpec("logistic_regression", seed=3)
PRIVATE = TrainingSpec(
    "dp_binned_regression", epsilon=2.0, delta=1e-5, domains=GROUPED, seed=3, noise="seeded"
)
CASES: dict[str, list[TrainingSpec]] = {
    "learner": [
        replace(PLAIN, learner=item.name)
        if not item.private
        else replace(PRIVATE, learner=item.name)
        for item in LEARNERS
    ],
    "mitigation": [
        replace(PLAIN, mitigation="reweighing"),
        replace(PLAIN, mitigation="threshold_optimizer"),
        replace(PRIVATE, mitigation="private_reweighing"),
        replace(PRIVATE, mitigation="private_threshold"),
        replace(PRIVATE, mitigation="private_group_thresholds"),
    ],
    "mitigate_for": [replace(PLAIN, mitigation="reweighing", mitigate_for="city")],
    "epsilon": [replace(PRIVATE, epsilon=0.7)],
    "delta": [replace(PRIVATE, delta=1e-3)],
    "domains": [replace(PRIVATE, domains=None)],
    "seed": [replace(PLAIN, learner="random_forest", seed=8)],
    "noise": [PRIVATE],
    "stratified": [replace(PLAIN, stratified=False)],
    "person": [replace(PRIVATE, person="who")],
    "rows_per_person": [replace(PRIVATE, person="who", rows_per_person=2)],
    "strength": [
        replace(PLAIN, mitigation="reweighing", strength=0.4),
        replace(PRIVATE, mitigation="private_reweighing", strength=0.4),
    ],
    "balancing": [replace(PLAIN, balancing=name) for name in ("class_weights", "oversampling")]
    + [replace(PLAIN, learner="decision_tree", balancing="undersampling")],
    "noise_seed": [replace(PRIVATE, noise_seed=99)],
}
EVERY = [
    pytest.param(spec, id=f"{name}-{number}")
    for name, specs in CASES.items()
    for number, spec in enumerate(specs)
]


def world(spec: TrainingSpec) -> Dataset:
    data = frame(300)
    if spec.person is not None:
        data["who"] = np.repeat([f"p{k}" for k in range(150)], 2)
    table = worlds.table(data)
    sensitive = ("sex", "city") if spec.mitigate_for == "city" else ("sex",)
    roles, _ = default_roles(table, "paid", "yes", sensitive)
    if spec.person is not None:
        features = tuple(name for name in roles.features if name != "who")
        roles = replace(roles, features=features, identifiers=("who",))
    return assign(table, roles)


def again(data: Dataset, spec: TrainingSpec, train_rows: np.ndarray, trained: Trained) -> Trained:
    split = Split(train_rows, trained.split.validation, trained.split.test)
    return train(data, spec, with_baseline=False, split=split)


def test_every_field_of_the_spec_has_a_case_in_which_it_matters():
    # A model made elsewhere is fitted by nobody: tests/core/training/test_external_fit.py.
    assert set(CASES) == {item.name for item in fields(TrainingSpec)} - {"external"}
    for name, specs in CASES.items():
        for spec in specs:
            default = {"learner": None, "noise": None, "seed": 0, "domains": ()}.get(
                name, TrainingSpec.__dataclass_fields__[name].default
            )
            assert getattr(spec, name) != default


@pytest.mark.parametrize("spec", EVERY)
def test_fitting_again_gives_the_same_scores_through_every_user(spec):
    data = world(spec)
    trained = train(data, spec, with_baseline=False)
    assert len(np.unique(trained.scores)) > 1
    private = LEARNERS[spec.learner].private
    split = trained.split

    fitted = fit(data, spec, split.train, split.validation)
    scores, decisions = predict(data, spec, fitted.decider, split.test)
    np.testing.assert_array_equal(scores, trained.scores)
    np.testing.assert_array_equal(decisions, trained.decisions)

    # A refit is training on rows drawn anew, or with other noise.
    found = refit(data, trained, 5)
    drawn = int(np.random.SeedSequence([spec.seed, 5, 0x5EED]).generate_state(1)[0] >> 1)
    rows, other = split.train, replace(spec, noise_seed=drawn)
    if not private:
        rows = np.random.default_rng(drawn).choice(in_order(data, rows), len(rows))
        other = spec
    expected = again(data, other, rows, trained)
    np.testing.assert_array_equal(found.scores, expected.scores)
    np.testing.assert_array_equal(found.decisions, expected.decisions)

    # A shadow model is training on other rows with another seed.
    half = split.train[::2]
    scores = lira._shadow(data, trained, half, split.test, 7)
    seeds = replace(spec, seed=7, noise_seed=7) if private else replace(spec, seed=7)
    if spec.domains is not None or not private:
        np.testing.assert_array_equal(scores, again(data, seeds, half, trained).scores)
    if spec.seed_of_noise == spec.seed or not private:
        same = lira._shadow(data, trained, split.train, split.test, spec.seed)
        np.testing.assert_array_equal(same, trained.scores)


@pytest.mark.parametrize("spec", EVERY)
def test_cross_validation_fits_the_whole_spec_on_each_fold(spec, monkeypatch):
    seen: list[TrainingSpec] = []

    def spy(dataset, expected, *args, **kwargs):
        seen.append(expected)
        return fit(dataset, expected, *args, **kwargs)

    monkeypatch.setattr(training, "fit", spy)
    *_, (_, (found,)) = cross_validate(world(spec), [spec], FoldSpec(folds=2, repeats=1))
    assert all(item.figures["accuracy"].estimate is not None for item in found.results)
    assert len(seen) == 2
    assert all(replace(one, seed=spec.seed, noise_seed=spec.noise_seed) == spec for one in seen)


def test_row_weights_are_kept_when_a_model_is_trained_again():
    spec = replace(PLAIN, balancing="oversampling")
    data = world(spec)
    data = replace(data, weights=np.random.default_rng(0).choice([0.0, 1.0, 3.0], len(data)))
    trained = train(data, spec)
    shadow = lira._shadow(data, trained, trained.split.train, trained.split.test, spec.seed)
    np.testing.assert_array_equal(shadow, trained.scores)
    plain = train(replace(data, weights=None), spec)
    assert np.abs(plain.scores - trained.scores).max() > 0.001


def test_the_price_of_privacy_trains_what_training_does():
    asked = PriceSpec("dp_binned_regression", (1.0,), 5, 1e-5, ("sex",), DOMAINS, seed=2)
    data = world(PLAIN)
    found = {(p.epsilon, p.draw): p for _, p in price_points(data, asked)}
    for epsilon, draw in ((None, 0), (1.0, 3)):
        spec = replace(PLAIN, learner="gradient_boosting", seed=2, stratified=False)
        if epsilon is not None:
            noise = np.random.SeedSequence([2, draw, 1_000_000]).generate_state(1)[0] % 2**31
            spec = replace(PRIVATE, epsilon=1.0, domains=DOMAINS, seed=2, noise_seed=int(noise))
        trained = train(data, spec, with_baseline=False)
        right = trained.decisions == data.target[trained.split.test]
        sex = data.sensitive["sex"].to_numpy()[trained.split.test]
        assert found[epsilon, draw].accuracy == tuple(right[sex == g].mean() for g in ("f", "m"))


def test_noise_of_curves_is_that_of_the_plan_at_its_own_epsilon():
    spec = replace(PRIVATE, domains=None)
    data = world(spec)
    trained = train(data, spec, with_baseline=False)
    *_, (_, noise) = shape_noise(data, trained, refits=2)
    # A tenth of ε went to bounds, and no part of it is in the curves.
    assert noise.epsilon == pytest.approx(spec.epsilon * (1 - SHARE_OF_EPSILON))
    assert max(float(each.max()) for each in noise.spread.values()) > 0


def test_rows_that_balancing_left_out_are_no_members():
    spec = replace(PLAIN, balancing="undersampling")
    data = world(spec)
    data = replace(data, outcome=data.target & (np.random.default_rng(1).random(len(data)) < 0.4))
    trained = train(data, spec)
    people = people_of(data, trained)
    training = in_order(data, trained.split.train)
    drawn = balanced("undersampling", data.target[training], None, spec.seed).rows
    assert set(people.rows[people.member]) == set(training[drawn])
    for member in (True, False):
        share = people.positive[people.member == member].mean()
        assert share == pytest.approx(0.5, abs=0.01)


def test_refits_of_a_model_on_fewer_rows_select_as_many_as_it_does():
    sample = SAMPLES["german_credit"]
    data = assign(load_sample("german_credit"), sample.roles)
    spec = TrainingSpec("logistic_regression", balancing="undersampling")
    trained = train(data, spec)
    assert trained.decisions.mean() < 0.65
    shares = [refit(data, trained, k).decisions.mean() for k in range(6)]
    # Those without balancing select 0.7 to 0.8.
    assert np.mean(shares) == pytest.approx(trained.decisions.mean(), abs=0.05)
    assert max(shares) < 0.7


def test_a_private_mitigation_is_fitted_again_and_attacked():
    spec = replace(PRIVATE, mitigation="private_group_thresholds")
    data = world(spec)
    trained = train(data, spec)
    assert refit(data, trained, 0).way == "noise"
    *_, (share, found) = lira.lira(data, trained, lira.LiraSpec(shadows=4))
    assert share == 1.0
    assert found.simulated
    *_, (_, planted) = audit_planted(data, trained, canaries=30, base_rows=100)
    assert planted.verdict == "not refuted"


def test_fresh_noise_is_never_drawn_without_what_pays_for_it():
    spec = replace(PRIVATE, noise="fresh")
    data = world(spec)
    rows = np.arange(100)
    with pytest.raises(ValueError, match="ledger"):
        fit(data, spec, rows, rows)
