"""Every private learner, fitted again and again to two tables that differ in one worst row.

The most powerful audit there is, for a table so small that it can be fitted thousands of times: the
two inputs differ in one odd row, and what is looked at is the score of that row.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.data.domains import CategoryDomain, Domains
from core.learning import noisy_gradient
from core.learning.learners import LEARNERS, LearnerConfiguration
from tests.core.mechanism_audit import EpsilonBound, epsilon_lower_bound

PRIVATE = [item.name for item in LEARNERS if item.private]
DOMAINS = Domains((CategoryDomain("job", ("a", "odd")),))
BLIND = {"dp_random_forest"}
"""Each row is in one tree of twenty that vote: a score hardly tells of a row."""
ORDINARY = 8
DELTA = 1e-5


class RoundedNormal:
    """A discrete Gaussian of a million units and more, drawn a thousand times as fast."""

    def __init__(self, scale: float, seed: int | None = None):
        self.scale, self.rng = scale, np.random.default_rng(seed)

    def add_to(self, sums):
        noise = np.rint(self.rng.normal(0, self.scale, len(sums)))
        return sums + noise.astype(np.int64)


def audit_fits(make, first, second, asked, **options) -> EpsilonBound:
    """Bound the ε of a learner from below by fitting it to two neighbouring tables."""

    def mechanism(table):
        def run(runs: int):
            out = np.empty((runs, len(asked)))
            for position in range(runs):
                model = make()
                model.fit(*table)
                out[position] = model.predict_score(asked)
            return out

        return run

    return epsilon_lower_bound(mechanism(first), mechanism(second), **options)


def audited(name: str, monkeypatch, *, built_for: float, choose: int, fresh: int, confidence=0.999):
    """Audit a learner with one odd row in a category of its own; return the bound on ε."""
    monkeypatch.setattr(noisy_gradient, "DiscreteGaussian", RoundedNormal)
    learner = LEARNERS[name]
    jobs = ["a"] * ORDINARY
    labels = np.arange(ORDINARY) % 2 == 0

    def rows(names):
        return pd.DataFrame({"job": pd.Series(names, dtype=object)})

    with_odd = rows([*jobs, "odd"]), np.append(labels, True)
    neighbour = (
        (rows([*jobs, "odd"]), np.append(labels, False))
        if learner.neighbouring == "replace-one"
        else (rows(jobs), labels)
    )
    return audit_fits(
        lambda: learner.build(LearnerConfiguration(0, built_for, DELTA, DOMAINS)),
        with_odd,
        neighbour,
        rows(["odd", "a"]),
        delta=DELTA if learner.needs_delta else 0.0,
        choose=choose,
        fresh=fresh,
        confidence=confidence,
    ).epsilon


@pytest.mark.slow
@pytest.mark.parametrize("name", PRIVATE)
def test_no_private_learner_is_refuted(name, monkeypatch):
    assert audited(name, monkeypatch, built_for=1.0, choose=50, fresh=150) <= 1.0


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in PRIVATE if name not in BLIND])
def test_noise_for_another_epsilon_is_caught(name, monkeypatch):
    # Promised 1, built for 500. Half the noise is below what a few hundred fits can see; the tests
    # of noise itself, in tests/core/learning, catch that.
    bound = audited(name, monkeypatch, built_for=500.0, choose=30, fresh=60, confidence=0.95)
    assert bound > 1.0


@pytest.mark.parametrize("name", ["dp_logistic_regression"])
def test_a_quick_learner_without_its_noise_is_caught_every_day(name, monkeypatch):
    bound = audited(name, monkeypatch, built_for=500.0, choose=20, fresh=40, confidence=0.95)
    assert bound > 1.0
