"""Models of amounts and of classes are brought on the train page, and audited on their own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.audit_state.outcome_models import outcome_models
from core.audit_state.state import AuditState, begin_bytes, load_audit, save
from core.data.roles.roles import Roles
from core.external_models import opened as opened_models
from core.external_models.opened import forget_all
from core.storage.workspace import Workspace
from tests.core.external_models.conftest import in_process  # noqa: F401
from tests.core.external_models.outcome_files import OutcomeFile, outcome_file, students
from tests.pages.conftest import opened, ran
from tests.pages.test_bring import named, plain

pytestmark = pytest.mark.usefixtures("in_process")


def begun(workspace: Workspace, roles: Roles | None, **columns: Any) -> AuditState:
    data = students().assign(**columns).to_csv(index=False).encode()
    state = begin_bytes(workspace, data, "students.csv")
    return save(workspace, AuditState(**{**vars(state), "roles": roles}))


def bring(state: AuditState, made: OutcomeFile, *, way: bool = True) -> AppTest:
    app = opened("train", state.id)
    if way:
        app.get("button_group")[0].set_value("Bring a model")
        ran(app)
    app.get("file_uploader")[0].set_value((made.name, made.data, "application/octet-stream"))
    return ran(app)


def mean_absolute_error(app: AppTest) -> dict[str, str]:
    table = next(f.value for f in app.dataframe if "Lowest over highest" in f.value.columns)
    return dict(table.iloc[0])


def test_amounts_of_a_regressor_are_audited_and_found_again(workspace: Workspace) -> None:
    made = outcome_file("onnx forest regression")
    state = begun(workspace, Roles("class", "High", ("sex",), features=("G1",)),
                  said=made.predicted)  # fmt: skip
    app = bring(state, made)
    shown = plain(app)
    assert "it predicts amounts" not in shown
    assert "Choose the column of true amounts." in shown
    # Nothing is asked that makes no sense of amounts.
    assert not [item for item in app.number_input if "score" in item.label]
    assert not [item for item in app.selectbox if item.label == "Mitigation"]
    named(app, "selectbox", "Column of true amounts").set_value("G2")
    ran(app)
    assert "All 7 inputs are matched." in plain(app)
    named(app, "selectbox", "Column of amounts that it gave before").set_value("said")
    ran(app)
    named(app, "button", "Audit its amounts").click()
    app.run()
    assert not app.exception
    (model,) = outcome_models(workspace, load_audit(workspace, state.id))
    assert (model.external.output, model.columns.truth) == ("number", "G2")
    forget_all()  # As after a restart: nothing but the workspace is left.
    page = opened("regression", state.id)
    assert named(page, "selectbox", "Predicted amount").value.startswith("Predicted by m.onnx")
    assert named(page, "selectbox", "True amount").value == "G2"
    shown = plain(page)
    assert "The model that predicted" in shown
    assert f"SHA-256 {model.external.sha256[:12]}" in shown
    assert "No value of the 400 rows is unknown to the model." in shown
    assert "All 400 recomputed amounts agree with the earlier ones" in shown
    of_model = mean_absolute_error(page)
    named(page, "selectbox", "Predicted amount").set_value("said")
    ran(page)
    assert mean_absolute_error(page) == of_model
    assert "The model that predicted" not in plain(page)
    # The train page opens the same file again, matched as it was.
    again = opened("train", state.id)
    again.get("button_group")[0].set_value("Bring a model")
    ran(again)
    assert "m.onnx, as it is audited" in plain(again)
    assert named(again, "selectbox", "Column of true amounts").value == "G2"
    assert not named(again, "button", "Audit its amounts").disabled


def test_classes_are_named_before_they_are_audited(workspace: Workspace) -> None:
    made = outcome_file("lightgbm multiclass")
    state = begun(workspace, Roles("class", "High", ("sex",), features=("G1",)))
    app = bring(state, made)
    # One class against the rest stays the way into the audit of decisions.
    assert named(app, "button", "Audit this model").disabled
    named(app, "button_group", "What is audited?").set_value("All its classes")
    ran(app)
    named(app, "selectbox", "Column of true classes").set_value("band")
    ran(app)
    assert named(app, "button", "Audit its classes").disabled
    assert "Its file only numbers the classes" in plain(app)
    named(app, "button", "Take the sorted order").click()
    ran(app)
    named(app, "button", "Audit its classes").click()
    app.run()
    assert not app.exception
    (model,) = outcome_models(workspace, state)
    assert model.external.class_labels == made.class_labels
    page = plain(opened("multiclass", state.id))
    assert "400 rows, 3 classes: fail, good, pass" in page
    assert "The class of a row is the one with the largest score." in page
    assert "Its classes stand for labels of the table: '0' for 'fail'" in page


def test_a_file_that_was_changed_is_told_and_one_brought_anew_takes_its_place(
    workspace: Workspace,
) -> None:
    made = outcome_file("lightgbm regression")
    state = begun(workspace, Roles("class", "High", ("sex",), features=("G1",)))
    for truth in ("G2", "Walc"):
        app = bring(state, made)
        named(app, "selectbox", "Column of true amounts").set_value(truth)
        ran(app)
        named(app, "button", "Audit its amounts").click()
        app.run()
    (model,) = outcome_models(workspace, state)
    assert model.columns.truth == "Walc"
    forget_all()
    file = workspace.path_in(state.id, f"brought/{model.external.sha256}")
    file.write_bytes(made.data.replace(b"Tree=1", b"Tree=7"))
    page = opened("regression", state.id)
    # Other groups are asked for, so that no figure of this session will do.
    named(page, "multiselect", "Compare people by").set_value(["address"])
    ran(page)
    assert "was changed since it was brought" in "".join(e.value for e in page.error)


def test_an_audit_opens_its_own_copy_of_a_file_that_another_audit_had_too(
    workspace: Workspace,
) -> None:
    made = outcome_file("lightgbm regression")
    states = [begun(workspace, Roles("class", "High", ("sex",), features=("G1",))) for _ in "ab"]
    for state in states:
        app = bring(state, made)
        named(app, "selectbox", "Column of true amounts").set_value("G2")
        ran(app)
        named(app, "button", "Audit its amounts").click()
        app.run()
    workspace.delete(states[0].id)
    opened_models._OPEN.clear()  # As when many others were opened since.
    page = opened("regression", states[1].id)
    named(page, "multiselect", "Compare people by").set_value(["address"])
    ran(page)
    assert not page.error
    assert "From 400 rows" in plain(page)


def test_without_roles_a_regressor_is_brought_all_the_same(workspace: Workspace) -> None:
    state = begun(workspace, None)
    assert "Bring a model that predicts amounts" in str(
        [item.label for item in opened("regression", state.id).get("page_link")]
    )
    app = bring(state, outcome_file("lightgbm regression"), way=False)
    assert "say first which column means what" in plain(app)
    named(app, "selectbox", "Column of true amounts").set_value("G2")
    named(app, "multiselect", "Compare people by").set_value(["sex"])
    ran(app)
    named(app, "button", "Audit its amounts").click()
    app.run()
    assert not app.exception
    page = opened("regression", state.id)
    assert "From 400 rows" in plain(page)
    assert named(page, "multiselect", "Compare people by").value == ["sex"]


def test_beside_existing_predictions_too_and_two_classes_need_an_outcome(
    workspace: Workspace,
) -> None:
    state = begun(workspace, Roles("class", "High", ("sex",), prediction="school"))
    app = bring(state, outcome_file("lightgbm regression"), way=False)
    assert "there is nothing to train" in plain(app)
    assert named(app, "selectbox", "Column of true amounts")
    import lightgbm

    rows = students()[["G1"]].astype(float)
    two = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1, n_jobs=1)
    two.fit(rows, students()["class"] == "High")
    made = OutcomeFile("two.txt", two.booster_.model_to_string().encode(), two.predict(rows))
    app = bring(state, made, way=False)
    assert "it decides between two classes" in "".join(e.value for e in app.error)


def test_a_file_that_gives_no_number_is_not_kept(workspace: Workspace) -> None:
    made = outcome_file("skops linear regression")
    state = begun(workspace, Roles("class", "High", ("sex",), features=("G2",)),
                  G1=students()["G1"].where(students().index != 4))  # fmt: skip
    app = bring(state, made)
    named(app, "selectbox", "Column of true amounts").set_value("G2")
    ran(app)
    named(app, "button", "Audit its amounts").click()
    ran(app)
    assert app.error
    assert not outcome_models(workspace, state)


def test_what_is_downloaded_names_the_file(workspace: Workspace) -> None:
    from core.audit_state.outcome_models import OutcomeModel, audit_outcome_model
    from core.audit_state.state import read_table
    from core.data.roles.outcome_rows import OutcomeColumns
    from core.external_models.bring import Wishes
    from core.external_models.predicted_outcomes import bring_for_outcomes, predicted_outcomes
    from core.external_models.sandbox.model_process import open_model
    from core.reporting.external_model_json import outcome_model_json

    made = outcome_file("lightgbm regression")
    state = begun(workspace, None)
    table, columns = read_table(workspace, state), OutcomeColumns("G2", "", ("sex",))
    wishes = Wishes({}, asked_for="regression")
    spec = bring_for_outcomes(open_model(made.data, made.name), made.name, table, columns, wishes)
    asked = audit_outcome_model(workspace, state, table, made.data, OutcomeModel(spec, columns))
    record = json.loads(json.dumps(outcome_model_json(asked.fit, spec)))
    assert record["external_model"]["sha256"] == spec.sha256
    assert record["plan"]["external_model"]["name"] == "m.txt"
    # Brought twice it is listed once; another file beside it.
    audit_outcome_model(workspace, state, table, made.data, OutcomeModel(spec, columns))
    assert len(outcome_models(workspace, state)) == 1
    forget_all()
    (kept,) = outcome_models(workspace, load_audit(workspace, state.id))
    again = predicted_outcomes(table, kept.columns, kept.external)
    assert again.table.frame.equals(asked.table.frame)
