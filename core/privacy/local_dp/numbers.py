"""Local mechanisms for numbers within declared bounds.

All of them work on a grid of :data:`STEPS` equal steps between the bounds, to which a value is
rounded up or down at random, so that its mean is kept. With t the value on [−1, 1]:

- Laplace: discrete Laplace noise on the grid (Dwork, McSherry, Nissim and Smith 2006; Ghosh,
  Roughgarden and Sundararajan 2012), drawn by :mod:`core.privacy.mechanisms.noise`.
- One bit: "high" is sent with probability 1/2 + t (e^ε − 1) / (2 (e^ε + 1)) (Duchi, Jordan and
  Wainwright 2018, "Minimax optimal procedures for locally private estimation").
- Piecewise: a report close to the value is e^ε times as likely as one further off, in a band that
  is e^(−ε/2) times as wide as the way it moves (Wang, Xiao et al. 2019, "Collecting and analyzing
  multidimensional data with local differential privacy", algorithm 2), here on cells.
- Bounded Laplace: Laplace noise given that the report stays within the bounds, its scale made
  larger until the guarantee holds again (Holohan, Antonatos, Braghin and Mac Aonghusa 2020, "The
  bounded Laplace mechanism in differential privacy").

``scores`` are numbers whose mean over the noise is the value itself; a mean is taken of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from core.arrays import Floats, Ints
from core.privacy.accounting.budget import check_epsilon
from core.privacy.local_dp.channel import LARGEST_EPSILON, Channel, within
from core.privacy.local_dp.uniforms import UniformSource
from core.privacy.mechanisms.noise import noise_variance, noisy

STEPS = 128
"""Steps between the bounds; rounding to them at random adds at most 1/(4 STEPS²) to a variance."""
CELLS_A_STEP = 4
"""Cells of a piecewise report to each step of a value."""


class NumberMechanism(Protocol):
    """What the mechanisms for numbers have in common; values and scores on [0, 1]."""

    def send(self, values: Floats, uniforms: UniformSource) -> tuple[Floats, Floats]:
        """Draw reports: what is sent, and its score, each of shape (n,)."""
        ...

    def variance(self, value: float) -> float:
        """Variance of a score over the noise, rounding included."""
        ...


@dataclass(frozen=True)
class Laplace:
    """Discrete Laplace noise, without bounds.

    Attributes
    ----------
    epsilon : float
        Above 0.
    """

    epsilon: float

    def send(self, values: Floats, uniforms: UniformSource) -> tuple[Floats, Floats]:
        """Draw reports, shape (n,) twice the same: they are unbiased as they are."""
        steps = on_grid(values, uniforms)
        sent = noisy(steps, epsilon=self.epsilon, sensitivity=STEPS, source=uniforms.laplace)
        reports = np.asarray(sent, dtype=np.float64) / STEPS
        return reports, reports

    def variance(self, value: float) -> float:
        """Variance of a report."""
        return noise_variance(self.epsilon, STEPS) / STEPS**2 + rounding_variance(value)


class _OnTable:
    """A mechanism whose reports are drawn from a channel."""

    channel: Channel
    reports: Floats
    scores: Floats

    def send(self, values: Floats, uniforms: UniformSource) -> tuple[Floats, Floats]:
        """Draw reports: what is sent, and its score, each of shape (n,)."""
        drawn = self.channel.send(on_grid(values, uniforms), uniforms)
        return self.reports[drawn], self.scores[drawn]

    def variance(self, value: float) -> float:
        """Variance of a score over the noise, rounding included."""
        step = value * STEPS
        below = min(math.floor(step), STEPS - 1)
        up = step - below
        probabilities = (1 - up) * self.channel.probabilities[
            below
        ] + up * self.channel.probabilities[below + 1]
        return float(probabilities @ (self.scores - value) ** 2)

    def _affine(self, reports: Floats) -> Floats:
        """Scores for reports whose mean rises evenly with the value."""
        first, last = (float(self.channel.probabilities[row] @ reports) for row in (0, -1))
        scores: Floats = (reports - first) / (last - first)
        return scores


@dataclass(frozen=True)
class OneBit(_OnTable):
    """One bit for each value, more often "high" the higher it is."""

    epsilon: float

    @cached_property
    def channel(self) -> Channel:  # type: ignore[override]
        """Chances of "low" and "high" for each step."""
        t = np.linspace(-1, 1, STEPS + 1)

        def probabilities(epsilon: float) -> Floats:
            high = 0.5 + t * math.tanh(epsilon / 2) / 2
            return np.column_stack([1 - high, high])

        return within(self.epsilon, probabilities)

    @cached_property
    def scores(self) -> Floats:  # type: ignore[override]
        """Of "low" and of "high"; both lie outside [0, 1]."""
        return self._affine(np.array([0.0, 1.0]))

    @property
    def reports(self) -> Floats:  # type: ignore[override]
        """What a learner is given: the scores."""
        return self.scores


@dataclass(frozen=True)
class Piecewise(_OnTable):
    """A report mostly close to the value, on a range wider than the bounds."""

    epsilon: float

    @cached_property
    def channel(self) -> Channel:  # type: ignore[override]
        """Chances of each cell for each step."""
        way = CELLS_A_STEP * STEPS

        def probabilities(epsilon: float) -> Floats:
            band = max(1, round(way * math.exp(-epsilon / 2)))
            first = CELLS_A_STEP * np.arange(STEPS + 1)[:, None]
            cell = np.arange(way + band)
            close = (cell >= first) & (cell < first + band)
            return np.where(close, math.exp(epsilon), 1.0)

        # The band is set by ε itself, so that the table keeps its shape while it is fitted.
        band_at = probabilities(min(check_epsilon(self.epsilon), LARGEST_EPSILON))

        def fitted(epsilon: float) -> Floats:
            return np.where(band_at > 1, math.exp(epsilon), 1.0)

        return within(self.epsilon, fitted)

    @cached_property
    def scores(self) -> Floats:  # type: ignore[override]
        """Of each cell, from below 0 to above 1."""
        return self._affine(np.arange(self.channel.weights.shape[1], dtype=np.float64))

    @property
    def reports(self) -> Floats:  # type: ignore[override]
        """What a learner is given: the scores."""
        return self.scores


@dataclass(frozen=True)
class BoundedLaplace(_OnTable):
    """A report within the bounds; scores undo what the bounds push inwards."""

    epsilon: float

    @cached_property
    def channel(self) -> Channel:  # type: ignore[override]
        """Chances of each step for each step."""
        step = np.arange(STEPS + 1)
        apart = np.abs(step[:, None] - step) / STEPS

        def probabilities(epsilon: float) -> Floats:
            return np.asarray(np.exp(-epsilon * apart), dtype=np.float64)

        return within(self.epsilon, probabilities)

    @cached_property
    def scores(self) -> Floats:  # type: ignore[override]
        """The one set of numbers whose mean is the value at every step."""
        scores = np.linalg.solve(self.channel.probabilities, np.linspace(0, 1, STEPS + 1))
        return np.asarray(scores, dtype=np.float64)

    @property
    def reports(self) -> Floats:  # type: ignore[override]
        """What a learner is given: the report itself, which is biased towards the middle."""
        return np.asarray(np.linspace(0, 1, STEPS + 1), dtype=np.float64)


def on_grid(values: Floats, uniforms: UniformSource) -> Ints:
    """Round values on [0, 1] to the grid, up or down by lot so that the mean is kept."""
    step = np.clip(values, 0.0, 1.0) * STEPS
    below = np.floor(step)
    up = uniforms.below(2**32, len(step)) < (step - below) * 2**32
    return (below + up).astype(np.int64)


def rounding_variance(value: float) -> float:
    """Variance that rounding to the grid at random adds to a value on [0, 1]."""
    up = value * STEPS % 1.0
    return up * (1 - up) / STEPS**2
