"""Two sessions in one audit: nothing that one saved is undone by what the other saw before.

:data:`ACTIONS` names every function that writes to an audit, with the test of two sessions that
covers it, or why none is needed. A new one without an entry fails the last test.
"""

from __future__ import annotations

import ast
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.tree import DecisionTreeClassifier

from core.audit_state import audit_ledger, audit_models, outcome_models
from core.audit_state import state as audits
from core.audit_state.meanwhile import PARTS, ChangedMeanwhileError
from core.audit_state.results.comparison_results import (
    ComparisonPlan,
    _keep,
    load_comparison,
    load_or_compare,
)
from core.audit_state.results.release_results import list_releases, release_and_store
from core.audit_state.served_calls import AuditAccount, CallRecord, allow_calls, calls_of
from core.audit_state.state import AuditState
from core.audit_state.sweep_plan import SweepPlan
from core.audit_state.what_if_scenarios import (
    delete_scenario,
    keep_scenario,
    list_scenarios,
)
from core.comparison.cross_validation.folds import FoldSpec
from core.data.assign import assign
from core.data.domains import Domains
from core.data.roles.outcome_rows import OutcomeColumns
from core.data.table import Kind
from core.errors import InputError
from core.explanation.person.scenario import Scenario, ScenarioState
from core.explanation.person.what_if_result import Edit
from core.external_models.bring import Wishes, bring
from core.external_models.candidates import candidates_of
from core.external_models.predicted_outcomes import bring_for_outcomes
from core.external_models.sandbox.model_process import open_model
from core.external_models.served.permission import Permit, permitted
from core.fairness.bias_audit.spec import BiasAuditSpec
from core.fairness.metrics.impact_spec import ImpactSpec
from core.governance.adopted_policy import adopt_policy, policy_record
from core.governance.declared_public import declarations, declare_public, take_back
from core.governance.generalised_audit import follow
from core.governance.operating_point import choices, choices_by_roles, choose
from core.governance.stored_sweeps import run_stored_sweep
from core.policy.presets import PRESETS
from core.privacy.accounting.budget import Budget
from core.privacy.release.axis import CategoryAxis
from core.privacy.release.release_plan import CountsPlan
from core.storage.workspace import Workspace
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.grid import Grid, Setting
from core.training.spec import TrainingSpec
from tests.core.worlds import DOMAINS, frame

ROOT = Path(__file__).resolve().parents[3]
LOGISTIC, BAYES = TrainingSpec("logistic_regression"), TrainingSpec("naive_bayes")


@pytest.fixture
def begun(tmp_path):
    """Return a workspace and an audit with roles, as two sessions saw it."""
    workspace = Workspace(tmp_path / "workspace")
    state = audits.begin_bytes(workspace, frame(400).to_csv(index=False).encode(), "w.csv")
    from core.data.assign import default_roles

    roles = default_roles(audits.read_table(workspace, state), "paid", "yes", ("sex",))[0]
    state = audits.update_state(workspace, state, roles=roles)
    return workspace, state


def brought(workspace: Workspace, state: AuditState, cut: float) -> None:
    """Bring a model with one split on age."""
    table = audits.read_table(workspace, state)
    made = DecisionTreeClassifier(max_depth=1).fit([[cut - 1], [cut + 1]], ["no", "yes"])
    data = to_onnx(
        made, initial_types=[("age", FloatTensorType([None, 1]))], options={"zipmap": False}
    ).SerializeToString()
    assert state.roles is not None
    candidates = candidates_of(table, state.roles)
    with open_model(data, f"{cut}.onnx") as model:
        external = bring(model, f"{cut}.onnx", candidates.features, "yes", Wishes({}, accept=True))
        spec = TrainingSpec("external_model", external=external)
        audit_models.audit_brought_model(workspace, state, table, data, spec)


def test_models_brought_in_two_tabs_are_both_kept_and_the_first_stays_audited(begun):
    workspace, state = begun
    brought(workspace, state, 40.0)
    first = on_disk(workspace, state).training
    with pytest.raises(ChangedMeanwhileError):
        brought(workspace, state, 50.0)
    assert on_disk(workspace, state).training == first
    brought(workspace, on_disk(workspace, state), 50.0)
    names = [spec.external.name for spec in audit_models.brought_models(workspace, state)]
    assert names == ["50.0.onnx", "40.0.onnx"]


def test_models_of_classes_brought_in_two_tabs_are_both_kept(begun):
    workspace, state = begun
    table = audits.read_table(workspace, state)
    columns = OutcomeColumns("paid", "", ("sex",))

    def bring_classes(cut: float) -> None:
        made = DecisionTreeClassifier(max_depth=1).fit([[cut - 1], [cut + 1]], ["no", "yes"])
        data = to_onnx(
            made, initial_types=[("age", FloatTensorType([None, 1]))], options={"zipmap": False}
        ).SerializeToString()
        wishes = Wishes({}, accept=True, asked_for="multiclass")
        with open_model(data, f"{cut}.onnx") as opened:
            external = bring_for_outcomes(opened, f"{cut}.onnx", table, columns, wishes)
        model = outcome_models.OutcomeModel(external, columns)
        outcome_models.audit_outcome_model(workspace, state, table, data, model)

    def names() -> list[str]:
        found = outcome_models.outcome_models(workspace, state)
        return [model.external.name for model in found]

    bring_classes(40.0)
    bring_classes(50.0)
    assert names() == ["50.0.onnx", "40.0.onnx"]
    # The table is read otherwise in another tab: what was matched need not be there any more.
    audits.update_state(workspace, on_disk(workspace, state), kinds={"age": Kind.CATEGORY})
    with pytest.raises(ChangedMeanwhileError):
        bring_classes(60.0)
    assert names() == ["50.0.onnx", "40.0.onnx"]


def rows(workspace: Workspace, state: AuditState):
    assert state.roles is not None
    return assign(audits.read_table(workspace, state), state.roles)


def on_disk(workspace: Workspace, state: AuditState) -> AuditState:
    return audits.load_audit(workspace, state.id)


def other_roles(state: AuditState):
    assert state.roles is not None
    return replace(state.roles, positive_label="no")


def test_a_training_that_was_running_undoes_nothing(begun, monkeypatch) -> None:
    workspace, seen = begun
    data = rows(workspace, seen)
    real = audit_models.train

    def slow(*words, **options):
        # While it trains, another tab saves bounds and renames the audit.
        audits.update_state(workspace, on_disk(workspace, seen), domains=DOMAINS)
        workspace.rename(seen.id, "Renamed")
        return real(*words, **options)

    monkeypatch.setattr(audit_models, "train", slow)
    audit_models.train_audited_model(workspace, seen, data, LOGISTIC)
    now = on_disk(workspace, seen)
    assert (now.training, now.domains, now.name) == (LOGISTIC, DOMAINS, "Renamed")


@pytest.mark.parametrize("part", ["roles", "kinds", "guarantee", "training", "domains"])
def test_a_training_whose_ground_was_changed_is_kept_and_not_audited(
    begun, monkeypatch, part: str
) -> None:
    workspace, seen = begun
    data = rows(workspace, seen)
    spec = LOGISTIC
    if part == "domains":
        seen = audit_ledger.set_budget(workspace, seen, Budget(5.0, 1e-5), DOMAINS)
        spec = TrainingSpec("dp_logistic_regression", epsilon=1.0, delta=1e-5, domains=DOMAINS)
    real = audit_models.train
    changes = {
        "roles": {"roles": other_roles(seen)},
        "kinds": {"kinds": {"age": audits.Kind.CATEGORY}},
        "guarantee": {"budget": Budget(1.0)},
        "training": {"training": BAYES},
        "domains": {"domains": Domains(DOMAINS.items[:1])},
    }[part]

    def slow(*words, **options):
        audits.update_state(workspace, on_disk(workspace, seen), **changes)
        return real(*words, **options)

    monkeypatch.setattr(audit_models, "train", slow)
    with pytest.raises(ChangedMeanwhileError) as caught:
        audit_models.train_audited_model(workspace, seen, data, spec)
    assert PARTS[part] in str(caught.value)
    assert "in the meantime, so the model that was just trained is kept" in str(caught.value)
    now = on_disk(workspace, seen)
    for name, value in changes.items():
        assert getattr(now, name) == value
    assert now.training == (BAYES if part == "training" else None)
    assert audit_models.load_model(workspace, seen, data, spec) is not None
    charged = audit_ledger.charges(workspace, seen)
    # Begun anew with what was seen before, it is refused before anything is trained or charged.
    monkeypatch.setattr(audit_models, "train", lambda *words, **options: pytest.fail("trained"))
    with pytest.raises(ChangedMeanwhileError, match="nothing was trained"):
        audit_models.train_audited_model(workspace, seen, data, BAYES if spec is LOGISTIC else spec)
    assert audit_ledger.charges(workspace, seen) == charged


def test_roles_saved_in_two_tabs_are_not_lost(begun) -> None:
    workspace, seen = begun
    first = audits.update_state(workspace, seen, roles=other_roles(seen))
    with pytest.raises(ChangedMeanwhileError, match="target “paid”, compared by sex"):
        audits.update_state(workspace, seen, roles=replace(other_roles(seen), features=("age",)))
    assert on_disk(workspace, seen).roles == first.roles
    # What is done again after looking is saved.
    again = audits.update_state(workspace, first, roles=seen.roles)
    assert on_disk(workspace, seen).roles == again.roles == seen.roles


def test_how_groups_are_compared_is_not_undone_by_another_tab(begun) -> None:
    workspace, seen = begun
    audits.update_state(workspace, seen, impact=ImpactSpec("rest"))
    with pytest.raises(ChangedMeanwhileError, match="how impact ratios compare groups"):
        audits.update_state(workspace, seen, impact=ImpactSpec(groups=("f",)))
    assert on_disk(workspace, seen).impact == ImpactSpec("rest")
    spec = BiasAuditSpec("sex", "race", impact=ImpactSpec(smallest_share=0.02, reason="few"))
    audits.update_state(workspace, seen, bias_audit=spec)
    with pytest.raises(ChangedMeanwhileError, match="the table of Local Law 144"):
        audits.update_state(workspace, seen, bias_audit=BiasAuditSpec("race", "sex"))
    assert on_disk(workspace, seen).bias_audit == spec


@pytest.mark.parametrize("budget", [None, Budget(3.0)])
def test_a_budget_of_another_tab_is_not_undone(begun, budget) -> None:
    workspace, seen = begun
    seen = audit_ledger.set_budget(workspace, seen, Budget(2.0), DOMAINS)
    audit_ledger.set_budget(workspace, seen, Budget(1.0), None)
    with pytest.raises(ChangedMeanwhileError, match="ε = 1"):
        audit_ledger.set_budget(workspace, seen, budget, DOMAINS)
    now = on_disk(workspace, seen)
    assert (now.budget, now.domains) == (Budget(1.0), None)
    assert audit_ledger.cap_of(workspace, seen) == Budget(1.0)


def test_a_budget_keeps_the_model_that_another_tab_trained(begun) -> None:
    workspace, seen = begun
    audit_models.train_audited_model(workspace, seen, rows(workspace, seen), LOGISTIC)
    audit_ledger.set_budget(workspace, seen, Budget(2.0), DOMAINS)
    now = on_disk(workspace, seen)
    assert (now.training, now.budget) == (LOGISTIC, Budget(2.0))


def test_a_cap_that_is_refused_changes_nothing(begun) -> None:
    workspace, seen = begun
    seen = audit_ledger.set_budget(workspace, seen, Budget(2.0, 1e-5), DOMAINS)
    spec = TrainingSpec("dp_logistic_regression", epsilon=1.0, delta=1e-5, domains=DOMAINS)
    audit_models.train_audited_model(workspace, seen, rows(workspace, seen), spec)
    with pytest.raises(InputError):
        audit_ledger.set_budget(workspace, on_disk(workspace, seen), Budget(0.5, 1e-5), None)
    assert on_disk(workspace, seen).domains == DOMAINS


def test_names_and_deletions(begun) -> None:
    workspace, seen = begun
    record = workspace.open(seen.id)
    workspace.rename(seen.id, "First", seen=seen.name)
    with pytest.raises(InputError, match="renamed to 'First'"):
        workspace.rename(seen.id, "Second", seen=seen.name)
    with pytest.raises(InputError, match="nothing was removed"):
        workspace.delete(seen.id, seen=record)
    assert workspace.open(seen.id).name == "First"
    workspace.delete(seen.id, seen=workspace.open(seen.id))
    with pytest.raises(InputError, match="no audit of that id"):
        audits.update_state(workspace, seen, training=LOGISTIC)


def picked(begun, reason: str, seen: int | None = None):
    workspace, state = begun
    grid = Grid(("logistic_regression",), (None,), (("sex",),), mitigate_for="sex")
    plan = SweepPlan(grid, Basis("own"))
    return choose(
        workspace, state, rows(workspace, state), plan, Setting("logistic_regression", None),
        reason=reason, name="Ada", seen=seen,
    )  # fmt: skip


def test_operating_points_of_two_tabs_are_all_kept(begun) -> None:
    workspace, state = begun
    data = rows(workspace, state)
    picked(begun, "first", seen=0)
    with pytest.raises(InputError, match="Ada chose another operating point in the meantime"):
        picked(begun, "second", seen=0)
    picked(begun, "second", seen=1)
    together([lambda n=n: picked(begun, f"at once {n}") for n in range(8)])
    found = [point.reason for point in choices(workspace, state, data)]
    assert found[:2] == ["first", "second"]
    assert set(found[2:]) == {f"at once {n}" for n in range(8)}
    assert len(choices_by_roles(workspace, state)) == 1


def test_choices_for_different_roles_are_all_listed(begun) -> None:
    workspace, state = begun
    turned = replace(state, roles=other_roles(state))
    together([lambda: picked(begun, "one"), lambda: picked((workspace, turned), "other")])
    assert len(choices_by_roles(workspace, state)) == 2


def test_declarations_of_two_tabs_are_all_kept(begun) -> None:
    workspace, state = begun
    together(
        [
            lambda n=n: declare_public(workspace, state, name=f"N{n}", because="open data")
            for n in range(8)
        ]
    )
    found = declarations(workspace, state)
    assert {item.name for item in found} == {f"N{n}" for n in range(8)}
    take_back(workspace, state, found[0])
    assert not declarations(workspace, state)[-1].taken_back
    take_back(workspace, state, found[-1])
    assert declarations(workspace, state)[-1].taken_back


def scenario(name: str) -> Scenario:
    state = ScenarioState("good", True, 0.75, None, 0.5, 0.25, None, True)
    edit = (Edit("x", 1.0),)
    return Scenario(name, 3, edit, edit, state, state, (), "log-odds", (), "a model", "key", "now")


def test_scenarios_of_two_tabs_are_all_kept_and_a_name_is_given_once(begun) -> None:
    workspace, state = begun
    together([lambda n=n: keep_scenario(workspace, state.id, scenario(f"N{n}")) for n in range(8)])
    names = [one.name for one in list_scenarios(workspace, state.id)]
    assert sorted(names) == [f"N{n}" for n in range(8)]
    with pytest.raises(InputError, match="another scenario of this audit has that name"):
        keep_scenario(workspace, state.id, scenario("N3"))
    together([lambda n=n: delete_scenario(workspace, state.id, f"N{n}") for n in range(7)])
    assert list_scenarios(workspace, state.id) == (scenario("N7"),)
    delete_scenario(workspace, state.id, "N0")
    assert [one.name for one in list_scenarios(workspace, state.id)] == ["N7"]


def test_calls_of_two_tabs_are_all_counted_and_the_cap_is_not_undone(begun) -> None:
    workspace, state = begun
    account = AuditAccount(workspace, state, "http://127.0.0.1:9")

    def call() -> None:
        with permitted(Permit(1)):
            account.debit()

    together([*[call] * 6, lambda: allow_calls(workspace, state, 77), *[call] * 6])
    assert calls_of(workspace, state) == CallRecord(12, 77)


def test_policies_of_two_tabs_are_all_kept(begun) -> None:
    workspace, state = begun
    together(
        [
            lambda n=n: adopt_policy(
                workspace, state.id, PRESETS["default"].policy, name=f"N{n}", reason="ours"
            )
            for n in range(8)
        ]
    )
    found = policy_record(workspace, state.id).adoptions
    assert {item.name for item in found} == {f"N{n}" for n in range(8)}


def together(actions) -> None:
    """Do all at once, each in a thread; what one raises fails the test."""
    failed: list[BaseException] = []

    def run(action) -> None:
        try:
            action()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed


def test_a_release_under_a_guarantee_that_was_withdrawn_charges_nothing(begun) -> None:
    workspace, state = begun
    state = audit_ledger.set_budget(workspace, state, Budget(5.0, 1e-5), DOMAINS)
    seen = on_disk(workspace, state)
    audit_ledger.set_budget(workspace, seen, None)
    plan = histogram()
    with pytest.raises(ChangedMeanwhileError, match="nothing was released or charged"):
        release_and_store(
            workspace, seen, plan, audits.read_table(workspace, seen), rows(workspace, seen), None
        )
    assert audit_ledger.charges(workspace, seen) == ()
    seen = audit_ledger.set_budget(workspace, on_disk(workspace, seen), Budget(5.0, 1e-5), DOMAINS)
    table, data = audits.read_table(workspace, seen), rows(workspace, seen)
    together(
        [lambda: release_and_store(workspace, seen, histogram(), table, data, None)] * 2
        + [lambda: release_and_store(workspace, seen, histogram(0.2), table, data, None)]
    )
    assert len(list_releases(workspace, seen)) == len(audit_ledger.charges(workspace, seen)) == 2


def test_a_sweep_that_spends_is_refused_on_other_ground(begun) -> None:
    workspace, state = begun
    seen = audit_ledger.set_budget(workspace, state, Budget(50.0, 1e-3), DOMAINS)
    audits.update_state(workspace, seen, roles=other_roles(seen))
    grid = Grid(("dp_logistic_regression",), (1.0,), (("sex",),), mitigate_for="sex")
    plan = SweepPlan(grid, Basis("spend"))
    with pytest.raises(ChangedMeanwhileError, match="nothing was charged"):
        list(run_stored_sweep(workspace, seen, rows(workspace, seen), plan))
    assert audit_ledger.charges(workspace, seen) == ()


def test_a_comparison_that_is_further_is_not_written_over(begun) -> None:
    workspace, state = begun
    data = rows(workspace, state)
    plan = ComparisonPlan(("A", "B"), (LOGISTIC, BAYES), FoldSpec(2, 1), ("sex",))
    states = [found for _, found in load_or_compare(workspace, state, data, plan)]
    _keep(workspace, state, states[0][0])
    assert len(load_comparison(workspace, state, data, plan)[0].results) == 2


def test_one_choice_followed_in_two_tabs_leads_to_one_audit(begun, monkeypatch) -> None:
    workspace, state = begun
    data = rows(workspace, state)
    monkeypatch.setattr(audit_models, "train_audited_model", lambda *words: None)
    point = replace(
        picked(begun, "k"),
        setting=Setting("logistic_regression", None, k=5),
        quasi=("age", "income"),
    )
    made: list[str] = []
    together([lambda: made.append(follow(workspace, state, data, point).id)] * 3)
    assert len(set(made)) == 1
    assert len(workspace.list()) == 2


def histogram(epsilon: float = 0.1) -> CountsPlan:
    return CountsPlan((CategoryAxis("city", ("north", "south", "east")),), epsilon)


ACTIONS = {
    # Parts of an audit's state: settled under its lock, on what was seen.
    "core/audit_state/state.py:update_state": "test_roles_saved_in_two_tabs_are_not_lost",
    "core/audit_state/audit_ledger.py:set_budget": "test_a_budget_of_another_tab_is_not_undone",
    "core/audit_state/audit_models.py:train_audited_model": (
        "test_a_training_that_was_running_undoes_nothing"
    ),
    "core/audit_state/audit_ledger.py:ledger": "sets a cap only where there is none",
    "core/audit_state/audit_models.py:_load_or_train": (
        "notes the paid plan that was asked for last, to be offered after a crash"
    ),
    "core/governance/generalised_audit.py:follow": (
        "test_one_choice_followed_in_two_tabs_leads_to_one_audit"
    ),
    "core/audit_state/outcome_models.py:audit_outcome_model": (
        "test_models_of_classes_brought_in_two_tabs_are_both_kept"
    ),
    "core/audit_state/audit_models.py:audit_brought_model": (
        "test_models_brought_in_two_tabs_are_both_kept_and_the_first_stays_audited"
    ),
    "core/audit_state/model_files.py:keep_model_file": (
        "writes bytes under their own SHA-256: the same whoever writes them"
    ),
    "components/train/train_view.py:train_view": (
        "test_a_training_whose_ground_was_changed_is_kept_and_not_audited"
    ),
    "components/fairness/bias_audit_view.py:_save": (
        "test_how_groups_are_compared_is_not_undone_by_another_tab"
    ),
    "components/fairness/impact_form.py:_save": (
        "test_how_groups_are_compared_is_not_undone_by_another_tab"
    ),
    "components/roles/role_saving.py:save_roles": "test_roles_saved_in_two_tabs_are_not_lost",
    "components/widgets/budget_form.py:release_cap": "test_a_budget_of_another_tab_is_not_undone",
    "pages/model/budget.py:": "test_a_budget_of_another_tab_is_not_undone",
    "components/widgets/audit_list.py:_rename": "test_names_and_deletions",
    "components/widgets/audit_list.py:_delete": "test_names_and_deletions",
    "core/audit_state/state.py:_identified": "one key, whose value follows from the rows alone",
    # What a person put down: changed by a function of what is on disk, under its lock.
    "core/governance/operating_point.py:file_choice": (
        "test_operating_points_of_two_tabs_are_all_kept"
    ),
    "core/governance/operating_point.py:list_roles": (
        "test_choices_for_different_roles_are_all_listed"
    ),
    "core/governance/declared_public.py:_revise": "test_declarations_of_two_tabs_are_all_kept",
    "core/governance/adopted_policy.py:_append": "test_policies_of_two_tabs_are_all_kept",
    "core/audit_state/served_calls.py:AuditAccount": (
        "test_calls_of_two_tabs_are_all_counted_and_the_cap_is_not_undone"
    ),
    "core/audit_state/served_calls.py:allow_calls": (
        "test_calls_of_two_tabs_are_all_counted_and_the_cap_is_not_undone"
    ),
    "core/audit_state/what_if_scenarios.py:keep_scenario": (
        "test_scenarios_of_two_tabs_are_all_kept_and_a_name_is_given_once"
    ),
    "core/audit_state/what_if_scenarios.py:delete_scenario": (
        "test_scenarios_of_two_tabs_are_all_kept_and_a_name_is_given_once"
    ),
    "core/audit_state/results/release_results.py:release_and_store": (
        "test_a_release_under_a_guarantee_that_was_withdrawn_charges_nothing"
    ),
    # Audits that nobody else can have open yet.
    "core/audit_state/state.py:save": "writes an audit that was just begun",
    "core/audit_state/state.py:begin_sample": "writes an audit that was just begun",
    "core/audit_state/state.py:begin_bytes": "writes an audit that was just begun",
    "components/start/own_table.py:openml": "names an audit that was just begun",
    "core/governance/generalised_audit.py:_begun": (
        "test_one_choice_followed_in_two_tabs_leads_to_one_audit"
    ),
    # Results: each has a key of its own, under which the same question has the same answer.
    "core/audit_state/results/result_store.py:ResultStore": (
        "test_a_comparison_that_is_further_is_not_written_over"
    ),
    "core/governance/stored_sweeps.py:remember_plan": "which sweep was begun last",
    "core/audit_state/results/stored_models.py:stored_specs": (
        "a list that is made again from the models"
    ),
}


WRITERS = {
    "save", "save_state", "update_state", "revise_state", "revise_record", "put_result",
    "workspace.rename", "workspace.delete", "set_budget",
    "train_audited_model", "set_cap", "write_in",
}  # fmt: skip
"""A model is left out: it is kept whole under a key that says all it was made from."""
RECORD_WRITERS = {"revise", "keep"}
"""Of a store of records; results are kept by others of that name."""


def writing() -> dict[str, set[str]]:
    """Functions of the product that call a writer of an audit, with what they call."""
    found: dict[str, set[str]] = {}
    for folder in ("core/audit_state", "core/governance", "components", "pages"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if name == "core/storage/workspace.py":
                continue
            tree = ast.parse(path.read_text())
            for where, node in outermost(tree):
                calls = {called(call) for call in ast.walk(node) if isinstance(call, ast.Call)}
                writers = WRITERS
                if "RecordStore" in ast.unparse(node):
                    writers = WRITERS | RECORD_WRITERS
                if calls & writers:
                    found.setdefault(f"{name}:{where}", set()).update(calls & writers)
    return found


def outermost(tree: ast.Module):
    for node in tree.body:
        inside = isinstance(node, ast.FunctionDef | ast.ClassDef)
        yield (node.name if inside else ""), node


def called(call: ast.Call) -> str:
    found = call.func
    if not isinstance(found, ast.Attribute):
        return getattr(found, "id", "")
    # Frames have a method of that name too.
    of_workspace = found.attr in ("rename", "delete") and "workspace" in ast.unparse(found.value)
    return f"workspace.{found.attr}" if of_workspace else found.attr


def test_every_action_that_saves_has_a_test_of_two_sessions() -> None:
    assert set(writing()) == set(ACTIONS)
    tests = [name for name in ACTIONS.values() if name.startswith("test_")]
    assert set(tests) <= set(globals())
