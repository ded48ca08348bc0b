"""The pages on what drives scores and how each feature acts."""

from __future__ import annotations

import pytest

from core.audit_state import audit_models
from core.audit_state import state as steps
from core.data.assign import assign
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.pages.conftest import opened, ran, texts


def trained(workspace: Workspace, learner: str) -> str:
    """Train on a sample and return the audit."""
    state = steps.begin_sample(workspace, "german_credit")
    assert state.roles is not None
    data = assign(steps.read_table(workspace, state), state.roles)
    audit_models.train_audited_model(workspace, state, data, TrainingSpec(learner))
    return state.id


@pytest.mark.parametrize("learner", ["logistic_regression", "decision_tree"])
def test_how_each_feature_acts(workspace: Workspace, learner: str) -> None:
    app = opened("effects", trained(workspace, learner))
    shown = texts(app)
    assert "Accumulated local effects" in shown
    assert "Decides as the model does for" in shown
    assert "permuted" in shown
    additive = learner == "logistic_regression"
    assert ("these curves are the model" in shown) == additive
    assert ("has no shape functions" in shown.replace("\\", "")) != additive
    choice = app.selectbox(key="curve of")
    choice.set_value(choice.options[3])
    ran(app)
    assert app.selectbox(key="curve of").value == choice.options[3]


def test_what_drives_scores_for_whom_and_proxies(workspace: Workspace) -> None:
    app = opened("explanations", trained(workspace, "logistic_regression"))
    shown = texts(app)
    assert "Which features drive scores differently for whom" in shown
    assert "which features give the sensitive attribute away" in shown
    assert "Exact for linear models" in shown
    assert "give" in shown
    choice = app.selectbox(key="dependence feature")
    choice.set_value(choice.options[2])
    ran(app)
    assert app.selectbox(key="dependence feature").value == choice.options[2]
