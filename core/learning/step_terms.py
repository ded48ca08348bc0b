"""What a private explainable boosting machine releases: one step curve for each feature.

DP-EBM (Nori, Caruana, Bu, Shen and Kulkarni 2021) releases, for each feature, the cuts between its
bins and a noisy score for each bin. Its log-odds are the intercept plus, for each feature, the
score of the bin that holds the value; a value on a cut belongs to the bin above it, and a missing
one to the first. Only these numbers are kept, so that a model that was paid for does not hang on
how the library that trained it lays out its objects.

A wrong sum would be caught by a test that holds both against each other, bit by bit, on and beside
every cut.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from interpret.utils import inv_link

from core.arrays import Floats


class StepTerms:
    """The estimator, fitted.

    Attributes
    ----------
    bins_ : list of list of ndarray
        Of each feature one ascending array of cuts.
    term_features_ : list of tuple of int
        The one feature of each term.
    term_scores_ : list of ndarray
        Of each term the score of a missing value, of each bin, and of an unknown value.
    bin_weights_ : list of ndarray
        Of each term the noisy number of rows in each bin.
    intercept_ : ndarray, shape (1,)
    classes_ : ndarray, shape (2,)
        0 and 1.
    epsilon, delta : float
    noise_scale_binning_, noise_scale_boosting_ : float
    """

    kept_fields = (
        "bins_",
        "term_features_",
        "term_scores_",
        "bin_weights_",
        "intercept_",
        "classes_",
        "epsilon",
        "delta",
        "noise_scale_binning_",
        "noise_scale_boosting_",
    )
    bins_: list[list[Floats]]
    term_features_: list[tuple[int]]
    term_scores_: list[Floats]
    intercept_: Floats

    @classmethod
    def of(cls, machine: Any) -> StepTerms:
        """Take the released numbers of the library's machine."""
        found = cls()
        for name in cls.kept_fields:
            setattr(found, name, getattr(machine, name))
        assert all(len(features) == 1 for features in found.term_features_)
        return found

    def eval_terms(self, X: Floats) -> Floats:
        """Log-odds of each term, shape (n, terms)."""
        out = np.empty((len(X), len(self.term_features_)), order="F")
        for term, ((feature,), scores) in enumerate(
            zip(self.term_features_, self.term_scores_, strict=True)
        ):
            values = X[:, feature]
            position = 1 + np.searchsorted(self.bins_[feature][0], values, side="right")
            out[:, term] = scores[np.where(np.isnan(values), 0, position)]
        return out

    def decision_function(self, X: Floats) -> Floats:
        """Log-odds of label 1, shape (n,)."""
        found = np.full(len(X), self.intercept_[0])
        for term in self.eval_terms(X).T:
            found += term
        return found

    def predict_proba(self, X: Floats) -> Floats:
        """Probabilities of labels 0 and 1, shape (n, 2)."""
        # By the library's own exponential: numpy's differs in the last digit.
        return np.asarray(inv_link(self.decision_function(X), "logit"))
