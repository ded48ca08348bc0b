"""Trained models to attack: any estimator in the place of a registered learner."""

from __future__ import annotations

from dataclasses import replace

from sklearn.ensemble import RandomForestClassifier

from core.data.dataset import Dataset
from core.learning.encoding import Ordinal
from core.learning.models import EncodedModel
from core.mitigation.registry import ThresholdDecider
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import train
from tests.core.worlds import DOMAINS


def forest() -> EncodedModel:
    """A forest of full trees, which remembers its rows."""
    return EncodedModel(
        Ordinal(fill_missing=True), RandomForestClassifier(60, random_state=1), "trees"
    )


def trained_on(
    data: Dataset,
    model: EncodedModel | None = None,
    *,
    learner: str = "logistic_regression",
    epsilon: float = 1.0,
) -> Trained:
    """Train a registered learner; fit ``model`` in its place where one is given."""
    private = learner.startswith("dp_")
    spec = TrainingSpec(
        learner,
        epsilon=epsilon if private else None,
        delta=1e-5 if private else None,
        domains=DOMAINS if private else None,
        noise="seeded" if private else "fresh",
    )
    trained = train(data, spec, with_baseline=False)
    if model is None:
        return trained
    rows = trained.split.train
    model.fit(data.features.iloc[rows].reset_index(drop=True), data.target[rows])
    return replace(trained, decider=ThresholdDecider(model))
