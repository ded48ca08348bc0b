"""What the training page offers and says where a privacy budget is set."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np

from core.audit_state import audit_ledger, audit_models
from core.audit_state import state as audits
from core.audit_state.results.effect_results import effect_of
from core.audit_state.state import AuditState
from core.data.assign import assign, default_roles
from core.data.domains import CategoryDomain, Domains
from core.privacy.accounting.budget import Budget
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.core.worlds import DOMAINS, frame
from tests.pages.conftest import agree, opened, ran, texts

DECLARED = Domains((*DOMAINS.items, CategoryDomain("sex", ("f", "m"))))
SPEC = TrainingSpec(
    "dp_binned_regression",
    "private_group_thresholds",
    "sex",
    4.0,
    1e-5,
    DECLARED,
    person="patient",
    rows_per_person=3,
)


def visits(workspace: Workspace) -> AuditState:
    data = frame(500)
    data["patient"] = [f"p{k}" for k in np.random.default_rng(1).integers(0, 150, 500)]
    text = io.StringIO()
    data.to_csv(text, index=False)
    state = audits.begin_bytes(workspace, text.getvalue().encode(), "visits.csv")
    table = audits.read_table(workspace, state)
    roles = default_roles(table, "paid", "yes", ("sex",), identifiers=("patient",))[0]
    state = audits.save(workspace, replace(state, roles=roles))
    return audit_ledger.set_budget(workspace, state, Budget(4.0, 1e-5), DECLARED)


def test_persons_are_offered_kept_and_shown_and_no_page_charges_again(
    workspace: Workspace,
) -> None:
    state = visits(workspace)
    dataset = assign(audits.read_table(workspace, state), state.roles)
    trained = audit_models.train_audited_model(workspace, state, dataset, SPEC)
    state = audits.load_audit(workspace, state.id)
    assert state.training == SPEC
    changed = effect_of(workspace, state, dataset, trained)
    assert changed is not None
    assert changed.everyone.count == len(trained.split.test)
    app = opened("train", state.id)
    text = texts(app)
    assert "rows left out" in text
    assert "for one person" in text
    assert "at most 3 rows" in text
    (person,) = (box for box in app.selectbox if box.label == "Whom the guarantee is for")
    assert person.value == "patient"
    assert len(audit_ledger.charges(workspace, state)) == 1


def test_only_mitigations_that_keep_the_guarantee_are_offered_and_the_rest_explained(
    workspace: Workspace,
) -> None:
    app = opened("train", visits(workspace).id)
    learner, mitigation = app.selectbox[0], app.selectbox[1]
    assert learner.value == "dp_logistic_regression"
    assert mitigation.options == ["No mitigation (baseline)"]
    assert "may leave the training rows" in texts(app)
    assert "others can hide all rows of a person" in texts(app)
    learner.set_value("dp_binned_regression")
    ran(app)
    assert len(app.selectbox[1].options) == 5
    assert "may leave the training rows" not in texts(app)
    app.selectbox[1].set_value("private_threshold")
    ran(app)
    labels = [box.label for box in app.selectbox]
    assert "Mitigate for" not in labels
    assert "Whom the guarantee is for" in labels


def test_bounds_that_tell_nothing_stop_and_the_remedy_works_on_the_page(
    workspace: Workspace,
) -> None:
    text = io.StringIO()
    frame(300).to_csv(text, index=False)
    state = audits.begin_bytes(workspace, text.getvalue().encode(), "few.csv")
    table = audits.read_table(workspace, state)
    roles = default_roles(table, "paid", "yes", ("sex",))[0]
    state = audits.save(workspace, replace(state, roles=roles))
    state = audit_ledger.set_budget(workspace, state, Budget(1.0, 1e-5), None)
    app = opened("train", state.id)
    app.selectbox[0].select("dp_binned_regression")
    ran(app)
    app.number_input[0].set_value(1.0)
    ran(app)
    agree(app)
    next(button for button in app.button if button.label == "Train").click()
    ran(app)
    (error,) = [e.value.replace("\\", "") for e in app.error if "noise" in e.value]
    assert "the other ε = 0.9 was not charged" in error
    assert "Privacy budget" in error
    assert [charge.epsilon for charge in audit_ledger.charges(workspace, state)] == [0.1]
    # As the budget page saves it: declared bounds under the same cap.
    audit_ledger.set_budget(
        workspace, audits.load_audit(workspace, state.id), Budget(1.0, 1e-5), DOMAINS
    )
    app = opened("train", state.id)
    app.selectbox[0].select("dp_binned_regression")
    ran(app)
    app.number_input[0].set_value(0.9)
    ran(app)
    agree(app)
    next(button for button in app.button if button.label == "Train").click()
    ran(app)
    assert not app.error
    assert "Performance on test rows" in texts(app)
    ledger = audit_ledger.charges(workspace, state)
    assert [charge.epsilon for charge in ledger] == [0.1, 0.9]
    assert sum(charge.delta for charge in ledger) <= 1e-5


def test_what_stopped_at_its_bounds_is_not_offered_again(workspace: Workspace) -> None:
    # Without categories bounds take no δ, and the form offers the same δ again.
    numbers = frame(120).drop(columns=["city"])
    made = audits.begin_bytes(workspace, numbers.to_csv(index=False).encode(), "world.csv")
    roles = default_roles(audits.read_table(workspace, made), "paid", "yes", ("sex",))[0]
    state = audits.save(workspace, replace(made, roles=roles, budget=Budget(1.0, 1e-5)))
    app = opened("train", state.id)
    shown = texts(app).replace("\\", "")
    assert "This run spends ε = 0.25" in shown
    assert "ε = 0.025 of it pays for bounds and categories first" in shown
    assert "the other ε = 0.225 is not spent" in shown
    agree(app)
    next(item for item in app.button if item.label == "Train").click()
    ran(app)
    assert [charge.epsilon for charge in audit_ledger.charges(workspace, state)] == [0.025]
    ran(app)
    app.number_input[0].set_value(0.25)
    ran(app)
    shown = texts(app).replace("\\", "")
    assert "would stop again, so nothing more is spent" in shown
    assert "This run spends" not in shown
    assert next(item for item in app.button if item.label == "Train").disabled
    # Another choice is one that is paid for.
    app.number_input[0].set_value(0.5)
    ran(app)
    assert "This run spends ε = 0.5" in texts(app).replace("\\", "")
