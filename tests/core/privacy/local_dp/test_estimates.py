"""Bias and variance against the papers' formulas, estimates against brute force, coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.privacy.local_dp.categories import better_for_frequencies
from core.privacy.local_dp.estimates import frequencies, mean_of_scores
from core.privacy.local_dp.mechanisms import (
    LOCAL_MECHANISMS,
    category_mechanism,
    least_noise,
    number_mechanism,
)
from core.privacy.local_dp.numbers import STEPS, Laplace
from core.privacy.local_dp.uniforms import SeededUniforms

NUMBERS = [m.name for m in LOCAL_MECHANISMS if m.takes == "numbers"]
CATEGORIES = [m.name for m in LOCAL_MECHANISMS if m.takes == "categories"]


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 4.0])
@pytest.mark.parametrize("t", [-1.0, -0.5, 0.0, 1.0])
def test_variances_are_those_of_the_papers(epsilon: float, t: float) -> None:
    value = (t + 1) / 2
    half = math.exp(epsilon / 2)
    piecewise = t**2 / (half - 1) + (half + 3) / (3 * (half - 1) ** 2)  # Wang 2019, lemma 1
    duchi = (1 / math.tanh(epsilon / 2)) ** 2 - t**2  # Duchi 2018, as in Wang 2019, equation 4
    found = {name: 4 * number_mechanism(name, epsilon).variance(value) for name in NUMBERS}
    assert found["piecewise"] == pytest.approx(piecewise, rel=0.02)
    assert found["one_bit"] == pytest.approx(duchi, rel=1e-6)
    assert found["laplace"] == pytest.approx(8 / epsilon**2, rel=1e-3)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [0.0, 0.3, 0.77, 1.0])
def test_scores_are_unbiased_with_the_stated_variance(name: str, value: float) -> None:
    mechanism, n = number_mechanism(name, 1.5), 200_000
    scores = mechanism.send(np.full(n, value), SeededUniforms(3))[1]
    variance = mechanism.variance(value)
    assert abs(scores.mean() - value) < 5 * math.sqrt(variance / n)
    assert scores.var() == pytest.approx(variance, rel=0.05)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.05, 15), st.floats(0, 1))
def test_every_score_is_unbiased_in_the_table_itself(epsilon: float, value: float) -> None:
    for name in ("piecewise", "one_bit", "bounded_laplace"):
        mechanism = number_mechanism(name, epsilon)
        means = mechanism.channel.probabilities @ mechanism.scores  # type: ignore[attr-defined]
        np.testing.assert_allclose(means, np.linspace(0, 1, STEPS + 1), atol=1e-8)
        assert mechanism.variance(value) >= 0


def test_bounded_reports_stay_within_bounds() -> None:
    sent, scores = number_mechanism("bounded_laplace", 0.5).send(
        np.linspace(0, 1, 5000), SeededUniforms(1)
    )
    assert sent.min() >= 0
    assert sent.max() <= 1
    assert scores.max() > 1


def test_the_least_noise_is_one_bit_for_small_and_piecewise_for_large_epsilon() -> None:
    # Wang 2019: one bit is better in the worst case below about 0.61, piecewise above 1.29.
    assert least_noise(0.3) == "one_bit"
    assert least_noise(2.0) == "piecewise"


def frequency_variance(kept: float, named: float, share: float, rows: int) -> float:
    """[f p (1 − p) + (1 − f) q (1 − q)] / (n (p − q)²): each report names it independently."""
    spread = share * kept * (1 - kept) + (1 - share) * named * (1 - named)
    return spread / (rows * (kept - named) ** 2)


@pytest.mark.parametrize("name", CATEGORIES)
def test_frequencies_are_unbiased_with_the_stated_variance(name: str) -> None:
    shares, rows = np.array([0.6, 0.3, 0.1, 0.0]), 1000
    codes = np.repeat(np.arange(4), (shares * rows).astype(int))
    mechanism, uniforms = category_mechanism(name, 1.0, 4), SeededUniforms(5)
    found = np.array(
        [
            [f.estimate for f in frequencies(mechanism.support(codes, uniforms), mechanism)]
            for _ in range(2000)
        ],
        dtype=float,
    )
    for k, share in enumerate(shares):
        variance = frequency_variance(mechanism.kept, mechanism.named, float(share), rows)
        assert abs(found[:, k].mean() - share) < 5 * math.sqrt(variance / 2000)
        assert found[:, k].var() == pytest.approx(variance, rel=0.15)


def test_unary_encoding_beats_randomised_response_where_categories_are_many() -> None:
    for epsilon, k in ((1.0, 5), (1.0, 40), (3.0, 40), (3.0, 200)):
        variances = {
            name: frequency_variance(m.kept, m.named, 0.0, 1)
            for name in CATEGORIES
            for m in [category_mechanism(name, epsilon, k)]
        }
        assert min(variances, key=variances.get) == better_for_frequencies(epsilon, k)  # type: ignore[arg-type]


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(CATEGORIES),
    st.integers(2, 6),
    st.lists(st.integers(0, 5), min_size=1, max_size=40),
)
def test_without_noise_frequencies_are_the_plain_shares(
    name: str, k: int, parts: list[int]
) -> None:
    codes = np.array(parts) % k
    mechanism = category_mechanism(name, 20.0, k)
    own = codes[:, None] == np.arange(k)
    # What would be sent without chance: p of the true category, q of the others.
    expected = np.where(own, mechanism.kept, mechanism.named).mean(axis=0)
    debiased = (expected - mechanism.named) / (mechanism.kept - mechanism.named)
    np.testing.assert_allclose(debiased, own.mean(axis=0), atol=1e-9)
    for figure in frequencies(mechanism.support(codes, SeededUniforms(1)), mechanism):
        assert figure.low is not None
        assert figure.high is not None
        assert 0 <= figure.low <= figure.high <= 1


def test_no_reports_give_no_figures() -> None:
    mechanism = category_mechanism("randomised_response", 1.0, 3)
    empty = frequencies(np.zeros((0, 3), dtype=bool), mechanism)
    assert [f.estimate for f in empty] == [None] * 3
    assert empty[0].reason == "there are no reports"
    assert mean_of_scores(np.array([0.3]), 0, 1).estimate is None


def test_a_mean_is_in_the_units_of_its_column() -> None:
    found = mean_of_scores(np.array([0.25, 0.75]), 10, 30)
    assert found.estimate == 20
    assert (found.low, found.high) == (10, 30)


@pytest.mark.slow
@pytest.mark.parametrize("name", CATEGORIES)
def test_intervals_of_frequencies_cover_a_population(name: str) -> None:
    rng, uniforms, hits = np.random.default_rng(0), SeededUniforms(9), np.zeros(3)
    mechanism, shares = category_mechanism(name, 1.0, 3), np.array([0.5, 0.35, 0.15])
    for _ in range(1000):
        codes = rng.choice(3, 2000, p=shares)
        for k, figure in enumerate(frequencies(mechanism.support(codes, uniforms), mechanism)):
            assert figure.low is not None
            assert figure.high is not None
            hits[k] += figure.low <= shares[k] <= figure.high
    assert hits.min() >= 930
    assert hits.max() <= 975


@pytest.mark.slow
@pytest.mark.parametrize("name", NUMBERS)
def test_intervals_of_means_cover_a_population(name: str) -> None:
    rng, uniforms, hits = np.random.default_rng(1), SeededUniforms(2), 0
    mechanism = number_mechanism(name, 2.0)
    for _ in range(1000):
        scores = mechanism.send(rng.beta(2, 5, 2000), uniforms)[1]
        figure = mean_of_scores(scores, 0, 1)
        assert figure.low is not None
        assert figure.high is not None
        hits += figure.low <= 2 / 7 <= figure.high
    assert 930 <= hits <= 970


def test_laplace_adds_the_rounding_to_its_variance() -> None:
    between = (10 + 0.5) / STEPS
    assert Laplace(1.0).variance(between) - Laplace(1.0).variance(0.0) == pytest.approx(
        0.25 / STEPS**2
    )
