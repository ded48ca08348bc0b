"""Noise from a key: exact, the same again, unlike any other, and never kept with what it made."""

from __future__ import annotations

import copy
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from diffprivlib.mechanisms import GeometricTruncated, PermuteAndFlip, Vector
from scipy.stats import chisquare, kstest, norm

from core.privacy.accounting.noise_key import NoiseKey, library_random, numpy_seed
from core.privacy.mechanisms.discrete_gaussian import DiscreteGaussian
from core.privacy.mechanisms.noise import FRESH, Keyed, Seeded, noisy, source_of

KEY = NoiseKey(bytes(range(32)))
N = 40_000


def fits(drawn: np.ndarray, mass: dict[int, float]) -> float:
    """P-value of draws of whole numbers against a distribution, rare ones put together."""
    seen = {k: int((drawn == k).sum()) for k in mass}
    kept = [k for k in mass if mass[k] * len(drawn) >= 10]
    observed = np.array([*(seen[k] for k in kept), 0], dtype=np.float64)
    expected = np.array([*(mass[k] * len(drawn) for k in kept), 0])
    observed[-1], expected[-1] = len(drawn) - observed.sum(), len(drawn) - expected.sum()
    if expected[-1] < 5:
        assert observed[-1] < 20
        observed, expected = observed[:-1], expected[:-1]
        expected = expected * observed.sum() / expected.sum()
    return float(chisquare(observed, expected).pvalue)


@pytest.mark.parametrize("scale", [0.4, 1.0, 3.7])
def test_the_discrete_gaussian_of_a_key_has_its_distribution(scale):
    drawn = DiscreteGaussian(scale, KEY).add_to(np.zeros(N, dtype=np.int64))
    mass = {x: math.exp(-(x**2) / (2 * scale**2)) for x in range(-60, 61)}
    total = sum(mass.values())
    assert fits(drawn, {x: value / total for x, value in mass.items()}) > 1e-3


def test_large_scales_are_normal_ones():
    drawn = DiscreteGaussian(4.3e7, KEY).add_to(np.zeros(5000, dtype=np.int64))
    assert kstest(drawn / 4.3e7, norm.cdf).pvalue > 1e-3


@pytest.mark.parametrize("rate", [Fraction(1, 3), Fraction(2), Fraction(0.7)])
def test_discrete_laplace_noise_of_a_key_has_its_distribution(rate):
    drawn = np.array(Keyed(KEY, "counts").draw(rate, N))
    r = math.exp(-float(rate))
    assert fits(drawn, {k: (1 - r) / (1 + r) * r ** abs(k) for k in range(-80, 81)}) > 1e-3


def test_a_generator_is_even_and_holds_what_python_asks_of_one():
    random = KEY.generator("x")
    assert kstest([random.random() for _ in range(N)], "uniform").pvalue > 1e-3
    assert fits(np.array([random.randbelow(7) for _ in range(N)]), dict.fromkeys(range(7), 1 / 7))
    assert kstest([random.normalvariate(0, 1) for _ in range(5000)], norm.cdf).pvalue > 1e-3
    assert len(random.randbytes(10_000)) == 10_000
    assert {random.getrandbits(1) for _ in range(50)} == {0, 1}
    assert random.getrandbits(0) == 0
    assert random.randbelow(1) == 0


def test_equal_keys_and_purposes_repeat_and_others_share_nothing():
    def bits(key: NoiseKey, purpose: str) -> int:
        return key.generator(purpose).getrandbits(4096 * 9)

    assert bits(KEY, "a") == bits(NoiseKey(bytes(range(32))), "a")
    for other in (bits(KEY, "b"), bits(NoiseKey(bytes(32)), "a"), bits(KEY, "")):
        same = bin(bits(KEY, "a") ^ other).count("1") / (4096 * 9)
        assert abs(same - 0.5) < 0.02
    assert NoiseKey.fresh() != NoiseKey.fresh()
    for wrong in (b"", bytes(31), bytes(33)):
        with pytest.raises(ValueError, match="32 bytes"):
            NoiseKey(wrong)


def test_a_key_is_in_no_text_and_in_no_pickle():
    for text in (repr(KEY), str(KEY), f"{KEY}"):
        assert KEY.secret.hex() not in text
        assert repr(KEY.secret) not in text
    for thing in (KEY, KEY.generator("x"), library_random(KEY, "x"), {"key": [KEY]}):
        with pytest.raises(TypeError, match="must not be kept"):
            pickle.dumps(thing)
        with pytest.raises(TypeError, match="must not be kept"):
            copy.deepcopy(thing)


@pytest.mark.parametrize(
    "make",
    [
        lambda random: GeometricTruncated(
            epsilon=0.5, sensitivity=1, lower=-50, upper=50, random_state=random
        ).randomise(3),
        lambda random: PermuteAndFlip(
            epsilon=0.5, sensitivity=1, utility=[1.0, 2.0, 3.0], random_state=random
        ).randomise(),
        lambda random: (
            Vector(epsilon=1.0, function_sensitivity=0.25, dimension=4, random_state=random)
            .randomise(lambda w: (0.0, np.zeros(4)))(np.zeros(4))[1]
            .sum()
        ),
    ],
)
def test_the_library_draws_from_the_key_alone(make):
    first, again = (library_random(KEY, "x") for _ in range(2))
    drawn = [make(first) for _ in range(40)]
    np.random.seed(0)
    assert drawn == [make(again) for _ in range(40)]
    assert len(set(drawn)) > 1
    other = library_random(KEY, "y")
    assert drawn != [make(other) for _ in range(40)]


def test_numbers_of_numpys_own_are_hidden():
    random = library_random(KEY, "x")
    assert isinstance(random, np.random.RandomState)
    for name in ("standard_normal", "gamma", "rand", "randint", "uniform", "get_state", "seed"):
        with pytest.raises(AttributeError):
            getattr(random, name)


def test_seeds_and_none_are_what_they_were():
    assert library_random(3, "x") == numpy_seed(3, "x") == 3
    assert library_random(None, "x") is numpy_seed(None, "x") is None
    assert numpy_seed(KEY, "x").bit_length() > 100
    assert source_of(None, "x") is FRESH
    assert isinstance(source_of(4, "x"), Seeded)
    keyed = [noisy([0] * 20, epsilon=0.1, sensitivity=1, source=source_of(KEY, "x")) for _ in "ab"]
    assert keyed[0] == keyed[1]
    assert source_of(KEY, "x").noise == "fresh"
