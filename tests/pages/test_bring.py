"""A model that was made elsewhere is brought on the train page, matched, and audited."""

from __future__ import annotations

import pickle
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components.app import steps
from core.audit_state.state import AuditState, begin_bytes, load_audit, save, update_state
from core.data.roles.roles import Roles
from core.privacy.accounting.budget import Budget
from core.storage.workspace import Workspace
from tests.pages.conftest import opened, ran, texts

lightgbm = pytest.importorskip("lightgbm")


def people() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    count = 300
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], count),
            "income": rng.integers(0, 101, count),
            "age": rng.integers(18, 80, count),
            "town": rng.choice(["Bonn", "Köln"], count),
        }
    )
    frame["paid"] = np.where(frame["income"] + rng.normal(0, 20, count) > 50, "yes", "no")
    return frame


@cache
def model() -> bytes:
    """Return a LightGBM file with two inputs of other names, one of them like no column."""
    frame = people()
    inputs = pd.DataFrame(
        {
            "INCOME": frame["income"],
            "years": frame["age"],
            "town": pd.Categorical(frame["town"]),
        }
    )
    fitted = lightgbm.LGBMClassifier(n_estimators=10, n_jobs=1, verbose=-1)
    fitted.fit(inputs, frame["paid"])
    text: str = fitted.booster_.model_to_string()
    return text.encode()


@pytest.fixture
def audit(workspace: Workspace) -> AuditState:
    frame = people()
    frame.loc[:9, "town"] = "Trier"
    state = begin_bytes(workspace, frame.to_csv(index=False).encode(), "people.csv")
    roles = Roles("paid", "yes", ("sex",), features=("income", "age", "town"))
    return save(workspace, AuditState(**{**vars(state), "roles": roles}))


def bring(audit: AuditState, data: bytes, name: str = "model.txt") -> AppTest:
    app = opened("train", audit.id)
    app.get("button_group")[0].set_value("Bring a model")
    ran(app)
    app.get("file_uploader")[0].set_value((name, data, "application/octet-stream"))
    return ran(app)


def named(app: AppTest, kind: str, label: str) -> Any:
    """Return the widget of a label, or the only one whose label begins so."""
    found = [item for item in app.get(kind) if item.label.startswith(label)]
    exact = [item for item in found if item.label == label]
    (one,) = exact or found
    return one


def plain(app: AppTest) -> str:
    return texts(app).replace("\\", "")


def test_a_model_is_matched_accepted_and_audited(workspace: Workspace, audit: AuditState) -> None:
    app = bring(audit, model())
    assert "1 of 3 inputs are matched; 1 is proposed, to be accepted; 1 has no column yet" in plain(
        app
    )
    assert named(app, "button", "Audit this model").disabled
    # What the model doesn't know is counted before anything is accepted.
    assert "10 of 300 rows hold a value that the model does not know" in plain(app)
    named(app, "button", "Accept the proposal").click()
    ran(app)
    named(app, "selectbox", "Column").set_value("age")
    ran(app)
    named(app, "button", "Take this").click()
    ran(app)
    assert "All 3 inputs are matched." in plain(app)
    # Its file only numbers the classes: which is the positive one has to be said.
    assert named(app, "button", "Audit this model").disabled
    named(app, "selectbox", "Class of the model").set_value("1")
    ran(app)
    named(app, "button", "Audit this model").click()
    ran(app)
    shown = plain(app)
    assert "Asked: model.txt" in shown
    assert "Performance on audited rows" in shown
    assert "judged on 300 audited rows" in shown
    state = load_audit(workspace, audit.id)
    assert state.training is not None
    assert state.training.external is not None
    assert state.roles is not None
    assert state.roles.features == ("income", "age", "town")
    # In a new session the file is there, matched as it was.
    again = opened("train", audit.id)
    assert "All 3 inputs are matched." in plain(again)
    report = plain(opened("price", audit.id))
    assert "can’t be trained again with noise" in report
    # A release alone could spend a budget, so its cap is set beside it, and a sweep draws no noise.
    assert named(opened("release", audit.id), "button", "Set this cap")
    sweep = plain(opened("tradeoffs", audit.id))
    assert "with their splits." in sweep
    assert "noise" not in sweep
    assert "test rows" not in sweep
    # A budget bounds what is trained here: its page is folded away, and the path leads past it.
    assert not steps.applies(steps.spec_of("budget"), state)
    assert "no budget bounds what it reveals" in plain(opened("budget", audit.id))
    criteria = opened("criteria", audit.id)
    assert steps.spec_of("train").sentence in plain(criteria)
    assert steps.spec_of("budget").sentence not in plain(criteria)


def test_a_column_is_changed_value_by_value(audit: AuditState) -> None:
    app = bring(audit, model())
    named(app, "selectbox", "Input").set_value("town")
    ran(app)
    named(app, "selectbox", "Trier").set_value("Köln")
    ran(app)
    named(app, "button", "Take this").click()
    ran(app)
    assert "No value of the 300 rows is unknown to the model" in plain(app)
    table = app.dataframe[0].value
    told = table.set_index("Input").loc["town", "What it is given"]
    assert "Trier → Köln" in told


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (pickle.dumps({"a": 1}), "pickle or joblib file"),
        (b"tree\nversion=v4\nnum_class=1\n", "model.txt"),
        (b"", "empty"),
        (b"\x00\x01nothing", "no model of a format that can be opened"),
    ],
)
def test_a_file_that_is_no_model_gets_a_sentence(audit: AuditState, data: bytes, said: str) -> None:
    app = bring(audit, data)
    assert said in "".join(item.value for item in app.error).replace("\\", "")
    assert not [item for item in app.button if item.label == "Audit this model"]


def test_under_a_budget_no_model_is_brought(workspace: Workspace, audit: AuditState) -> None:
    update_state(workspace, audit, budget=Budget(1.0, 1e-6))
    app = opened("train", audit.id)
    app.get("button_group")[0].set_value("Bring a model")
    ran(app)
    assert "it keeps to none" in plain(app)
    assert not app.get("file_uploader")


def settled(app: AppTest) -> AppTest:
    """Accept, match and name what the file leaves open."""
    named(app, "button", "Accept the proposal").click()
    ran(app)
    named(app, "selectbox", "Column").set_value("age")
    ran(app)
    named(app, "button", "Take this").click()
    ran(app)
    named(app, "selectbox", "Class of the model").set_value("1")
    return ran(app)


def test_a_cap_for_releases_leaves_the_model_to_be_brought_again(
    workspace: Workspace, audit: AuditState
) -> None:
    app = settled(bring(audit, model()))
    named(app, "button", "Audit this model").click()
    ran(app)
    before = load_audit(workspace, audit.id)
    release = opened("release", audit.id)
    named(release, "button", "Set this cap").click()
    ran(release)
    state = load_audit(workspace, audit.id)
    assert state.budget == Budget(1.0)
    assert state.training == before.training
    again = opened("train", audit.id)
    assert "it keeps to none" not in plain(again)
    named(again, "number_input", "Decision threshold").set_value(0.4)
    ran(again)
    named(again, "button", "Audit this model").click()
    ran(again)
    after = load_audit(workspace, audit.id).training
    assert after is not None
    assert after.external is not None
    assert after.external.threshold == 0.4
    # One that is trained here instead keeps to the budget, and then none is brought.
    update_state(workspace, load_audit(workspace, audit.id), training=None)
    gone = opened("train", audit.id)
    gone.get("button_group")[0].set_value("Bring a model")
    ran(gone)
    assert "say on the page “Privacy budget” that training gives no guarantee" in plain(gone)
    assert not gone.get("file_uploader")


def test_decisions_lead_to_the_roles(audit: AuditState) -> None:
    app = opened("train", audit.id)
    app.get("button_group")[0].set_value("Decisions only")
    ran(app)
    assert "named on the roles page" in plain(app)
    assert not [item for item in app.button if item.label == "Train"]


def test_rows_that_may_have_trained_it_are_no_test_rows(
    workspace: Workspace, audit: AuditState
) -> None:
    app = settled(bring(audit, model()))
    named(app, "selectbox", "Mitigation").set_value("group_thresholds")
    ran(app)
    named(app, "button", "Audit this model").click()
    ran(app)
    shown = plain(app)
    assert "What the mitigation changed" in shown
    assert "Both on the same audited rows, against the same model" in shown
    assert "test rows" not in shown
