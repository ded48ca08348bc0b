from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.audit_state.audit_ledger import charges, ledger, set_budget
from core.audit_state.results import release_results as kept
from core.audit_state.state import AuditState, begin_sample, read_table, state_of_record
from core.data.assign import assign
from core.data.dataset import Dataset
from core.data.table import Table
from core.errors import InputError
from core.privacy.accounting.budget import Budget, BudgetExceededError, Charge
from core.privacy.release.axis import CategoryAxis, declared_groups, equal_bins
from core.privacy.release.release_plan import CountsPlan, FairnessPlan, MeanPlan, Plan, QuantilePlan
from core.storage.json_format import from_json, to_json
from core.storage.workspace import Workspace


@pytest.fixture
def begun(tmp_path: Path) -> tuple[Workspace, AuditState, Table, Dataset]:
    workspace = Workspace(tmp_path)
    state = begin_sample(workspace, "compas")
    set_budget(workspace, state, Budget(1.0))
    state = state_of_record(workspace.open(state.id))
    table = read_table(workspace, state)
    assert state.roles is not None
    return workspace, state, table, assign(table, state.roles)


def by_sex(state: AuditState, epsilon: float = 1.0) -> FairnessPlan:
    groups = declared_groups("sex", {}, state.sample)
    return FairnessPlan((CategoryAxis("sex", groups),), epsilon)


def test_asking_again_returns_the_kept_one_and_charges_once(
    begun: tuple[Workspace, AuditState, Table, Dataset],
) -> None:
    workspace, state, table, dataset = begun
    plan = by_sex(state)
    assert not kept.is_stored(workspace, state, plan, table, dataset, None)
    first = kept.release_and_store(workspace, state, plan, table, dataset, None)
    again = kept.release_and_store(Workspace(workspace.root), state, plan, table, dataset, None)
    assert first == again
    assert kept.list_releases(workspace, state) == (first,)
    assert [c.epsilon for c in charges(workspace, state)] == [1.0]
    with pytest.raises(BudgetExceededError):
        kept.release_and_store(workspace, state, replace(plan, epsilon=0.1), table, dataset, None)
    assert len(kept.list_releases(workspace, state)) == 1


def test_sixteen_clicks_at_once_make_one_release(
    begun: tuple[Workspace, AuditState, Table, Dataset],
) -> None:
    workspace, state, table, dataset = begun
    plan, found = by_sex(state), []

    def click() -> None:
        found.append(kept.release_and_store(workspace, state, plan, table, dataset, None))

    threads = [threading.Thread(target=click) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 16
    assert len({item.counts for item in found}) == 1
    assert len(charges(workspace, state)) == 1


def test_a_release_counts_all_rows_with_existing_predictions(
    begun: tuple[Workspace, AuditState, Table, Dataset],
) -> None:
    workspace, state, table, dataset = begun
    set_budget(workspace, state, Budget(1e7), reason="a limit that adds no noise")
    state = state_of_record(workspace.open(state.id))
    found = kept.release_and_store(workspace, state, by_sex(state, 1e6), table, dataset, None)
    assert sum(found.counts) == len(dataset)
    assert dataset.predictions is not None
    selected = np.array(found.counts[:-1]).reshape(2, 2, 2)[:, :, 1].sum()
    assert selected == dataset.predictions.sum()


@pytest.mark.parametrize(
    "plan",
    [
        CountsPlan((CategoryAxis("a", ("x", "y")), equal_bins("b", 0, 1, 3)), 0.5),
        MeanPlan("a", 0.0, 1.0, 0.5, "replace-one"),
        QuantilePlan("a", 0.0, 1.0, 0.25, 0.5),
        FairnessPlan((CategoryAxis("a", ("x",)),), 0.5, positive_is_favourable=False),
    ],
)
def test_a_release_is_read_back_as_it_was_written(plan: Plan) -> None:
    from core.privacy.release.release import Release

    found = Release(plan, (1, -2, 3), "fresh", when="2026-01-01T00:00:00+00:00")
    record = to_json(found)
    assert (record["epsilon"], record["delta"], record["unit"]) == (0.5, 0.0, "row")
    assert from_json(Release, record, "a release") == found


def test_without_a_budget_nothing_is_released(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    state = begin_sample(workspace, "compas")
    table = read_table(workspace, state)
    assert state.roles is not None
    with pytest.raises(InputError, match="no privacy budget is set"):
        kept.release_and_store(
            workspace, state, by_sex(state), table, assign(table, state.roles), None
        )
    assert ledger(workspace, state) is None
    assert kept.list_releases(workspace, state) == ()


def test_the_relation_follows_the_ledger() -> None:
    one, other = (Charge("x", 1.0, 0.0, name) for name in ("replace-one", "add-or-remove"))
    assert kept.relation_of(()) == "add-or-remove"
    assert kept.relation_of((one,)) == "replace-one"
    assert kept.relation_of((one, other)) == "add-or-remove"


def test_a_kept_release_that_cannot_be_read_is_told_and_never_paid_for_again(
    begun: tuple[Workspace, AuditState, Table, Dataset],
) -> None:
    workspace, state, table, dataset = begun
    plan = by_sex(state, 0.5)
    first = kept.release_and_store(workspace, state, plan, table, dataset, None)
    results = workspace.path_in(state.id, "results")
    (path,) = [p for p in results.glob("*.json") if '"counts"' in p.read_text()]
    whole = path.read_bytes()
    for damage in (whole[:-9], whole.replace(b'"plan"', b'"plot"'), b"{}"):
        path.write_bytes(damage)
        with pytest.raises(InputError, match="was paid for is there and can't be read"):
            kept.release_and_store(workspace, state, plan, table, dataset, None)
    path.write_bytes(whole)
    assert kept.release_and_store(workspace, state, plan, table, dataset, None) == first
    assert [c.epsilon for c in charges(workspace, state)] == [0.5]
