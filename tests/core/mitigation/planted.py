"""A world whose features tell of the group, and whose labels and numbers are tilted by it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.learning.learners import LEARNERS, LearnerConfiguration
from core.mitigation import MITIGATIONS, Decider, MitigationContext, TrainingData


def part(n: int, seed: int, *, weighted: bool = False) -> TrainingData:
    """Group b is smaller, earns less, and lives elsewhere; merit alone is alike in both."""
    rng = np.random.default_rng(seed)
    group = np.where(rng.random(n) < 0.6, "a", "b").astype(object)
    in_a = group == "a"
    merit = rng.normal(size=n)
    income = merit + 1.0 * in_a + rng.normal(scale=0.5, size=n)
    district = np.where(rng.random(n) < np.where(in_a, 0.8, 0.3), "hill", "river").astype(object)
    income[rng.random(n) < 0.05] = np.nan
    chance = 1 / (1 + np.exp(-(1.8 * merit + np.where(in_a, 0.6, -0.8))))
    weights = rng.uniform(0.5, 2.0, n) if weighted else None
    X = pd.DataFrame({"income": income, "district": district, "noise": rng.normal(size=n)})
    return TrainingData(X, rng.random(n) < chance, group, weights)


def task(n: int = 3000, seed: int = 0, *, weighted: bool = False) -> MitigationContext:
    return MitigationContext(
        part(n, 10 * seed + 1, weighted=weighted),
        part(n, 10 * seed + 2, weighted=weighted),
        lambda: LEARNERS["logistic_regression"].build(LearnerConfiguration(seed=seed)),
        seed,
    )


def fitted(name: str, work: MitigationContext) -> Decider:
    return MITIGATIONS[name].fit(work)


def rate_gap(decisions: np.ndarray, among: np.ndarray, groups: np.ndarray) -> float:
    """Largest less smallest share of positive decisions of any group."""
    rates = [decisions[among & (groups == g)].mean() for g in np.unique(groups)]
    return float(max(rates) - min(rates))
