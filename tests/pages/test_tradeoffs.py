"""The trade-offs page: what is asked before, what is on disk after, and what is shown again."""

from __future__ import annotations

import pytest

from core.data.assign import assign
from core.data.samples import load_sample
from core.errors import InputError
from core.governance import progress as steps
from core.governance.kept_sweeps import kept_points, sweep_and_keep
from core.tradeoff.sweep import LABEL, SweepSpec, training_specs
from tests.pages.conftest import opened, ran, texts

LEARNER = "dp_logistic_regression"


@pytest.fixture
def german(workspace):
    return steps.begin_sample(workspace, "german_credit")


def spec_of(begun, **changes):
    told = {
        "learners": (LEARNER,),
        "epsilons": (1.0,),
        "seeds": (0,),
        "delta": 1e-6,
        "attribute": "sex",
        "domains": begun.domains,
    }
    return SweepSpec(**(told | changes))


def small(app):
    """Set the controls to the sweep of :func:`spec_of`."""
    app.multiselect[0].set_value([LEARNER])
    app.multiselect[1].set_value(["1"])
    app.slider[0].set_value(1)
    return ran(app)


def start(app):
    return next(b for b in app.button if b.key == "start sweep")


def test_existing_predictions_have_nothing_to_sweep(workspace):
    app = opened("tradeoffs", steps.begin_sample(workspace, "compas").id)
    assert "no model to train" in app.info[0].value
    assert not app.button
    assert not app.multiselect


def test_says_what_will_be_trained_before_anything_is(german, workspace):
    app = opened("tradeoffs", german.id)
    said = texts(app)
    assert LABEL in said
    # Two private learners at three ε and two baselines, each with three seeds.
    assert "24 models" in said
    assert start(app).label == "Start: train 24 models"
    assert not app.get("plotly_chart")
    assert not list((workspace.root / "audits" / german.id).glob("results/*"))


def test_sweep_is_run_drawn_kept_and_shown_again(german, workspace):
    app = small(opened("tradeoffs", german.id))
    assert start(app).label == "Start: train 2 models"
    start(app).click()
    ran(app)
    assert len(app.get("plotly_chart")) == 2
    dataset = assign(load_sample("german_credit"), german.roles)
    points = kept_points(workspace, german, dataset, spec_of(german))
    assert [point.learner for point in points] == ["logistic_regression", LEARNER]
    kept = 100 * points[1].roc_auc / points[0].roc_auc
    said = texts(app).replace("\\", "").replace("\u00a0", " ")
    assert f"private logistic regression keeps {kept:.0f} % of the AUROC" in said
    again = small(opened("tradeoffs", german.id))
    assert len(again.get("plotly_chart")) == 2
    assert not again.button
    # One more ε leaves one model to train; what is there is shown at once.
    again.multiselect[1].set_value(["1", "4"])
    ran(again)
    assert start(again).label == "Go on: train 1 more model"
    assert len(again.get("plotly_chart")) == 2


def test_points_that_cannot_be_trained_are_listed_with_their_reason(german, workspace):
    domains = steps.Domains(german.domains.items[:1])
    steps.save(workspace, steps.replace(german, domains=domains))
    app = small(opened("tradeoffs", german.id))
    start(app).click()
    ran(app)
    table = next(f.value for f in app.dataframe if "Reason" in f.value.columns)
    assert list(table["What is missing"]) == ["the model"]
    assert "declared bounds or categories" in table["Reason"][0]


def test_wrong_epsilon_gets_its_sentence(german):
    app = opened("tradeoffs", german.id)
    app.multiselect[1].set_value([])
    ran(app)
    assert "at least one epsilon" in app.error[0].value


def test_kept_points_are_those_of_this_spec_and_nothing_is_trained(german, workspace):
    dataset = assign(load_sample("german_credit"), german.roles)
    spec = spec_of(german)
    assert kept_points(workspace, german, dataset, spec) == []
    work = sweep_and_keep(workspace, german, dataset, spec)
    _, first = next(work)
    work.close()
    # An interrupted sweep leaves what it finished.
    assert kept_points(workspace, german, dataset, spec) == [first]
    points = [point for _, point in sweep_and_keep(workspace, german, dataset, spec)]
    assert kept_points(workspace, german, dataset, spec) == points
    assert len(points) == len(training_specs(spec))
    for changes in ({"seeds": (1,)}, {"attribute": "age"}):
        assert kept_points(workspace, german, dataset, spec_of(german, **changes)) == []
    with pytest.raises(InputError, match="at least one seed"):
        kept_points(workspace, german, dataset, spec_of(german, seeds=()))
