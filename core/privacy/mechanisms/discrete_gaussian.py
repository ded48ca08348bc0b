"""Discrete Gaussian noise on whole numbers, for sums that many coordinates share.

Definition and guarantee: the discrete Gaussian of scale σ puts mass ∝ exp(−x² / 2σ²) on the whole
numbers. Added to a whole-number vector whose Euclidean sensitivity is Δ, it is ρ-zCDP with
ρ = Δ² / 2σ² (Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy",
theorem 4). Whole numbers have no low bits that could give the noise away. OpenDP draws it exactly
from the operating system; from a key it is drawn exactly by algorithm 3 of the same paper.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq

from core.arrays import Ints
from core.privacy.accounting.charge import check_delta, check_epsilon
from core.privacy.accounting.composition import zcdp_epsilon
from core.privacy.accounting.noise_key import NoiseKey, NoiseSeed
from core.privacy.mechanisms.noise import Below, bernoulli_exp, discrete_laplace

LARGEST_RHO = 1e6


def rho_within(epsilon: float, delta: float) -> float:
    """Return the largest ρ whose zCDP implies (ε, δ), rounded down.

    Parameters
    ----------
    epsilon : float
        In (0, ∞).
    delta : float
        In (0, 1).

    Returns
    -------
    float
        At most 1,000,000, where there is next to no noise anyway.
    """
    check_epsilon(epsilon)
    check_delta(delta)
    if zcdp_epsilon(LARGEST_RHO, delta) <= epsilon:
        return LARGEST_RHO
    log_rho = brentq(
        lambda x: zcdp_epsilon(math.exp(x), delta) - epsilon, math.log(1e-12), math.log(LARGEST_RHO)
    )
    rho = math.exp(log_rho)
    while zcdp_epsilon(rho, delta) > epsilon:
        rho *= 1 - 1e-9
    return rho


class DiscreteGaussian:
    """A source of discrete Gaussian noise.

    Parameters
    ----------
    scale : float
        σ above 0.
    seed : int, NoiseKey or None
        None draws from the operating system's randomness, a key from itself: as a release must. A
        number repeats the draws, rounded from a generator's normal ones: for simulations, which
        guarantee nothing.
    """

    def __init__(self, scale: float, seed: NoiseSeed = None):
        if not (math.isfinite(scale) and scale > 0):
            raise ValueError(f"the scale of noise must be finite and above 0, not {scale!r}")
        self.scale = scale
        self._below = (
            seed.generator("discrete Gaussian").randbelow if isinstance(seed, NoiseKey) else None
        )
        self._rng = np.random.default_rng(seed) if isinstance(seed, int) else None
        self._measurement = _measurement(scale) if seed is None else None

    def add_to(self, sums: Ints) -> Ints:
        """Add independent noise to each of some whole numbers, shape (k,)."""
        if self._rng is not None:
            drawn = np.rint(self._rng.normal(0.0, self.scale, len(sums)))
            return sums + drawn.astype(np.int64)
        if self._below is not None:
            noise = [discrete_gaussian(self.scale, self._below) for _ in range(len(sums))]
            return sums + np.array(noise, dtype=np.int64)
        return np.array(self._measurement([int(value) for value in sums]), dtype=np.int64)  # type: ignore[misc]

    def rho(self, sensitivity: float) -> float:
        """Return the zCDP of one vector of that Euclidean sensitivity."""
        return sensitivity**2 / (2 * self.scale**2)


def discrete_gaussian(scale: float, below: Below) -> int:
    """Draw from P(x) ∝ exp(−x² / 2σ²): algorithm 3 of Canonne, Kamath and Steinke 2020.

    A discrete Laplace variable of scale t = ⌊σ⌋ + 1 is kept with probability
    exp(−(|x| − σ²/t)² / 2σ²). σ is taken as the fraction that the float is, and nothing is rounded.
    """
    n, d = scale.as_integer_ratio()
    t = n // d + 1
    # With σ = n/d: (|x| − σ²/t)² / 2σ² = (|x| t d² − n²)² / (2 n² d² t²).
    squared, denominator = n * n, 2 * n * n * d * d * t * t
    while True:
        x = discrete_laplace(1, t, below)
        away = abs(x) * t * d * d - squared
        if bernoulli_exp(away * away, denominator, below):
            return x


def _measurement(scale: float):  # type: ignore[no-untyped-def]
    import opendp.prelude as dp

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return dp.m.make_gaussian(*space, scale=scale)
