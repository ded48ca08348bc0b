"""The page that searches for the worst treated subgroup, and the fairness page's new sections."""

from __future__ import annotations

import re

import pytest

from core.audit_state import state as steps
from tests.pages.conftest import compas_apart, opened, ran, texts


@pytest.fixture
def apart(workspace):
    return compas_apart(workspace)


@pytest.fixture
def compas(workspace):
    return steps.begin_sample(workspace, "compas").id


def test_the_search_finds_what_is_known_of_compas(compas):
    app = opened("subgroups", compas)
    app.selectbox[0].select("false_positive_rate")
    ran(app)
    shown = texts(app).replace("\\", "")
    assert "False positive rate differs most significantly for " in shown
    assert "were looked at" in shown
    assert "Bonferroni" in shown
    table = next(f.value for f in app.dataframe if "Everyone else" in f.value.columns)
    assert table["Significant?"].iloc[0].startswith("Yes: at least 0.")
    assert len(app.get("plotly_chart")) == 1
    app.multiselect[0].set_value([])
    ran(app)
    assert "Choose at least one column" in texts(app)


def test_sure_subgroups_that_are_not_listed_are_counted(compas):
    app = opened("subgroups", compas)
    app.selectbox[0].select("false_positive_rate")
    ran(app)
    shown = texts(app).replace("\\", "")
    sure = int(re.search(r"were looked at, (\d+) differ significantly", shown)[1])
    table = next(f.value for f in app.dataframe if "Everyone else" in f.value.columns)
    listed = int(table["Significant?"].str.startswith("Yes").sum())
    assert sure > listed
    assert f"{sure - listed} more differ significantly, less so" in shown


def test_says_what_to_do_without_a_model(workspace):
    begun = steps.begin_sample(workspace, "german_credit")
    assert "train a model first" in texts(opened("subgroups", begun.id))


def test_the_fairness_page_judges_explains_and_guides(apart):
    app = opened("fairness", apart)
    verdicts = next(f.value for f in app.dataframe if "Verdict" in f.value.columns)
    found = verdicts.set_index("Figure")["Verdict"]
    assert found["False positive rate"] == "Gap found"
    shown = texts(app).replace("\\", "")
    assert "Equalized odds and predictive parity can't both hold" in shown
    assert "would need a false positive rate of" in shown
    for answer in (1, 1, 1):
        app.radio[-1].set_value(app.radio[-1].options[answer])
        ran(app)
    assert any("(predictive equality)" in s.value for s in app.success)
    app.selectbox(key="verdict metric").select("accuracy")
    ran(app)
    tests = next(f.value for f in app.dataframe if "p, adjusted" in f.value.columns)
    assert len(tests) == 6
