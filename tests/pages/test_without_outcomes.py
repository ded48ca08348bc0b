"""Decisions without outcomes on every page: what can be shown is, the rest says why not."""

from dataclasses import replace

import pytest

from components.app.page_list import PAGES
from core.audit_state.state import begin_bytes, load_audit, save
from core.data.roles.roles import Roles
from tests.pages.conftest import opened, ran, texts

HIRING = "tests/cases/hiring_decisions.csv"


@pytest.fixture
def hiring(workspace):
    with open(HIRING, "rb") as file:
        state = begin_bytes(workspace, file.read(), "hiring_decisions.csv")
    roles = Roles(None, "1", ("sex", "race"), prediction="selected", score="score")
    return save(workspace, replace(state, roles=roles)).id


def test_the_roles_page_asks_first_what_the_table_holds(workspace):
    with open(HIRING, "rb") as file:
        own = begin_bytes(workspace, file.read(), "hiring_decisions.csv")
    app = opened("roles", own.id)
    app.radio(key=f"{own.id} existing").set_value("Decisions that were made")
    ran(app)
    assert not [item for item in app.selectbox if item.label == "Target"]
    next(item for item in app.selectbox if item.label == "Prediction").set_value("selected")
    ran(app)
    next(item for item in app.selectbox if item.label == "Positive label").set_value("1")
    next(item for item in app.multiselect if item.label == "Sensitive attributes").set_value(
        ["sex", "race"]
    )
    ran(app)
    next(item for item in app.button if item.label == "Save roles").click()
    ran(app)
    assert "No true outcome is given, so that errors are not defined" in texts(app)


def test_what_was_guessed_of_a_decision_needs_one_answer_and_one_press(workspace):
    with open(HIRING, "rb") as file:
        own = begin_bytes(workspace, file.read(), "hiring_decisions.csv")
    app = opened("roles", own.id)
    app.radio(key=f"{own.id} existing").set_value("Decisions that were made")
    ran(app)
    next(item for item in app.button if item.label == "Save roles").click()
    ran(app)
    saved = load_audit(workspace, own.id).roles
    assert (saved.target, saved.prediction, saved.positive_label) == (None, "selected", "1")
    assert saved.sensitive == ("sex", "race")
    assert saved.positive_is_favourable


def test_decisions_and_scores_together_need_no_outcome(workspace):
    with open(HIRING, "rb") as file:
        own = begin_bytes(workspace, file.read(), "hiring_decisions.csv")
    app = opened("roles", own.id)
    app.radio(key=f"{own.id} existing").set_value("Several of these")
    ran(app)
    app.checkbox(key=f"{own.id} holds What came true").uncheck()
    ran(app)
    assert "Tick two or more" in texts(app)
    app.checkbox(key=f"{own.id} holds Scores").check()
    ran(app)
    assert "Tick two or more" not in texts(app)
    next(item for item in app.button if item.label == "Save roles").click()
    ran(app)
    assert any("no column of scores is chosen" in item.value for item in app.error)
    next(item for item in app.selectbox if item.label == "Score").set_value("score")
    next(item for item in app.button if item.label == "Save roles").click()
    ran(app)
    saved = load_audit(workspace, own.id).roles
    assert (saved.target, saved.prediction, saved.score) == (None, "selected", "score")
    # Opened again, the form asks for what was saved.
    again = opened("roles", own.id)
    assert again.radio(key=f"{own.id} existing").value == "Several of these"
    held = [again.checkbox(key=f"{own.id} holds {name}").value for name in ("Decisions", "Scores")]
    assert held == [True, True]
    assert not again.checkbox(key=f"{own.id} holds What came true").value


def test_a_column_that_sounds_like_an_outcome_is_not_taken_for_the_decision(workspace):
    with open(HIRING, "rb") as file:
        data = file.read().replace(b"selected", b"repaid", 1)
    own = begin_bytes(workspace, data, "loans.csv")
    app = opened("roles", own.id)
    app.radio(key=f"{own.id} existing").set_value("Decisions that were made")
    ran(app)
    next(item for item in app.button if item.label == "Save roles").click()
    ran(app)
    assert any("no column of decisions is chosen" in item.value for item in app.error)
    assert load_audit(workspace, own.id).roles is None


def test_pages_offer_only_what_needs_no_outcome(hiring):
    for path in ("subgroups", "conditional_parity"):
        app = opened(path, hiring)
        (metric,) = [item for item in app.selectbox if item.label == "Metric"]
        assert metric.options == ["Selection rate"]
    app = opened("thresholds", hiring)
    assert "Errors and their cost are not defined" in texts(app)
    assert not [item for item in app.number_input if item.label.startswith("Cost of")]
    (metric,) = [item for item in app.selectbox if item.label == "Metric"]
    assert metric.options == ["Selection rate"]


@pytest.mark.parametrize(
    "path",
    ["overview", "fairness", "subgroups", "conditional_parity", "individuals", "thresholds"],
)
def test_scores_alone_need_neither_decisions_nor_outcomes(workspace, path):
    with open(HIRING, "rb") as file:
        state = begin_bytes(workspace, file.read(), "hiring_decisions.csv")
    roles = Roles(None, "invited", ("sex", "race"), score="score", threshold=45.0)
    app = opened(path, save(workspace, replace(state, roles=roles)).id)
    metrics = [item.options for item in app.selectbox if item.label == "Metric"]
    assert bool(metrics) == (path not in ("overview", "individuals"))
    assert all("Selection rate" in options for options in metrics)
    assert not any("True positive rate" in options for options in metrics)


@pytest.mark.parametrize("path", [page.path for page in PAGES if page.path])
def test_every_page_opens(hiring, path):
    opened(path, hiring)


def test_the_box_is_green_only_without_a_gap_that_is_significant(hiring):
    app = opened("fairness", hiring)
    (box,) = [item for item in app.warning if "four fifths" in item.value]
    shown = box.value.replace("\\", "")
    assert "Significantly less often favourable: Female 43.9% against 48.3% of Male" in shown
    assert not [item for item in app.success if "four fifths" in item.value]
    assert next(item.label for item in app.selectbox) == "Metric"
    assert "15 more comparisons are not defined" in texts(app)
