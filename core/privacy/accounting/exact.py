"""Sums of what was typed, without rounding: a cap is kept to the last digit.

ε and δ are typed, and kept on disk, as decimal numbers. Ten charges of 0.1 come to 1 and not to
0.9999999999999999, and a charge that is small against the cap is not lost in it. So sums run over
the decimal numbers as fractions, and where one must become a float it is rounded up. (The float
that a mechanism works with differs from the decimal number by one part in 2⁵³ at most.)
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

_BOUND = Fraction(1) + Fraction(1, 2**48)
"""Above 1 by more than an exponential function of the C library may be wrong by."""


@lru_cache(maxsize=1024)
def exact(number: float) -> Fraction:
    """Return the decimal number that a float is written as: 1/10 for 0.1."""
    return Fraction(repr(float(number)))


def rounded_up(number: Fraction) -> float:
    """Return a float whose decimal number is at least this, the next one where none is equal."""
    try:
        found = float(number)
    except OverflowError:
        return math.inf
    return found if exact(found) >= number else math.nextafter(found, math.inf)


def rounded_down(number: Fraction) -> float:
    """Return a float whose decimal number is at most this; for a number in the range of floats."""
    found = float(number)
    return found if exact(found) <= number else math.nextafter(found, -math.inf)


def two_steps(epsilon: Fraction, delta: Fraction) -> tuple[Fraction, Fraction]:
    """Return (2ε, (1 + e^ε) δ): what holds two steps from neighbour to neighbour away.

    δ is never below its value, and at most 1.
    """
    if not delta:
        return 2 * epsilon, delta
    # Beyond e^700 floats end; the smallest δ that may be charged makes 1 of it long before.
    growth = 1 + Fraction(math.exp(min(rounded_up(epsilon), 700))) * _BOUND
    return 2 * epsilon, min(Fraction(1), growth * delta)
