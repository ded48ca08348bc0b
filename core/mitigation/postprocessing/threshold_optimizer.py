"""Equalized odds after training, through fairlearn, fitted on validation rows."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin

from core.arrays import Flags, Floats, Objects
from core.data.row_hashing import hash_uniforms
from core.learning.models import EncodedModel
from core.mitigation.registry import (
    MITIGATIONS,
    Decider,
    Mitigation,
    MitigationContext,
    check_outcomes,
    refuse_weights,
)

if TYPE_CHECKING:
    from fairlearn.postprocessing import ThresholdOptimizer


class _Scorer(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A trained model in the shape that fairlearn's optimiser expects of an estimator."""

    def __init__(self, model: EncodedModel):
        self.model = model

    def fit(self, X: Any, y: Any) -> _Scorer:
        """Do nothing: the model is trained already."""
        return self

    def predict(self, X: Any) -> Floats:
        """Score of each row: the optimiser cuts it group by group, shape (n,)."""
        return np.asarray(X)[:, 0].astype(np.float64)


class GroupThresholdDecider:
    """Thresholds by group, interpolated at random where a single one would miss the target.

    At a strength s below 1 a person's probability of the positive decision is (1 - s) times the
    decision at 0.5, 0 or 1, and s times the probability in full. So every group's expected rates
    lie that part of the way, on the line between two points that Hardt et al. 2016, section 4, both
    allow; towards 0 all decide as at 0.5. A group that validation rows did not hold keeps 0.5.
    """

    def __init__(
        self,
        model: EncodedModel,
        optimiser: ThresholdOptimizer,
        known: set[str],
        seed: int,
        strength: float = 1.0,
    ):
        self.model = model
        self.optimiser = optimiser
        self.known = known
        self.seed = seed
        self.strength = strength

    def predict_score(self, X: pd.DataFrame) -> Floats:
        """Score of the model, shape (n,)."""
        return self.model.predict_score(X)

    def positive_probability(self, X: pd.DataFrame, groups: Objects) -> Floats:
        """Chance of the positive decision by the thresholds of each row's group, shape (n,)."""
        scores = self.predict_score(X)
        out = (scores >= 0.5).astype(np.float64)
        known = np.isin(groups.astype(str), list(self.known))
        if known.any():
            in_full = self.optimiser._pmf_predict(
                scores[known, None], sensitive_features=groups[known]
            )[:, 1]
            out[known] = (1 - self.strength) * out[known] + self.strength * np.asarray(in_full)
        return out

    def predict(self, X: pd.DataFrame, groups: Objects) -> Flags:
        """Positive where the person's lot falls below their chance, shape (n,)."""
        return hash_uniforms(X, self.seed) < self.positive_probability(X, groups)


def _threshold_optimizer(task: MitigationContext) -> Decider:
    refuse_weights(
        task, "the threshold optimizer counts every validation row once and cannot weigh them"
    )
    validation = task.validation
    check_outcomes(validation, "no threshold can equalise its true and false positive rates")
    model = task.plain()
    scores = model.predict_score(validation.X)
    # Loaded where it is needed: it brings a plotting library along.
    from fairlearn.postprocessing import ThresholdOptimizer

    optimiser = ThresholdOptimizer(
        estimator=_Scorer(model),
        constraints="equalized_odds",
        objective="accuracy_score",
        prefit=True,
        predict_method="predict",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=FutureWarning)
        warnings.simplefilter("ignore", category=UserWarning)
        optimiser.fit(
            scores[:, None],
            validation.positive.astype(int),
            sensitive_features=validation.groups,
        )
    known = {str(g) for g in np.unique(validation.groups)}
    return GroupThresholdDecider(model, optimiser, known, task.seed, task.strength)


MITIGATIONS.add(
    Mitigation(
        "threshold_optimizer",
        "Threshold optimizer",
        "Gives each group its own threshold, chosen on validation rows, so that true and false "
        "positive rates are alike.",
        "after",
        _threshold_optimizer,
        needs_group_to_decide=True,
        randomised=True,
        source="Hardt et al. 2016, through fairlearn",
        assumes="Recorded outcomes are right in every group, and thresholds may differ by group.",
        aim="equalized_odds_difference",
        degrees="At half strength everybody's probability of the positive decision lies halfway "
        "between the model's own decision and the probability in full.",
        takes_weights=False,
    )
)
