"""Two tabs with one audit open: what the other did is told, and nothing of it is undone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.audit_state import audit_ledger, audit_models
from core.audit_state import state as audits
from core.data.assign import assign
from core.privacy.accounting.budget import Budget
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.pages.conftest import opened, ran, texts

NOTE = "Just changed in another tab, or by another person"


@pytest.fixture
def german(workspace: Workspace) -> audits.AuditState:
    return audits.begin_sample(workspace, "german_credit")


def now(workspace: Workspace, state: audits.AuditState) -> audits.AuditState:
    return audits.load_audit(workspace, state.id)


def trained(workspace: Workspace, state: audits.AuditState, learner: str) -> None:
    assert state.roles is not None
    rows = assign(audits.read_table(workspace, state), state.roles)
    audit_models.train_audited_model(workspace, now(workspace, state), rows, TrainingSpec(learner))


def press(app, label: str):
    next(button for button in app.button if button.label == label).click()
    return ran(app)


def page_text(app) -> str:
    return texts(app).replace("\\", "")


def test_roles_of_another_tab_are_told_and_not_undone(workspace, german) -> None:
    app = opened("roles", german.id)
    others = replace(german.roles, features=german.roles.features[:5])
    audits.update_state(workspace, german, roles=others)
    press(app, "Save roles")
    assert NOTE in page_text(app)
    assert "so nothing was saved" in page_text(app)
    assert now(workspace, german).roles == others
    # Having seen it, the same click is a decision.
    press(app, "Save roles")
    assert "Roles are saved." in page_text(app)
    assert now(workspace, german).roles != others
    press(app, "Seen")
    assert NOTE not in page_text(app)


def test_a_model_of_another_tab_is_told_and_stays_the_audited_one(workspace, german) -> None:
    app = opened("train", german.id)
    trained(workspace, german, "naive_bayes")
    press(app, "Train")
    assert "the audited model (now Naive Bayes, seed 0)" in page_text(app)
    assert "so nothing was trained" in page_text(app)
    assert now(workspace, german).training == TrainingSpec("naive_bayes")
    next(box for box in app.selectbox if box.label == "Model").set_value("decision_tree")
    ran(app)
    press(app, "Train")
    assert now(workspace, german).training == TrainingSpec("decision_tree")


def test_a_budget_of_another_tab_is_told_and_not_undone(workspace, german) -> None:
    audit_ledger.set_budget(workspace, german, Budget(2.0), None)
    app = opened("budget", german.id)
    audit_ledger.set_budget(workspace, now(workspace, german), Budget(1.0), None)
    press(app, "Save budget")
    assert "the privacy budget (now ε = 1)" in page_text(app)
    assert audit_ledger.cap_of(workspace, german) == Budget(1.0)
    app.radio[0].set_value("No")
    ran(app)
    press(app, "Save: no privacy guarantee")
    assert now(workspace, german).budget is None


def test_ones_own_changes_are_not_told(workspace, german) -> None:
    app = opened("train", german.id)
    press(app, "Train")
    assert NOTE not in page_text(app)
    ran(app)
    assert NOTE not in page_text(app)
    app = opened("roles", german.id)
    press(app, "Save roles")
    assert NOTE not in page_text(app)
    app = opened("budget", german.id)
    app.radio[0].set_value("Yes")
    ran(app)
    press(app, "Save budget")
    ran(app)
    assert now(workspace, german).budget is not None
    assert NOTE not in page_text(app)


def test_an_audit_that_is_opened_in_place_of_another_is_not_told_as_changed(
    workspace, german
) -> None:
    other = audits.begin_sample(workspace, "heart_disease")
    app = opened("roles", german.id)
    app.query_params["audit"] = other.id
    ran(app)
    assert NOTE not in page_text(app)
