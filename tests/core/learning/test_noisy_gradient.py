from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.stats import chi2, norm

from core.data.domains import CategoryDomain, Domains, NumberDomain
from core.learning import noisy_gradient
from core.learning.encoding import DeclaredBins
from core.learning.noisy_gradient import (
    UNIT,
    NoisyGradientLogisticRegression,
    whole_gradient,
)
from core.privacy.accounting.composition import zcdp_epsilon
from core.privacy.mechanisms.discrete_gaussian import DiscreteGaussian, rho_within

DOMAINS = Domains(
    (NumberDomain("age", 0.0, 100.0), CategoryDomain("job", ("a", "b", "c"))),
)


def rows(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"age": rng.uniform(-20, 130, n), "job": rng.choice(list("abcz"), n)})
    frame.loc[::17, "age"] = np.nan
    frame["job"] = frame["job"].astype(object)
    encoder = DeclaredBins(DOMAINS)
    encoder.fit(frame)
    X = encoder.transform(frame)
    return X, (rng.random(n) < 0.3 + 0.4 * (frame["age"] > 50)).to_numpy().astype(int)


def delta_of_gaussian(ratio: float, epsilon: float) -> float:
    """δ at ε of a Gaussian mechanism with that sensitivity over deviation (Balle, Wang 2018)."""
    return float(
        norm.cdf(ratio / 2 - epsilon / ratio)
        - math.exp(epsilon) * norm.cdf(-ratio / 2 - epsilon / ratio)
    )


def transcript(monkeypatch: pytest.MonkeyPatch, X, y, epsilon, delta, *, halved=False):
    """Exact and noisy gradients of every step of a fit that draws fresh noise."""
    seen = []

    class Watched(DiscreteGaussian):
        def __init__(self, scale, seed=None):
            super().__init__(scale / 2 if halved else scale, seed)

        def add_to(self, sums):
            noisy = super().add_to(sums)
            seen.append((sums, noisy))
            return noisy

    monkeypatch.setattr(noisy_gradient, "DiscreteGaussian", Watched)
    model = NoisyGradientLogisticRegression(epsilon, delta)
    model.active = 3
    model.fit(X, y)
    return seen


@pytest.mark.parametrize("halved", [False, True])
def test_noise_hides_the_worst_row_as_promised(monkeypatch, halved):
    # All that a fit ever tells of the rows is its noisy gradients. Their noise, measured, against
    # the most that one more row adds to each, gives the whole transcript's privacy loss.
    epsilon, delta = 1.0, 1e-6
    X, y = rows(300)
    seen = transcript(monkeypatch, X, y, epsilon, delta, halved=halved)
    noise = np.array([noisy - exact for exact, noisy in seen], dtype=float)
    # An upper confidence limit of the deviation, at one in a million.
    count = noise.size
    deviation = math.sqrt((noise**2).sum() / chi2.ppf(1e-6, count))
    one = np.zeros((1, X.shape[1]))
    one[0, [0, X.shape[1] - 2, X.shape[1] - 1]] = 1
    changes = [
        np.linalg.norm(whole_gradient(one, np.array([label]), np.full(X.shape[1], weight)))
        for label in (0, 1)
        for weight in (-50.0, 50.0)
    ]
    worst = max(changes)
    assert worst == pytest.approx(UNIT * math.sqrt(3))
    ratio = worst * math.sqrt(len(seen)) / deviation
    kept = delta_of_gaussian(ratio * 0.93, epsilon) <= delta  # 0.93: width of the limit
    assert kept is not halved


@given(st.floats(-1e6, 1e6), st.sampled_from(["a", "b", "c", "z", "(missing)"]), st.booleans())
def test_one_row_changes_a_gradient_by_no_more_than_is_assumed(age, job, label):
    X, y = rows(50)
    encoder = DeclaredBins(DOMAINS)
    frame = pd.DataFrame({"age": [age], "job": pd.Series([job], dtype=object)})
    encoder.fit(frame)
    more = encoder.transform(frame)
    assert more.sum() == encoder.active == 3
    assert set(np.unique(more)) <= {0.0, 1.0}
    weights = np.random.default_rng(1).normal(0, 3, X.shape[1])
    change = whole_gradient(
        np.vstack([X, more]), np.append(y, int(label)), weights
    ) - whole_gradient(X, y, weights)
    assert np.linalg.norm(change) <= UNIT * math.sqrt(3) * (1 + 1e-12)


@given(st.floats(0.01, 20), st.floats(1e-12, 1e-3))
def test_the_scale_of_noise_keeps_the_guarantee_and_wastes_little(epsilon, delta):
    ratio = math.sqrt(2 * rho_within(epsilon, delta))
    assert delta_of_gaussian(ratio, epsilon) <= delta
    assert delta_of_gaussian(1.35 * ratio, epsilon) > delta


@given(st.floats(1e-3, 50), st.floats(1e-12, 1e-2))
def test_the_guarantee_is_kept_to_the_last_digit(epsilon, delta):
    assert zcdp_epsilon(rho_within(epsilon, delta), delta) <= epsilon


@pytest.mark.parametrize(("job", "active"), [(True, 3), (False, 2)])
@pytest.mark.parametrize(("epsilon", "delta", "steps"), [(1.0, 1e-6, 60), (4.0, 1e-9, 7)])
def test_all_steps_together_spend_the_budget_and_no_more(job, active, epsilon, delta, steps):
    X, y = rows(40)
    if not job:
        X = X[:, [*range(X.shape[1] - 6), X.shape[1] - 1]]
    model = NoisyGradientLogisticRegression(epsilon, delta, noise_seed=0, steps=steps)
    model.active = active
    model.fit(X, y)
    # One row adds so many ones, each times a residual of at most 1, to each of the gradients.
    rho = steps * active * UNIT**2 / (2 * model.scale_**2)
    # Canonne, Kamath and Steinke 2020, proposition 7, over a grid of α.
    alpha = 1 + np.exp(np.linspace(-6, 12, 20_001))
    terms = np.log1p(-1 / alpha) * alpha - np.log(delta * (alpha - 1))
    lowest = float(np.min(alpha * rho + terms / (alpha - 1)))
    assert lowest == pytest.approx(epsilon, rel=1e-5)


def test_almost_no_noise_gives_gradient_descent_on_the_logistic_loss():
    X, y = rows(2000)
    model = NoisyGradientLogisticRegression(1e5, 1e-6, noise_seed=0, steps=600)
    model.active = 3
    model.fit(X, y)

    def loss(scores):
        return float(np.mean(np.logaddexp(0, scores) - y * scores))

    from sklearn.linear_model import LogisticRegression

    best = LogisticRegression(C=1e6, fit_intercept=False, max_iter=5000).fit(X, y)
    assert loss(model.decision_function(X)) - loss(X @ best.coef_[0]) < 0.002


def test_releases_differ_and_simulations_repeat():
    X, y = rows(200)

    def fitted(seed):
        model = NoisyGradientLogisticRegression(1.0, 1e-6, noise_seed=seed, steps=5)
        model.active = 3
        return model.fit(X, y).coef_

    assert not np.array_equal(fitted(None), fitted(None))
    assert np.array_equal(fitted(3), fitted(3))


def test_a_row_with_more_ones_is_refused():
    X, y = rows(20)
    X[4, 0] += 1
    model = NoisyGradientLogisticRegression(1.0, 1e-6)
    model.active = 3
    with pytest.raises(ValueError, match="exactly 3 ones"):
        model.fit(X, y)


def test_bins_cover_the_bounds_and_nothing_of_the_data():
    encoder = DeclaredBins(Domains((NumberDomain("age", 0.0, 100.0),)))
    values = [0.0, 1e-9, 0.5, 1.0, 50.0, 99.0, 100.0, 1e9, -5.0, np.nan]
    frame = pd.DataFrame({"age": values})
    encoder.fit(frame)
    code = encoder.transform(frame)[:, :-1].argmax(axis=1)
    assert code[0] == code[8] != code[1]  # the lower bound has a bin of its own
    assert code[6] == code[7] == code[5]
    assert code[9] == encoder.transform(frame).shape[1] - 2
    assert all(a <= b for a, b in pairwise(code[:7]))


def test_discrete_gaussian_has_the_declared_deviation():
    noise = DiscreteGaussian(40.0)
    drawn = noise.add_to(np.zeros(4000, dtype=np.int64))
    low, high = chi2.ppf([1e-6, 1 - 1e-6], 4000)
    assert low <= (drawn.astype(float) ** 2).sum() / 40.0**2 <= high
    assert noise.rho(5.0) == pytest.approx(25 / 3200)


def test_stored_ones_are_the_matrix_and_its_gradients_are_the_same_whole_numbers():
    encoder = DeclaredBins(DOMAINS)
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"age": rng.uniform(-20, 130, 500), "job": rng.choice(list("abcz"), 500)})
    frame["job"] = frame["job"].astype(object)
    encoder.fit(frame)
    thin, full = encoder.sparse(frame), encoder.transform(frame)
    assert np.array_equal(thin.toarray(), full)
    assert thin.nnz == full.sum() == 500 * encoder.active
    # Weights whose sums are exact, so that both ways add up to the same residuals.
    weights = rng.integers(-64, 64, full.shape[1]) / 16
    y = rng.integers(0, 2, 500)
    assert np.array_equal(whole_gradient(thin, y, weights), whole_gradient(full, y, weights))


def test_a_row_is_encoded_and_counted_alike_wherever_it_stands():
    X, y = rows(257)
    weights = np.random.default_rng(5).normal(0, 2, X.shape[1])
    thin = csr_array(X)
    alone = [whole_gradient(thin[[k]], y[[k]], weights) for k in range(257)]
    assert np.array_equal(sum(alone), whole_gradient(thin, y, weights))
