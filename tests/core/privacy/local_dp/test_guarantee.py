"""The promise of every local mechanism: read off its table, and tested on what it draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.privacy.local_dp.categories import RandomisedResponse, UnaryEncoding
from core.privacy.local_dp.channel import TOTAL, epsilon_of
from core.privacy.local_dp.mechanisms import (
    LOCAL_MECHANISMS,
    category_mechanism,
    number_mechanism,
)
from core.privacy.local_dp.numbers import BoundedLaplace, OneBit, Piecewise
from core.privacy.local_dp.uniforms import FreshUniforms, SeededUniforms
from tests.core.mechanism_audit import epsilon_lower_bound, lowest_bit

EPSILONS = st.floats(0.01, 19.0)
NUMBERS = [m.name for m in LOCAL_MECHANISMS if m.takes == "numbers"]
CATEGORIES = [m.name for m in LOCAL_MECHANISMS if m.takes == "categories"]


@settings(max_examples=15, deadline=None)
@given(EPSILONS)
def test_a_table_of_numbers_keeps_epsilon_for_every_pair_and_wastes_little(epsilon: float) -> None:
    for build in (OneBit, Piecewise, BoundedLaplace):
        channel = build(epsilon).channel
        assert (channel.weights.sum(axis=1) == TOTAL).all()
        assert (channel.weights >= 0).all()
        assert 0.999 * epsilon < channel.epsilon <= epsilon


@settings(max_examples=30, deadline=None)
@given(EPSILONS, st.integers(2, 300))
def test_a_table_of_categories_keeps_epsilon_for_every_pair(epsilon: float, k: int) -> None:
    response, unary = RandomisedResponse(epsilon, k), UnaryEncoding(epsilon, k)
    assert 0.999 * epsilon < response.channel.epsilon <= epsilon
    # The bits of two persons of other categories, together.
    (zero, one), (kept_zero, kept_one) = unary.channel.probabilities
    assert 0.999 * epsilon < math.log(kept_one * zero / (kept_zero * one)) <= epsilon
    wanted = math.exp(epsilon)
    assert response.kept == pytest.approx(wanted / (wanted + k - 1), rel=1e-5)
    assert unary.named == pytest.approx(1 / (wanted + 1), rel=1e-5)
    assert unary.kept == 0.5


def test_unary_bits_of_three_categories_keep_epsilon_over_all_eight_reports() -> None:
    mechanism = UnaryEncoding(1.3, 3)
    reports = [[(r >> bit) & 1 for bit in range(3)] for r in range(8)]
    probabilities = np.array(
        [
            [
                math.prod(
                    mechanism.channel.probabilities[int(bit == own), expected]
                    for bit, expected in enumerate(report)
                )
                for report in reports
            ]
            for own in range(3)
        ]
    )
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert epsilon_of(probabilities) == pytest.approx(1.3, rel=1e-6)
    assert epsilon_of(probabilities) <= 1.3


def test_a_report_that_only_one_value_can_give_is_no_guarantee() -> None:
    assert epsilon_of(np.array([[0.5, 0.5], [1.0, 0.0]])) == math.inf


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("epsilon", [0.5, 1.0, 3.0])
def test_an_attack_on_two_numbers_stays_below_epsilon_and_catches_half_the_noise(
    name: str, epsilon: float
) -> None:
    uniforms = SeededUniforms(7)

    def bound(true: float) -> float:
        mechanism = number_mechanism(name, true)
        runs = [
            lambda n, v=value: mechanism.send(np.full(n, v), uniforms)[0] for value in (0.0, 1.0)
        ]
        return epsilon_lower_bound(runs[0], runs[1], statistics=(lowest_bit,)).epsilon

    assert bound(epsilon) <= epsilon
    assert bound(2 * epsilon) > epsilon


@pytest.mark.parametrize("name", CATEGORIES)
@pytest.mark.parametrize("epsilon", [0.5, 1.0, 3.0])
def test_an_attack_on_two_categories_stays_below_epsilon_and_catches_half_the_noise(
    name: str, epsilon: float
) -> None:
    uniforms = SeededUniforms(11)

    def bound(true: float) -> float:
        mechanism = category_mechanism(name, true, 4)
        runs = [
            lambda n, v=value: mechanism.support(np.full(n, v), uniforms).astype(float)
            for value in (0, 1)
        ]
        return epsilon_lower_bound(
            runs[0], runs[1], statistics=(lambda seen: seen[:, 0] - seen[:, 1],)
        ).epsilon

    assert bound(epsilon) <= epsilon
    assert bound(2 * epsilon) > epsilon


def test_fresh_lots_follow_the_same_table() -> None:
    mechanism = RandomisedResponse(1.0, 3)
    sent = mechanism.send(np.zeros(3000, dtype=np.int64), FreshUniforms())
    seen = np.bincount(sent, minlength=3) / 3000
    # Five standard errors.
    assert np.abs(seen - mechanism.channel.probabilities[0]).max() < 5 * math.sqrt(0.25 / 3000)
    values, scores = Piecewise(1.0).send(np.full(500, 0.3), FreshUniforms())
    assert len(set(values)) > 50
    assert np.array_equal(values, scores)


def test_large_epsilon_sends_the_truth() -> None:
    uniforms, values = SeededUniforms(0), np.linspace(0, 1, 129)
    for name in ("piecewise", "laplace"):
        assert (
            np.abs(number_mechanism(name, 1000.0).send(values, uniforms)[0] - values).max() < 1e-4
        )
    codes = np.arange(5).repeat(100)
    assert (RandomisedResponse(1000.0, 5).send(codes, uniforms) == codes).all()
    # Unary encoding names no other category, and the true one every second time.
    named = UnaryEncoding(1000.0, 5).support(codes, uniforms)
    assert not named[codes[:, None] != np.arange(5)].any()
    # One bit stays one bit: its mean is the value, its spread that of a coin.
    assert OneBit(1000.0).variance(0.5) == pytest.approx(0.25, abs=1e-6)
