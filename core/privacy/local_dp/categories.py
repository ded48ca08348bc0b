"""Local mechanisms for categories.

k-ary randomised response: the true category is sent with probability p = e^ε / (e^ε + k − 1), any
other with q = 1 / (e^ε + k − 1) each (Kairouz, Oh and Viswanath 2014, "Extremal mechanisms for
local differential privacy", where it is shown to be optimal for large ε; Warner 1965 for k = 2).

Optimised unary encoding: one bit for each category; that of the true one is sent as 1 with
p = 1/2, any other with q = 1 / (e^ε + 1), independently (Wang, Blocki, Li and Jha 2017, "Locally
differentially private protocols for frequency estimation", section 4.3).

With either, the share of reports that name category v has the mean f p + (1 − f) q, so
f̂ = (share − q) / (p − q) is unbiased (theorem 1 there).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.arrays import Flags, Floats, Ints
from core.errors import InputError
from core.privacy.accounting.budget import check_epsilon
from core.privacy.local_dp.channel import LARGEST_EPSILON, ROUNDING, TOTAL, Channel, within
from core.privacy.local_dp.uniforms import UniformSource


def _check_size(categories: int) -> None:
    if categories < 2:
        raise InputError("noise over a single category hides nothing", where="categories")


@dataclass(frozen=True)
class RandomisedResponse:
    """k-ary randomised response.

    Attributes
    ----------
    epsilon : float
        Above 0.
    categories : int
        k, at least 2.
    """

    epsilon: float
    categories: int

    def __post_init__(self) -> None:
        _check_size(self.categories)

    @cached_property
    def channel(self) -> Channel:
        """Chances of each category to be sent, for each true one."""

        def probabilities(epsilon: float) -> Floats:
            return np.ones((self.categories,) * 2) + np.eye(self.categories) * math.expm1(epsilon)

        return within(self.epsilon, probabilities)

    @property
    def kept(self) -> float:
        """p: the chance that the true category is named."""
        return float(self.channel.probabilities[0, 0])

    @property
    def named(self) -> float:
        """q: the chance that another given category is named."""
        return float(self.channel.probabilities[0, 1])

    def send(self, codes: Ints, uniforms: UniformSource) -> Ints:
        """Draw the category that each person sends, shape (n,)."""
        return self.channel.send(codes, uniforms)

    def support(self, codes: Ints, uniforms: UniformSource) -> Flags:
        """Draw reports; say which category each names, shape (n, k)."""
        named = self.send(codes, uniforms)[:, None] == np.arange(self.categories)
        return np.asarray(named, dtype=np.bool_)


@dataclass(frozen=True)
class UnaryEncoding:
    """Optimised unary encoding.

    Attributes
    ----------
    epsilon : float
        Above 0.
    categories : int
        k, at least 2.
    """

    epsilon: float
    categories: int

    def __post_init__(self) -> None:
        _check_size(self.categories)

    @cached_property
    def channel(self) -> Channel:
        """Chances of a bit to be sent as 0 and as 1: in the first row of another, then the true.

        Two persons' bits differ in two places, one way and the other, and the ratio of their
        chances is at most p (1 − q) / ((1 − p) q) = e^ε, which is what is kept here.
        """
        wanted = min(check_epsilon(self.epsilon), LARGEST_EPSILON) * (1 - ROUNDING)
        # Rounded up, so that the weights keep no more than ε.
        named = math.ceil(TOTAL / (math.exp(wanted) + 1))
        half = TOTAL // 2
        return Channel(np.array([[TOTAL - named, named], [half, half]], dtype=np.int64))

    @property
    def kept(self) -> float:
        """p: the chance that the true category is named."""
        return float(self.channel.probabilities[1, 1])

    @property
    def named(self) -> float:
        """q: the chance that another given category is named."""
        return float(self.channel.probabilities[0, 1])

    def support(self, codes: Ints, uniforms: UniformSource) -> Flags:
        """Draw reports; say which categories each names, shape (n, k)."""
        own = codes[:, None] == np.arange(self.categories)
        sent = self.channel.send(own.ravel().astype(np.int64), uniforms)
        return np.asarray(sent.reshape(own.shape) == 1, dtype=np.bool_)


def better_for_frequencies(epsilon: float, categories: int) -> str:
    """Name the mechanism of less variance: randomised response where k < 3 e^ε + 2.

    Wang et al. 2017, section 5.
    """
    few = categories < 3 * math.exp(min(epsilon, LARGEST_EPSILON)) + 2
    return "randomised_response" if few else "unary_encoding"
