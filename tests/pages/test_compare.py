"""The page on comparing models: over folds, on the same people, and in use."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from core.audit_state import audit_models
from core.audit_state import state as steps
from core.audit_state.results.comparison_results import (
    ComparisonPlan,
    load_comparison,
    load_or_compare,
)
from core.audit_state.results.stored_models import stored_specs
from core.comparison.cross_validation.folds import FoldSpec
from core.data.assign import assign
from core.data.samples import load_sample
from core.training.spec import TrainingSpec
from tests.pages.conftest import opened, ran, texts

LOGISTIC, BAYES = TrainingSpec("logistic_regression"), TrainingSpec("naive_bayes")


@pytest.fixture
def german(workspace):
    return steps.begin_sample(workspace, "german_credit")


@pytest.fixture
def rows(german):
    return assign(load_sample("german_credit"), german.roles)


def page_text(app):
    return texts(app).replace("\\", "")


def error_text(app):
    return app.error[0].value.replace("\\", "")


def choose(app, key, value):
    next(g for g in app.get("button_group") if g.key.endswith(key)).set_value(value)
    return ran(app)


def select(app, key, value):
    next(s for s in app.selectbox if key in s.key).select(value)
    return ran(app)


def button(app, label):
    return next(b for b in app.button if label in b.label)


def test_existing_predictions_can_be_compared_in_use_alone(workspace):
    app = opened("compare", steps.begin_sample(workspace, "compas").id)
    assert "no model to train again" in app.info[0].value
    assert "One may look whenever one likes" in page_text(app)
    assert not [s for s in app.selectbox if s.label in ("Model", "Model A")]


def test_candidates_are_cross_validated_and_kept(german, workspace, rows):
    app = opened("compare", german.id)
    assert "20 models to train, done already: 0" in page_text(app)
    assert not app.get("plotly_chart")
    select(app, " 1 learner", "naive_bayes")
    button(app, "Start").click()
    ran(app)
    assert len(app.get("plotly_chart")) == 2
    shown = page_text(app)
    assert "plain t-test" in shown
    assert "with these 5 × 2 splits a difference of" in shown
    assert "if the two were equally good, a difference this large" in shown
    plan = ComparisonPlan(("A", "B"), (LOGISTIC, BAYES), FoldSpec(5, 2), ("sex",))
    assert [len(f.results) for f in load_comparison(workspace, german, rows, plan)] == [10, 10]
    select(app, "folds figure", "demographic_parity_difference")
    assert "demographic parity difference over folds" in page_text(app)
    # Another shuffle of folds is another comparison.
    choose(app, "folds dealt", "10 folds, once")
    assert "20 models to train, done already: 0" in page_text(app)


def test_a_stopped_comparison_is_shown_and_can_go_on(german, workspace, rows):
    plan = ComparisonPlan(("A", "B"), (LOGISTIC, BAYES), FoldSpec(5, 2), ("sex",))
    work = load_or_compare(workspace, german, rows, plan)
    for _ in range(12):
        next(work)
    work.close()
    app = select(opened("compare", german.id), " 1 learner", "naive_bayes")
    assert button(app, "Go on").label == "Go on: train 8 more models"
    assert len(app.get("plotly_chart")) == 2


def test_a_private_candidate_is_a_simulation(german):
    app = opened("compare", german.id)
    select(app, " 1 learner", "dp_logistic_regression")
    assert "A simulation: noise is drawn from seeds" in page_text(app)
    assert any(n.label == "ε" for n in app.number_input)


def test_equal_candidates_and_no_groups_get_their_sentence(german):
    app = opened("compare", german.id)
    select(app, " 1 learner", "logistic_regression")
    assert "candidates A and B: they are the same" in error_text(app)
    assert any("Next" in str(item.proto) for item in app.get("page_link"))
    select(app, " 1 learner", "naive_bayes")
    next(m for m in app.multiselect if "combination" in m.key).set_value([])
    ran(app)
    assert "at least one sensitive column" in app.error[0].value


def test_two_kept_models_on_the_same_people(german, workspace, rows):
    audit_models.train_audited_model(workspace, german, rows, LOGISTIC)
    app = choose(opened("compare", german.id), " compare", "On the same people")
    assert "Only one model is kept: Logistic regression" in page_text(app)
    select(app, "train learner", "naive_bayes")
    button(app, "Train and keep").click()
    ran(app)
    assert steps.load_audit(workspace, german.id).training == LOGISTIC
    shown = page_text(app)
    assert "A: Logistic regression" in shown.replace("**", "")
    assert "B: Naive Bayes" in shown.replace("**", "")
    assert "McNemar" in shown
    assert "would have been found with 80% power" in shown
    assert len(app.get("plotly_chart")) == 2
    select(app, "people A", 1)
    assert "they are the same model" in app.error[0].value


def test_models_of_different_splits_are_trained_again_on_one(german, workspace, rows):
    audit_models.train_audited_model(workspace, german, rows, LOGISTIC)
    audit_models.load_or_train(workspace, german, rows, replace(BAYES, seed=4))
    app = choose(opened("compare", german.id), " compare", "On the same people")
    assert "not tested on the same people" in app.warning[0].value
    assert not app.get("plotly_chart")
    button(app, "Train again on one split").click()
    ran(app)
    assert len(app.get("plotly_chart")) == 2
    assert BAYES in stored_specs(workspace, german, rows)


def test_without_a_model_the_first_one_can_be_trained_here(german):
    app = choose(opened("compare", german.id), " compare", "On the same people")
    assert "No model of this data is kept yet" in page_text(app)
    button(app, "Train and keep").click()
    ran(app)
    assert "Only one model is kept" in page_text(app)


def test_the_synthetic_example_is_watched_in_pairs_and_arms(german):
    app = choose(opened("compare", german.id), " compare", "In use")
    shown = page_text(app)
    assert "Nothing of it is about real people" in shown
    assert "challenger is right" in shown
    assert "was decided after" in shown
    assert "Decided after" in shown
    assert len(app.get("plotly_chart")) == 1
    select(app, " by", "group")
    select(app, "group group", "younger")
    assert "people whom this figure or group is not about" in page_text(app)
    choose(app, " how", "Two models, one decides, randomised")
    assert "e-value says how many times better" in page_text(app).replace("**", "")
    assert "must have been left to chance" in page_text(app)
    select(app, " figure", "true_positive_rate")
    assert "true positive rate" in page_text(app)


def test_the_gap_between_two_groups_is_watched_with_three_questions(german):
    app = choose(opened("compare", german.id), " compare", "In use")
    choose(app, " how", "One model, two groups")
    shown = page_text(app)
    assert "younger less older is" in shown
    assert "Not decided after 1,440 people: no gap in accuracy is shown yet" in shown
    assert not [s for s in app.selectbox if s.label == "Only a group, by column"]
    choose(app, " question", "Above a limit?")
    assert "whether the gap in accuracy is above 10.0 points is open" in page_text(app)
    next(n for n in app.number_input if "limit" in n.key).set_value(20.0)
    assert "the gap in accuracy is not above 20.0 points was decided" in page_text(ran(app))
    choose(app, " question", "Has it changed?")
    assert "Give the gap that there was" in page_text(app)
    assert not app.get("plotly_chart")
    next(n for n in app.number_input if "before" in n.key).set_value(-30.0)
    shown = page_text(ran(app))
    assert "the gap in accuracy is no longer −30.0 points" in shown
    assert "another gap than the one before" in shown
    select(app, " group A", "younger")
    assert "can't be compared with itself" in error_text(app)


def test_groups_that_do_not_fit_are_told(german):
    app = choose(opened("compare", german.id), " compare", "In use")
    choose(app, " source", "A file of my own")
    came = pd.DataFrame(
        {
            "outcome": ["yes", "no", "yes", "no"] * 20,
            "model_in_use": ["yes", "no", "no", "no"] * 20,
            "group": ["f", "m", None, "m"] * 20,
            "one": ["same"] * 80,
        }
    )
    app.file_uploader[0].set_value(("in.csv", came.to_csv(index=False).encode(), "text/csv"))
    ran(app)
    choose(app, " how", "One model, two groups")
    shown = page_text(app)
    assert "column group: 20 rows without a value are left out" in shown
    assert "After 60 people: m less f is" in shown
    select(app, " figure", "true_positive_rate")
    assert "nobody yet in m with a known outcome that is positive" in page_text(app)
    next(s for s in app.selectbox if s.label == "Groups by").select("one")
    ran(app)
    assert "it holds 1 different value, and two groups are compared" in error_text(app)


def test_a_file_is_read_and_what_does_not_fit_is_said(german):
    app = choose(opened("compare", german.id), " compare", "In use")
    choose(app, " source", "A file of my own")
    assert "not kept" in page_text(app)
    came = pd.DataFrame(
        {
            "paid": ["yes", "no", "no", None] * 30,
            "old": ["grant", "deny", "grant", "grant"] * 30,
            "new": ["grant", "deny", "deny", "deny"] * 30,
            "score": [i / 7 for i in range(120)],
        }
    )
    app.file_uploader[0].set_value(("in.csv", came.to_csv(index=False).encode(), "text/csv"))
    ran(app)
    assert "Choose all three columns" in page_text(app)
    for key, column in ((" outcome", "paid"), (" Two models, both", "old"), (" second", "new")):
        select(app, key, column)
    select(app, "+[", "grant")
    assert "new is right" in page_text(app)
    assert "After 90 people" in page_text(app)
    assert "30 whose outcome has not come are skipped" in page_text(app)
    select(app, " outcome", "score")
    assert "different values" in app.error[0].value
    select(app, " outcome", "old")
    assert "two meanings" in app.error[0].value
    app.file_uploader[0].set_value(("empty.csv", b"", "text/csv"))
    ran(app)
    assert "empty" in app.error[0].value
