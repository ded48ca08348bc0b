"""Adversarial debiasing against fairlearn's, where torch is installed."""

from __future__ import annotations

import numpy as np
import pytest

from core.learning.encoding import OneHot
from core.mitigation.inprocessing.adversarial import train_adversarially
from tests.core.mitigation import planted


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Of torch and fairlearn, with versions of their own.
def test_both_narrow_the_odds_gap_about_alike() -> None:
    pytest.importorskip("torch")
    from fairlearn.adversarial import AdversarialFairnessClassifier

    train, test = planted.part(4000, 1), planted.part(8000, 2)
    encoder = OneHot()
    encoder.fit(train.X)
    encoded, unseen = encoder.transform(train.X), encoder.transform(test.X)
    peer = AdversarialFairnessClassifier(
        backend="torch",
        predictor_model=[],
        adversary_model=[],
        constraints="equalized_odds",
        learning_rate=0.01,
        epochs=60,
        batch_size=512,
        shuffle=True,
        random_state=0,
    )
    peer.fit(
        encoded.astype(np.float32),
        train.positive.astype(int),
        sensitive_features=train.groups.astype(str),
    )
    coefficients, _ = train_adversarially(encoded, train.positive, train.groups, seed=0)
    decided = (
        unseen @ coefficients[:-1] + coefficients[-1] >= 0,
        np.asarray(peer.predict(unseen.astype(np.float32))).ravel() == 1,
    )
    gaps = [
        max(planted.rate_gap(d, test.positive == label, test.groups) for label in (True, False))
        for d in decided
    ]
    right = [float((d == test.positive).mean()) for d in decided]
    # Without an adversary it is over 0.2, as test_during shows. Measured: 0.070 and 0.045.
    assert max(gaps) < 0.1
    assert right[0] == pytest.approx(right[1], abs=0.02)
