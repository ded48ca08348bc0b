"""The page on privacy attacks, from the first button to the report."""

from __future__ import annotations

import json

import pytest

from core.audit_state import audit_ledger, audit_models
from core.audit_state import state as steps
from core.audit_state.collecting import collect
from core.data.assign import assign
from core.privacy.accounting.budget import Budget
from core.training.spec import TrainingSpec
from tests.pages.conftest import opened, ran, texts


def begun(workspace, spec: TrainingSpec, budget: Budget | None = None) -> str:
    state = steps.begin_sample(workspace, "german_credit")
    data = assign(steps.read_table(workspace, state), state.roles)
    state = audit_ledger.set_budget(workspace, state, budget, state.domains)
    audit_models.train_audited_model(workspace, state, data, spec)
    return state.id


def press(app, label: str):
    next(button for button in app.button if button.label == label).click()
    return ran(app)


@pytest.fixture
def forest(workspace):
    return begun(workspace, TrainingSpec("random_forest"))


def test_a_forest_is_attacked_and_the_report_says_so(workspace, forest):
    app = opened("privacy", forest)
    shown = texts(app).replace("\\", "")
    assert "Membership inference" in shown
    assert "not covered by the privacy guarantee" not in shown
    assert not app.get("plotly_chart")
    press(app, "Attack this model")
    shown = texts(app).replace("\\", "")
    assert "Loss attack: ROC AUC 0." in shown
    assert "needs at least 1,000 non-members, and there are 200" in shown
    table = next(f.value for f in app.dataframe if "Verdict" in f.value.columns)
    assert table["Verdict"].tolist() == ["no guarantee"]
    groups = next(f.value for f in app.dataframe if "Significantly worse?" in f.value.columns)
    assert groups["Members"].sum() == 2 * 600
    # Kept on disk: another session finds it without a button.
    again = opened("privacy", forest)
    assert "Attack this model" not in [button.label for button in again.button]
    press(again, "Train 16 shadow models")
    shown = texts(again).replace("\\", "")
    assert "Shadow-model attack: ROC AUC 0.8" in shown
    assert "Drawn above, from 16 shadow models" in shown
    assert "PRIV-04" in finding_codes(workspace, forest)
    assert "training data" in texts(opened("report", forest))


def finding_codes(workspace, audit: str) -> set[str]:
    state = steps.load_audit(workspace, audit)
    table = steps.read_table(workspace, state)
    data = assign(table, state.roles)
    model = audit_models.load_model(workspace, state, data, state.training)
    found = collect(workspace, state, table, data, model, None, ())
    return {finding.code for finding in found.findings}


def test_a_private_model_stands_beside_its_guarantee(workspace):
    audit = begun(
        workspace,
        TrainingSpec(
            "dp_logistic_regression",
            epsilon=1.0,
            domains=steps.SAMPLES["german_credit"].domains,
        ),
        Budget(2.0, 1e-4),
    )
    app = press(opened("privacy", audit), "Attack this model")
    assert "not covered by the privacy guarantee" in texts(app)
    press(app, "Plant canaries")
    table = next(f.value for f in app.dataframe if "Verdict" in f.value.columns)
    assert table["Claimed ε"].tolist() == ["1", "1"]
    assert table["Verdict"].tolist() == ["not refuted", "not refuted"]
    assert "proves nothing" in texts(app)
    assert "verified" not in texts(app)
    chart = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert "most that the guarantee allows" in [trace["name"] for trace in chart["data"]]


def test_columns_are_guessed_and_people_singled_out(forest):
    app = press(opened("privacy", forest), "Guess it")
    table = next(f.value for f in app.dataframe if "Gain" in f.value.columns)
    assert table["Who"].tolist()[:2] == ["All members", "All non-members"]
    press(app, "Single people out")
    table = next(f.value for f in app.dataframe if "Single out" in f.value.columns)
    assert table["Table"].tolist() == ["as it is", "as it is", "5-anonymous", "5-anonymous"]
    app.multiselect[-1].set_value([])
    ran(app)
    assert "Choose at least one column" in texts(app)


def test_says_what_to_do_without_a_model(workspace):
    state = steps.begin_sample(workspace, "german_credit")
    assert "train a model first" in texts(opened("privacy", state.id))
    existing = steps.begin_sample(workspace, "compas")
    assert "no model was trained that could be attacked" in texts(opened("privacy", existing.id))
