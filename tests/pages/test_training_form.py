"""Which mitigations the training page offers with which learner."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.audit_state.audit_ledger import set_budget
from core.audit_state.state import save
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.privacy.accounting.budget import Budget
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.pages.conftest import opened, ran, texts
from tests.pages.test_model_pages import button, uploaded


def test_a_mitigation_that_would_ignore_the_learner_is_left_out_and_said(
    workspace: Workspace,
) -> None:
    app = opened("train", uploaded(workspace).id)
    replacing = MITIGATIONS["adversarial_debiasing"]
    learner, mitigation = app.selectbox[0], app.selectbox[1]
    assert learner.value == replacing.replaces_learner
    assert any(option.startswith(replacing.title) for option in mitigation.options)
    assert "is left out: it trains its own model" not in texts(app)
    learner.set_value("random_forest")
    ran(app)
    assert not any(option.startswith(replacing.title) for option in app.selectbox[1].options)
    text = f"offered with {LEARNERS[replacing.replaces_learner].title} only"
    assert text in texts(app)
    assert app.selectbox[1].value == "none"


def test_mitigations_left_out_for_one_reason_are_told_once(workspace: Workspace) -> None:
    state = uploaded(workspace)
    state = set_budget(workspace, state, Budget(1.0, 1e-5))
    app = opened("train", state.id)
    (result,) = [item.value for item in app.caption if "for a row that is replaced" in item.value]
    for name in ("private_reweighing", "private_threshold", "private_group_thresholds"):
        assert MITIGATIONS[name].title in result


def test_a_strength_is_asked_only_where_the_mitigation_has_degrees(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, specs = uploaded(workspace), []

    def record_call(*given: Any) -> None:
        specs.append(given[-1])

    monkeypatch.setattr("core.audit_state.audit_models.train_audited_model", record_call)
    app = opened("train", state.id)
    assert app.selectbox[1].value == "none"
    assert not app.slider
    button(app, "Train")
    app.selectbox[1].set_value("reject_option")
    ran(app)
    (slider,) = app.slider
    assert (slider.label, slider.value) == ("Strength", 1.0)
    assert MITIGATIONS["reject_option"].degrees in slider.help
    slider.set_value(0.5)
    ran(app)
    button(app, "Train")
    # It is kept with the mitigation it was set for, and another begins in full.
    app.selectbox[1].set_value("levelling_up")
    ran(app)
    assert app.slider[0].value == 1.0
    button(app, "Train")
    app.selectbox[1].set_value("none")
    ran(app)
    assert not app.slider
    button(app, "Train")
    assert [(spec.mitigation, spec.strength) for spec in specs] == [
        ("none", 1.0),
        ("reject_option", 0.5),
        ("levelling_up", 1.0),
        ("none", 1.0),
    ]


def test_the_strength_of_the_audited_model_is_shown_again(workspace: Workspace) -> None:
    spec = TrainingSpec("logistic_regression", "none")
    state = replace(
        uploaded(workspace), training=replace(spec, mitigation="reject_option", strength=0.35)
    )
    app = opened("train", save(workspace, state).id)
    assert app.slider[0].value == 0.35
