"""Discrete Gaussian noise on whole numbers, for sums that many coordinates share.

Definition and guarantee: the discrete Gaussian of scale σ puts mass ∝ exp(−x² / 2σ²) on the whole
numbers. Added to a whole-number vector whose Euclidean sensitivity is Δ, it is ρ-zCDP with
ρ = Δ² / 2σ² (Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy",
theorem 4). Whole numbers have no low bits that could give the noise away. OpenDP draws it exactly.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from core.privacy.charge import check_delta, check_epsilon
from core.privacy.composition import zcdp_epsilon

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
    seed : int or None
        None draws from the operating system's randomness, as a release must. A number repeats the
        draws, rounded from a generator's normal ones: for simulations, which promise nothing.
    """

    def __init__(self, scale: float, seed: int | None = None):
        if not (math.isfinite(scale) and scale > 0):
            raise ValueError(f"the scale of noise must be finite and above 0, not {scale!r}")
        self.scale = scale
        self._rng = None if seed is None else np.random.default_rng(seed)
        self._measurement = None if seed is not None else _measurement(scale)

    def add_to(self, sums: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Add independent noise to each of some whole numbers, shape (k,)."""
        if self._rng is not None:
            drawn = np.rint(self._rng.normal(0.0, self.scale, len(sums)))
            return sums + drawn.astype(np.int64)
        return np.array(self._measurement([int(value) for value in sums]), dtype=np.int64)  # type: ignore[misc]

    def rho(self, sensitivity: float) -> float:
        """Return the zCDP of one vector of that Euclidean sensitivity."""
        return sensitivity**2 / (2 * self.scale**2)


def _measurement(scale: float):  # type: ignore[no-untyped-def]
    import opendp.prelude as dp

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64")
    return dp.m.make_gaussian(*space, scale=scale)
