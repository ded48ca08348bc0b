"""A channel: which report a person's device sends for each value that the person may have.

Definition
----------
A mechanism M is ε-locally private if P[M(v) = y] ≤ e^ε · P[M(v') = y] for *all* values v, v' and
reports y (Kasiviswanathan et al. 2011, "What can we learn privately?"; Duchi, Jordan and Wainwright
2013): every two records are neighbours, whatever they hold.

Values and reports here are finite and their chances are whole-number weights over a common total.
So the guarantee can be read off the table for every pair of values, the sampler is exact, and there
is no floating-point noise that could give a value away in its last bits (Mironov 2012).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.arrays import Floats, Ints
from core.privacy.accounting.budget import check_epsilon
from core.privacy.local_dp.uniforms import UniformSource

TOTAL = 2**52
"""Weights of a value's reports add up to this."""
LARGEST_EPSILON = 20.0
"""Beyond it a column hides next to nothing: a report errs once in some hundred million."""
ROUNDING = 1e-9
"""Relative; more than the whole-number weights and the comparison in floats can be off."""


@dataclass(frozen=True, eq=False)
class Channel:
    """Chances of each report for each value.

    Attributes
    ----------
    weights : ndarray of int64, shape (values, reports)
        Each row adds up to :data:`TOTAL`.
    """

    weights: Ints

    @cached_property
    def probabilities(self) -> Floats:
        """P[report | value], shape (values, reports)."""
        return np.asarray(self.weights / TOTAL, dtype=np.float64)

    @property
    def epsilon(self) -> float:
        """The smallest ε that the table keeps, over every pair of values and every report."""
        return epsilon_of(self.probabilities)

    def send(self, values: Ints, uniforms: UniformSource) -> Ints:
        """Draw a report for each value.

        Parameters
        ----------
        values : ndarray of int64, shape (n,)
            Positions among the values.
        uniforms : UniformSource

        Returns
        -------
        ndarray of int64, shape (n,)
            Positions among the reports.
        """
        drawn = uniforms.below(TOTAL, len(values))
        ends = np.cumsum(self.weights, axis=1)
        out = np.empty(len(values), dtype=np.int64)
        for value in np.unique(values):
            rows = np.flatnonzero(values == value)
            out[rows] = np.searchsorted(ends[value], drawn[rows], side="right")
        return out


def epsilon_of(probabilities: Floats) -> float:
    """Return ln of the largest ratio of a report's chances; infinite if one of them is 0."""
    low, high = probabilities.min(axis=0), probabilities.max(axis=0)
    possible = high > 0
    if (low[possible] == 0).any():
        return math.inf
    return float(np.log(high[possible] / low[possible]).max())


def within(epsilon: float, probabilities_at: Callable[[float], Floats]) -> Channel:
    """Make the channel of a family whose whole-number weights keep ε.

    Parameters
    ----------
    epsilon : float
        Above 0; more than :data:`LARGEST_EPSILON` counts as that.
    probabilities_at : callable
        From a parameter in (0, ∞) to chances, shape (values, reports), up to a factor for each
        row; their ε grows with the parameter and is at most twice as large.
    """
    wanted = min(check_epsilon(epsilon), LARGEST_EPSILON) * (1 - ROUNDING)
    channel = Channel(_whole(probabilities_at(wanted)))
    if channel.epsilon <= wanted:
        return channel
    low, high = wanted / 4, wanted
    for _ in range(50):
        middle = (low + high) / 2
        if Channel(_whole(probabilities_at(middle))).epsilon <= wanted:
            low = middle
        else:
            high = middle
    channel = Channel(_whole(probabilities_at(low)))
    if channel.epsilon > wanted:
        raise ArithmeticError(f"no whole-number weights keep ε = {epsilon!r}")
    return channel


def _whole(probabilities: Floats) -> Ints:
    """Round chances to weights; what is over goes to the most likely report of each row."""
    shares = probabilities / probabilities.sum(axis=1, keepdims=True)
    weights: Ints = np.floor(shares * TOTAL).astype(np.int64)
    rows = np.arange(len(weights))
    weights[rows, weights.argmax(axis=1)] += TOTAL - weights.sum(axis=1)
    return weights
