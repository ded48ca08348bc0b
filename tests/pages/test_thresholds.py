"""The thresholds page, as a person meets it by deep link."""

from __future__ import annotations

import pytest

from core.audit_state import audit_models
from core.audit_state import state as steps
from core.data.assign import assign
from core.data.samples import load_sample
from core.training.spec import TrainingSpec
from tests.pages.conftest import compas_apart, opened, ran, texts


def page_text(app):
    return texts(app).replace("\\", "")


def own(workspace, **roles):
    rows = ["label,made,score,who"]
    for i in range(200):
        score = (i * 37 % 100) / 100
        rows.append(f"{int(i % 3 == 0)},{int(score >= 0.6)},{score},{'<b>x</b>' if i % 2 else 'y'}")
    begun = steps.begin_bytes(workspace, "\n".join(rows).encode(), "own.csv")
    given = steps.Roles("label", "1", ("who",), **roles)
    return steps.save(workspace, steps.replace(begun, roles=given)).id


@pytest.fixture
def german(workspace):
    begun = steps.begin_sample(workspace, "german_credit")
    dataset = assign(load_sample("german_credit"), begun.roles)
    audit_models.train_audited_model(workspace, begun, dataset, TrainingSpec("logistic_regression"))
    return begun.id


def frame_with(app, column):
    return next(f.value for f in app.dataframe if column in f.value.columns)


def test_says_why_there_is_nothing_to_move(workspace):
    assert "No audit is open yet" in texts(opened("thresholds"))
    app = opened("thresholds", own(workspace, prediction="made"))
    assert "without scores" in page_text(app)
    assert not app.select_slider


def test_unmoved_nothing_differs_and_a_move_answers_at_once(german):
    app = opened("thresholds", german)
    assert not app.warning[0].value.startswith("These figures")
    assert "exploration on the test rows" in page_text(app)
    assert "As many people as now get “good (favourable)”" in page_text(app)
    table = frame_with(app, "Cost, now")
    assert (table["Selection rate, now"] == table["Selection rate, moved"]).all()
    app.select_slider[0].set_value(0.8)
    ran(app)
    table = frame_with(app, "Cost, now")
    assert (table["Threshold"] == "0.8").all()
    assert (table["Selection rate, now"] != table["Selection rate, moved"]).any()
    assert "fewer people get “good (favourable)”" in page_text(app)
    assert "at the chosen thresholds" in page_text(app)


def test_small_groups_do_not_hide_what_a_move_does_to_the_others(workspace):
    app = opened("thresholds", compas_apart(workspace))
    ends = "0.21 (Other) to 0.59 (African-American) among the groups large enough to judge"
    assert ends in page_text(app)
    app.toggle[0].set_value(True)
    ran(app)
    next(s for s in app.select_slider if "African" in s.label).set_value(8)
    ran(app)
    # Shares of decile_score >= 5 by race: 0.588 and 0.209 before; Caucasian's 0.348 after.
    assert (
        "how often they get it shrinks from 0.38 to 0.14, among groups large enough"
        in page_text(app)
    )
    # Asian is large enough for selection rates, and has too few positive labels for others.
    assert "which Asian and Native American are not" in page_text(app)
    assert "which Native American is not" in page_text(app)


def test_each_group_has_its_own_threshold_and_costs_count(workspace):
    app = opened("thresholds", own(workspace, score="score", threshold=0.6))
    assert "Now it is 0.6 for all" in page_text(app)
    app.toggle[0].set_value(True)
    ran(app)
    assert [s.value for s in app.select_slider] == [0.6, 0.6]
    # Above every score of the second group (all its scores are at most 0.98).
    app.select_slider[1].set_value(1.0)
    ran(app)
    table = frame_with(app, "Cost, now").set_index("Group")
    assert table.loc["who = y", "Threshold"] == "1"
    assert table.loc["who = y", "Selection rate, moved"].startswith("0.00")
    assert table.loc["who = <b>x</b>", "Selection rate, now"] == table.loc[
        "who = <b>x</b>", "Selection rate, moved"
    ]  # fmt: skip
    # Nobody is selected in y, so its cost is that of its positives: those i that 6 divides.
    app.number_input[1].set_value(10.0)
    ran(app)
    assert frame_with(app, "Cost, now").set_index("Group").loc["who = y", "Cost, moved"] == "340"
    for item in (*app.markdown, *app.caption, *app.warning, *app.info):
        assert "<b>" not in item.value


def test_scores_beside_decisions_begin_where_as_many_are_positive(workspace):
    app = opened("thresholds", own(workspace, score="score", prediction="made"))
    assert app.select_slider[0].value == 0.6
    assert "stand beside the scores" in page_text(app)
    app.selectbox[0].select("precision")
    ran(app)
    assert "Precision" in page_text(app)
    app.multiselect[0].set_value([])
    ran(app)
    assert "Choose at least one attribute" in app.info[0].value
