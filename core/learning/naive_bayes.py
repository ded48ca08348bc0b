"""Gaussian naive Bayes, ordinary and private, whose log-odds are a sum of one term a feature.

Definition
----------
log p(1|x)/p(0|x) = log π₁/π₀ + Σ_j log N(x_j; μ_1j, σ²_1j) / N(x_j; μ_0j, σ²_0j). Each summand
depends on one feature only, so an explanation by terms is exact.

The private one releases, for each of the two labels, its number of rows (geometric noise, a third
of ε), and each feature's sum and sum of squared differences from the released mean (a third each,
split evenly over the p features): Vaidya, Shafiq, Basu and Hong 2013, with diffprivlib's
mechanisms. One more row adds 1 to one number, at most max(|low|, |high|) to one sum of each
feature and at most max(μ − low, high − μ)² to one sum of squares of each feature. That the noise
of a sum is set for high − low suffices only where low ≤ 0 ≤ high; we refuse other bounds.

Two things that the library reads from the data are not read here: which labels occur, and the
exact number of rows, to which it forces the noisy numbers to add up.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.naive_bayes import GaussianNB

from core.arrays import Floats, Ints
from core.learning.noise_library import GaussianNB as LibraryGaussianNB
from core.learning.noise_library import GeometricTruncated, check_random_state

MANY = 2**40
"""More rows than any table has; the noisy number of rows is cut there and at 1."""


class _Terms:
    """What an explainer of additive models asks for."""

    theta_: Floats
    var_: Floats
    class_prior_: Floats

    @property
    def term_features_(self) -> list[tuple[int]]:
        """The one feature of each term."""
        return [(j,) for j in range(self.theta_.shape[1])]

    @property
    def intercept_(self) -> Floats:
        """Log-odds of the label before any feature is known, shape (1,)."""
        return np.array([np.log(self.class_prior_[1] / self.class_prior_[0])])

    def eval_terms(self, X: Floats) -> Floats:
        """Log-odds of each feature, shape (n, p)."""
        density = [
            -0.5 * (np.log(2 * np.pi * var) + (X - mean) ** 2 / var)
            for mean, var in zip(self.theta_, self.var_, strict=True)
        ]
        return np.asarray(density[1] - density[0])


class NaiveBayes(_Terms, GaussianNB):  # type: ignore[misc]
    """The ordinary one, scikit-learn's."""


class NoisyNaiveBayes(_Terms, LibraryGaussianNB):  # type: ignore[misc]
    """The private one: ε under add-or-remove of one row.

    Parameters are diffprivlib's; ``bounds`` are two arrays of shape (p,) around 0.
    """

    kept_fields = (
        "epsilon", "bounds", "priors", "var_smoothing", "n_features_in_", "classes_", "epsilon_",
        "class_count_", "class_prior_", "theta_", "var_",
    )  # fmt: skip
    # Of one that was read from disk: nothing is drawn or charged by it.
    random_state = accountant = None

    def fit(self, X: Floats, y: Ints, sample_weight: Any = None) -> Any:
        """Train on labels 0 and 1, whichever of them occur.

        Raises
        ------
        ValueError
            If bounds are missing or don't hold 0: a row could add more than the noise hides.
        """
        if sample_weight is not None:
            raise ValueError("a private model takes no row weights")
        if self.bounds is None:
            raise ValueError("bounds must be declared")
        low, high = (np.asarray(bound, dtype=np.float64) for bound in self.bounds)
        if not ((low <= 0).all() and (high >= 0).all() and low.shape == (X.shape[1],)):
            raise ValueError("bounds must be given for each feature and hold 0")
        random = check_random_state(self.random_state)
        clipped = np.clip(X, low, high)
        self.n_features_in_ = X.shape[1]
        self.classes_ = np.array([0, 1])
        self.epsilon_ = self.var_smoothing
        counter = GeometricTruncated(
            epsilon=self.epsilon / 3, sensitivity=1, lower=1, upper=MANY, random_state=random
        )
        self.class_count_ = np.array([counter.randomise(int((y == c).sum())) for c in (0, 1)])
        found = [
            self._update_mean_variance(
                0, 0.0, 0.0, clipped[y == c], random, n_noisy=int(self.class_count_[c])
            )
            for c in (0, 1)
        ]
        self.theta_ = np.array([mean for mean, _ in found])
        self.var_ = np.array([var for _, var in found]) + self.epsilon_
        self.class_prior_ = self.class_count_ / self.class_count_.sum()
        return self
