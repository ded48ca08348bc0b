"""The noise of the private learners, recovered or recorded, against the published formulas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from interpret.utils._native import Native
from scipy import optimize, stats

from core.errors import InputError
from core.learning.learners import LEARNERS, LearnerConfiguration
from tests.core.worlds import DOMAINS, dataset


class _Recorder:
    """Records the standard deviation of every Gaussian draw that interpret makes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.calls: list[tuple[float, int]] = []
        native = Native.get_native_singleton()
        original = native.generate_gaussian_random

        def recording(rng: Any, stddev: float, count: int) -> Any:
            self.calls.append((float(stddev), int(count)))
            return original(rng, stddev, count)

        monkeypatch.setattr(native, "generate_gaussian_random", recording)


def _gaussian_epsilon(mu: float, delta: float) -> float:
    """Smallest ε of μ-Gaussian differential privacy at δ (Dong, Roth and Su 2022, corollary 1)."""

    def gap(epsilon: float) -> float:
        return float(
            stats.norm.cdf(-epsilon / mu + mu / 2)
            - math.exp(epsilon) * stats.norm.cdf(-epsilon / mu - mu / 2)
            - delta
        )

    return float(optimize.brentq(gap, 0, 200)) if gap(0) > 0 else 0.0


@pytest.mark.parametrize("epsilon", [0.5, 1.0, 4.0])
def test_dp_ebm_draws_enough_noise_for_its_guarantee(
    epsilon: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = _Recorder(monkeypatch)
    data = dataset(300)
    delta = 1e-5
    model = LEARNERS["dp_explainable_boosting"].build(
        LearnerConfiguration(epsilon=epsilon, delta=delta, domains=DOMAINS)
    )
    # Once it is fitted the model is its terms alone.
    rounds, rate = model.estimator.max_rounds, model.estimator.learning_rate
    model.fit(data.features, data.target)
    features = data.features.shape[1]
    binning, boosting = recorder.calls[:features], recorder.calls[features:]
    # Each feature is binned once; each round noises each feature's update once.
    assert len(boosting) == rounds * features
    # One row adds 1 to one bin count, and at most its learning rate to one update. A draw of
    # standard deviation σ for sensitivity s is s/σ-GDP; the squares add up.
    mu_binning = math.sqrt(sum(1 / s**2 for s, _ in binning))
    mu_boosting = math.sqrt(sum((rate / s) ** 2 for s, _ in boosting))
    total = _gaussian_epsilon(math.hypot(mu_binning, mu_boosting), delta)
    assert total <= epsilon * (1 + 1e-6)
    # Half the noise would break the promise.
    assert _gaussian_epsilon(2 * math.hypot(mu_binning, mu_boosting), delta) > epsilon
    # And the promise is not bought with needless noise.
    assert total > 0.8 * epsilon


def test_fresh_noise_differs_and_seeded_noise_repeats() -> None:
    data = dataset(300)
    for name in ("dp_logistic_regression", "dp_explainable_boosting"):
        scores = []
        for seed in (None, None, 7, 7):
            model = LEARNERS[name].build(
                LearnerConfiguration(epsilon=1.0, delta=1e-6, domains=DOMAINS, noise_seed=seed)
            )
            model.fit(data.features, data.target)
            scores.append(model.predict_score(data.features))
        assert not np.array_equal(scores[0], scores[1])
        assert np.array_equal(scores[2], scores[3])


@pytest.mark.parametrize("name", [item.name for item in LEARNERS if item.private])
def test_private_learners_refuse_weights_and_missing_budgets(name: str) -> None:
    data = dataset(100)
    with pytest.raises(InputError, match="needs an epsilon"):
        LEARNERS[name].build(LearnerConfiguration(domains=DOMAINS))
    with pytest.raises(InputError, match="declared bounds"):
        LEARNERS[name].build(LearnerConfiguration(epsilon=1.0, delta=1e-6))
    model = LEARNERS[name].build(LearnerConfiguration(epsilon=1.0, delta=1e-6, domains=DOMAINS))
    with pytest.raises(InputError, match="takes no row weights"):
        model.fit(data.features, data.target, np.ones(len(data)))


@pytest.mark.parametrize("name", LEARNERS.names())
def test_no_learner_is_the_librarys_linear_regression(name: str) -> None:
    # It takes its sensitivity from the wrong bounds and may release a coefficient exactly.
    from diffprivlib.models import LinearRegression

    model = LEARNERS[name].build(LearnerConfiguration(epsilon=1.0, delta=1e-6, domains=DOMAINS))
    assert not isinstance(model.estimator, LinearRegression)


@pytest.mark.parametrize("name", [item.name for item in LEARNERS if item.private])
def test_fresh_noise_does_not_follow_the_common_random_numbers(name: str) -> None:
    data = dataset(200)
    scores = []
    for _ in range(2):
        np.random.seed(0)
        model = LEARNERS[name].build(LearnerConfiguration(epsilon=0.2, delta=1e-6, domains=DOMAINS))
        model.fit(data.features, data.target)
        scores.append(model.predict_score(data.features))
    assert not np.array_equal(*scores)
