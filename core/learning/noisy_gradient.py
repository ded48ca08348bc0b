"""Logistic regression on declared bins, trained by noisy gradients.

Definition
----------
Rows are one-hot: with p features and a constant, each row has exactly p + 1 ones and no other entry
but zeros. Full-batch gradient descent on the logistic loss takes T steps. In step t the residual
of a row, σ(x·w) − y in [−1, 1], is rounded to a multiple of 2⁻²⁰, so the gradient is a vector of
whole numbers in that unit to which one row adds at most 2²⁰ √(p + 1) in Euclidean norm. A row
weight in [0, 1] multiplies the residual before it is rounded and can only make that smaller; it
must rest on the row itself and on noisy figures alone.
Discrete Gaussian noise is added to it. T steps are (T Δ² / 2σ²)-zCDP, adaptively composed (Bun and
Steinke 2016, lemma 2.3), and σ is set so that this implies (ε, δ) under add-or-remove. What is
done with a noisy gradient (Adam's moments, Kingma and Ba 2015; a falling step; the mean of the last
half of the iterates) is post-processing. Neither the number of rows nor a norm is read from the
data: the steps of Adam don't depend on the gradient's unit.

Noisy gradients for private learning: Song, Chaudhuri and Sarwate 2013; Bassily, Smith and Thakurta
2014. Ours clip nothing, since the encoding bounds every row.

A wrong answer would be caught by a test that measures the noise of a fit against the exact
gradients of the same weights and holds it against what one more row changes.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import csr_array

from core.arrays import Floats, Ints
from core.privacy.accounting.noise_key import NoiseSeed
from core.privacy.mechanisms.discrete_gaussian import DiscreteGaussian, rho_within

STEPS = 60
RATE = 0.1
UNIT = 2**20
"""Residuals are whole multiples of one over this."""


class NoisyGradientLogisticRegression:
    """The estimator, in scikit-learn's manner.

    Parameters
    ----------
    epsilon, delta : float
        Of the whole fit, under add-or-remove of one row.
    noise_seed : int, NoiseKey or None
        None or a key draws fresh noise; a number makes it a simulation.
    steps : int
        T, at least 1.

    Attributes
    ----------
    coef_ : ndarray, shape (1, m)
    intercept_ : ndarray, shape (1,)
        Always 0: the constant is a column.
    classes_ : ndarray, shape (2,)
        Always 0 and 1, whatever the labels hold.
    scale_ : float
        σ of the noise, in units of 1/2²⁰.
    """

    kept_fields = (
        "epsilon", "delta", "noise_seed", "steps", "active", "classes_", "intercept_", "coef_",
        "scale_",
    )  # fmt: skip

    def __init__(
        self, epsilon: float, delta: float, *, noise_seed: NoiseSeed = None, steps: int = STEPS
    ):
        self.epsilon, self.delta = epsilon, delta
        self.noise_seed, self.steps = noise_seed, steps
        self.active = 0
        self.classes_ = np.array([0, 1])
        self.intercept_ = np.zeros(1)

    def fit(
        self, X: Floats, y: Ints, sample_weight: Floats | None = None
    ) -> NoisyGradientLogisticRegression:
        """Train.

        Parameters
        ----------
        X : ndarray or csr_array, shape (n, m)
            Of zeros and ones, ``active`` ones in each row.
        y : ndarray of int, shape (n,)
            0 or 1.
        sample_weight : ndarray of float, shape (n,), optional
            In [0, 1].

        Raises
        ------
        ValueError
            If a row has another number of ones or a larger weight: its share in a gradient would
            not be bounded.
        """
        if sample_weight is not None and not ((sample_weight >= 0) & (sample_weight <= 1)).all():
            raise ValueError("row weights must be from 0 to 1")
        # Row by row: a dense product may round a row by where it stands among the others.
        thin: csr_array = csr_array(X)
        ones, ends = np.asarray(thin.data), np.asarray(thin.indptr)
        if not ((ones == 1).all() and (np.diff(ends) == self.active).all()):
            raise ValueError(f"each row must have exactly {self.active} ones and zeros elsewhere")
        sensitivity = UNIT * math.sqrt(self.active)
        rho = rho_within(self.epsilon, self.delta)
        self.scale_ = sensitivity * math.sqrt(self.steps / (2 * rho))
        noise = DiscreteGaussian(self.scale_, self.noise_seed)
        descent = _Adam(thin.shape[1])
        kept: list[Floats] = []
        for step in range(self.steps):
            gradient = noise.add_to(whole_gradient(thin, y, descent.weights, sample_weight))
            descent.move(gradient / self.scale_, RATE * (1 - 0.9 * step / self.steps))
            kept.append(descent.weights)
        self.coef_ = np.mean(kept[len(kept) // 2 :], axis=0)[None, :]
        return self

    def decision_function(self, X: Floats | csr_array) -> Floats:
        """Log-odds of label 1, shape (n,)."""
        return np.asarray(X @ self.coef_[0] + self.intercept_[0])

    def predict_proba(self, X: Floats | csr_array) -> Floats:
        """Probabilities of labels 0 and 1, shape (n, 2)."""
        one = _sigmoid(self.decision_function(X))
        return np.column_stack([1 - one, one])


def whole_gradient(
    X: Floats | csr_array,
    y: Ints,
    weights: Floats,
    rows: Floats | None = None,
) -> Ints:
    """Gradient of the logistic loss in units of 1/2²⁰, residuals rounded; shape (m,).

    Sums of whole numbers below 2⁵³ are exact in double precision, whatever their order, so that
    rounding can't add to what one row does: 2³³ rows would be needed to leave that range.
    Row weights, where given, are in [0, 1].
    """
    residuals = np.rint((_sigmoid(X @ weights) - y) * (1.0 if rows is None else rows) * UNIT)
    return np.asarray(residuals @ X).astype(np.int64)


def _sigmoid(z: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(z / 2)))


class _Adam:
    def __init__(self, size: int):
        self.weights = np.zeros(size)
        self._mean, self._square, self._step = np.zeros(size), np.zeros(size), 0

    def move(self, gradient: Floats, rate: float) -> None:
        self._step += 1
        self._mean = 0.9 * self._mean + 0.1 * gradient
        self._square = 0.99 * self._square + 0.01 * gradient**2
        mean = self._mean / (1 - 0.9**self._step)
        square = self._square / (1 - 0.99**self._step)
        # A coordinate that is 0 in every step so far stays where it is.
        self.weights = self.weights - rate * mean / np.sqrt(np.where(square > 0, square, 1.0))
