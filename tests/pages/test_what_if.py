"""The page that edits one person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.audit_state import audit_models
from core.audit_state import state as steps
from core.audit_state.what_if_scenarios import list_scenarios
from core.data.assign import assign
from core.data.samples import load_sample
from core.explanation.attribution.explain import nearest_to_threshold
from core.explanation.person.what_if import PersonEditor
from core.privacy.accounting.budget import Budget
from core.training.spec import TrainingSpec
from tests.pages.conftest import opened, ran, texts
from tests.pages.test_fairness import frame_with, trained_german

SPEC = TrainingSpec("logistic_regression")


@pytest.fixture
def german(workspace):
    return trained_german(workspace, SPEC)


@pytest.fixture
def editor(workspace, german):
    state = steps.load_audit(workspace, german)
    data = assign(load_sample("german_credit"), state.roles)
    return PersonEditor(data, audit_models.load_model(workspace, state, data, state.training))


def widget(kind, label):
    return next(item for item in kind if item.label == label)


def typed(app, feature):
    return widget(app.number_input, f"{feature}, typed")


def plain(app):
    return texts(app).replace("\\", "")


def scores(app):
    return [metric.value for metric in app.metric if metric.label == "Score"]


def test_edits_answer_at_once_and_undo_and_reset_restore(german, editor):
    position = nearest_to_threshold(editor.trained)
    before = editor.state(position, ())
    app = opened("what_if", german)
    assert "Nothing is edited yet" in texts(app)
    assert "No privacy guarantee is given" in texts(app)
    assert scores(app) == [f"{before.score:.3f}"]
    assert widget(app.button, "Undo").disabled
    typed(app, "duration_months").set_value(40)
    ran(app)
    one = editor.state(position, editor.parse(position, {"duration_months": 40}))
    assert scores(app) == [f"{before.score:.3f}", f"{one.score:.3f}"]
    assert widget(app.slider, "duration\\_months").value == 40
    purpose = widget(app.selectbox, "purpose")
    other = next(value for value in purpose.options if value != purpose.value)
    purpose.select(other)
    ran(app)
    edits = editor.parse(position, {"duration_months": 40, "purpose": other})
    both = editor.answer(position, edits)
    assert scores(app)[1] == f"{both.after.score:.3f}"
    assert "With 2 edits" in texts(app)
    table = frame_with(app, "edited").set_index("feature")
    for name in ("duration_months", "purpose", "credit_amount"):
        j = both.reasons_after.features.index(name)
        found = table.loc[name, ["as they are", "edited"]].to_numpy(dtype=float)
        expected = (both.reasons_before.values[0, j], both.reasons_after.values[0, j])
        assert tuple(found) == pytest.approx(expected, abs=1e-9)
    widget(app.button, "Undo").click()
    ran(app)
    assert scores(app)[1] == f"{one.score:.3f}"
    assert widget(app.selectbox, "purpose").value == editor.values(position)["purpose"]
    widget(app.button, "Reset").click()
    ran(app)
    assert scores(app) == [f"{before.score:.3f}"]
    assert typed(app, "duration_months").value == editor.values(position)["duration_months"]
    widget(app.button, "Undo").click()  # a reset can be undone too
    ran(app)
    assert typed(app, "duration_months").value == 40


def test_a_slider_moves_what_is_typed_and_a_typed_value_may_lie_outside(german, editor):
    app = opened("what_if", german)
    widget(app.slider, "duration\\_months").set_value(60)
    ran(app)
    assert typed(app, "duration_months").value == 60
    high = next(d for d in editor.domains(0) if d.feature == "duration_months").seen_high
    typed(app, "duration_months").set_value(int(high) + 1)
    ran(app)
    assert "the range of the training rows" in texts(app)
    assert widget(app.slider, "duration\\_months").value == high
    typed(app, "duration_months").set_value(int(high))
    ran(app)
    assert "the range of the training rows" not in texts(app)


def test_an_emptied_number_is_refused_by_name_where_none_is_missing(german, editor):
    position = nearest_to_threshold(editor.trained)
    app = opened("what_if", german)
    typed(app, "duration_months").set_value(None)
    ran(app)
    (error,) = [item.value.replace("\\", "") for item in app.error]
    assert "feature 'duration_months': it can't be missing" in error
    assert typed(app, "duration_months").value == editor.values(position)["duration_months"]
    assert "Nothing is edited yet" in texts(app)


def test_the_curve_of_a_feature_states_its_finding_and_has_a_table(german, editor):
    app = opened("what_if", german)
    widget(app.selectbox, "Feature").select("duration_months")
    ran(app)
    table = frame_with(app, "decision")
    position = nearest_to_threshold(editor.trained)
    points = [float(text.replace(",", "")) for text in table["duration_months"]]
    found = editor.scored(position, (), "duration_months", points)
    assert table["score"].to_numpy() == pytest.approx(found.scores)
    assert "“duration_months”" in plain(app)
    assert "Individual conditional expectation (ICE)" in plain(app)


def test_two_people_are_made_alike(german, editor):
    app = opened("what_if", german)
    position = nearest_to_threshold(editor.trained)
    row = widget(app.number_input, "Row of the other person, counted from 0")
    rows = editor.dataset.rows[editor.trained.split.test].tolist()
    other = rows.index(row.value)
    assert editor.trained.decisions[other] != editor.trained.decisions[position]
    count = len(editor.alike(position, other))
    widget(app.button, f"Copy {count} of them").click()
    ran(app)
    assert f"With {count} edits" in texts(app)
    assert scores(app)[1] == f"{editor.trained.scores[other]:.3f}"
    assert "The model sees no difference between the two." in texts(app)
    # An edit of what the two share as they are is a difference too.
    own, theirs = editor.values(position), editor.values(other)
    numbers = [d.feature for d in editor.domains(position) if d.kind == "number"]
    shared = next(name for name in numbers if own[name] == theirs[name])
    typed(app, shared).set_value(int(own[shared]) + 1)
    ran(app)
    widget(app.button, "Copy 1 of them").click()
    ran(app)
    assert f"With {count} edits" in texts(app)
    assert scores(app)[1] == f"{editor.trained.scores[other]:.3f}"
    widget(app.number_input, "Row of the other person, counted from 0").set_value(10**6)
    ran(app)
    assert "isn't a test row" in app.error[0].value.replace("\\", "")


def test_a_scenario_is_kept_listed_opened_and_deleted(german, workspace):
    app = opened("what_if", german)
    typed(app, "duration_months").set_value(6)
    ran(app)
    widget(app.text_input, "Name of this scenario").input("Short")
    widget(app.button, "Save the scenario").click()
    ran(app)
    (kept,) = list_scenarios(workspace, german)
    assert (kept.name, kept.edits[0].feature, kept.edits[0].value) == (
        "Short",
        "duration_months",
        6,
    )
    table = frame_with(app, "Scenario")
    assert table["Score after"].tolist() == [kept.after.score]
    assert table["Model"].tolist() == ["Logistic regression"]
    widget(app.text_input, "Name of this scenario").input("Short")
    widget(app.button, "Save the scenario").click()
    ran(app)
    assert "another scenario of this audit has that name" in app.error[0].value.replace("\\", "")
    widget(app.button, "Reset").click()
    ran(app)
    widget(app.button, "Open").click()
    ran(app)
    assert typed(app, "duration_months").value == 6
    widget(app.button, "Delete").click()
    ran(app)
    assert list_scenarios(workspace, german) == ()
    assert "None is saved yet" in texts(app)


def test_a_scenario_of_another_model_is_shown_as_such(german, workspace):
    app = opened("what_if", german)
    typed(app, "duration_months").set_value(6)
    ran(app)
    widget(app.text_input, "Name of this scenario").input("Short")
    widget(app.button, "Save the scenario").click()
    ran(app)
    state = steps.load_audit(workspace, german)
    data = assign(load_sample("german_credit"), state.roles)
    spec = TrainingSpec("decision_tree")
    audit_models.train_audited_model(workspace, state, data, spec)
    app = opened("what_if", german)
    assert frame_with(app, "Scenario")["Model"].tolist() == ["another model: Logistic regression"]
    assert "A scenario of another model keeps the figures" in texts(app)


def test_under_a_budget_it_is_marked_as_not_covered(workspace):
    audit = trained_german(workspace, SPEC, budget=Budget(1.0, 1e-5))
    assert "not covered by the privacy guarantee" in texts(opened("what_if", audit))


def test_group_thresholds_are_told_and_the_group_can_be_set(workspace):
    spec = TrainingSpec("logistic_regression", "levelling_up", mitigate_for="sex")
    app = opened("what_if", trained_german(workspace, spec))
    assert "where the decision of the group “" in plain(app)
    group = widget(app.selectbox, "sex (group)")
    other = next(value for value in group.options if value != group.value)
    group.select(other)
    ran(app)
    assert f"change from “{group.value}” to “{other}”" in plain(app) or "With 1 edit" in texts(app)


def test_existing_predictions_have_no_model_to_ask(workspace):
    audit = steps.begin_sample(workspace, "compas").id
    assert "no model was trained that could be asked" in texts(opened("what_if", audit))


def test_the_page_opens_where_the_training_is_private(workspace):
    begun = steps.begin_sample(workspace, "german_credit")
    begun = steps.save(workspace, replace(begun, budget=Budget(2.0, 1e-5)))
    data = assign(load_sample("german_credit"), begun.roles)
    spec = TrainingSpec("dp_binned_regression", epsilon=1.0, delta=1e-6, domains=begun.domains)
    audit_models.train_audited_model(workspace, begun, data, spec)
    app = opened("what_if", begun.id)
    assert "not covered by the privacy guarantee" in texts(app)
    assert len(scores(app)) == 1
