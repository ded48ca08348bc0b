"""On pages, groups and decisions of yes and no say which column they are of, and what they mean."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from core.audit_state.audit_models import train_audited_model
from core.audit_state.state import begin_bytes, read_table, save
from core.data.assign import assign
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.mortgage import ROLES, mortgages, rarely_denied
from tests.pages.conftest import opened, ran, texts

ADVERSE = "Rate of the adverse decision (deny = yes)"


def audited(workspace: Workspace, table: pd.DataFrame, learner: str = "logistic_regression") -> str:
    state = begin_bytes(workspace, table.to_csv(index=False).encode(), "mortgages.csv")
    state = save(workspace, replace(state, roles=ROLES, training=TrainingSpec(learner)))
    assert state.training is not None
    train_audited_model(
        workspace, state, assign(read_table(workspace, state), ROLES), state.training
    )
    return state.id


def test_fairness_overview_and_thresholds_name_columns_decisions_and_rates(
    workspace: Workspace,
) -> None:
    audit = audited(workspace, mortgages())
    app = opened("fairness", audit)
    said = texts(app).replace("\\", "")
    assert "positive: deny = yes (refused)" in said
    assert "the favourable decision is “deny = no (granted)”" in said
    assert f"{ADVERSE} ranges from" in said
    figures = next(f.value for f in app.dataframe if "Large enough?" in f.value)
    assert set(figures["Group"]) == {"everyone", "afam = yes", "afam = no"}
    assert ADVERSE in figures
    assert "Selection rate" not in figures
    matrix = next(t.value for t in app.table if "Group" in t.value)
    assert "deny = no, decided deny = yes" in list(matrix)
    next(m for m in app.multiselect if m.label == "Compare people by").set_value(["afam", "sex"])
    ran(app)
    figures = next(f.value for f in app.dataframe if "Large enough?" in f.value)
    assert "afam = yes, sex = female" in set(figures["Group"])

    app = opened("overview", audit)
    table = next(t.value for t in app.table if ADVERSE in t.value)
    assert {g.replace("\\", "") for g in table["Group"]} == {
        "afam = yes", "afam = no", "sex = female", "sex = male",
    }  # fmt: skip

    app = opened("thresholds", audit)
    assert "now get “deny = yes (refused)”" in texts(app).replace("\\", "")
    moved = next(f.value for f in app.dataframe if "Large enough?" in f.value)
    assert f"{ADVERSE}, moved" in moved


@pytest.mark.parametrize("page", ["explanations", "person", "recourse"])
def test_people_of_both_decisions_can_be_looked_at_where_one_is_rare(
    workspace: Workspace, page: str
) -> None:
    app = opened(page, audited(workspace, rarely_denied(), "gradient_boosting"))
    picker = next(s for s in app.selectbox if s.label == "Which person?")
    for told in ("deny = yes (refused)", "deny = no (granted)"):
        way = f"Middle score of those decided “{told}”"
        assert way in picker.options
        next(s for s in app.selectbox if s.label == "Which person?").set_value(way)
        ran(app)
        said = [e.value.replace("\\", "") for e in (*app.header, *app.markdown)]
        line = next(text for text in said if text.startswith("Row "))
        assert told in line


@pytest.mark.parametrize("page", ["fairness", "train", "effects"])
def test_decisions_that_refuse_hardly_anybody_are_named(workspace: Workspace, page: str) -> None:
    table = mortgages()
    # So few are refused that a model refuses nearly nobody.
    table["deny"] = ["yes" if i % 200 == 0 else "no" for i in range(len(table))]
    said = texts(opened(page, audited(workspace, table))).replace("\\", "")
    assert "rows get the decision “deny = no (granted)”" in said
    assert "get the negative decision" not in said
