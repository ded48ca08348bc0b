"""Private logistic regression: its noise, its minimum and what hides the distance to it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from scipy.sparse import csr_array
from scipy.special import expit

from core.data.assign import assign
from core.data.domains import Domains, NumberDomain
from core.data.samples import SAMPLES, load_sample
from core.errors import InputError
from core.learning import perturbed_objective
from core.learning.encoding import DeclaredOneHot
from core.learning.learners import LEARNERS, LearnerConfiguration
from core.learning.perturbed_objective import (
    RESIDUAL,
    SHARE_OF_RESIDUAL,
    PerturbedLogisticRegression,
    approximate_minimum,
    exact_gradient,
)
from core.privacy.accounting.budget import Budget
from core.privacy.accounting.ledger import Ledger
from core.privacy.mechanisms.noise import noise_variance
from core.training import option_checks
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.worlds import DOMAINS, dataset

ONE_ROW = 2.0
"""What replacing one row of norm 1 can do to the summed gradient."""


def rows_in_the_ball(n: int, d: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    X /= np.maximum(1, np.linalg.norm(X, axis=1))[:, None]
    return X, rng.integers(0, 2, n)


def data_gradient(X: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Of the loss alone, in extended precision and without the code under test."""
    wide = X.astype(np.longdouble)
    score = 1 / (1 + np.exp(-(wide @ w.astype(np.longdouble))))
    return np.asarray(wide.T @ (score - y), dtype=np.float64)


def recovered_noise(epsilon: float, fits: int) -> np.ndarray:
    """Norms of b, solved from the stationarity of the perturbed objective at released weights."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.uniform(0, 1, 400)})
    y = rng.random(400) < 0.5
    domains = Domains((NumberDomain("x", 0.0, 1.0),))
    norms = []
    for seed in range(fits):
        model = LEARNERS["dp_logistic_regression"].build(
            LearnerConfiguration(epsilon=epsilon, domains=domains, noise_seed=seed)
        )
        model.fit(X, y)
        w = model.estimator.coef_[0]
        b = -data_gradient(model.encode(X), y, w) - model.estimator.strength * w
        norms.append(np.linalg.norm(b))
    return np.array(norms)


@pytest.mark.parametrize("epsilon", [0.5, 1.0, 4.0])
def test_it_draws_the_noise_of_objective_perturbation(epsilon: float) -> None:
    # Chaudhuri et al. 2011, algorithm 2, for rows in the unit ball: ‖b‖ follows a gamma
    # distribution of shape d and scale 2/ε', ε' = ε − 2 ln(1 + 1/4Λ) less what hides the residual.
    strength = 1 / (4 * math.expm1(epsilon / 40))
    left = (1 - SHARE_OF_RESIDUAL) * epsilon - 2 * math.log(1 + 1 / (4 * strength))
    assert left == pytest.approx(0.93 * epsilon)
    model = LEARNERS["dp_logistic_regression"].build(
        LearnerConfiguration(epsilon=epsilon, domains=DOMAINS)
    )
    # Too small a difference for a test of fit to find.
    assert model.estimator.epsilon_of_noise == pytest.approx(left, rel=1e-8)
    norms = recovered_noise(epsilon, 300)
    expected = stats.gamma(3, scale=2 / left)
    assert stats.kstest(norms, expected.cdf).statistic < 0.11  # α ≈ 0.001 at 300 draws
    # Noise for twice the budget would be caught.
    half = stats.gamma(3, scale=1 / left)
    assert stats.kstest(norms, half.cdf).statistic > 0.3


def log_noise_density(b: np.ndarray, epsilon: float) -> float:
    return -epsilon * float(np.linalg.norm(b)) / 2


@settings(max_examples=200)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 4),
    st.integers(0, 6),
    st.sampled_from([0.01, 0.5, 1.0, 8.0]),
    st.sampled_from(["replaced", "removed", "added"]),
    st.floats(0.01, 100),
)
def test_the_density_of_the_minimum_changes_by_its_share_of_epsilon_at_most(
    seed: int, d: int, n: int, epsilon: float, change: str, size: float
) -> None:
    # By the change of variables b = −Λw − Σ∇ℓ(w), at any w, for any neighbours.
    strength = 1 / (4 * math.expm1(epsilon / 40))
    left = PerturbedLogisticRegression(epsilon, strength).epsilon_of_noise
    X, y = rows_in_the_ball(n + 1, d, seed)
    other, labels = X.copy(), y.copy()
    if change == "replaced":
        # The worst row points against the first one.
        other[0], labels[0] = (-X[0], y[0]) if seed % 2 else (X[0], 1 - y[0])
    elif change == "removed":
        other, labels = X[1:], y[1:]
    else:
        X, y = X[1:], y[1:]
    w = np.random.default_rng(seed).normal(size=d) * size

    def log_density(rows: np.ndarray, labels: np.ndarray) -> float:
        p = expit(rows @ w)
        b = -strength * w - rows.T @ (p - labels)
        jacobian = strength * np.eye(d) + (rows * (p * (1 - p))[:, None]).T @ rows
        return log_noise_density(b, left) + float(np.linalg.slogdet(jacobian)[1])

    apart = abs(log_density(X, y) - log_density(other, labels))
    assert apart <= (1 - SHARE_OF_RESIDUAL) * epsilon + 1e-9


def test_the_bound_on_the_density_is_reached_in_the_worst_case() -> None:
    # Two opposite rows, both far on the wrong side of long weights, move the sum by 2, and other
    # rows turn the noise their way: noise for less would break the promise.
    epsilon, w = 1.0, np.array([0.0, -1e4])
    strength = 1 / (4 * math.expm1(epsilon / 40))
    left = PerturbedLogisticRegression(epsilon, strength).epsilon_of_noise

    def gradient(x: list[float]) -> np.ndarray:
        row = np.array(x) / np.linalg.norm(x)
        return row * (expit(row @ w) - 1)

    others = 1e9 * gradient([1.0, 0.003])
    one, other = (
        log_noise_density(-strength * w - others - gradient(x), left)
        for x in ([1.0, 0.003], [-1.0, 0.003])
    )
    assert abs(one - other) == pytest.approx(left, rel=1e-3)


def perturbed_value(w: np.ndarray, X: np.ndarray, y: np.ndarray, strength: float, b: np.ndarray):
    z = X @ w
    value = np.sum(np.logaddexp(0, z) - y * z) + strength / 2 * w @ w + b @ w
    return value, X.T @ (expit(z) - y) + strength * w + b


@pytest.mark.parametrize("seed", range(5))
def test_its_minimum_is_that_of_another_solver(seed: int) -> None:
    X, y = rows_in_the_ball(300, 6, seed)
    b = np.random.default_rng(seed).normal(size=6) * 20
    found = approximate_minimum(X, y, 3.0, b)
    other = optimize.minimize(
        perturbed_value, np.zeros(6), (X, y, 3.0, b), jac=True, method="BFGS",
        options={"gtol": 1e-9},
    )  # fmt: skip
    assert found == pytest.approx(other.x, abs=1e-6)
    # Strong convexity bounds the distance by the gradient over Λ.
    assert np.linalg.norm(found - other.x) <= (RESIDUAL + np.linalg.norm(other.jac)) / 3.0


@settings(max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(0, 60),
    st.integers(1, 90),
    st.sampled_from([0.001, 0.1, 1.0, 20.0, 500.0]),
    st.sampled_from(["random", "one label", "separable", "one row again and again", "zeros"]),
)
def test_it_always_reaches_its_tolerance(
    seed: int, n: int, d: int, epsilon: float, kind: str
) -> None:
    X, y = rows_in_the_ball(n, d, seed)
    if kind == "one label":
        y[:] = seed % 2
    elif kind == "separable":
        y = (X[:, 0] > 0).astype(int)
    elif kind == "one row again and again" and n:
        X[:] = X[0]
    elif kind == "zeros":
        X[:] = 0
    strength = 1 / (4 * math.expm1(min(epsilon, 100) / 40))
    b = PerturbedLogisticRegression(epsilon, strength, noise_seed=seed % 1000)._noise(d)
    w = approximate_minimum(X, y, strength, b)
    assert np.linalg.norm(data_gradient(X, y, w) + strength * w + b) <= RESIDUAL


def test_exact_sums_go_on_where_plain_ones_stop_short(monkeypatch: pytest.MonkeyPatch) -> None:
    # Plain sums that round as those of many millions of rows would: never below the tolerance.
    X, y = rows_in_the_ball(200, 4, 0)
    b, plain = np.ones(4), perturbed_objective._gradient

    def coarse(*given: Any) -> np.ndarray:
        return np.rint(plain(*given) / 1e-5) * 1e-5 + 3e-6

    monkeypatch.setattr(perturbed_objective, "_gradient", coarse)
    w = approximate_minimum(X, y, 3.0, b)
    assert np.linalg.norm(data_gradient(X, y, w) + 3.0 * w + b) <= RESIDUAL
    # Where exact sums stop short too, nothing is passed off as a minimum.
    monkeypatch.setattr(perturbed_objective, "exact_gradient", coarse)
    with pytest.raises(ArithmeticError):
        approximate_minimum(X, y, 3.0, b)


def test_more_rows_than_are_proven_are_refused_before_anything_is_charged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = dataset(600)
    spec = TrainingSpec("dp_logistic_regression", epsilon=1.0, domains=DOMAINS)
    assert LEARNERS[spec.learner].most_rows == perturbed_objective.MOST_ROWS == 5_000_000
    limited = {rows: replace(LEARNERS[spec.learner], most_rows=rows) for rows in (599, 600)}
    ledger = Ledger(Budget(1.0, 0.0))
    monkeypatch.setattr(option_checks, "LEARNERS", {spec.learner: limited[599]})
    with pytest.raises(InputError, match="more than 599 rows"):
        train(data, spec, ledger)
    assert ledger.charges == ()
    monkeypatch.setattr(option_checks, "LEARNERS", {spec.learner: limited[600]})
    train(data, spec, ledger, with_baseline=False)
    assert len(ledger.charges) == 1


@pytest.mark.slow
@pytest.mark.parametrize("positive", [0.5, 0.02])
def test_as_many_training_rows_as_may_be_reach_the_tolerance(positive: float) -> None:
    n, d = perturbed_objective.MOST_ROWS * 3 // 5, 3
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d))
    X /= np.maximum(1, np.linalg.norm(X, axis=1))[:, None]
    y = (rng.random(n) < positive).astype(int)
    model = PerturbedLogisticRegression(1.0, 1 / (4 * math.expm1(1 / 40)), noise_seed=0)
    b = model._noise(d)
    w = approximate_minimum(X, y, model.strength, b)
    assert np.linalg.norm(data_gradient(X, y, w) + model.strength * w + b) <= RESIDUAL


@pytest.fixture(scope="module")
def adult() -> tuple[np.ndarray, np.ndarray]:
    sample = SAMPLES["adult"]
    data = assign(load_sample("adult"), sample.roles)
    encoder = DeclaredOneHot(sample.domains)
    encoder.fit(data.features)
    return encoder.transform(data.features), data.target.astype(int)


@pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_on_adult_the_gradient_is_nothing_beside_one_row_however_many_rows_there_are(
    adult: tuple[np.ndarray, np.ndarray], times: int
) -> None:
    X, y = np.tile(adult[0], (times, 1)), np.tile(adult[1], times)
    assert len(X) > 30_000
    model = PerturbedLogisticRegression(1.0, 1 / (4 * math.expm1(1 / 40)), noise_seed=0)
    b = model._noise(X.shape[1])
    w = approximate_minimum(X, y, model.strength, b)
    left = np.linalg.norm(data_gradient(X, y, w) + model.strength * w + b)
    assert left <= RESIDUAL <= 1e-7 * ONE_ROW
    # The noise that hides even this moves the released weights, and the gradient, by little.
    model.fit(X, y)
    released = model.coef_[0]
    moved = np.linalg.norm(data_gradient(X, y, released) + model.strength * released + b)
    assert moved < 0.1 * ONE_ROW
    # A solver that stops where diffprivlib's does is caught by the first bound, a thousandfold.
    early, _, _ = optimize.fmin_l_bfgs_b(
        lambda w: tuple(v / len(y) for v in perturbed_value(w, X, y, model.strength, b)),
        np.zeros(X.shape[1]), factr=64, pgtol=1e-4,
    )  # fmt: skip
    assert np.linalg.norm(data_gradient(X, y, early) + model.strength * early + b) > 0.5


@pytest.mark.parametrize("change", ["replaced", "removed"])
def test_neighbours_with_the_same_minimum_stop_within_what_the_noise_hides(change: str) -> None:
    strength, d = 4.0, 5
    for seed in range(20):
        X, y = rows_in_the_ball(200, d, seed)
        w = np.random.default_rng(seed).normal(size=d) * 5
        keep = slice(1, None) if change == "removed" else slice(None)
        other, labels = X.copy()[keep], y.copy()[keep]
        if change == "replaced":
            other[0], labels[0] = -X[0], y[0]
        stops = []
        for rows, label in ((X, y), (other, labels)):
            b = -data_gradient(rows, label, w) - strength * w
            stops.append(approximate_minimum(rows, label, strength, b))
        assert all(np.linalg.norm(stop - w) <= RESIDUAL / strength for stop in stops)


class Recorded:
    """What the release asks of the sampler of discrete noise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.calls: list[dict[str, Any]] = []

        def recording(values: list[int], **asked: Any) -> tuple[int, ...]:
            self.calls.append({"values": values, **asked})
            return tuple(values)

        monkeypatch.setattr(perturbed_objective, "noisy", recording)


@pytest.mark.parametrize(("d", "strength"), [(1, 0.02), (7, 9.9), (95, 1000.0)])
def test_the_noise_of_the_residual_is_for_what_two_stops_can_differ_by(
    monkeypatch: pytest.MonkeyPatch, d: int, strength: float
) -> None:
    recorded = Recorded(monkeypatch)
    model = PerturbedLogisticRegression(2.0, strength)
    rng = np.random.default_rng(0)
    largest = 0.0
    for _ in range(200):
        # Two stops as far apart as they can be: at the ends of a diameter of the ball.
        w = rng.normal(size=d) * 10
        away = np.sign(rng.normal(size=d))
        away *= RESIDUAL / strength / np.linalg.norm(away)
        first, second = model._released(w + away), model._released(w - away)
        one, other = (call["values"] for call in recorded.calls[-2:])
        largest = max(largest, float(np.abs(np.subtract(one, other)).sum()))
        step = first[0] / one[0]
        assert np.array_equal(first, np.array(one) * step)
        assert np.array_equal(second, np.array(other) * step)
    asked = recorded.calls[-1]
    assert asked["epsilon"] == pytest.approx(SHARE_OF_RESIDUAL * 2.0)
    assert largest <= asked["sensitivity"]
    # Not for far more than that either; half of it would be too little.
    assert largest > 0.5 * asked["sensitivity"]


def test_released_weights_are_the_minimum_plus_that_noise() -> None:
    d, strength, epsilon = 4000, 5.0, 3.0
    model = PerturbedLogisticRegression(epsilon, strength)
    w = np.random.default_rng(0).normal(size=d)
    apart = 2 * RESIDUAL / strength
    step = 2.0 ** math.floor(math.log2(apart / d))
    noise = (model._released(w) - np.rint(w / step) * step) / step
    assert np.array_equal(noise, np.rint(noise))
    sensitivity = math.ceil(math.sqrt(d) * apart / step) + d
    expected = noise_variance(SHARE_OF_RESIDUAL * epsilon, sensitivity)
    # A variance of 4,000 Laplace draws is within a sixth of the truth (5 standard errors of 3.5 %).
    assert np.var(noise) == pytest.approx(expected, rel=0.18)


def test_fresh_noise_of_the_residual_comes_from_the_hardened_sampler(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from core.privacy.mechanisms.noise import FRESH

    recorded = Recorded(monkeypatch)
    X, y = rows_in_the_ball(30, 3, 0)
    PerturbedLogisticRegression(1.0, 9.9).fit(X, y)
    assert recorded.calls[0]["source"] is FRESH


def test_rows_outside_the_unit_ball_and_strengths_without_noise_are_refused() -> None:
    X, y = rows_in_the_ball(30, 3, 0)
    X[4] *= 1.001 / np.linalg.norm(X[4])
    with pytest.raises(ValueError, match="unit ball"):
        PerturbedLogisticRegression(1.0, 9.9).fit(X, y)
    with pytest.raises(ValueError, match="no epsilon for noise"):
        PerturbedLogisticRegression(1.0, 0.16).fit(X[:4], y[:4])
    PerturbedLogisticRegression(1.0, 0.4).fit(X[:4], y[:4])


def test_a_budget_too_small_for_doubles_is_refused_before_anything_is_charged() -> None:
    build = LEARNERS["dp_logistic_regression"].build
    build(LearnerConfiguration(epsilon=0.001, domains=DOMAINS))
    with pytest.raises(InputError, match="drown"):
        build(LearnerConfiguration(epsilon=0.00099, domains=DOMAINS))


def test_at_a_huge_epsilon_it_is_the_plain_one() -> None:
    from sklearn.linear_model import LogisticRegression

    data = dataset(600)
    encoder = DeclaredOneHot(DOMAINS)
    encoder.fit(data.features)
    encoded = encoder.transform(data.features)
    model = PerturbedLogisticRegression(1e6, 0.2, noise_seed=0).fit(encoded, data.target)
    plain = LogisticRegression(C=5.0, fit_intercept=False, tol=1e-8).fit(encoded, data.target)
    assert model.predict_proba(encoded) == pytest.approx(plain.predict_proba(encoded), abs=1e-3)


def test_the_exact_gradient_is_that_of_brute_force() -> None:
    X, y = rows_in_the_ball(50, 4, 1)
    X[X < -0.3] = 0
    w, b = np.arange(4.0), np.ones(4)
    by_hand = sum((1 / (1 + math.exp(-x @ w)) - label) * x for x, label in zip(X, y, strict=True))
    assert exact_gradient(csr_array(X), y, w, 2.0, b) == pytest.approx(by_hand + 2 * w + b)
