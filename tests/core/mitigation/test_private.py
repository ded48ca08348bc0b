from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from diffprivlib import BudgetAccountant
from diffprivlib.models import LogisticRegression as PrivateLogisticRegression
from fairlearn.reductions import DemographicParity, ExponentiatedGradient
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import cross_val_score

from core.data.domains import CategoryDomain, Domains
from core.errors import InputError
from core.learning.noisy_gradient import UNIT, NoisyGradientLogisticRegression, whole_gradient
from core.mitigation import MITIGATIONS, NoisyCounting, TrainingData
from core.mitigation.postprocessing import private_thresholds
from core.mitigation.postprocessing.private_thresholds import (
    BINS,
    THRESHOLDS,
    levelled,
    most_accurate,
    noisy_cube,
)
from core.mitigation.preprocessing.private_weights import LARGEST_WEIGHT, private_weights
from core.mitigation.preprocessing.reweighing import reweighing_weights
from core.privacy.accounting.budget import Budget, BudgetExceededError
from core.privacy.accounting.ledger import Ledger
from core.privacy.mechanisms.noise import FRESH, Keyed, Seeded, noise_rate, noise_variance
from core.training.privacy_guarantee import guarantee_of
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.versions import needs_library_regression
from tests.core.worlds import DOMAINS, dataset

GROUPED = Domains((*DOMAINS.items, CategoryDomain("sex", ("f", "m"))))
PRIVATE = [item.name for item in MITIGATIONS if item.counts]
THRESHOLDING = [item.name for item in MITIGATIONS if item.counts == "validation"]
SPEC = TrainingSpec("dp_binned_regression", epsilon=2.0, delta=1e-6, domains=GROUPED)


class Silent:
    """No noise, as at an ε without limit."""

    noise = "seeded"

    def draw(self, rate, size):
        return [0] * size


FRACTION, VARIANCE = noise_rate(1.0, 1), noise_variance(1.0, 1)
EXACT = NoisyCounting(1.0, Silent(), ("a", "b"))

people = st.lists(
    st.tuples(
        st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.29, 0.5, 0.58, 1.0])),
        st.sampled_from("abz"),
        st.booleans(),
    ),
    min_size=1,
    max_size=60,
)


def part_of(told: list) -> tuple[np.ndarray, TrainingData]:
    scores = np.array([score for score, _, _ in told])
    groups = np.array([group for _, group, _ in told], dtype=object)
    positive = np.array([label for _, _, label in told], dtype=bool)
    return scores, TrainingData(pd.DataFrame(index=range(len(told))), positive, groups)


@given(people)
def test_without_noise_the_cube_gives_the_accuracy_of_every_threshold(expected):
    scores, part = part_of(expected)
    cube = noisy_cube(scores, part, EXACT)
    assert cube.sum() == len(scores)
    everyone = cube.sum(axis=0)
    by_hand = [((scores >= t) == part.positive).sum() for t in THRESHOLDS]
    assert private_thresholds._correct(everyone).tolist() == by_hand
    assert by_hand[most_accurate(everyone, 0.0)] == max(by_hand)


@given(people, st.integers(0, 59))
def test_one_row_more_changes_one_count_by_one(expected, position):
    scores, part = part_of(expected)
    before = noisy_cube(scores, part, EXACT)
    more = [*expected, expected[position % len(expected)]]
    change = np.abs(noisy_cube(*part_of(more), EXACT) - before)
    assert change.sum() == change.max() == 1


@pytest.mark.parametrize("count", ["thresholds", "weights"])
@pytest.mark.parametrize("halved", [False, True])
def test_noise_of_counts_hides_one_row_as_promised(monkeypatch, count, halved):
    # The noise that was added, measured against what one row changes: 1 in one count.
    epsilon, drawn = 0.5, []

    class Watched:
        noise = "fresh"

        def draw(self, rate, size):
            found = FRESH.draw(rate * 2 if halved else rate, size)
            drawn.extend(found)
            return found

    scores, part = part_of([(0.5, "a", True), (0.1, "b", False)])
    counting = NoisyCounting(epsilon, Watched(), tuple(f"g{i}" for i in range(400)))
    for _ in range(1 if count == "thresholds" else 30):
        if count == "thresholds":
            noisy_cube(
                scores,
                replace(part),
                NoisyCounting(epsilon, Watched(), tuple("abcdefghijklmnopqrst")),
            )
        else:
            private_weights(part, counting)
    # P(Z ≥ 1) of discrete Laplace noise, and its loss between neighbouring counts.
    zeros, ones = drawn.count(0), drawn.count(1) + drawn.count(-1)
    loss = math.log(2 * zeros / ones)
    error = 4 * math.sqrt(1 / zeros + 1 / ones)
    assert (abs(loss - epsilon) < error) != halved


def test_thresholds_stay_at_a_half_where_counts_are_noise_alone():
    chosen = []
    for seed in range(200):
        counts = np.array(Seeded(seed).draw(FRACTION, BINS * 2)).reshape(BINS, 2)
        chosen.append(most_accurate(counts, VARIANCE))
    assert np.mean(np.array(chosen) == BINS // 2) > 0.6


def test_a_threshold_that_gains_more_than_the_noise_is_taken():
    rng = np.random.default_rng(0)
    scores = rng.uniform(0, 0.6, 20_000)
    part = TrainingData(
        pd.DataFrame(index=range(20_000)), scores > 0.3, np.full(20_000, "a", dtype=object)
    )
    counts = noisy_cube(scores, part, NoisyCounting(1.0, Seeded(1)))[0]
    assert THRESHOLDS[most_accurate(counts, VARIANCE)] == pytest.approx(0.3, abs=0.02)


@settings(max_examples=60)
@given(people, st.sampled_from(["selection", "true positive"]))
def test_levelled_thresholds_weigh_gap_and_accuracy_as_said(expected, rate):
    scores, part = part_of(expected)
    found = levelled(noisy_cube(scores, part, EXACT), ("a", "b"), 0.0, rate)
    among = part.positive if rate == "true positive" else np.ones(len(scores), dtype=bool)
    present = [g for g in "ab" if (among & (part.groups == g)).any()]
    assert sorted(found.too_few) == sorted(set("ab") - set(present))
    if len(present) < 2:
        assert found.of_group == {}
        return

    def loss(thresholds):
        rows = np.isin(part.groups, present)
        decided = scores >= np.array([thresholds.get(g, 2.0) for g in part.groups])
        rates = [decided[among & (part.groups == g)].mean() for g in present]
        gap = max(rates) - min(rates)
        return (decided != part.positive)[rows].mean() + max(0.0, gap - 0.02)

    # No worse than to select everyone or nobody, whose gap is 0.
    assert loss(found.of_group) <= min(loss({"a": 0.0, "b": 0.0}), loss({"a": 2, "b": 2})) + 1e-9


def gaps(decisions: np.ndarray, data, rows: np.ndarray) -> tuple[float, float]:
    sex, label = data.sensitive["sex"].to_numpy()[rows], data.target[rows]
    return tuple(
        abs(decisions[among & (sex == "m")].mean() - decisions[among & (sex == "f")].mean())
        for among in (np.ones(len(rows), dtype=bool), label)
    )


@pytest.mark.parametrize(
    ("name", "which"),
    [
        ("private_group_thresholds", 0),
        ("private_group_thresholds_true_positive_rate", 1),
        ("private_reweighing", 0),
    ],
)
def test_each_narrows_the_gap_that_it_aims_at(name, which):
    data = dataset(12_000)
    plain, mended = (
        train(data, replace(SPEC, mitigation=m, noise="seeded"), with_baseline=False)
        for m in ("none", name)
    )
    before = gaps(plain.decisions, data, plain.split.test)[which]
    after = gaps(mended.decisions, data, mended.split.test)[which]
    assert before > 0.1
    assert after < (0.95 if name == "private_reweighing" else 0.4) * before


@pytest.mark.parametrize("name", PRIVATE)
def test_all_is_charged_before_anything_is_drawn_or_fitted(name, monkeypatch):
    data, spec = dataset(400), replace(SPEC, mitigation=name)
    ledger, order = Ledger(Budget(2.0, 1e-6)), []
    charge, draw = ledger.charge, Keyed.draw
    monkeypatch.setattr(
        ledger, "charge", lambda *a, **k: (order.append("charge"), charge(*a, **k))[1]
    )
    monkeypatch.setattr(Keyed, "draw", lambda *a: (order.append("noise"), draw(*a))[1])
    trained = train(data, spec, ledger, with_baseline=False)
    assert order == ["charge", "noise"]
    (entry,) = ledger.charges
    assert entry.epsilon == pytest.approx(2.0)
    assert name in entry.what
    assert "dp_binned_regression" in entry.what
    promise = guarantee_of(trained)
    assert (promise.epsilon, promise.delta) == (entry.epsilon, entry.delta)
    order.clear()
    with pytest.raises(BudgetExceededError):
        train(data, spec, ledger)
    assert order == []


def test_counts_of_training_rows_are_taken_from_the_learner_and_others_are_not():
    data = dataset(400)
    of = {
        name: train(data, replace(SPEC, mitigation=name, noise="seeded"), with_baseline=False)
        for name in PRIVATE
    }
    for name, trained in of.items():
        left = 1.9 if name == "private_reweighing" else 2.0
        assert trained.decider.model.estimator.epsilon == pytest.approx(left)
        assert trained.cost[0] == pytest.approx(2.0)


def test_the_guarantee_tells_of_thresholds_and_weights():
    data = dataset(400)
    for name in PRIVATE:
        ledger = Ledger(Budget(2.0, 1e-6))
        spec = replace(SPEC, mitigation=name)
        promise = guarantee_of(train(data, spec, ledger, with_baseline=False))
        sentence = "thresholds" if name in THRESHOLDING else "row weights"
        assert any(sentence in text for text in promise.covers)
        assert ("training or validation" in promise.statement) == (name in THRESHOLDING)
        assert not any("floating-point" in text for text in promise.leaves_out)


@pytest.mark.parametrize("name", THRESHOLDING)
def test_a_guarantee_for_replaced_rows_does_not_allow_thresholds(name):
    spec = TrainingSpec("dp_logistic_regression", name, epsilon=1.0, domains=GROUPED)
    ledger = Ledger(Budget(1.0))
    with pytest.raises(InputError, match="may leave the training rows and enter the validation"):
        train(dataset(400), spec, ledger)
    assert ledger.charges == ()


@pytest.mark.parametrize("name", [m.name for m in MITIGATIONS if m.declared_groups])
@pytest.mark.parametrize("domains", [DOMAINS, None])
def test_groups_that_nobody_declared_are_refused(name, domains):
    ledger = Ledger(Budget(2.0, 1e-6))
    with pytest.raises(InputError, match=r"column 'sex': its groups are not declared"):
        train(dataset(400), replace(SPEC, mitigation=name, domains=domains), ledger)
    assert ledger.charges == ()


@pytest.mark.parametrize("name", PRIVATE)
def test_an_ordinary_learner_is_refused_with_counts_under_a_budget(name):
    with pytest.raises(InputError, match="is not private"):
        train(dataset(400), TrainingSpec("random_forest", name))


def test_a_stratified_split_is_refused_with_a_private_learner():
    with pytest.raises(InputError, match="stratified"):
        train(dataset(400), replace(SPEC, stratified=True, noise="seeded"))


def test_undeclared_and_rare_groups_are_decided_at_the_threshold_for_everybody():
    data = dataset(4000)
    rare = Domains((*DOMAINS.items, CategoryDomain("sex", ("f", "m", "x"))))
    spec = replace(SPEC, mitigation="private_group_thresholds", domains=rare, noise="seeded")
    decider = train(data, spec, with_baseline=False).decider
    assert decider.too_few == ("x",)
    X = data.features.iloc[:200]
    for stranger in ("x", "never seen"):
        decided = decider.predict(X, np.full(200, stranger, dtype=object))
        assert np.array_equal(decided, decider.predict_score(X) >= decider.others)


@given(people)
def test_without_noise_weights_are_those_of_reweighing(expected):
    _, part = part_of(expected)
    part = replace(part, groups=np.where(part.groups == "z", "a", part.groups).astype(object))
    weights = private_weights(part, EXACT)
    assert ((weights > 0) & (weights <= 1)).all()
    cells = {(g, y) for g, y in zip(part.groups, part.positive, strict=True)}
    plain = reweighing_weights(part.positive, part.groups)
    if len(cells) == 4 and len(expected) > 20 and plain.max() < LARGEST_WEIGHT / 2:
        # The group of undeclared values counts as one row in each cell.
        ratio = weights / plain
        assert ratio.max() / ratio.min() < 1.5


def test_noisy_weights_are_near_those_of_reweighing():
    data = dataset(12_000)
    groups = data.sensitive["sex"].to_numpy(dtype=object)
    part = TrainingData(data.features, data.target, groups)
    ratio = private_weights(part, NoisyCounting(0.1, Seeded(0), ("f", "m"))) / reweighing_weights(
        data.target, groups
    )
    assert ratio.max() / ratio.min() < 1.05


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.floats(0, 1)), max_size=20),
    st.tuples(st.integers(0, 2), st.booleans(), st.floats(0, 1)),
    st.lists(st.floats(-20, 20), min_size=4, max_size=4),
)
def test_one_weighted_row_more_changes_a_gradient_by_no_more_than_is_hidden(rows, extra, weights):
    def gradient(expected):
        X = np.zeros((len(expected), 4))
        X[:, 3] = 1
        for row, (column, _, _) in enumerate(expected):
            X[row, column] = 1
        y = np.array([label for _, label, _ in expected], dtype=np.int64)
        w = np.array([weight for _, _, weight in expected], dtype=float)
        return whole_gradient(X, y, np.array(weights), w)

    change = gradient([*rows, extra]) - gradient(rows)
    assert math.sqrt(float((change.astype(float) ** 2).sum())) <= UNIT * math.sqrt(2)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan])
def test_a_weight_that_is_not_bounded_is_refused(wrong):
    model = NoisyGradientLogisticRegression(1.0, 1e-6, noise_seed=0, steps=1)
    model.active = 1
    with pytest.raises(ValueError, match="from 0 to 1"):
        model.fit(np.ones((2, 1)), np.array([0, 1]), np.array([1.0, wrong]))


@needs_library_regression
@pytest.mark.filterwarnings("ignore")  # of the library, which is used here as its users do
def test_the_librarys_accountant_forgets_clones_and_our_ledger_does_not():
    rng = np.random.default_rng(0)
    X = rng.uniform(-0.5, 0.5, (300, 2))
    y = (X[:, 0] + rng.normal(0, 0.2, 300) > 0).astype(int)
    group = rng.choice(["a", "b"], 300)

    def private(accountant):
        return PrivateLogisticRegression(
            epsilon=1.0, data_norm=1.0, random_state=0, accountant=accountant
        )

    kept = BudgetAccountant(epsilon=2.0, delta=0.0)
    # Three folds at ε = 1 each exceed its cap of 2, and it records nothing.
    cross_val_score(private(kept), X, y, cv=3)
    assert kept.total()[0] == 0
    ExponentiatedGradient(private(kept), DemographicParity(), max_iter=3).fit(
        X, y, sensitive_features=group
    )
    assert kept.total()[0] == 0
    assert len(kept) == 0

    ledger = Ledger(Budget(2.0, 1e-5))
    data = dataset(400)
    for seed in (0, 1):
        train(data, replace(SPEC, epsilon=1.0, seed=seed), ledger, with_baseline=False)
    with pytest.raises(BudgetExceededError):
        train(data, replace(SPEC, epsilon=1.0, seed=2), ledger, with_baseline=False)
    assert [charge.epsilon for charge in ledger.charges] == [1.0, 1.0]


def test_exponentiated_gradient_is_refused_with_its_reason():
    with pytest.raises(InputError, match="rounds reads rates of groups from training rows"):
        train(
            dataset(400),
            replace(SPEC, mitigation="exponentiated_gradient"),
            Ledger(Budget(2.0, 1e-6)),
        )
