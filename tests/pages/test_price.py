"""The page on the price of privacy: asked before, kept after, shown again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.audit_state import state as steps
from core.audit_state.results.simulation_results import load_or_price, load_price
from core.data.assign import assign
from core.data.samples import load_sample
from core.tradeoff.price.price import LABEL, PriceSpec, models
from tests.pages.conftest import opened, ran, texts


@pytest.fixture
def german(workspace):
    return steps.begin_sample(workspace, "german_credit")


def spec_of(begun, **changes):
    fields = {
        "learner": "dp_binned_regression",
        "epsilons": (1.0,),
        "draws": 5,
        "delta": 1e-6,
        "attributes": ("sex",),
        "domains": begun.domains,
    }
    return PriceSpec(**(fields | changes))


def start(app):
    return next(b for b in app.button if b.key == "start price")


def test_says_what_will_be_trained_before_anything_is(german):
    app = opened("price", german.id)
    assert LABEL in texts(app)
    assert start(app).label == "Start: train 31 models"
    assert not app.get("plotly_chart")


def test_existing_predictions_have_no_price(workspace):
    app = opened("price", steps.begin_sample(workspace, "compas").id)
    assert "no model to train" in app.info[0].value
    assert not app.button


def test_without_declared_bounds_it_says_where_to_declare_them(german, workspace):
    steps.save(workspace, replace(german, domains=None))
    app = opened("price", german.id)
    assert "needs declared bounds" in texts(app)
    assert not app.multiselect


def test_it_is_run_drawn_kept_and_shown_again(german, workspace):
    app = opened("price", german.id)
    app.multiselect[0].set_value(["1"])
    app.multiselect[1].set_value(["sex"])
    ran(app)
    assert start(app).label == "Start: train 11 models"
    start(app).click()
    ran(app)
    assert len(app.get("plotly_chart")) == 1
    assert "At ε = 1" in texts(app)
    assert texts(app).replace("\\", "").count(LABEL) >= 2
    dataset = assign(load_sample("german_credit"), german.roles)
    assert len(load_price(workspace, german, dataset, spec_of(german))) == 11
    # More draws need only the new ones; another measure needs none.
    app.slider[0].set_value(6)
    ran(app)
    assert start(app).label == "Go on: train 2 more models"
    assert len(app.get("plotly_chart")) == 1


def test_wrong_settings_get_their_sentence(german):
    app = opened("price", german.id)
    app.multiselect[0].set_value([])
    ran(app)
    assert "at least one epsilon" in app.error[0].value


def test_what_was_finished_is_kept_when_it_stops(german, workspace):
    dataset = assign(load_sample("german_credit"), german.roles)
    spec = spec_of(german)
    assert load_price(workspace, german, dataset, spec) == []
    work = load_or_price(workspace, german, dataset, spec)
    _, first = next(work)
    work.close()
    assert load_price(workspace, german, dataset, spec) == [first]
    rest = [point for _, point in load_or_price(workspace, german, dataset, spec)]
    assert len(rest) == len(models(spec))
    assert load_price(workspace, german, dataset, spec) == rest
