"""Sweeps of an audit: what they cost, what is kept of them, and the point that is chosen."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.audit_state import audit_ledger
from core.audit_state import state as audits
from core.audit_state.state import AuditState
from core.audit_state.sweep_plan import SweepPlan
from core.data.assign import assign, default_roles
from core.data.dataset import Dataset
from core.data.samples import load_sample
from core.errors import InputError
from core.governance import stored_sweeps as kept
from core.governance.declared_public import declare_public
from core.governance.operating_point import choices, choose, chosen, spec_of
from core.governance.stored_sweeps import run_stored_sweep
from core.ledger.ledgers import set_cap
from core.privacy.accounting.budget import Budget
from core.reporting.report import render
from core.storage.canonical import key
from core.storage.workspace import Workspace
from core.tradeoff.sweep import evaluate
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.grid import Grid, Setting
from core.tradeoff.sweep.precomputed import precomputed_sweep
from core.training.training import train
from tests.core.reporting.audits import trained as audit_of_a_model
from tests.core.reporting.page import Page
from tests.core.worlds import DOMAINS, frame

SPEND = Basis("spend")
GRID = Grid(
    ("logistic_regression", "dp_binned_regression"),
    (None, 1.0, 0.5),
    (("sex",),),
    split_seeds=(0,),
    noise_seeds=(0, 1),
)
PLAN = SweepPlan(GRID, SPEND)
# Two draws of noise at each ε.
COST = 2 * (1.0 + 0.5)


@pytest.fixture
def begun(tmp_path: Path) -> tuple[Workspace, AuditState, Dataset]:
    workspace = Workspace(tmp_path)
    text = io.StringIO()
    frame(400).to_csv(text, index=False)
    state = audits.begin_bytes(workspace, text.getvalue().encode(), "world.csv")
    table = audits.read_table(workspace, state)
    roles, _ = default_roles(table, "paid", "yes", ("sex",))
    state = audits.save(workspace, replace(state, roles=roles, domains=DOMAINS))
    return workspace, state, assign(table, roles)


def paying(
    begun: tuple[Workspace, AuditState, Dataset],
    epsilon: float,
    delta: float = 1e-4,
    domains: Any = DOMAINS,
) -> tuple[Workspace, AuditState, Dataset]:
    workspace, state, rows = begun
    budget = Budget(epsilon, delta)
    return workspace, audit_ledger.set_budget(workspace, state, budget, domains), rows


def finished(workspace: Workspace, state: AuditState, rows: Dataset, plan: SweepPlan) -> Any:
    *_, last = run_stored_sweep(workspace, state, rows, plan)
    assert last.finished
    return last


def public(workspace: Workspace, state: AuditState) -> Basis:
    """Declare the rows public."""
    return declare_public(workspace, state, name="Ada", because="the world is made up").basis


def spent(workspace: Workspace, state: AuditState) -> tuple[float, float]:
    charges = audit_ledger.charges(workspace, state)
    return sum(c.epsilon for c in charges), sum(c.delta for c in charges)


def cost(workspace: Workspace, state: AuditState, rows: Dataset, plan: SweepPlan) -> kept.SweepCost:
    own, grid = kept.swept(rows, plan, state)
    return kept.cost_of_sweep(own, grid, kept.store_of(workspace, state), workspace, state)


def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "train", lambda *a, **k: pytest.fail("something was trained"))


def test_a_sweep_that_does_not_fit_is_refused_before_anything_runs(
    begun: tuple[Workspace, AuditState, Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, state, rows = paying(begun, COST - 0.01)
    nothing_runs(monkeypatch)
    assert cost(workspace, state, rows, PLAN).fits is False
    with pytest.raises(InputError, match=r"4 private models would bring .* ε = 3, .*Nothing was"):
        next(run_stored_sweep(workspace, state, rows, PLAN))
    assert audit_ledger.charges(workspace, state) == ()
    assert len(kept.store_of(workspace, state)) == 0


def test_without_a_budget_nothing_can_be_paid(
    begun: tuple[Workspace, AuditState, Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_runs(monkeypatch)
    with pytest.raises(InputError, match="no privacy budget to pay from"):
        next(run_stored_sweep(*begun, PLAN))
    with pytest.raises(InputError, match="no privacy budget"):
        cost(*begun, PLAN)


@pytest.mark.parametrize("learner", ["dp_binned_regression", "dp_naive_bayes"])
@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("columns", [("income", "city"), ("income",)])
def test_what_was_foreseen_is_what_is_charged(
    begun: tuple[Workspace, AuditState, Dataset],
    learner: str,
    declared: bool,
    columns: tuple[str, ...],
) -> None:
    workspace, state, _ = paying(begun, 100.0, domains=DOMAINS if declared else None)
    assert state.roles is not None
    roles = replace(state.roles, features=columns)
    rows = assign(audits.read_table(workspace, state), roles)
    # Enough for bounds that are paid for to stand out of the noise.
    epsilon = 1.0 if declared else 20.0
    grid = replace(GRID, learners=(learner,), epsilons=(epsilon,), noise_seeds=(0,))
    plan = SweepPlan(grid, SPEND)
    foreseen = cost(workspace, state, rows, plan)
    assert foreseen.fits
    last = finished(workspace, state, rows, plan)
    assert [point.reason for point in last.points] == [None]
    assert spent(workspace, state) == pytest.approx((foreseen.epsilon, foreseen.delta), rel=1e-9)
    assert last.points[0].charged == pytest.approx(spent(workspace, state))
    after = cost(workspace, state, rows, plan)
    assert (after.runs, after.epsilon, after.delta) == (0, foreseen.epsilon, foreseen.delta)


def test_a_run_whose_bounds_tell_nothing_is_no_point_and_pays_for_the_bounds_alone(
    begun: tuple[Workspace, AuditState, Dataset],
) -> None:
    workspace, state, rows = paying(begun, 100.0, domains=None)
    grid = replace(GRID, learners=("dp_naive_bayes",), epsilons=(0.5,), noise_seeds=(0,))
    last = finished(workspace, state, rows, SweepPlan(grid, SPEND))
    (point,) = last.points
    assert point.reason is not None
    assert "the other ε = 0.45 was not charged" in point.reason
    assert point.charged == pytest.approx(spent(workspace, state))
    assert spent(workspace, state)[0] == 0.05


def test_a_stopped_sweep_goes_on_and_pays_only_for_what_is_missing(
    begun: tuple[Workspace, AuditState, Dataset],
) -> None:
    # Just enough for all of it once.
    workspace, state, rows = paying(begun, COST)
    work = run_stored_sweep(workspace, state, rows, PLAN)
    for sweep_state in work:
        if len(sweep_state.points) == 3:
            break
    work.close()
    some = audit_ledger.charges(workspace, state)
    assert 0 < len(some) < 4
    left = cost(workspace, state, rows, PLAN)
    assert left.runs == 4 - len(some)
    assert left.fits
    assert left.epsilon == pytest.approx(COST)
    last = finished(workspace, state, rows, PLAN)
    charges = audit_ledger.charges(workspace, state)
    assert len(charges) == 4
    assert charges[: len(some)] == some
    assert spent(workspace, state)[0] == pytest.approx(COST)
    assert {charge.audit for charge in charges} == {state.id}
    assert sum(p.charged[0] for p in last.points if p.charged) == pytest.approx(COST)
    again = finished(workspace, state, rows, PLAN)
    assert again.points == last.points
    assert audit_ledger.charges(workspace, state) == charges


def test_a_budget_of_another_audit_protects_the_same_rows(
    begun: tuple[Workspace, AuditState, Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, state, rows = begun
    budget = Budget(5.0, 1e-5)
    set_cap(workspace.root, state.data, budget, audit="another")
    nothing_runs(monkeypatch)
    assert state.budget is None
    with pytest.raises(InputError, match="a privacy budget protects these rows"):
        finished(workspace, state, rows, SweepPlan(GRID, Basis("own")))


def test_a_simulation_charges_nothing(begun: tuple[Workspace, AuditState, Dataset]) -> None:
    workspace, state, rows = paying(begun, 0.1)
    last = finished(workspace, state, rows, SweepPlan(GRID, public(workspace, state)))
    assert audit_ledger.charges(workspace, state) == ()
    assert {point.charged for point in last.points} == {None}


def test_points_of_a_simulation_and_of_a_release_are_not_the_same(
    begun: tuple[Workspace, AuditState, Dataset],
) -> None:
    workspace, state, rows = paying(begun, COST)
    finished(workspace, state, rows, SweepPlan(GRID, public(workspace, state)))
    assert cost(workspace, state, rows, PLAN).runs == 4
    sweep_state = kept.stored_state(workspace, state, rows, PLAN)
    # The ordinary model alone is shared.
    assert [p.run.setting.learner for p in sweep_state.points] == ["logistic_regression"]


def test_the_last_plan_survives_and_a_refused_one_does_not_take_its_place(
    begun: tuple[Workspace, AuditState, Dataset],
) -> None:
    workspace, state, rows = paying(begun, 1.0)
    assert kept.last_plan(workspace, state, rows) is None
    assert kept.load_sweep(workspace, state, rows) is None
    quick = SweepPlan(
        replace(GRID, epsilons=(None,), mitigations=(("none", 1.0), ("reweighing", 0.5))),
        public(workspace, state),
    )
    finished(workspace, state, rows, quick)
    before = kept.load_sweep(workspace, state, rows)
    for refused in (
        PLAN,
        SweepPlan(replace(GRID, epsilons=(-1.0,)), quick.basis),
        SweepPlan(GRID, Basis("stand_in", "nothing", 300)),
        SweepPlan(GRID, Basis("made_up", rows=3)),
    ):
        with pytest.raises(InputError):
            next(run_stored_sweep(workspace, state, rows, refused))
        again = Workspace(workspace.root)
        assert kept.last_plan(again, state, rows) == quick
        assert kept.load_sweep(again, state, rows) == before
    # One that is begun is the last one, before its first run is done.
    other = SweepPlan(replace(quick.grid, split_seeds=(1,)), quick.basis)
    next(run_stored_sweep(workspace, state, rows, other))
    assert kept.last_plan(workspace, state, rows) == other
    assert kept.load_sweep(workspace, state, rows) is None


def test_a_plan_with_domains_and_tuples_survives(
    begun: tuple[Workspace, AuditState, Dataset],
) -> None:
    workspace, state, rows = begun
    plan = SweepPlan(
        replace(
            GRID, attributes=(("sex",), ("sex", "city")), ks=(1, 5), quasi=("age",),
            mitigate_for="sex", domains=DOMAINS,
        ),
        Basis("stand_in", "german_credit", 500),
    )  # fmt: skip
    kept.remember_plan(workspace, state, rows, plan)
    assert kept.last_plan(Workspace(workspace.root), state, rows) == plan
    # It no longer fits: nothing is shown, and nothing breaks.
    assert kept.load_sweep(workspace, state, rows) is None


def test_the_report_shows_the_frontier_and_what_was_chosen(
    begun: tuple[Workspace, AuditState, Dataset],
) -> None:
    workspace, state, rows = begun
    grid = replace(GRID, epsilons=(None, 1.0), learners=("logistic_regression", "dp_naive_bayes"))
    plan = SweepPlan(grid, public(workspace, state))
    finished(workspace, state, rows, plan)
    evil = "<script>x()</script>"
    choose(workspace, state, rows, plan, Setting("dp_naive_bayes", 1.0), reason=evil, name="Ada")
    record = kept.load_sweep(workspace, state, rows)
    assert record is not None
    assert key("x", record)
    record = json.loads(json.dumps(record, allow_nan=False))
    assert len(record["points"]) == record["frontier"]["runs"] == 1 + 2
    assert record["label"] == plan.basis.label
    html = render(audit_of_a_model() | {"tradeoffs": record})
    text = Page(html).by_id("tradeoffs").text
    assert plan.basis.label in text
    assert "Ada" in text
    assert evil in text
    assert "<script" not in html
    assert "naive Bayes" in text
    for item in record["frontier"]["front"]:
        assert item["sentence"] in text
    # What was chosen stays in the report when the sweep is gone.
    assert "Ada" in render(audit_of_a_model() | {"tradeoffs": {"chosen": record["chosen"]}})


def test_every_choice_is_kept_and_the_last_one_counts(
    begun: tuple[Workspace, AuditState, Dataset],
) -> None:
    workspace, state, rows = begun
    plan = SweepPlan(replace(GRID, delta=1e-5), Basis("own"))
    assert chosen(workspace, state, rows) is None
    first = choose(
        workspace, state, rows, plan, Setting("logistic_regression", None, "reweighing", 0.5),
        reason=" It is fair. ", name=" Ada ", sentence="What was known.",
    )  # fmt: skip
    assert (first.reason, first.name, first.mitigate_for) == ("It is fair.", "Ada", "sex")
    second = choose(
        workspace, state, rows, plan, Setting("dp_binned_regression", 0.5),
        reason="It is safe.", name="Bo",
    )  # fmt: skip
    again = Workspace(workspace.root)
    assert choices(again, state, rows) == (first, second)
    assert chosen(again, state, rows) == second
    spec = spec_of(first, state)
    assert spec.learner == "logistic_regression"
    assert (spec.mitigation, spec.strength, spec.mitigate_for) == ("reweighing", 0.5, "sex")
    assert train(rows, spec, with_baseline=False).performance.count
    private = spec_of(second, state)
    assert (private.epsilon, private.delta, private.noise) == (0.5, 1e-5, "fresh")
    assert private.domains == state.domains
    assert private.noise_seed is None
    other = replace(rows, fingerprint="0" * 64)
    assert chosen(workspace, state, other) is None


@pytest.mark.parametrize(
    ("reason", "name", "says"),
    [
        ("", "Ada", "its reason"),
        (" \n", "Ada", "its reason"),
        ("Fair.", "", "its name"),
        ("x" * 2_001, "Ada", "longer than 2,000"),
        ("Fair.", "x" * 201, "longer than 200"),
    ],
)
def test_a_choice_without_a_reason_or_a_name_is_none(
    begun: tuple[Workspace, AuditState, Dataset], reason: str, name: str, says: str
) -> None:
    workspace, state, rows = begun
    with pytest.raises(InputError, match=says):
        choose(workspace, state, rows, PLAN, Setting("decision_tree"), reason=reason, name=name)
    assert choices(workspace, state, rows) == ()


def test_what_was_found_on_a_stand_in_can_be_trained_here(
    begun: tuple[Workspace, AuditState, Dataset],
) -> None:
    workspace, state, rows = begun
    grid = replace(GRID, attributes=(("age",),), mitigate_for="age")
    plan = SweepPlan(grid, Basis("stand_in", "german_credit", 300))
    setting = Setting("logistic_regression", None, "reweighing")
    point = choose(workspace, state, rows, plan, setting, reason="Fair.", name="Ada")
    # These rows have no sensitive column of that name.
    assert point.mitigate_for == "sex"
    assert train(rows, spec_of(point, state), with_baseline=False).performance.count


def test_a_choice_from_a_shipped_sweep_keeps_its_evidence_in_the_report(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    begun = audits.begin_sample(workspace, "german_credit")
    assert begun.roles is not None
    rows = assign(load_sample("german_credit"), begun.roles)
    ready = precomputed_sweep("german_credit", rows)
    assert ready is not None
    assert kept.load_sweep(workspace, begun, rows) is None
    point = choose(
        workspace, begun, rows, SweepPlan(ready.grid, ready.basis), ready.points[0].run.setting,
        reason="why", name="who", label=ready.label,
    )  # fmt: skip
    assert point.basis == ready.label
    record = kept.load_sweep(workspace, begun, rows)
    assert record is not None
    assert record["label"] == record["frontier"]["label"] == ready.label
    assert len(record["points"]) == len(ready.points)
    assert record["chosen"]["name"] == "who"
