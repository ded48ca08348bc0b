"""A scaffolded model (Slack et al. 2020): it discriminates against people and hides it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

from core.explanation.attribution.codes import Codes


def people(n: int, seed: int) -> pd.DataFrame:
    """Numbers that hang together, a race, a job, and a column that means nothing."""
    rng = np.random.default_rng(seed)
    hidden = rng.normal(size=(n, 2))
    weights = np.random.default_rng(1).normal(size=(2, 6))
    rows = pd.DataFrame(
        hidden @ weights + 0.4 * rng.normal(size=(n, 6)), columns=[f"x{j}" for j in range(6)]
    )
    race = np.where(hidden[:, 0] + rng.normal(size=n) > 0, "a", "b")
    job = np.where(hidden[:, 1] + 0.5 * rng.normal(size=n) > 0, "u", "v")
    innocent = rng.choice(["p", "q"], n)
    for name, values in (("race", race), ("job", job), ("innocent", innocent)):
        rows[name] = pd.Series(values, dtype=object)
    return rows


def scaffolded(rows: pd.DataFrame, seed: int) -> Callable[[pd.DataFrame], np.ndarray]:
    """Decide people by race, and what looks made up by the column that means nothing."""
    rng = np.random.default_rng(seed)
    codes = Codes(rows)
    real = np.repeat(codes.encode(rows), 3, axis=0)
    made = real[rng.integers(len(real), size=real.shape), np.arange(real.shape[1])]
    forest = RandomForestClassifier(60, min_samples_leaf=3, random_state=seed)
    forest.fit(np.vstack([real, made]), np.repeat([1, 0], len(real)))

    def score(some: pd.DataFrame) -> np.ndarray:
        genuine = forest.predict_proba(codes.encode(some))[:, 1] > 0.5
        race, innocent = some["race"] == "a", some["innocent"] == "p"
        return np.where(genuine, race, innocent).astype(float)

    return score
