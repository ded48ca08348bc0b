"""Which mitigations the training page offers with which learner."""

from __future__ import annotations

from core.fairness.mitigation import MITIGATIONS
from core.governance.workspace import Workspace
from core.learning.learners import LEARNERS
from tests.pages.conftest import opened, ran, texts
from tests.pages.test_model_pages import uploaded


def test_a_mitigation_that_would_ignore_the_learner_is_left_out_and_said(
    workspace: Workspace,
) -> None:
    app = opened("train", uploaded(workspace).id)
    replacing = MITIGATIONS["adversarial_debiasing"]
    learner, mitigation = app.selectbox[0], app.selectbox[1]
    assert learner.value == replacing.replaces_learner
    assert any(option.startswith(replacing.title) for option in mitigation.options)
    assert "is left out: it trains a model of its own" not in texts(app)
    learner.set_value("random_forest")
    ran(app)
    assert not any(option.startswith(replacing.title) for option in app.selectbox[1].options)
    told = f"offered with {LEARNERS[replacing.replaces_learner].title} only"
    assert told in texts(app)
    assert app.selectbox[1].value == "none"
