"""The page that measures anonymity, anonymises, prices it and attacks it."""

from __future__ import annotations

import json

import pytest

from core.audit_state import state as steps
from tests.pages.conftest import opened, ran, texts


@pytest.fixture
def credit(workspace):
    return steps.begin_sample(workspace, "german_credit").id


def page_text(app) -> str:
    return texts(app).replace("\\", "")


def table(app, column):
    return next(item.value for item in app.table if column in item.value.columns)


def pressed(app, label):
    next(item for item in app.button if item.label == label).click()
    return ran(app)


def test_measures_transforms_prices_and_attacks(credit):
    app = opened("anonymise", credit)
    assert app.multiselect[0].value == ["sex", "age", "credit_amount"]
    assert "996 people of 1,000 (99.6%) are unique" in page_text(app)
    found = table(app, "Before").set_index("Measure")
    assert found.loc["k"].tolist() == ["1", "5"]
    assert found.loc["Unique rows"].tolist() == ["996", "0"]
    assert "are in a class whose members all have the same credit_risk" in page_text(app)
    pressed(app, "Train before and after")
    assert "ROC AUC" in table(app, "Anonymised table")["Figure"].tolist()
    pressed(app, "Attack with a second release")
    assert "are left with fewer than 5 rows that fit both" in page_text(app)
    # What was asked stays on the page when something else is touched.
    app.number_input(key=f"{credit} anonymise population").set_value(1.0)
    ran(app)
    assert "rows that fit both" in page_text(app)
    assert "Journalist risk, highest" in table(app, "Meaning")["Measure"].tolist()


def test_the_best_generalisation_with_edited_widths(credit):
    app = opened("anonymise", credit)
    app.selectbox(key=f"{credit} anonymise method").select("lattice")
    ran(app)
    assert "this one loses least" in page_text(app)
    widths = f"{credit} anonymise hierarchy age"
    app.text_input(key=widths).set_value("7, 10")
    ran(app)
    assert "the width 10 is no larger whole multiple of 7" in page_text(app)
    app.text_input(key=widths).set_value("seven")
    ran(app)
    assert "isn't a list of widths" in page_text(app)
    app.text_input(key=widths).set_value("25, 50")
    ran(app)
    assert not app.error
    assert "this one loses least" in page_text(app)
    app.number_input(key=f"{credit} anonymise k").set_value(1000)
    app.number_input(key=f"{credit} anonymise l").set_value(2)
    ran(app)
    assert not app.error
    app.number_input(key=f"{credit} anonymise l").set_value(3)
    ran(app)
    assert "l must be from 1 to that" in page_text(app)


def test_every_method_and_the_recipe(credit, monkeypatch):
    from core.anonymity.methods import ANONYMISERS

    kept = []
    import components.anonymise.anonymise_cost as cost

    plain = cost.files
    monkeypatch.setattr(cost, "files", lambda *record: kept.append(plain(*record)) or kept[-1])
    app = opened("anonymise", credit)
    for name in ANONYMISERS.names():
        app.selectbox(key=f"{credit} anonymise method").select(name)
        ran(app)
        if name == "suppression":
            assert "996 of 1,000 rows" in page_text(app) or "must be left out" in page_text(app)
            continue
        record = json.loads(kept[-1][1])
        assert record["spec"]["method"] == name
        assert record["outcome"]["k"] >= record["spec"]["k"]


def test_existing_predictions_have_no_model_to_price(workspace):
    app = opened("anonymise", steps.begin_sample(workspace, "compas").id)
    assert "there is no model to train again" in page_text(app)
    app.multiselect[0].set_value([])
    ran(app)
    assert "Choose at least one quasi-identifier" in page_text(app)
