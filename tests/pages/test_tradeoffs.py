"""The trade-offs page: what is asked before, what is kept of a run, and what is shown again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.audit_state import audit_ledger
from core.audit_state import state as steps
from core.audit_state.state import AuditState
from core.audit_state.sweep_plan import SweepPlan
from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.domains import CategoryDomain, Domains
from core.data.roles.roles import Roles
from core.governance.declared_public import declare_public
from core.governance.stored_sweeps import (
    cost_of_sweep,
    last_plan,
    run_stored_sweep,
    store_of,
    stored_state,
    swept,
)
from core.privacy.accounting.budget import Budget
from core.storage.workspace import Workspace
from core.tradeoff.sweep import clusters, precomputed
from core.tradeoff.sweep.basis import TITLES, Basis
from core.tradeoff.sweep.executors import Here
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.precomputed import PrecomputedSweep, write_precomputed
from core.tradeoff.sweep.runs import runs
from core.tradeoff.sweep.sweep import state_of, sweep
from tests.core.worlds import DOMAINS, frame
from tests.pages.conftest import opened, ran, texts

PUBLIC = Basis("public")
SMALL = Grid(
    ("logistic_regression", "dp_binned_regression"),
    (None, 1.0),
    (("sex",),),
    split_seeds=(0,),
    noise_seeds=(0,),
)


@pytest.fixture(autouse=True)
def no_shipped_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ship none, whatever the samples come with, and name no cluster."""
    monkeypatch.setattr(precomputed, "FOLDER", tmp_path)
    monkeypatch.delenv(clusters.VARIABLE, raising=False)


@pytest.fixture
def german(workspace: Workspace) -> AuditState:
    return steps.begin_sample(workspace, "german_credit")


@pytest.fixture
def upload(workspace: Workspace) -> AuditState:
    """Return an audit of an uploaded table, with declared domains and no budget yet."""
    content = frame(400).to_csv(index=False).encode()
    begun = steps.begin_bytes(workspace, content, "loans.csv", origin="upload")
    roles = Roles("paid", "yes", ("sex",), features=("income", "age", "city"))
    return steps.save(workspace, replace(begun, roles=roles))


def under_budget(workspace: Workspace, upload: AuditState, epsilon: float) -> AuditState:
    return audit_ledger.set_budget(workspace, upload, Budget(epsilon, 1e-4), DOMAINS)


def rows_of(workspace: Workspace, state: AuditState) -> Dataset:
    return assign(steps.read_table(workspace, state), state.roles)


def widget(kind: str, app: AppTest, label: str):
    return next(item for item in app.get(kind) if item.label == label)


def start(app: AppTest):
    return next(b for b in app.button if b.key.endswith("sweep start"))


def small(app: AppTest) -> AppTest:
    """Set the pickers to :data:`SMALL`."""
    widget("multiselect", app, "Models without privacy").set_value(["logistic_regression"])
    widget("multiselect", app, "Private models").set_value(["dp_binned_regression"])
    widget("multiselect", app, "Values of ε").set_value(["∞ (no privacy)", "1"])
    widget("multiselect", app, "Mitigations").set_value(["none"])
    groups = widget("multiselect", app, "Groups compared")
    groups.set_value([groups.value[0]])
    widget("slider", app, "Splits").set_value(1)
    widget("slider", app, "Draws of noise").set_value(1)
    return ran(app)


def began(workspace: Workspace, state: AuditState, plan: SweepPlan, points: int) -> None:
    """Sweep until so many points are there, as if stopped then."""
    work = run_stored_sweep(workspace, state, rows_of(workspace, state), plan)
    for sweep_state in work:
        if len(sweep_state.points) == points:
            break
    work.close()


def page_text(app: AppTest) -> str:
    return texts(app).replace("\\", "").replace("\u00a0", " ")


def test_what_will_be_done_is_said_before(german: AuditState, workspace: Workspace) -> None:
    app = opened("tradeoffs", german.id)
    shown = page_text(app)
    assert PUBLIC.label in shown
    # Without privacy 5 mitigations on 2 splits; 3 ε with 2 draws of noise on 2 splits.
    assert "8 settings, which make **22 runs**" in shown
    assert start(app).label == "Start: train 22 runs"
    left = next(f.value for f in app.dataframe if "Why" in f.value.columns)
    # 3 ε by 4 mitigations that read rows without noise; two reasons, one for each mitigation.
    assert left["Combinations"].sum() == 12
    assert all(left["Why"].str.contains("would no longer hold"))
    assert not list((workspace.root / "audits" / german.id).glob("points*"))


def test_a_sweep_is_run_kept_and_shown_again(german: AuditState, workspace: Workspace) -> None:
    app = small(opened("tradeoffs", german.id))
    assert start(app).label == "Start: train 2 runs"
    start(app).click()
    ran(app)
    rows = rows_of(workspace, german)
    plan = last_plan(workspace, german, rows)
    assert plan is not None
    assert plan.basis == PUBLIC
    assert replace(plan.grid, domains=None) == SMALL
    state = stored_state(workspace, german, rows, plan)
    assert state.finished
    assert len(state.points) == 2
    assert app.get("plotly_chart")
    assert "All of these runs are there" in page_text(app)
    # A new session shows it without being asked, and its pickers begin where they were.
    again = opened("tradeoffs", german.id)
    assert again.get("plotly_chart")
    assert "All of these runs are there" in page_text(again)
    # One more ε leaves one run to train; what is there is shown meanwhile.
    widget("multiselect", again, "Values of ε").set_value(["∞ (no privacy)", "1", "4"])
    ran(again)
    assert start(again).label == "Go on: train 1 more run"
    assert again.get("plotly_chart")


def test_a_stopped_sweep_shows_its_points_and_goes_on(
    german: AuditState, workspace: Workspace
) -> None:
    plan = SweepPlan(replace(SMALL, noise_seeds=(0, 1, 2)), PUBLIC)
    began(workspace, german, plan, 2)
    app = opened("tradeoffs", german.id)
    assert "2 of 4 runs are done" in page_text(app)
    assert app.get("plotly_chart")
    before = {point.run for point in store_of(workspace, german)}
    button = next(b for b in app.button if b.key.endswith("sweep go on"))
    assert button.label == "Go on: train 2 more runs"
    button.click()
    ran(app)
    rows = rows_of(workspace, german)
    assert stored_state(workspace, german, rows, plan).finished
    found = store_of(workspace, german)
    assert len(found) == 4
    assert before < {point.run for point in found}
    assert "was stopped" not in page_text(app)


def test_a_shipped_sweep_is_shown_first_and_marked_as_such(
    german: AuditState, workspace: Workspace
) -> None:
    rows = rows_of(workspace, german)
    rows, grid = swept(rows, SweepPlan(SMALL, PUBLIC), german)
    *_, last = sweep(rows, grid, store_of(workspace, german), Here())
    (workspace.root / "audits" / german.id / "points.jsonl").unlink()
    shipped = PrecomputedSweep(
        "german_credit", rows.fingerprint, grid, PUBLIC, last.points, "2026-01-02"
    )
    write_precomputed(shipped)
    app = opened("tradeoffs", german.id)
    assert shipped.label in page_text(app)
    assert "2026-01-02" in page_text(app)
    assert app.get("plotly_chart")
    assert [e.label for e in app.expander if e.label == "Run your own sweep"]
    # An own sweep takes its place.
    start(small(app)).click()
    ran(app)
    assert "2026-01-02" not in page_text(app)
    assert app.get("plotly_chart")


BAD = (
    ("multiselect", "Values of ε", ["1", "abc"], "isn't a number"),
    ("multiselect", "Values of ε", ["-1"], "epsilon"),
    ("multiselect", "Values of ε", [], "at least one epsilon"),
    ("multiselect", "Mitigations", [], "at least one mitigation"),
    ("multiselect", "Strengths of the mitigations that have degrees", [], "one strength"),
    ("multiselect", "Groups compared", [], "at least one combination"),
    ("multiselect", "Balancing", [], "at least one balancing"),
    ("multiselect", "k of k-anonymity", ["1", "five"], "isn't a whole number"),
    ("multiselect", "k of k-anonymity", ["0"], "k must be from 1"),
    ("multiselect", "k of k-anonymity", ["1", "5"], "no column is named"),
    ("number_input", "δ", 1.0, "delta"),
)


def test_bad_input_gets_its_sentence_and_is_forgotten_when_corrected(german: AuditState) -> None:
    app = opened("tradeoffs", german.id)
    for kind, label, value, sentence in BAD:
        before = widget(kind, app, label).value
        widget(kind, app, label).set_value(value)
        ran(app)
        assert sentence in app.error[0].value.replace("\\", ""), label
        assert not [b for b in app.button if b.key.endswith("sweep start")], label
        widget(kind, app, label).set_value(before)
        ran(app)
        assert not app.error, label
        assert start(app).label == "Start: train 22 runs"


def test_no_learner_and_what_cannot_be_trained_are_refused(german: AuditState) -> None:
    app = opened("tradeoffs", german.id)
    widget("multiselect", app, "Models without privacy").set_value([])
    ran(app)
    # The private learner alone has no row-reading mitigation; what is left is trained.
    assert start(app).label == "Start: train 12 runs"
    widget("multiselect", app, "Mitigations").set_value(["reweighing"])
    ran(app)
    assert "no combination can be tried" in app.error[0].value
    widget("multiselect", app, "Private models").set_value([])
    ran(app)
    assert "at least one model" in app.error[0].value


def test_choices_outlive_the_next_interaction(german: AuditState) -> None:
    app = small(opened("tradeoffs", german.id))
    widget("slider", app, "Splits").set_value(3)
    ran(app)
    widget("slider", app, "Draws of noise").set_value(2)
    ran(app)
    # 3 splits by (1 + 2 draws).
    assert start(app).label == "Start: train 9 runs"


def test_an_uploaded_table_is_swept_as_what_it_is(upload: AuditState, workspace: Workspace) -> None:
    app = opened("tradeoffs", upload.id)
    assert Basis("own").label in page_text(app)
    # Ticking it lifts nothing: it is declared with a name and a reason.
    app.checkbox[0].check()
    ran(app)
    assert Basis("own").label in page_text(app)
    declared = declare_public(workspace, upload, name="Ada", because="it is open data")
    assert declared.basis.label in page_text(opened("tradeoffs", upload.id))


def test_a_protected_table_stands_aside(upload: AuditState, workspace: Workspace) -> None:
    under_budget(workspace, upload, 1.0)
    app = opened("tradeoffs", upload.id)
    assert "not on the rows of this audit" in page_text(app)
    assert [TITLES[kind] for kind in ("stand_in", "made_up", "spend")] == app.radio[0].options
    # The stand-in brings its own sensitive columns.
    widget("selectbox", app, "Public sample").set_value("german_credit")
    ran(app)
    assert widget("multiselect", app, "Groups compared").options == ["sex", "age", "sex × age"]
    start(small(app)).click()
    ran(app)
    plan = last_plan(workspace, upload, rows_of(workspace, upload))
    assert plan is not None
    assert plan.basis == Basis("stand_in", "german_credit", 400)
    points = tuple(store_of(workspace, upload))
    assert len(points) == 2
    # About a fifth of them are test rows.
    assert all(50 < point.test_rows < 110 for point in points)
    assert all(point.charged is None for point in points)
    assert audit_ledger.charges(workspace, upload) == ()


def test_synthetic_rows_need_declared_domains(upload: AuditState, workspace: Workspace) -> None:
    audit_ledger.set_budget(workspace, upload, Budget(1.0, 1e-4), None)
    app = opened("tradeoffs", upload.id)
    app.radio[0].set_value("made_up")
    ran(app)
    assert "no bounds and categories are declared" in app.error[0].value


def test_synthetic_rows_are_swept_and_say_so(upload: AuditState, workspace: Workspace) -> None:
    domains = Domains((*DOMAINS.items, CategoryDomain("sex", ("f", "m"))))
    state = audit_ledger.set_budget(workspace, upload, Budget(1.0, 1e-4), domains)
    app = opened("tradeoffs", state.id)
    app.radio[0].set_value("made_up")
    ran(app)
    widget("number_input", app, "How many synthetic rows").set_value(300)
    start(small(app)).click()
    ran(app)
    assert Basis("made_up", rows=300).label in page_text(app)
    assert app.get("plotly_chart")
    assert audit_ledger.charges(workspace, state) == ()


def test_spending_says_its_sum_and_is_agreed_to(upload: AuditState, workspace: Workspace) -> None:
    state = under_budget(workspace, upload, 2.0)
    app = opened("tradeoffs", upload.id)
    app.radio[0].set_value("spend")
    ran(app)
    small(app)
    plan = SweepPlan(SMALL, Basis("spend"))
    rows, grid = swept(rows_of(workspace, state), plan, state)
    cost = cost_of_sweep(rows, grid, store_of(workspace, state), workspace, state)
    assert f"comes to ε = {cost.epsilon:.10g}" in page_text(app)
    assert "the cap is ε = 2" in page_text(app)
    assert start(app).disabled
    assert not [r for r in app.radio if r.label == "Where to train"]
    agree = next(box for box in app.checkbox if box.label.startswith("Spend it"))
    agree.check()
    ran(app)
    start(app).click()
    ran(app)
    (charge,) = audit_ledger.charges(workspace, state)
    assert charge.epsilon == 1.0
    assert stored_state(workspace, state, rows, plan).finished


def test_persons_are_offered_where_a_column_names_them_and_hidden_when_chosen(
    upload: AuditState, workspace: Workspace
) -> None:
    assert not [s for s in opened("tradeoffs", upload.id).selectbox if "guarantee" in s.label]
    data = frame(400).assign(patient=[f"p{k % 150}" for k in range(400)])
    begun = steps.begin_bytes(workspace, data.to_csv(index=False).encode(), "visits.csv")
    roles = replace(upload.roles, identifiers=("patient",))
    state = steps.save(workspace, replace(begun, roles=roles))
    free = opened("tradeoffs", state.id)
    widget("selectbox", free, "Whom the guarantee is for").set_value("patient")
    ran(free)
    widget("number_input", free, "Rows used of each person").set_value(2)
    ran(free)
    # A hundred persons have three rows, fifty have two.
    assert "300 rows are used. 100 are left out" in page_text(free)
    state = under_budget(workspace, state, 2.0)
    app = opened("tradeoffs", state.id)
    app.radio[0].set_value("spend")
    ran(app)
    small(app)
    widget("selectbox", app, "Whom the guarantee is for").set_value("patient")
    ran(app)
    widget("number_input", app, "Rows used of each person").set_value(2)
    ran(app)
    assert "at most 2 rows are used" in page_text(app)
    # The bound is to be set without looking at rows that a budget protects.
    assert "are left out: beyond" not in page_text(app)
    agree = next(box for box in app.checkbox if box.label.startswith("Spend it"))
    agree.check()
    ran(app)
    start(app).click()
    ran(app)
    (charge,) = audit_ledger.charges(workspace, state)
    assert (charge.unit, charge.epsilon) == ("person (column 'patient', at most 2 rows)", 1.0)
    whom = "all rows of a person, by column patient, at most 2 rows each"
    assert f"guarantee of each private model is to {whom}" in page_text(app)
    again = opened("tradeoffs", state.id)
    assert widget("selectbox", again, "Whom the guarantee is for").value == "patient"
    assert widget("number_input", again, "Rows used of each person").value == 2


def test_what_the_budget_does_not_cover_cannot_be_started(
    upload: AuditState, workspace: Workspace
) -> None:
    under_budget(workspace, upload, 0.5)
    app = opened("tradeoffs", upload.id)
    app.radio[0].set_value("spend")
    ran(app)
    small(app)
    assert "doesn't fit" in page_text(app)
    assert start(app).disabled
    assert not [box for box in app.checkbox if box.label.startswith("Spend it")]


def test_a_sweep_that_spent_asks_again_without_its_budget(
    upload: AuditState, workspace: Workspace
) -> None:
    state = under_budget(workspace, upload, 5.0)
    plan = SweepPlan(replace(SMALL, noise_seeds=(0, 1)), Basis("spend"))
    began(workspace, state, plan, 2)
    steps.save(workspace, replace(state, budget=None))
    app = opened("tradeoffs", state.id)
    button = next(b for b in app.button if b.key.endswith("sweep go on"))
    assert button.disabled
    assert "no privacy budget" in page_text(app)
    assert len(audit_ledger.charges(workspace, state)) == 1


def test_only_named_clusters_are_offered(
    german: AuditState, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened("tradeoffs", german.id)
    assert clusters.VARIABLE in page_text(app)
    monkeypatch.setenv(clusters.VARIABLE, "tcp://127.0.0.1:1")
    small(ran(app))
    widget("selectbox", app, "Cluster").set_value("tcp://127.0.0.1:1")
    ran(app)
    monkeypatch.setattr("core.tradeoff.sweep.executors.CONNECT_SECONDS", 1)
    start(app).click()
    ran(app)
    assert "no scheduler answers there" in app.error[0].value.replace("\\", "")
    # The page stays usable.
    assert start(app).label == "Start: train 2 runs"
    monkeypatch.setenv(clusters.VARIABLE, "nonsense")
    ran(app)
    assert clusters.VARIABLE in app.error[0].value.replace("\\", "")


def test_roles_that_changed_since_leave_the_last_sweep_aside(
    german: AuditState, workspace: Workspace
) -> None:
    began(workspace, german, SweepPlan(SMALL, PUBLIC), 2)
    steps.save(workspace, replace(german, roles=replace(german.roles, sensitive=("age",))))
    app = opened("tradeoffs", german.id)
    assert not app.get("plotly_chart")
    assert widget("multiselect", app, "Groups compared").value == [("age",)]


def test_runs_are_counted_once_for_a_page_that_does_not_change(
    german: AuditState, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []

    def counting(*given, **options):
        counted.append(1)
        return runs(*given, **options)

    monkeypatch.setattr("core.governance.sweep_estimate.runs", counting)
    app = opened("tradeoffs", german.id)
    ran(app)
    assert len(counted) == 1
    widget("slider", app, "Splits").set_value(3)
    ran(app)
    assert len(counted) == 2


def test_state_on_the_page_is_that_on_disk(german: AuditState, workspace: Workspace) -> None:
    plan = SweepPlan(SMALL, PUBLIC)
    began(workspace, german, plan, 1)
    rows, grid = swept(rows_of(workspace, german), plan, german)
    state = state_of(rows, grid, store_of(workspace, german))
    assert (len(state.points), state.total) == (1, 2)
    app = opened("tradeoffs", german.id)
    assert "1 of 2 runs are done" in page_text(app)
    # What another process adds is seen with the next run of the page.
    began(workspace, german, plan, 2)
    assert "was stopped" not in page_text(ran(app))
