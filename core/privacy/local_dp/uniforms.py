"""Where a local mechanism's chance comes from: whole numbers, drawn afresh or from a seed."""

from __future__ import annotations

from secrets import randbelow
from typing import Literal, Protocol

import numpy as np

from core.arrays import Ints
from core.privacy.accounting.noise_key import NoiseKey
from core.privacy.mechanisms.noise import FRESH, Keyed, NoiseSource, Seeded


class UniformSource(Protocol):
    """Whole numbers below a limit, each as likely as the other, and discrete Laplace noise."""

    @property
    def noise(self) -> Literal["fresh", "seeded"]:
        """Whether they can be drawn again."""
        ...

    @property
    def laplace(self) -> NoiseSource:
        """Source of discrete Laplace noise."""
        ...

    def below(self, limit: int, size: int) -> Ints:
        """Draw from 0 … limit − 1, shape (size,)."""
        ...


class FreshUniforms:
    """From the operating system's entropy, as on a person's own device."""

    noise: Literal["fresh", "seeded"] = "fresh"
    laplace: NoiseSource = FRESH

    def below(self, limit: int, size: int) -> Ints:
        """Draw from 0 … limit − 1, shape (size,)."""
        return np.array([randbelow(limit) for _ in range(size)], dtype=np.int64)


class KeyedUniforms:
    """From a key, for a collection that can be finished if it dies."""

    noise: Literal["fresh", "seeded"] = "fresh"

    def __init__(self, key: NoiseKey):
        self._below = key.generator("lots").randbelow
        self.laplace: NoiseSource = Keyed(key, "laplace")

    def below(self, limit: int, size: int) -> Ints:
        """Draw from 0 … limit − 1, shape (size,)."""
        return np.array([self._below(limit) for _ in range(size)], dtype=np.int64)


class SeededUniforms:
    """From a seed, for simulations only: whoever knows the seed can take the noise off again.

    Parameters
    ----------
    seed : int
        0 or more.
    """

    noise: Literal["fresh", "seeded"] = "seeded"

    def __init__(self, seed: int):
        first, second = np.random.SeedSequence(seed).spawn(2)
        self._rng = np.random.default_rng(first)
        self.laplace: NoiseSource = Seeded(int(second.generate_state(1)[0]))

    def below(self, limit: int, size: int) -> Ints:
        """Draw from 0 … limit − 1, shape (size,)."""
        return self._rng.integers(0, limit, size, dtype=np.int64)
