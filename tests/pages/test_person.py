"""The page for one person."""

from __future__ import annotations

import pytest

from core.audit_state import audit_models
from core.audit_state import state as steps
from core.audit_state.results.model_results import load_refits
from core.data.assign import assign
from core.data.samples import load_sample
from core.explanation.person import decision_stability
from core.privacy.accounting.budget import Budget
from core.training.spec import TrainingSpec
from tests.pages.conftest import opened, ran, texts
from tests.pages.test_fairness import frame_with, trained_german


@pytest.fixture
def german(workspace):
    return trained_german(workspace)


def widget(kind, label):
    return next(item for item in kind if item.label == label)


def test_says_decision_reasons_and_what_would_change_it(german, workspace):
    app = opened("person", german)
    shown = texts(app).replace("\\", "")
    for part in ("Speaks for this person", "Speaks against this person", "A second method, LIME",
                 "where the decision turns", "instead of",
                 "No privacy guarantee is given"):  # fmt: skip
        assert part in shown
    table = frame_with(app, "Code")
    assert table["Code"].str.fullmatch(r"R\d\d").all()
    assert len(table) == 8


def test_refits_are_trained_on_asking_and_kept(german, workspace):
    app = opened("person", german)
    assert "decided the same" not in texts(app)
    widget(app.button, "Train them").click()
    ran(app)
    assert f"Of {decision_stability.REFITS} models" in texts(app).replace("\\", "")
    state = steps.load_audit(workspace, german)
    data = assign(load_sample("german_credit"), state.roles)
    trained = audit_models.load_model(workspace, state, data, state.training)
    assert len(load_refits(workspace, state, trained)) == decision_stability.REFITS
    assert f"Of {decision_stability.REFITS} models" in texts(opened("person", german)).replace(
        "\\", ""
    )


def test_two_similar_people_and_the_notice_for_the_one_decided_against(german, workspace):
    app = opened("person", german)
    widget(app.selectbox, "How to choose").select("unlike")
    ran(app)
    assert "Looked up:" in texts(app).replace("\\", "")
    assert "against this person" in texts(app)
    assert "Fill in who decided" in texts(app)
    for label, text in (("Who decided: name and address", "Bank"),
                        ("Whom the person can turn to, and how", "Ms C")):  # fmt: skip
        widget(app.text_area, label).input(text)
    widget(app.text_input, "To whom it goes").input("A. Person")
    ran(app)
    assert "Fill in who decided" not in texts(app)
    assert [b.label for b in app.get("download_button")] == ["Save the notice"]
    widget(app.radio, "Look at").set_value("The one decided in favour of")
    ran(app)
    assert "nothing to give notice of" in texts(app)


def test_the_typical_of_a_group_and_conditions(german, workspace):
    app = opened("person", german)
    widget(app.selectbox, "How to choose").select("typical")
    ran(app)
    widget(app.selectbox, "sex").select("male")
    widget(app.selectbox, "Who got").select("Unfavourable")
    ran(app)
    assert "sex: male" in texts(app).replace("\\", "")
    assert "against this person" in texts(app)
    widget(app.selectbox, "How to choose").select("filter")
    ran(app)
    widget(app.multiselect, "Columns with a condition").set_value(["duration_months"])
    ran(app)
    widget(app.number_input, "duration_months: from".replace("_", "\\_")).set_value(1000.0)
    ran(app)
    assert "Nobody fulfils all of these conditions" in texts(app)


def test_under_a_budget_it_is_marked_as_not_covered(workspace):
    spec = TrainingSpec("logistic_regression")
    audit = trained_german(workspace, spec, budget=Budget(1.0, 1e-5))
    assert "not covered by the privacy guarantee" in texts(opened("person", audit))


def test_existing_predictions_have_no_model_to_ask(workspace):
    audit = steps.begin_sample(workspace, "compas").id
    assert "no model was trained that could be asked" in texts(opened("person", audit))


def test_a_person_is_searched_and_picked_in_a_table(german):
    app = opened("person", german)
    widget(app.selectbox, "How to choose").select("table")
    ran(app)
    rows = frame_with(app, "Score")
    assert "200 of 200 test rows" in texts(app)
    assert f"row {rows['Row'].iloc[0]}" in texts(app).replace("\\", "").lower()
    widget(app.text_input, "Search").input("FEMALE")
    ran(app)
    assert "54 of 200 test rows" in texts(app)
    assert set(frame_with(app, "Score")["sex"]) == {"female"}
    widget(app.text_input, "Search").input("nobody's text")
    ran(app)
    assert "No cell of any of these rows holds this text." in texts(app)


def test_people_are_filtered_by_kind_of_error(german):
    app = opened("person", german)
    widget(app.selectbox, "How to choose").select("table")
    ran(app)
    everyone = frame_with(app, "Error")
    widget(app.selectbox, "Error kind").select("false positive")
    ran(app)
    found = frame_with(app, "Error")
    assert set(found["Error"]) == {"false positive"}
    assert len(found) == (everyone["Error"] == "false positive").sum()
    assert f"{len(found)} of 200 test rows" in texts(app)
    assert f"row {found['Row'].iloc[0]}" in texts(app).replace("\\", "").lower()
    widget(app.text_input, "Search").input("nobody's text")
    ran(app)
    assert "None of these rows with this text is false positive." in texts(app)
