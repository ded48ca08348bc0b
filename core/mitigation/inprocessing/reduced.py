"""How models that a reduction trained decide: drawn between them, or as the one chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Objects
from core.data.row_hashing import hash_uniforms
from core.learning.encoding import Encoder


class MixtureDecider:
    """A weighted mixture of models, drawn for each person."""

    def __init__(self, encoder: Encoder, models: list[Any], shares: Floats, seed: int):
        self.encoder = encoder
        self.models = models
        self.shares = shares
        self.seed = seed

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Probability of a positive decision, shape (n,)."""
        encoded = self.encoder.transform(X)
        out = np.zeros(len(X))
        for model, share in zip(self.models, self.shares, strict=True):
            out += share * (np.asarray(model.predict(encoded)) > 0.5)
        return np.clip(out, 0.0, 1.0)

    def positive_probability(self, X: pd.DataFrame, groups: Objects) -> Floats:
        """Chance of the positive decision, which is the score, shape (n,)."""
        return self.predict_score(X)

    def predict(self, X: pd.DataFrame, groups: Objects) -> Flags:
        """Positive where the person's lot falls below the probability, shape (n,)."""
        return hash_uniforms(X, self.seed) < self.predict_score(X)


class SearchedDecider:
    """The one model that grid search chose; positive at a score of at least 0.5."""

    def __init__(self, encoder: Encoder, model: Any):
        self.encoder = encoder
        self.model = model

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Score of the model, shape (n,); constant if the model knows one class only."""
        probability = np.asarray(self.model.predict_proba(self.encoder.transform(X)))
        out: Floats = probability[:, list(self.model.classes_).index(1)].astype(np.float64)
        return out

    def predict(self, X: pd.DataFrame, groups: Objects) -> Flags:
        """Positive where the score reaches 0.5, shape (n,)."""
        return self.predict_score(X) >= 0.5
