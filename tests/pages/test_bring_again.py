"""A model is brought once more: after other roles, or in the place of a damaged file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.audit_state.state import AuditState, load_audit, save
from core.storage.workspace import Workspace
from tests.pages.conftest import opened, ran
from tests.pages.test_bring import audit as audit
from tests.pages.test_bring import bring, model, named, plain

lightgbm = pytest.importorskip("lightgbm")


def matched(audit: AuditState) -> AppTest:
    app = bring(audit, model())
    named(app, "button", "Accept the proposal").click()
    ran(app)
    named(app, "selectbox", "Column").set_value("age")
    ran(app)
    named(app, "button", "Take this").click()
    return ran(app)


def audited(workspace: Workspace, audit: AuditState) -> AuditState:
    app = matched(audit)
    named(app, "selectbox", "Class of the model").set_value("1")
    ran(app)
    named(app, "selectbox", "Column that marks").set_value("sex")
    ran(app)
    named(app, "selectbox", "Its value for training rows").set_value("f")
    ran(app)
    named(app, "number_input", "Decision threshold").set_value(0.3)
    ran(app)
    named(app, "button", "Audit this model").click()
    ran(app)
    state = load_audit(workspace, audit.id)
    assert state.training is not None
    assert state.training.external is not None
    return state


def test_after_other_roles_the_file_is_offered_and_its_class_asked_again(
    workspace: Workspace, audit: AuditState
) -> None:
    state = audited(workspace, audit)
    app = opened("roles", audit.id)
    assert "A model is brought for the saved roles: other roles need it brought again." in plain(
        app
    )
    named(app, "selectbox", "Positive label").set_value("no")
    ran(app)
    named(app, "button", "Save roles").click()
    ran(app)
    assert "must be brought again" in app.success[0].value
    assert load_audit(workspace, audit.id).training is None
    app = opened("train", audit.id)
    app.get("button_group")[0].set_value("Bring a model")
    ran(app)
    assert "model.txt, as it was brought before; another file replaces it." in plain(app)
    # Proposals may be others by the new roles, so they are accepted anew.
    assert "1 has no column yet" in plain(app)
    # Class and threshold were those of the other label; which rows trained it is as true now.
    assert (
        named(app, "selectbox", "Class of the model that is the positive label “no”").value is None
    )
    assert named(app, "number_input", "Decision threshold").value == 0.5
    assert named(app, "selectbox", "Column that marks").value == "sex"
    assert named(app, "selectbox", "Its value for training rows").value == "f"
    assert state.training is not None


def test_a_class_that_was_chosen_is_not_taken_for_another_label(
    workspace: Workspace, audit: AuditState
) -> None:
    app = matched(audit)
    named(app, "selectbox", "Class of the model").set_value("1")
    ran(app)
    assert audit.roles is not None
    # As in another tab, while this one stays open.
    save(workspace, replace(audit, roles=replace(audit.roles, positive_label="no")))
    ran(app)
    assert (
        named(app, "selectbox", "Class of the model that is the positive label “no”").value is None
    )
    assert named(app, "button", "Audit this model").disabled


def test_a_damaged_file_is_replaced_by_the_same_one_brought_again(
    workspace: Workspace, audit: AuditState
) -> None:
    state = audited(workspace, audit)
    assert state.training is not None
    assert state.training.external is not None
    file = workspace.path_in(audit.id, f"brought/{state.training.external.sha256}")
    file.write_bytes(model()[:-50])
    app = opened("train", audit.id)
    assert "was changed since it was brought. Bring the same file again." in "".join(
        error.value.replace("\\", "") for error in app.error
    )
    app.get("file_uploader")[0].set_value(("model.txt", model(), "application/octet-stream"))
    ran(app)
    named(app, "button", "Audit this model").click()
    ran(app)
    assert not app.error
    assert file.read_bytes() == model()
