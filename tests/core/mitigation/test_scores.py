"""Scores of people whose groups are known: those that their decisions rest on."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from core.explanation.attribution.explain import explain_person
from core.mitigation import MITIGATIONS, GroupScorer, scores_of
from core.training.spec import TrainingSpec
from core.training.threshold_what_if import what_if
from core.training.training import train
from tests.core.worlds import dataset

OF_THE_GROUP = (
    "correlation_remover",
    "disparate_impact_repair",
    "massaging_and_correlation_remover",
    "calibrated_equalized_odds",
)


@pytest.mark.parametrize("name", OF_THE_GROUP)
def test_every_figure_uses_the_score_behind_the_decision(name: str) -> None:
    data = dataset(800, seed=2)
    trained = train(data, TrainingSpec("logistic_regression", name))
    rows = trained.split.test
    X = data.features.iloc[rows].reset_index(drop=True)
    groups = data.sensitive["sex"].to_numpy(dtype=object)[rows]
    decider = trained.decider
    assert isinstance(decider, GroupScorer)
    assert np.array_equal(trained.scores, decider.predict_score_in_group(X, groups))
    assert np.array_equal(trained.decisions, trained.scores >= 0.5)
    blind = decider.predict_score(X)
    assert np.abs(blind - trained.scores).max() > 0.01
    figures, target = trained.performance.figures, data.target[rows]
    assert figures["brier"].estimate == pytest.approx(brier_score_loss(target, trained.scores))
    assert figures["roc_auc"].estimate == pytest.approx(roc_auc_score(target, trained.scores))
    found = what_if(data, trained, ("sex",))
    assert found.current == 0.5
    assert found.cube.overall().weight.sum() == pytest.approx(len(rows))
    position = int(np.argmax(np.abs(blind - trained.scores)))
    person = explain_person(data, trained, position)
    assert person.score == trained.scores[position]
    assert person.explained_score == pytest.approx(blind[position])
    assert person.explained_score != pytest.approx(person.score)


def test_only_these_have_a_score_of_the_group() -> None:
    data = dataset(400, seed=2)
    names = [
        item.name
        for item in MITIGATIONS
        if not item.name.startswith("exponentiated_gradient")
        and not item.name.startswith("private")
    ]
    for name in names:
        trained = train(data, TrainingSpec("logistic_regression", name))
        assert isinstance(trained.decider, GroupScorer) == (name in OF_THE_GROUP)
        X = data.features.iloc[trained.split.test].reset_index(drop=True)
        groups = data.sensitive["sex"].to_numpy(dtype=object)[trained.split.test]
        assert np.array_equal(trained.scores, scores_of(trained.decider, X, groups))


@pytest.mark.parametrize("name", ["levelling_up", "relaxed_equalized_odds"])
def test_decisions_by_group_or_lot_are_not_told_as_one_threshold(name: str) -> None:
    data = dataset(800, seed=2)
    # A split on which the learner has a gap that is more than chance, or nothing is changed.
    trained = train(data, TrainingSpec("logistic_regression", name, seed=2))
    assert not np.array_equal(trained.decisions, trained.scores >= 0.5)
    assert what_if(data, trained, ("sex",)).current is None
