from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from core.learning.encoding import OneHot
from core.mitigation.inprocessing.adversarial import (
    AdversarySpec,
    adversary_inputs,
    train_adversarially,
)
from tests.core.mitigation import planted


def adversary_accuracy(logits: np.ndarray, test: planted.TrainingData) -> float:
    """Accuracy of a fresh adversary on the second half, groups counted alike in each outcome."""
    seen = adversary_inputs(logits, test.positive)
    weight = np.zeros(len(logits))
    for group in np.unique(test.groups):
        for label in (False, True):
            cell = (test.groups == group) & (test.positive == label)
            weight[cell] = 1 / cell.sum()
    half = len(logits) // 2
    fresh = LogisticRegression().fit(seen[:half], test.groups[:half], weight[:half] * half)
    right = fresh.predict(seen[half:]) == test.groups[half:]
    return float(np.average(right, weights=weight[half:]))


def test_the_adversary_falls_toward_chance_and_the_odds_gap_narrows() -> None:
    train, test = planted.part(4000, 1), planted.part(8000, 2)
    encoder = OneHot()
    encoder.fit(train.X)
    accuracy, gaps, right = {}, {}, {}
    for strength in (None, 1.0):
        spec = AdversarySpec(warm_up=9999) if strength is None else AdversarySpec(strength=strength)
        coefficients, _ = train_adversarially(
            encoder.transform(train.X), train.positive, train.groups, seed=0, spec=spec
        )
        logits = encoder.transform(test.X) @ coefficients[:-1] + coefficients[-1]
        decisions = logits >= 0
        accuracy[strength] = adversary_accuracy(logits, test)
        gaps[strength] = max(
            planted.rate_gap(decisions, test.positive == label, test.groups)
            for label in (True, False)
        )
        right[strength] = float((decisions == test.positive).mean())
    assert accuracy[None] > 0.62
    assert accuracy[1.0] < 0.56
    assert gaps[None] > 0.2
    assert gaps[1.0] < 0.4 * gaps[None]
    assert right[1.0] > right[None] - 0.08


def test_without_an_adversary_it_is_logistic_regression() -> None:
    train = planted.part(4000, 1, weighted=True)
    encoder = OneHot()
    encoder.fit(train.X)
    encoded = encoder.transform(train.X)
    coefficients, _ = train_adversarially(
        encoded,
        train.positive,
        train.groups,
        train.weights,
        seed=0,
        spec=AdversarySpec(warm_up=999999),
    )
    plain = LogisticRegression(C=1e6, max_iter=1000).fit(encoded, train.positive, train.weights)
    ours = encoded @ coefficients[:-1] + coefficients[-1]
    assert np.abs(ours - plain.decision_function(encoded)).mean() < 0.05


def test_the_same_seed_trains_the_same_and_rows_of_weight_zero_have_no_say() -> None:
    train = planted.part(600, 1)
    encoder = OneHot()
    encoder.fit(train.X)
    encoded = encoder.transform(train.X)
    spec = AdversarySpec(steps=60, warm_up=10)
    first, adversary = train_adversarially(encoded, train.positive, train.groups, seed=3, spec=spec)
    again, _ = train_adversarially(encoded, train.positive, train.groups, seed=3, spec=spec)
    assert np.array_equal(first, again)
    assert softmax(np.ones((1, 4)) @ adversary).sum() == pytest.approx(1)
    weights = np.where(np.arange(600) < 300, 1.0, 0.0)
    flipped = np.where(weights > 0, train.positive, ~train.positive)
    kept, _ = train_adversarially(encoded, train.positive, train.groups, weights, seed=3, spec=spec)
    other, _ = train_adversarially(encoded, flipped, train.groups, weights, seed=3, spec=spec)
    assert kept == pytest.approx(other)
