"""Private logistic regression by a perturbed objective, released from an approximate minimum.

Definition
----------
Rows x lie in the unit ball, labels y are 0 or 1. With noise b and strength Λ the objective is

    J(w) = Σ log(1 + e^(x·w)) − y x·w + Λ/2 ‖w‖² + b·w,

summed over training rows, so that neither Λ nor b depends on their number. The density of b is
proportional to e^(−ε₁' ‖b‖ / 2), ε₁' = ε₁ − 2 ln(1 + 1/4Λ): Chaudhuri, Monteleoni and Sarwate 2011,
"Differentially private empirical risk minimization", algorithm 2. Its exact minimum w* is unique,
b = −Λw* − Σ (σ(x·w*) − y) x, and so w* is ε₁-private under replace-one: the sum moves by at most 2
with one row, and the determinant of the Jacobian by a factor of at most (1 + 1/4Λ)². A row that is
replaced may also leave the training rows or enter them; that moves the sum by 1 and the determinant
by 1 + 1/4Λ.

No solver reaches w*. Ours stops at w̃ where ‖∇J(w̃)‖ ≤ γ. J is Λ-strongly convex, so
‖w̃ − w*‖ ≤ γ/Λ. Given w*, b is known, and w̃ follows from it and the rows: on two neighbours with the
same w*, two values of w̃ lie within 2γ/Λ of each other, and their roundings to whole multiples of
a step s differ by at most √d · 2γ/(Λs) + d in the L1 norm. Discrete Laplace noise for that, drawn
exactly, makes the rounded weights ε₂-private given w* (Ghosh, Roughgarden and Sundararajan 2012).
By basic composition the release is (ε₁ + ε₂)-private: approximate minima perturbation, Iyengar,
Near, Song, Thakkar, Thakurta and Wang 2019, "Towards practical differentially private convex
optimization", theorem 1, for pure ε.

γ is a twenty-millionth of what one row moves, whatever the number of rows. Newton steps find it:
their direction lowers ‖∇J‖ wherever it isn't 0, and J's curvature lies between Λ and Λ + n/4, so
steps that are halved until ‖∇J‖ falls enough reach any γ. What rounding adds to the gradient is at
most n (k‖w‖/4 + 8) · 2⁻⁵³ for rows of k entries, since sums over rows are exact: 3e-10 for 30,000
rows of Adult, and above γ/2 only from some millions of rows on. A solver that did not arrive would
leave a charge without a model, so tables of more than ``MOST_ROWS`` are refused before the charge:
of so many, three fifths train, and for k = 14 and ‖w‖ = 20 the bound stays below γ/2. Where plain
sums stop lowering ‖∇J‖ above γ, which they may from millions of rows on, exact sums go on.

A wrong answer would be caught by a test that solves for b at the weights of many fits and holds its
norm against the gamma distribution, and by one that measures the gradient at w̃ on 30,000 rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from scipy.sparse import csc_array, csr_array
from scipy.sparse.linalg import LinearOperator, cg
from scipy.special import expit

from core.arrays import Floats, Ints
from core.learning.noise_library import Vector
from core.privacy.accounting.noise_key import NoiseSeed, library_random
from core.privacy.mechanisms.noise import noisy, source_of

RESIDUAL = 1e-7
"""γ, where one row can move the summed gradient by 2."""

SHARE_OF_RESIDUAL = 0.02
"""Part of ε that hides how far the solver stopped from the minimum."""

LONGEST = 1 + 1e-9
"""Norm of a row that rounding may reach; noise is for this."""

MOST_STEPS = 500

MOST_ROWS = 5_000_000
"""Of a table; that many are known where a row is replaced, so that a refusal tells nothing."""


class PerturbedLogisticRegression:
    """The estimator, in scikit-learn's manner.

    Parameters
    ----------
    epsilon : float
        Of the whole fit, under replace-one.
    strength : float
        Λ, above 0; must not depend on the data.
    noise_seed : int, NoiseKey or None
        None or a key draws fresh noise; a number makes it a simulation.

    Attributes
    ----------
    coef_ : ndarray, shape (1, d)
    intercept_ : ndarray, shape (1,)
        Always 0: the constant is a column, and so regularised like the others.
    classes_ : ndarray, shape (2,)
        Always 0 and 1, whatever the labels hold.
    """

    kept_fields = ("epsilon", "strength", "noise_seed", "classes_", "intercept_", "coef_")

    def __init__(self, epsilon: float, strength: float, *, noise_seed: NoiseSeed = None):
        self.epsilon, self.strength, self.noise_seed = epsilon, strength, noise_seed
        self.classes_ = np.array([0, 1])
        self.intercept_ = np.zeros(1)

    @property
    def epsilon_of_noise(self) -> float:
        """ε₁', which sets the noise b."""
        curvature = 2 * math.log1p(LONGEST**2 / (4 * self.strength))
        return (1 - SHARE_OF_RESIDUAL) * self.epsilon - curvature

    def fit(self, X: Floats, y: Ints) -> PerturbedLogisticRegression:
        """Train.

        Parameters
        ----------
        X : ndarray, shape (n, d)
            Rows in the unit ball.
        y : ndarray of int, shape (n,)
            0 or 1.

        Raises
        ------
        ValueError
            If a row is longer than 1, or the strength leaves no ε for noise: the proof wouldn't
            hold.
        """
        if len(X) and math.sqrt(float((X**2).sum(axis=1).max())) > LONGEST:
            raise ValueError("rows must lie in the unit ball")
        if self.epsilon_of_noise <= 0:
            raise ValueError("the strength of the penalty leaves no epsilon for noise")
        noise = self._noise(X.shape[1])
        minimum = approximate_minimum(X, y, self.strength, noise)
        self.coef_ = self._released(minimum)[None, :]
        return self

    def decision_function(self, X: Floats) -> Floats:
        """Log-odds of label 1, shape (n,)."""
        return np.asarray(X @ self.coef_[0] + self.intercept_[0])

    def predict_proba(self, X: Floats) -> Floats:
        """Probabilities of labels 0 and 1, shape (n, 2)."""
        one = expit(self.decision_function(X))
        return np.column_stack([1 - one, one])

    def _noise(self, size: int) -> Floats:
        """Draw b, shape (size,)."""
        # With nothing to pay for curvature, the mechanism's ε is that of the noise alone.
        mechanism = Vector(
            epsilon=self.epsilon_of_noise,
            function_sensitivity=0.0,
            data_sensitivity=LONGEST,
            dimension=size,
            alpha=1.0,
            random_state=library_random(self.noise_seed, "objective"),
        )
        _, drawn = mechanism.randomise(lambda w: (0.0, np.zeros(size)))(np.zeros(size))
        return np.asarray(drawn)

    def _released(self, minimum: Floats) -> Floats:
        """Round and noise the weights, so that they don't tell where the solver stopped."""
        size, apart = len(minimum), 2 * RESIDUAL / self.strength
        # A power of two, so that dividing by it is exact.
        step = 2.0 ** math.floor(math.log2(apart / size))
        whole = noisy(
            [int(value) for value in np.rint(minimum / step)],
            epsilon=SHARE_OF_RESIDUAL * self.epsilon,
            sensitivity=math.ceil(math.sqrt(size) * apart / step) + size,
            source=source_of(self.noise_seed, "weights"),
        )
        return np.array(whole, dtype=np.float64) * step


def approximate_minimum(X: Floats, y: Ints, strength: float, noise: Floats) -> Floats:
    """Find weights at which the gradient of the perturbed objective is at most γ/2 long.

    Parameters
    ----------
    X : ndarray, shape (n, d)
    y : ndarray of int, shape (n,)
    strength : float
        Λ, above 0.
    noise : ndarray, shape (d,)
        b.

    Returns
    -------
    ndarray, shape (d,)

    Raises
    ------
    ArithmeticError
        If no step lowers the gradient any more: at weights so large that doubles can't tell.
    """
    rows = csr_array(X)
    weights = np.zeros(X.shape[1])
    for gradient_at in (_gradient, exact_gradient):
        weights = _descended(gradient_at, rows, y, weights, strength, noise)
        exact = exact_gradient(rows, y, weights, strength, noise)
        if float(np.linalg.norm(exact)) <= RESIDUAL / 2:
            return weights
    raise ArithmeticError("the minimum of the perturbed objective was not reached")


def _descended(
    gradient_at: Callable[..., Floats],
    rows: csr_array,
    y: Ints,
    weights: Floats,
    strength: float,
    noise: Floats,
) -> Floats:
    """Take Newton steps until the gradient is at most γ/4 long, or no step shortens it."""
    gradient = gradient_at(rows, y, weights, strength, noise)
    for _ in range(MOST_STEPS):
        length = float(np.linalg.norm(gradient))
        if length <= RESIDUAL / 4:
            break
        direction = _newton_direction(rows, weights, strength, gradient)
        share = 1.0
        while share > 1e-12:
            found = weights - share * direction
            gradient = gradient_at(rows, y, found, strength, noise)
            if float(np.linalg.norm(gradient)) <= (1 - share / 4) * length:
                weights = found
                break
            share /= 2
        else:
            break
    return weights


def exact_gradient(
    X: csr_array, y: Ints, weights: Floats, strength: float, noise: Floats
) -> Floats:
    """Gradient of the perturbed objective, its sums over rows without rounding, shape (d,)."""
    columns = csc_array(X)
    parts = columns.data * (expit(X @ weights) - y)[columns.indices]
    ends = columns.indptr
    sums = [math.fsum(parts[a:b].tolist()) for a, b in pairwise(ends)]
    return np.array(sums) + strength * weights + noise


def _gradient(X: csr_array, y: Ints, weights: Floats, strength: float, noise: Floats) -> Floats:
    return np.asarray(X.T @ (expit(X @ weights) - y) + strength * weights + noise)


def _newton_direction(X: csr_array, weights: Floats, strength: float, gradient: Floats) -> Floats:
    """Solve for the Newton step by conjugate gradients, to a hundredth, never forming the Hessian.

    An inexact step still lowers the gradient's length (Dembo, Eisenstat and Steihaug 1982).
    """
    score = expit(X @ weights)
    curvature = score * (1 - score)
    diagonal = strength + X.multiply(X).T @ curvature
    shape = (len(weights), len(weights))
    hessian = LinearOperator(
        shape, matvec=lambda v: X.T @ (curvature * (X @ v)) + strength * v, dtype=np.float64
    )
    scaled = LinearOperator(shape, matvec=lambda v: v / diagonal, dtype=np.float64)
    found, _ = cg(hessian, gradient, rtol=0.01, M=scaled)
    return np.asarray(found)
