"""The secret from which a release's noise follows, so that a release that died can be finished.

Noise is drawn by a generator that nobody can predict or run backwards without the key: blocks of
SHAKE-256 (FIPS 202) over key, purpose and counter, keyed as in KMAC. A release therefore has the
noise that it would have with the operating system's generator, and has the *same* noise when it is
made again with the key. Whoever knows the key can take the noise off, so a key is kept only until
its result is drawn, and never with it: neither it nor its generators can be pickled.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np

KEY_BYTES = 32
_BLOCK = 4096


@dataclass(frozen=True)
class NoiseKey:
    """A secret of one release.

    Attributes
    ----------
    secret : bytes
        32 of them; not part of the text of the key, which may stand in a log.
    """

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"a noise key has {KEY_BYTES} bytes, not {len(self.secret)}")

    @classmethod
    def fresh(cls) -> NoiseKey:
        """Draw a key from the operating system."""
        return cls(secrets.token_bytes(KEY_BYTES))

    def generator(self, purpose: str) -> KeyedRandom:
        """Return the generator of one purpose, from its beginning; purposes share no numbers."""
        return KeyedRandom(self.secret, purpose)

    def number(self, purpose: str) -> int:
        """Return a whole number of 128 bits for one purpose."""
        return self.generator(purpose).getrandbits(128)

    def __reduce__(self) -> NoReturn:
        """Refuse to be written anywhere but where keys are kept."""
        raise TypeError("a noise key must not be kept with what was made by it")


class KeyedRandom(secrets.SystemRandom):
    """Python's random numbers, from a key in place of the operating system."""

    # Random.__new__ would take the secret for a seed, and seed a generator that isn't used.
    def __new__(cls, *args: Any, **kwargs: Any) -> KeyedRandom:
        """Make an object without a seed."""
        return super().__new__(cls)

    def __init__(self, secret: bytes, purpose: str):
        name = purpose.encode("utf-8")
        self._prefix = secret + len(name).to_bytes(4, "big") + name
        self._counter, self._block, self._at = 0, b"", 0
        self.gauss_next = None

    def randbytes(self, n: int) -> bytes:
        """Return the next n bytes."""
        parts = []
        while n > 0:
            if self._at == len(self._block):
                self._block = hashlib.shake_256(
                    self._prefix + self._counter.to_bytes(8, "big")
                ).digest(_BLOCK)
                self._counter, self._at = self._counter + 1, 0
            part = self._block[self._at : self._at + n]
            self._at += len(part)
            n -= len(part)
            parts.append(part)
        return b"".join(parts)

    def getrandbits(self, k: int) -> int:
        """Return a whole number of k bits."""
        if k < 0:
            raise ValueError("number of bits must be non-negative")
        size = (k + 7) // 8
        return int.from_bytes(self.randbytes(size), "big") >> (size * 8 - k)

    def random(self) -> float:
        """Return a number in [0, 1), a multiple of 2⁻⁵³."""
        return (int.from_bytes(self.randbytes(7), "big") >> 3) * 2.0**-53

    def randbelow(self, limit: int) -> int:
        """Return a whole number below a limit, each as likely as the other."""
        bits = limit.bit_length()
        while (found := self.getrandbits(bits)) >= limit:
            pass
        return found

    def __reduce__(self) -> NoReturn:
        """Refuse to be written anywhere."""
        raise TypeError("a generator of noise must not be kept with what was made by it")


class LibraryRandom(np.random.RandomState):
    """What diffprivlib takes for a random state, with nothing but numbers from a key.

    Its mechanisms take Python's generators and its models numpy's only: this passes for one of
    numpy's and has the methods of Python's. Every other method is hidden, so that no number of
    numpy's own can be drawn.
    """

    _OWN = frozenset({"random", "normalvariate", "gammavariate", "getrandbits", "_keyed", "_OWN"})

    def __init__(self, keyed: KeyedRandom):
        super().__init__(0)
        self._keyed = keyed

    def __getattribute__(self, name: str) -> Any:
        """Find own methods and those of every object only."""
        if name.startswith("__") or name in LibraryRandom._OWN:
            return super().__getattribute__(name)
        raise AttributeError(name)

    def random(self) -> float:  # type: ignore[override]
        """Return a number in [0, 1)."""
        return self._keyed.random()

    def normalvariate(self, mu: float = 0.0, sigma: float = 1.0) -> float:
        """Return a normal number."""
        return self._keyed.normalvariate(mu, sigma)

    def gammavariate(self, alpha: float, beta: float) -> float:
        """Return a gamma number."""
        return self._keyed.gammavariate(alpha, beta)

    def getrandbits(self, k: int) -> int:
        """Return a whole number of k bits."""
        return self._keyed.getrandbits(k)

    def __reduce__(self) -> NoReturn:
        """Refuse to be written anywhere."""
        raise TypeError("a generator of noise must not be kept with what was made by it")


NoiseSeed = int | NoiseKey | None
"""Of a fit: None draws afresh, a key so that it can be finished, a number in a simulation."""


def library_random(seed: NoiseSeed, purpose: str) -> int | LibraryRandom | None:
    """Return what diffprivlib takes as its ``random_state``."""
    return LibraryRandom(seed.generator(purpose)) if isinstance(seed, NoiseKey) else seed


def numpy_seed(seed: NoiseSeed, purpose: str) -> int | None:
    """Return what numpy takes as a seed, of 128 bits where a key gives it."""
    return seed.number(purpose) if isinstance(seed, NoiseKey) else seed
