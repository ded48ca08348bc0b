"""Features that tell the outcome by themselves: all of them, whichever way they point."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.learning.single_features import telling_features


def test_all_that_tell_the_outcome_are_found_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    outcome = rng.random(400) < 0.4
    noise = rng.normal(size=400)
    features = pd.DataFrame(
        {
            "turned": np.where(outcome, -3.0, 3.0) + noise,
            "word": np.where(outcome, "late", "never").astype(object),
            "blank": np.where(outcome, noise, np.nan),
            "weak": outcome + 2 * noise,
            "noise": noise,
        }
    )
    train, test = np.arange(200), np.arange(200, 400)
    found = dict(telling_features(features, outcome, train, test))
    assert set(found) == {"turned", "word", "blank"}
    assert found["word"] == 1
    assert telling_features(features, np.ones(400, dtype=bool), train, test) == ()
