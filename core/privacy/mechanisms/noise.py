"""Noise of released numbers, all of it drawn here: the discrete Laplace distribution.

Definition
----------
Two-sided geometric noise: P(Z = k) = (1 − r) / (1 + r) · r^|k| with r = e^(−λ), λ = ε / Δ. Added
to a vector of integers of L1 sensitivity Δ it is ε-differentially private (Ghosh, Roughgarden and
Sundararajan 2012, SIAM Journal on Computing 41, definition 2.4).

A release is drawn exactly from the operating system's entropy by the integer sampler of Canonne,
Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy", algorithms 1 and 2. ε is
taken as the fraction that the float is, so no rounding of logarithms stands between the guarantee
and the bits: continuous noise in floating point gives the input away in its last bits (Mironov
2012), integers have none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from secrets import randbelow
from typing import Literal, Protocol

import numpy as np

from core.arrays import Ints
from core.privacy.accounting.budget import Neighbouring, check_epsilon
from core.privacy.accounting.exact import exact
from core.privacy.accounting.noise_key import NoiseKey, NoiseSeed

Below = Callable[[int], int]
"""Draws a whole number below a limit, each as likely as the other."""

LARGEST = 2**62
"""Noisy numbers stop here, as OpenDP's saturate; that looks at the noisy number only."""


class NoiseSource(Protocol):
    """Where noise comes from; a result records which it was."""

    @property
    def noise(self) -> Literal["fresh", "seeded"]:
        """Whether it can be drawn again."""
        ...

    def draw(self, rate: Fraction, size: int) -> list[int]:
        """Draw discrete Laplace noise of rate λ."""
        ...


class Fresh:
    """Exact noise from the operating system's entropy, for releases."""

    noise: Literal["fresh", "seeded"] = "fresh"

    def draw(self, rate: Fraction, size: int) -> list[int]:
        """Draw discrete Laplace noise of rate λ."""
        return [discrete_laplace(rate.numerator, rate.denominator, randbelow) for _ in range(size)]


class Keyed:
    """The same exact noise from a key, for a release that can be finished if it dies."""

    noise: Literal["fresh", "seeded"] = "fresh"

    def __init__(self, key: NoiseKey, purpose: str):
        self._below = key.generator(purpose).randbelow

    def draw(self, rate: Fraction, size: int) -> list[int]:
        """Draw discrete Laplace noise of rate λ."""
        return [
            discrete_laplace(rate.numerator, rate.denominator, self._below) for _ in range(size)
        ]


class Seeded:
    """Noise from a seed, for simulations only: whoever knows the seed can subtract it again."""

    noise: Literal["fresh", "seeded"] = "seeded"

    def __init__(self, seed: int):
        self._rng = np.random.default_rng(seed)

    def draw(self, rate: Fraction, size: int) -> list[int]:
        """Draw discrete Laplace noise of rate λ."""
        return [int(k) for k in simulated_noise(float(rate), (size,), self._rng)]


FRESH = Fresh()


def source_of(seed: NoiseSeed, purpose: str) -> NoiseSource:
    """Return where the noise of one purpose comes from, by what seeds it."""
    if isinstance(seed, NoiseKey):
        return Keyed(seed, purpose)
    return FRESH if seed is None else Seeded(seed)


def sensitivity_of_counts(neighbouring: Neighbouring) -> int:
    """L1 sensitivity of counts over disjoint cells.

    One row more or less changes one count by 1; a row of other values leaves one cell and enters
    another.
    """
    return 2 if neighbouring == "replace-one" else 1


def noise_rate(epsilon: float, sensitivity: int) -> Fraction:
    """Return λ = ε / Δ exactly, ε being the decimal number that was typed and is charged.

    Raises
    ------
    InputError
        If ε is not a finite number above 0.
    """
    return exact(check_epsilon(epsilon)) / sensitivity


def noisy(
    values: Sequence[int] | Ints,
    *,
    epsilon: float,
    sensitivity: int,
    source: NoiseSource = FRESH,
) -> tuple[int, ...]:
    """Add noise to integers. The caller has charged ε before.

    Parameters
    ----------
    values : sequence of int
    epsilon : float
        Above 0, for all of them together.
    sensitivity : int
        How much one row can change their sum of absolute values, at least 1.
    source : NoiseSource
        :data:`FRESH` for a release.
    """
    drawn = source.draw(noise_rate(epsilon, sensitivity), len(values))
    return tuple(
        max(-LARGEST, min(LARGEST, int(value) + noise))
        for value, noise in zip(values, drawn, strict=True)
    )


def noise_variance(epsilon: float, sensitivity: int) -> float:
    """Variance of the noise on one number, 2r / (1 − r)²."""
    r, below = _ratio(epsilon, sensitivity)
    return 2 * r / below / below


def noise_fourth_cumulant(epsilon: float, sensitivity: int) -> float:
    """Fourth cumulant of the noise on one number: how much heavier its tails are than a normal's.

    2r (1 + 4r + r²) / (1 − r)⁴, from the fourth moment 2r (1 + 10r + r²) / (1 − r)⁴.
    """
    r, below = _ratio(epsilon, sensitivity)
    return noise_variance(epsilon, sensitivity) * (1 + 4 * r + r * r) / below / below


def noise_reach(epsilon: float, sensitivity: int, level: float) -> int:
    """Smallest k with P(|Z| ≤ k) ≥ level, from P(|Z| > k) = 2 r^(k+1) / (1 + r).

    Parameters
    ----------
    level : float
        In (0, 1).
    """
    rate = max(float(noise_rate(epsilon, sensitivity)), 1 / LARGEST)
    tail = (math.log((1 - level) / 2) + math.log1p(math.exp(-rate))) / -rate
    return int(min(LARGEST, max(0, math.ceil(tail - 1e-12) - 1)))


def simulated_noise(rate: float, shape: tuple[int, ...], rng: np.random.Generator) -> Ints:
    """Draw discrete Laplace noise in bulk for a simulation, never for a release.

    The difference of two geometric variables; each is the floor of an exponential one, which is
    exact but for the rounding of floats.
    """
    first, second = rng.standard_exponential((2, *shape)) / rate
    out: Ints = np.clip(np.floor(first) - np.floor(second), -LARGEST, LARGEST).astype(np.int64)
    return out


def _ratio(epsilon: float, sensitivity: int) -> tuple[float, float]:
    """Return r and 1 − r, the latter not below where noisy numbers stop."""
    rate = float(noise_rate(epsilon, sensitivity))
    return math.exp(-rate), max(-math.expm1(-rate), 1 / LARGEST)


def discrete_laplace(s: int, t: int, below: Below) -> int:
    """Draw from P(k) ∝ exp(−|k| s / t): algorithm 2 of Canonne, Kamath and Steinke."""
    while True:
        u = below(t)
        if not bernoulli_exp(u, t, below):
            continue
        v = 0
        while bernoulli_exp(1, 1, below):
            v += 1
        magnitude = (u + t * v) // s
        negative = below(2)
        if negative and not magnitude:
            continue
        return -magnitude if negative else magnitude


def bernoulli_exp(numerator: int, denominator: int, below: Below) -> bool:
    """Toss a coin of probability exp(−γ), γ at least 0 a fraction: algorithm 1 there."""
    while numerator > denominator:
        if not bernoulli_exp(1, 1, below):
            return False
        numerator -= denominator
    k = 1
    while below(denominator * k) < numerator:
        k += 1
    return k % 2 == 1
