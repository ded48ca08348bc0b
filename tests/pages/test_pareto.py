"""The Pareto analysis on the page of trade-offs: limits, a setting, pins, a chosen point."""

from __future__ import annotations

import pytest

from core.audit_state import audit_ledger
from core.audit_state import state as audits
from core.audit_state.sweep_plan import SweepPlan
from core.data.assign import assign
from core.data.samples import load_sample
from core.governance.operating_point import choices, choose, chosen, spec_of
from core.governance.stored_sweeps import remember_plan, store_of, swept
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.privacy.accounting.budget import Budget
from core.tradeoff.frontier.chosen import setting_label
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.point_store import point_key
from core.tradeoff.sweep.runs import runs
from tests.components.planted_sweep import FAIR, PLAIN, PRIVATE, TOLD, planted_point
from tests.pages.conftest import opened, ran, texts

GRID = Grid(
    ("logistic_regression", "dp_logistic_regression"),
    (None, 0.5, 2.0, 8.0),
    (("sex",),),
    mitigations=(("none", 1.0), ("reweighing", 1.0)),
    split_seeds=(0, 1, 2),
    noise_seeds=(0, 1),
)
PLAN = SweepPlan(GRID, Basis("public"))
WORDS = {setting: setting_label(setting) for setting in TOLD}


@pytest.fixture
def german(workspace):
    """An audit whose sweep is finished, with figures that are planted."""
    begun = audits.begin_sample(workspace, "german_credit")
    plant(workspace, begun)
    return begun


def data_of(begun):
    return assign(load_sample("german_credit"), begun.roles)


def plant(workspace, begun, expected=TOLD):
    dataset = data_of(begun)
    _, grid = swept(dataset, PLAN, begun)
    store = store_of(workspace, begun)
    todo, _ = runs(dataset, grid)
    store.put(
        (point_key(dataset.fingerprint, grid, run), planted_point(run, expected[run.setting]))
        for run in todo
        if run.setting in expected
    )
    remember_plan(workspace, begun, dataset, PLAN)


def page_text(app):
    return texts(app).replace("\\", "").replace("\u00a0", " ")


def picker(app):
    return next(box for box in app.selectbox if box.label == "Setting to look at")


def look_at(app, setting):
    row = next(n for n, text in enumerate(picker(app).options) if text.startswith(WORDS[setting]))
    picker(app).select_index(row)
    return ran(app)


def press(app, label):
    next(b for b in app.button if b.label == label).click()
    return ran(app)


def table_with(app, column):
    return next(f.value for f in app.dataframe if column in f.value.columns)


def test_the_pareto_analysis_is_drawn_with_a_table_of_all_settings(german):
    app = opened("tradeoffs", german.id)
    assert len(app.get("plotly_chart")) == 2
    text = page_text(app)
    assert "5 of 5 settings are within the limits." in text
    assert "ROC AUC of 0.901 is the best" in text.replace("0.900 is", "0.901 is")
    table = table_with(app, "Where it stands")
    assert sorted(table["Setting"]) == sorted(WORDS.values())
    # Beginning with the best private one.
    assert picker(app).options[picker(app).index].startswith(WORDS[PRIVATE[2]])
    assert f"With {WORDS[PRIVATE[2]]}" in text
    missing = table_with(app, "How often")
    assert missing["How often"].tolist() == [3]


def test_limits_filter_at_once_and_say_which_excludes(german):
    app = opened("tradeoffs", german.id)
    at_least, at_most = (s for s in app.slider if s.label.startswith("At "))
    assert at_least.label == "At least this ROC AUC"
    at_least.set_value(0.75)
    ran(app)
    assert "3 of 5 settings are within the limits." in page_text(app)
    epsilon = next(s for s in app.select_slider if s.label == "At most this ε")
    epsilon.set_value(8.0)
    ran(app)
    assert "1 of 5 settings are within the limits." in page_text(app)
    at_most = next(s for s in app.slider if s.label.startswith("At most this eq"))
    at_most.set_value(0.2)
    ran(app)
    text = page_text(app)
    assert "None of 5 settings is within the limits." in text
    assert "excludes 4 of 5; within the other limits the best is 0.251" in text
    assert "No setting with both figures is within the limits" in text


def test_limits_and_the_setting_outlive_a_change_of_page(german):
    app = look_at(opened("tradeoffs", german.id), FAIR)
    next(s for s in app.slider if s.label.startswith("At least")).set_value(0.75)
    ran(app)
    assert "3 of 5" in page_text(app)
    app.switch_page("pages/audit/fairness.py")
    app.run()
    app.switch_page("pages/decide/tradeoffs.py")
    ran(app)
    assert "3 of 5 settings are within the limits." in page_text(app)
    assert f"With {WORDS[FAIR]}" in page_text(app)


def test_every_second_choice_of_a_setting_counts(german):
    app = opened("tradeoffs", german.id)
    for setting in (PLAIN, PRIVATE[0], FAIR, PRIVATE[1]):
        app = look_at(app, setting)
        assert f"With {WORDS[setting]}, ROC AUC" in page_text(app)


def test_a_default_follows_the_points_and_a_choice_stays(workspace):
    begun = audits.begin_sample(workspace, "german_credit")
    few = {setting: TOLD[setting] for setting in (PLAIN, PRIVATE[0], PRIVATE[1])}
    plant(workspace, begun, {PRIVATE[0]: TOLD[PRIVATE[0]]})
    app = opened("tradeoffs", begun.id)
    assert f"With {WORDS[PRIVATE[0]]}, ROC AUC" in page_text(app)
    plant(workspace, begun, few)
    # More is known now, and nobody chose the first.
    assert f"With {WORDS[PRIVATE[1]]}, ROC AUC" in page_text(ran(app))
    look_at(app, PRIVATE[0])
    plant(workspace, begun)
    assert f"With {WORDS[PRIVATE[0]]}, ROC AUC" in page_text(ran(app))
    assert f"With {WORDS[PRIVATE[2]]}, ROC AUC" in page_text(opened("tradeoffs", begun.id))


def test_limits_are_taken_off_together_and_the_last_choice_stays(german):
    app = look_at(opened("tradeoffs", german.id), FAIR)
    assert "Reset limits" not in [b.label for b in app.button]

    def limit():
        next(s for s in app.slider if s.label.startswith("At least")).set_value(0.75)
        ran(app)

    limit()
    next(s for s in app.select_slider if s.label == "At most this ε").set_value(8.0)
    assert "1 of 5 settings are within the limits." in page_text(ran(app))
    look_at(app, PRIVATE[2])
    press(app, "Reset limits")
    assert "5 of 5 settings are within the limits." in page_text(app)
    assert "Reset limits" not in [b.label for b in app.button]
    # What is offered is what it was at first; what was chosen last is looked at still.
    assert f"With {WORDS[PRIVATE[2]]}, ROC AUC" in page_text(app)
    limit()
    assert "3 of 5 settings are within the limits." in page_text(app)
    press(app, "Reset limits")
    assert "5 of 5 settings are within the limits." in page_text(app)


def test_learner_and_mitigation_are_explained_under_the_picker(german):
    text = page_text(look_at(opened("tradeoffs", german.id), FAIR))
    assert f"Logistic regression: {LEARNERS['logistic_regression'].sentence}" in text
    assert f"Reweighing: {MITIGATIONS['reweighing'].sentence}" in text


def test_pins_are_compared_and_taken_off_again(german):
    app = opened("tradeoffs", german.id)
    for setting in (PLAIN, PRIVATE[0], PRIVATE[1], FAIR):
        app = press(look_at(app, setting), "Pin")
    table = table_with(app, "D")
    assert table.set_index(" ").loc["ε"].tolist() == ["no privacy", "0.5", "2", "no privacy"]
    assert next(b for b in look_at(app, PRIVATE[2]).button if b.label == "Pin").disabled
    app = press(app, "Unpin A")
    assert "D" not in table_with(app, "C").columns
    assert table_with(app, "C").set_index(" ").loc["ε"].tolist() == ["0.5", "2", "no privacy"]


def test_another_figure_can_be_chosen_for_an_axis(german):
    app = opened("tradeoffs", german.id)
    next(s for s in app.selectbox if s.label.startswith("Performance")).set_value("accuracy")
    ran(app)
    assert "At least this accuracy" in [s.label for s in app.slider]
    # A figure that no run has is told, not drawn.
    unfair = next(s for s in app.selectbox if s.label.startswith("Unfairness"))
    unfair.set_value("demographic_parity_ratio by sex")
    ran(app)
    assert "No setting has both figures" in page_text(app)
    assert table_with(app, "How often")["Reason"][0] == "it was not measured"


def test_impact_by_group_and_prices_follow_the_setting(german):
    app = look_at(opened("tradeoffs", german.id), PRIVATE[0])
    text = page_text(app)
    assert "At ε = 0.5: beside logistic regression without privacy, female is 29.9" in text
    assert "From ε = 0.5 to 2, ROC AUC gains 10.0" in text
    assert look_at(app, FAIR)
    assert "privacy costs no group anything here" in page_text(app)


def test_a_point_is_chosen_with_a_name_and_a_reason(german, workspace):
    app = look_at(opened("tradeoffs", german.id), PLAIN)
    press(app, "Choose this operating point")
    assert "kept with its reason" in app.error[0].value
    assert chosen(workspace, german, data_of(german)) is None
    next(t for t in app.text_area if t.label.startswith("Why")).set_value("It *pays* for itself")
    next(t for t in app.text_input if t.label == "Your name").set_value("Ada")
    press(app, "Choose this operating point")
    point = chosen(workspace, german, data_of(german))
    assert (point.setting, point.name) == (PLAIN, "Ada")
    assert f"With {WORDS[PLAIN]}" in point.sentence
    assert f"by Ada on {point.when[:10]}, because It *pays* for itself" in page_text(app)
    assert "It *pays*" not in app.success[0].value
    press(look_at(app, FAIR), "Choose this operating point")
    assert len(choices(workspace, german, data_of(german))) == 2
    assert any(item.label.startswith("Choices so far: 2") for item in app.expander)


def take(workspace, begun, setting):
    return choose(workspace, begun, data_of(begun), PLAN, setting, reason="because", name="Ada")


def test_the_training_page_offers_it_and_trains_it(german, workspace):
    point = take(workspace, german, PLAIN)
    app = opened("train", german.id)
    assert f"Chosen operating point: {WORDS[PLAIN]}, by Ada" in page_text(app)
    assert "costs nothing of a privacy budget" in page_text(app)
    press(app, "Train it")
    assert audits.load_audit(workspace, german.id).training == spec_of(point, german)
    assert "trained this way" in page_text(ran(app))
    assert "Train it" not in [b.label for b in app.button]


def test_a_private_point_says_what_it_costs_first(german, workspace):
    take(workspace, german, PRIVATE[1])
    app = opened("train", german.id)
    assert "costs ε = 2, and this audit has no privacy budget" in page_text(app)
    assert next(b for b in app.button if b.label == "Train it").disabled
    audit_ledger.set_budget(workspace, german, Budget(3.0, 1e-6), german.domains)
    app = opened("train", german.id)
    assert "It costs ε = 2: with what is spent already that comes to ε = 2 of 3" in page_text(app)
    next(box for box in app.checkbox if box.label.startswith("Spend ε")).check()
    ran(app)
    press(app, "Train it")
    assert [c.epsilon for c in audit_ledger.charges(workspace, german)] == [2.0]
    take(workspace, german, PRIVATE[2])
    app = opened("train", german.id)
    assert "That is more than the cap" in page_text(app)
    assert next(b for b in app.button if b.label == "Train it").disabled


def test_a_sweep_that_runs_draws_what_there_is(german, workspace):
    from streamlit.testing.v1 import AppTest

    def page():
        from components.tradeoffs import pareto_view
        from core.tradeoff.sweep.sweep import SweepState
        from tests.components.planted_sweep import planted_points
        from tests.pages.test_pareto import PLAN

        points = planted_points()
        pareto_view.show_live(PLAN, SweepState((), 24), "what must be said", 0)
        pareto_view.show_live(PLAN, SweepState(tuple(points[:3]), 24), "what must be said", 1)

    app = ran(AppTest.from_function(page))
    assert "No run has finished yet." in page_text(app)
    assert "3 of 24 runs" in page_text(app)
    assert len(app.get("plotly_chart")) == 1


def test_settings_that_decide_alike_are_left_out_and_can_be_seen(german, workspace, monkeypatch):
    # The fairest of all, since it gives everyone the same decision.
    monkeypatch.setattr(
        "components.tradeoffs.pareto_filters.equivalent_settings",
        lambda points: {FAIR: 0.995} if any(p.run.setting == FAIR for p in points) else {},
    )
    app = opened("tradeoffs", german.id)
    (toggle,) = [item for item in app.toggle if "decide nearly everyone alike" in item.label]
    assert toggle.value
    assert "4 of 4 settings are within the limits" in page_text(app)
    toggle.set_value(False)
    assert "5 of 5 settings are within the limits" in page_text(ran(app))
