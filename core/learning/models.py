"""Models on raw features: an encoder and a classifier behind it."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import pandas as pd
from sklearn.exceptions import ConvergenceWarning

from core.arrays import Flags, Floats
from core.errors import InputError
from core.learning.encoding import DeclaredBins, DeclaredCodes, Encoder, Ordinal
from core.learning.noise_library import PrivacyLeakWarning
from core.learning.step_terms import StepTerms
from core.privacy.accounting.noise_key import LibraryRandom, NoiseKey

Form = Literal["linear", "trees", "additive", "any"]
"""What an explainer may use: weights on encoded columns, trees, additive terms, or nothing."""
ROWS_FOR_PROCESSES = 20_000
"""From here on two processes fit a boosting machine sooner; they take seconds to start."""


class EncodedModel:
    """An encoder and a scikit-learn style classifier behind it.

    Attributes
    ----------
    encoder : Encoder
    estimator : object
        With ``fit`` and ``predict_proba`` on encoded columns.
    form : {"linear", "trees", "additive", "any"}
    """

    kept_fields: tuple[str, ...] = ("encoder", "estimator", "form", "takes_weights")

    def __init__(self, encoder: Encoder, estimator: Any, form: Form, *, takes_weights: bool = True):
        self.encoder = encoder
        self.estimator = estimator
        self.form: Form = form
        self.takes_weights = takes_weights

    @property
    def threshold(self) -> float:
        """From where on its score is decided positively, unless a mitigation says otherwise."""
        return 0.5

    def fit(
        self,
        X: pd.DataFrame,
        positive: Flags,
        weights: Floats | None = None,
    ) -> None:
        """Train on raw features.

        Parameters
        ----------
        X : DataFrame, shape (n, p)
        positive : ndarray of bool, shape (n,)
        weights : ndarray of float, shape (n,), optional

        Raises
        ------
        InputError
            If weights are given to a private learner: they would change what one row can do.
        """
        if weights is not None and not self.takes_weights:
            raise InputError(
                "a private model takes no row weights, since a weight would let one row count "
                "for more than the noise hides",
                where="weights",
                remedy="Train without weights, or choose a model that is not private",
            )
        if weights is not None and not weights.all():
            # A row of weight 0 has no say, and some libraries refuse it.
            X, positive, weights = X[weights > 0], positive[weights > 0], weights[weights > 0]
        self.encoder.fit(X)
        self.prepare()
        encoded = self.encode(X)
        with warnings.catch_warnings():
            # diffprivlib calls scipy by names that scipy 1.17 deprecates.
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            # The learner's own figures on test rows, which are shown, judge the fit.
            warnings.filterwarnings("ignore", category=ConvergenceWarning)
            warnings.filterwarnings("ignore", message="Missing values detected")
            # Whoever sets a noise seed says so in the plan, and the result records it.
            warnings.filterwarnings("ignore", message="Privacy violation: using a fixed")
            warnings.filterwarnings("error", category=PrivacyLeakWarning)
            warnings.filterwarnings("error", message="Possible privacy violation")
            try:
                if weights is None:
                    self.estimator.fit(encoded, positive.astype(int))
                else:
                    self.estimator.fit(encoded, positive.astype(int), sample_weight=weights)
            finally:
                self._forget_key()

    def _forget_key(self) -> None:
        """Drop a key of noise: whoever had it beside the model could take the noise off."""
        for name in ("noise_seed", "random_state"):
            if isinstance(getattr(self.estimator, name, None), NoiseKey | LibraryRandom):
                setattr(self.estimator, name, None)

    def prepare(self) -> None:
        """Tell the estimator what only the fitted encoder knows; nothing by default."""

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Probability of the positive label, shape (n,), in [0, 1]."""
        return self.predict_encoded(self.encode(X))

    def encode(self, X: pd.DataFrame) -> Any:
        """Encode rows as the estimator takes them."""
        return self.encoder.transform(X)

    def predict_encoded(self, encoded: Floats) -> Floats:
        """Probability of the positive label from encoded columns, shape (n,)."""
        probability: Floats = self.estimator.predict_proba(encoded)[:, 1]
        return probability


class AdditiveModel(EncodedModel):
    """An explainable boosting machine, which is told which columns are nominal."""

    def fit(
        self,
        X: pd.DataFrame,
        positive: Flags,
        weights: Floats | None = None,
    ) -> None:
        """Train on raw features, on two cores where that is worth starting processes for."""
        self.estimator.set_params(n_jobs=2 if len(X) >= ROWS_FOR_PROCESSES else 1)
        super().fit(X, positive, weights)

    def prepare(self) -> None:
        """Declare the type of each column, so that it is not guessed."""
        assert isinstance(self.encoder, Ordinal)
        self.estimator.set_params(
            feature_types=["nominal" if c else "continuous" for c in self.encoder.categorical]
        )


class PrivateBinnedModel(EncodedModel):
    """Noisy gradients over declared bins, told how many ones each row has by construction."""

    def prepare(self) -> None:
        """Hand over the number of ones, which bounds what a row can do."""
        assert isinstance(self.encoder, DeclaredBins)
        self.estimator.active = self.encoder.active

    def encode(self, X: pd.DataFrame) -> Any:
        """Encode rows, storing the ones only."""
        assert isinstance(self.encoder, DeclaredBins)
        return self.encoder.sparse(X)

    def take_weights(self) -> None:
        """Take row weights in [0, 1] that rest on the row itself and on noisy figures alone."""
        self.takes_weights = True


class PrivateAdditiveModel(EncodedModel):
    """DP-EBM over declared codes: every column is a bounded number with public bounds."""

    def prepare(self) -> None:
        """Hand over the public bounds, so that none is read from the data."""
        assert isinstance(self.encoder, DeclaredCodes)
        bounds = self.encoder.bounds
        self.estimator.set_params(feature_types=["continuous"] * len(bounds), privacy_bounds=bounds)

    def fit(
        self,
        X: pd.DataFrame,
        positive: Flags,
        weights: Floats | None = None,
    ) -> None:
        """Train on raw features, and keep what is released only."""
        super().fit(X, positive, weights)
        self.estimator = StepTerms.of(self.estimator)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what an earlier version pickled, which held the library's machine."""
        self.__dict__.update(state)
        if not isinstance(self.estimator, StepTerms):
            self.estimator = StepTerms.of(self.estimator)


class PrivateCodesModel(EncodedModel):
    """A private estimator over declared codes, told the public bounds of each column."""

    def prepare(self) -> None:
        """Hand over the public bounds, so that none is read from the data."""
        assert isinstance(self.encoder, DeclaredCodes)
        self.estimator.bounds = tuple(self.encoder.bounds.T)
