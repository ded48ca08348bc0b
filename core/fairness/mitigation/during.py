"""Mitigations during training."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from fairlearn.reductions import EqualizedOdds, ExponentiatedGradient

from core.errors import InputError
from core.fairness.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Flags,
    Floats,
    Groups,
    Mitigation,
    Task,
)
from core.learning.encoding import Encoder
from core.learning.split import lots

MAX_ITERATIONS = 30
"""Rounds of exponentiated gradient; each trains the learner at least once."""


class MixtureDecider:
    """A weighted mixture of models, decided by lot between them."""

    def __init__(self, encoder: Encoder, mixture: ExponentiatedGradient, seed: int):
        self.encoder = encoder
        self.mixture = mixture
        self.seed = seed

    def score(self, X: pd.DataFrame) -> Floats:
        """Probability of a positive decision, shape (n,)."""
        encoded = self.encoder.transform(X)
        out: Floats = np.asarray(self.mixture._pmf_predict(encoded))[:, 1].astype(np.float64)
        return np.clip(out, 0.0, 1.0)

    def decide(self, X: pd.DataFrame, groups: Groups) -> Flags:
        """Positive where the person's lot falls below the probability, shape (n,)."""
        return lots(X, self.seed) < self.score(X)


def _exponentiated_gradient(task: Task) -> Decider:
    if task.train.weights is not None:
        raise InputError(
            "exponentiated gradient sets its own row weights and cannot keep those of a column",
            where="weights",
            remedy="Leave the weight column out, or choose another mitigation",
        )
    # The reduction clones and weighs a plain estimator, so features are encoded once before it.
    model = task.build()
    model.encoder.fit(task.train.X)
    model.prepare()
    reduction = ExponentiatedGradient(
        model.estimator, EqualizedOdds(difference_bound=0.01), max_iter=MAX_ITERATIONS
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=FutureWarning)
        warnings.simplefilter("ignore", category=DeprecationWarning)
        warnings.simplefilter("ignore", category=UserWarning)
        reduction.fit(
            model.encoder.transform(task.train.X),
            task.train.positive.astype(int),
            sensitive_features=task.train.groups,
        )
    return MixtureDecider(model.encoder, reduction, task.seed)


MITIGATIONS.add(
    Mitigation(
        "exponentiated_gradient",
        "Exponentiated gradient",
        "Trains the learner again and again with costs that rise wherever true or false positive "
        "rates differ between groups, and mixes the models that result.",
        "during",
        _exponentiated_gradient,
        randomised=True,
        source="Agarwal et al. 2018, through fairlearn",
    )
)
