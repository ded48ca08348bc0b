"""What a mitigation declares of row weights is what it does with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import InputError
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS, NoisyCounting
from core.privacy.mechanisms.noise import Seeded
from core.training.compatibility import fits_learner
from tests.core.mitigation import planted


@pytest.mark.parametrize("mitigation", [*MITIGATIONS], ids=lambda item: item.name)
def test_each_mitigation_takes_weights_just_where_it_says_so(mitigation) -> None:
    work = planted.task(600, weighted=True)
    if not fits_learner(mitigation, LEARNERS["logistic_regression"]):
        work = replace(work, counting=NoisyCounting(1.0, Seeded(0), ("a", "b")))
    if mitigation.takes_weights:
        decider = mitigation.fit(work)
        assert len(decider.predict(work.validation.X, work.validation.groups)) == 600
    else:
        with pytest.raises(InputError) as refused:
            mitigation.fit(work)
        assert refused.value.where == "weights"


def test_weights_that_are_taken_are_used() -> None:
    work = planted.task(600, weighted=True)
    heavy = np.where(work.train.positive, 20.0, 0.05)
    other = replace(work, train=replace(work.train, weights=heavy))
    for item in MITIGATIONS:
        if item.takes_weights and item.family in ("none", "before"):
            rates = [
                item.fit(task).predict(work.validation.X, work.validation.groups).mean()
                for task in (work, other)
            ]
            assert rates[1] > rates[0] + 0.2, item.name
