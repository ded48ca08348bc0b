"""The hiring sample on the pages that it is there for."""

from __future__ import annotations

import pytest

from components.app.page_list import PAGES
from core.audit_state.state import begin_sample
from core.storage.workspace import Workspace
from tests.pages.conftest import opened, ran, texts


@pytest.fixture
def hiring(workspace: Workspace) -> str:
    return begin_sample(workspace, "hiring").id


def read(app):
    return texts(app).replace("\\", "")


def test_the_overview_gives_verdicts_and_names_who_is_selected_less(hiring):
    told = read(opened("overview", hiring))
    assert "Hiring decisions (synthetic)" in told
    assert "Four-fifths rule fails for race: Black or African American at 0.48 times" in told
    assert "Female · Black or African American at 0.25 times the rate of Male · White" in told


def test_the_fairness_page_makes_the_table_of_local_law_144_at_once(hiring):
    app = opened("fairness", hiring)
    for label, column in (("Sex", "sex"), ("Race or ethnicity", "race")):
        next(box for box in app.selectbox if box.label == label).set_value(column)
    ran(app)
    assert "Say which category each value belongs to." not in read(app)
    table = next(f.value for f in app.dataframe if "Applicants" in f.value.columns)
    women = table[(table["Category"] == "Female") & (table["Table"] == "Selected: 1")].iloc[0]
    assert (women["Applicants"], women["Impact ratio"]) == ("1086", "0.73")
    assert [name for name in table["Table"].unique() if "median" in name]


@pytest.mark.parametrize("path", [page.path for page in PAGES if page.path])
def test_every_page_opens(hiring, path):
    opened(path, hiring)


def test_thresholds_are_tried_on_its_score(hiring):
    app = opened("thresholds", hiring)
    assert "Errors and their cost are not defined" in texts(app)
    assert app.get("plotly_chart")
