"""The operating point on its pages: followed on generalised features, told of, and reported."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.audit_state import audit_ledger, audit_models
from core.audit_state import state as audits
from core.audit_state.results.release_results import release_and_store
from core.audit_state.state import AuditState
from core.audit_state.sweep_plan import SweepPlan
from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.roles.roles import Roles
from core.data.table import Kind
from core.governance.declared_public import declarations, declared_public
from core.governance.operating_point import choose, chosen
from core.governance.stored_sweeps import run_stored_sweep
from core.privacy.accounting.budget import Budget
from core.privacy.release.release_plan import MeanPlan
from core.storage.workspace import Workspace
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.grid import Grid, Setting
from core.training.spec import TrainingSpec
from tests.core.worlds import frame
from tests.pages.conftest import opened, ran, texts

GENERALISED = Setting("logistic_regression", k=5)
PLAN = SweepPlan(
    Grid(("logistic_regression",), (None,), (("sex",),), ks=(1, 5), quasi=("age",)), Basis("own")
)


@pytest.fixture
def upload(workspace: Workspace) -> AuditState:
    content = frame(300).to_csv(index=False).encode()
    begun = audits.begin_bytes(workspace, content, "loans_2024.csv")
    roles = Roles("paid", "yes", ("sex",), features=("income", "age", "city"))
    return audits.save(workspace, replace(begun, roles=roles))


def rows_of(workspace: Workspace, state: AuditState) -> Dataset:
    assert state.roles is not None
    return assign(audits.read_table(workspace, state), state.roles)


def picked(
    workspace: Workspace, state: AuditState, setting: Setting = GENERALISED, name: str = "Ada"
) -> None:
    rows = rows_of(workspace, state)
    choose(workspace, state, rows, PLAN, setting, reason="we can defend it", name=name)


def page_text(app: AppTest) -> str:
    return texts(app).replace("\\", "").replace("\u00a0", " ")


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return ran(app)


def report_in(app: AppTest) -> str:
    (preview,) = app.get("iframe")
    return b64decode(preview.proto.src.partition("base64,")[2]).decode()


def test_one_press_generalises_and_trains_in_an_audit_of_its_own(
    upload: AuditState, workspace: Workspace
) -> None:
    picked(workspace, upload)
    app = opened("train", upload.id)
    assert "until each is like at least 4 others" in page_text(app)
    assert "Train it" not in [button.label for button in app.button]
    app = press(app, "Generalise and train in an audit of its own")
    (new,) = [record for record in workspace.list() if record.id != upload.id]
    assert app.query_params["audit"] in (new.id, [new.id])
    made = audits.load_audit(workspace, new.id)
    assert made.generalised is not None
    assert (made.generalised.quasi, made.generalised.k) == (("age",), 5)
    assert made.training is not None
    shown = page_text(app)
    assert "The audited model below is trained this way" in shown
    assert "Features of this audit are generalised to k = 5 (age)" in shown
    assert audits.load_audit(workspace, upload.id).training is None
    # From where it was begun, a link leads there, and pressing again begins no third one.
    app = opened("train", upload.id)
    assert "Train it there" in [button.label for button in app.button]
    assert any("generalised to k = 5" in link.label for link in app.get("page_link"))
    press(app, "Train it there")
    assert len(workspace.list()) == 2


def test_what_was_generalised_is_told_where_roles_are(
    upload: AuditState, workspace: Workspace
) -> None:
    picked(workspace, upload)
    app = press(opened("train", upload.id), "Generalise and train in an audit of its own")
    (new,) = [record for record in workspace.list() if record.id != upload.id]
    app = opened("roles", new.id)
    shown = "\n".join(item.value.to_string() for item in app.dataframe) + page_text(app)
    assert "Values were generalised by Mondrian" in shown


def test_under_a_budget_it_is_not_offered(upload: AuditState, workspace: Workspace) -> None:
    picked(workspace, upload)
    audit_ledger.set_budget(workspace, upload, Budget(1.0, 1e-5))
    app = opened("train", upload.id)
    button = next(b for b in app.button if b.label.startswith("Generalise and train"))
    assert button.disabled
    assert "under which only private models are trained" in page_text(app)


@pytest.mark.parametrize("page", ["train", "tradeoffs"])
def test_a_choice_for_other_roles_is_told_of(
    upload: AuditState, workspace: Workspace, page: str
) -> None:
    picked(workspace, upload, Setting("logistic_regression"))
    assert upload.roles is not None
    roles = replace(upload.roles, features=("income", "age"))
    changed = audits.save(workspace, replace(upload, roles=roles))
    shown = page_text(opened(page, upload.id))
    assert "Ada chose an operating point on" in shown
    assert "It doesn't hold for these, since they differ in the features (then with city)" in shown
    assert "Chosen operating point:" not in shown
    audits.save(workspace, replace(changed, roles=upload.roles))
    shown = page_text(opened(page, upload.id))
    assert "doesn't hold for these" not in shown
    assert "Chosen operating point:" in shown


def test_an_open_report_follows_what_is_chosen(workspace: Workspace) -> None:
    state = audits.begin_sample(workspace, "compas")
    app = opened("report", state.id)
    assert "operating point" not in report_in(app)
    for name in ("Ada", "Bea"):
        rows = rows_of(workspace, state)
        plan = SweepPlan(replace(PLAN.grid, attributes=(("race",),)), PLAN.basis)
        setting = Setting("logistic_regression")
        choose(workspace, state, rows, plan, setting, reason="it is fair", name=name)
        assert f"<dd>{name}</dd>" in report_in(ran(app))


def test_an_open_report_follows_what_is_released(workspace: Workspace) -> None:
    state = audits.begin_sample(workspace, "compas")
    state = audit_ledger.set_budget(workspace, state, Budget(2.0, 1e-5), state.domains)
    app = opened("report", state.id)
    assert "Private releases" not in report_in(app)
    plan = MeanPlan("age", 18.0, 90.0, 1.0)
    table, rows = audits.read_table(workspace, state), rows_of(workspace, state)
    release_and_store(workspace, state, plan, table, rows, None)
    assert "Private releases" in report_in(ran(app))


def test_an_open_report_follows_roles_that_leave_the_rows_as_they_are(
    workspace: Workspace,
) -> None:
    data = frame(200)
    data["decided"] = data["paid"]
    begun = audits.begin_bytes(workspace, data.to_csv(index=False).encode(), "world.csv")
    roles = Roles("paid", "yes", ("sex",), prediction="decided")
    state = audits.save(workspace, replace(begun, roles=roles))
    app = opened("report", state.id)
    before = rows_of(workspace, state).fingerprint
    assert "--kind" not in report_in(app)
    # Said to be what it was read as: the same rows, and another command that repeats the audit.
    state = audits.save(workspace, replace(state, kinds={"age": Kind.NUMBER}))
    assert rows_of(workspace, state).fingerprint == before
    assert "--kind age=number" in report_in(ran(app))


def test_rows_are_declared_public_with_a_name_and_a_reason(
    upload: AuditState, workspace: Workspace
) -> None:
    app = opened("tradeoffs", upload.id)
    next(box for box in app.checkbox if box.label == "These rows are public").check()
    ran(app)
    assert "gives no privacy guarantee" in page_text(app)
    app = press(app, "Declare these rows public")
    assert "kept with its reason" in app.error[0].value
    assert declared_public(workspace, upload) is None
    next(item for item in app.text_input if item.label == "Who declares it").input("Ada *L*")
    next(item for item in app.text_area if item.label == "Why they are public").input("open data")
    app = press(app, "Declare these rows public")
    found = declared_public(workspace, upload)
    assert found is not None
    assert (found.name, found.because) == ("Ada *L*", "open data")
    shown = page_text(app)
    assert f"Declared public by Ada *L* on {found.when[:10]}, because open data" in shown
    assert found.basis.label in shown
    # The sweep that is made under it says so wherever it is shown, in the pictures too.
    plan = SweepPlan(replace(PLAN.grid, ks=(1,), quasi=(), split_seeds=(0, 1)), found.basis)
    *_, last = run_stored_sweep(workspace, upload, rows_of(workspace, upload), plan)
    assert last.finished
    app = opened("tradeoffs", upload.id)
    assert found.basis.label in page_text(app)
    drawn = json.loads(app.get("plotly_chart")[0].proto.spec)
    labels = [item["text"].replace("<br>", " ") for item in drawn["layout"]["annotations"]]
    assert found.basis.label in labels
    app = press(app, "Take the declaration back")
    assert declared_public(workspace, upload) is None
    assert len(declarations(workspace, upload)) == 1
    assert Basis("own").label in page_text(app)


def test_a_choice_in_force_is_kept_with_the_generalised_rows(
    upload: AuditState, workspace: Workspace
) -> None:
    picked(workspace, upload)
    audit_models.train_audited_model(
        workspace, upload, rows_of(workspace, upload), TrainingSpec("logistic_regression")
    )
    press(opened("train", upload.id), "Generalise and train in an audit of its own")
    assert audits.load_audit(workspace, upload.id).training == TrainingSpec("logistic_regression")
    found = chosen(workspace, upload, rows_of(workspace, upload))
    assert found is not None
    assert found.needs_generalising
