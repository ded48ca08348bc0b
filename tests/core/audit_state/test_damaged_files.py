"""Files of an audit that were truncated, emptied, edited, deleted or are random bytes."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.audit_state import audit_ledger
from core.audit_state import state as audits
from core.audit_state.state import begin_bytes, begin_sample, read_table
from core.audit_state.sweep_plan import SweepPlan
from core.data.assign import assign
from core.data.samples import SAMPLES
from core.errors import InputError
from core.governance.stored_sweeps import last_plan, last_sweep_key, remember_plan, store_of
from core.governance.sweep_damage import sweep_damage
from core.privacy.accounting.budget import Budget
from core.storage.layout import result_path
from core.storage.workspace import NoAuditError, Workspace
from core.tradeoff.sweep.precomputed import precomputed_sweep
from tests.core.worlds import frame

DAMAGE: dict[str, Callable[[bytes], bytes | None]] = {
    "truncated": lambda content: content[: len(content) // 2],
    "emptied": lambda content: b"",
    "random bytes": lambda content: random.Random(0).randbytes(len(content)),
    "edited": lambda content: content.replace(b"a", b"b").replace(b"8", b"9"),
    "deleted": lambda content: None,
}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def spoil(path: Path, how: str) -> None:
    before = path.read_bytes()
    after = DAMAGE[how](before)
    assert after != before
    if after is None:
        path.unlink()
    else:
        path.write_bytes(after)


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_record_is_told_as_damaged_and_still_listed(
    workspace: Workspace, how: str
) -> None:
    audit = begin_sample(workspace, "german_credit").id
    spoil(workspace.root / "audits" / audit / "audit.json", how)
    with pytest.raises(InputError, match="this audit is damaged") as caught:
        audits.load_audit(workspace, audit)
    assert not isinstance(caught.value, NoAuditError)
    (listed,) = workspace.list()
    assert (listed.id, bool(listed.damaged)) == (audit, True)


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_source_is_told_as_damaged_and_still_listed(
    workspace: Workspace, how: str
) -> None:
    state = begin_bytes(workspace, frame(50).to_csv(index=False).encode(), "t.csv")
    (path,) = (workspace.root / "audits" / state.id / "source").iterdir()
    spoil(path, how)
    with pytest.raises(InputError, match="data file"):
        audits.load_audit(workspace, state.id)
    (listed,) = workspace.list()
    assert "its data file" in str(listed.damaged)


def test_an_audit_that_is_not_there_is_told_apart_from_a_damaged_one(workspace: Workspace) -> None:
    for asked in ("a" * 12, "no id at all"):
        with pytest.raises(NoAuditError):
            audits.load_audit(workspace, asked)


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_ledger_leaves_the_audit_open_and_refuses_what_spends(
    workspace: Workspace, how: str
) -> None:
    state = audit_ledger.set_budget(
        workspace, begin_sample(workspace, "german_credit"), Budget(1.0)
    )
    spoil(workspace.root / "ledgers" / state.data / "caps.jsonl", how)
    assert audits.load_audit(workspace, state.id).budget == Budget(1.0)
    with pytest.raises(InputError, match=r"^caps\.jsonl"):
        audit_ledger.ledger(workspace, state)


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    "changes",
    [{"name": "another"}, {"state": {"x": 1}}, {"seal": ""}, {"seal": 3}, {"accepted": ["x"]}],
)
def test_an_edit_is_noticed_and_can_be_accepted_for_good(
    workspace: Workspace, changes: dict[str, object]
) -> None:
    audit = workspace.create("one", b"a,b\n1,2\n").id
    path = workspace.root / "audits" / audit / "audit.json"
    edit(path, **changes)
    with pytest.raises(InputError, match="edited outside of Equipoise"):
        workspace.open(audit)
    with pytest.raises(InputError, match="edited outside of Equipoise"):
        workspace.rename(audit, "two")
    (listed,) = workspace.list()
    assert listed.edited
    taken = workspace.accept(audit)
    assert workspace.open(audit) == taken
    assert taken.name == changes.get("name", "one")
    assert len(taken.accepted) == 1 + ("accepted" in changes)
    workspace.rename(audit, "two")
    assert workspace.open(audit).accepted == taken.accepted
    with pytest.raises(InputError, match="nothing to accept"):
        workspace.accept(audit)


def test_the_same_content_in_another_layout_is_no_edit(workspace: Workspace) -> None:
    audit = workspace.create("one")
    workspace.save_state(audit.id, {"b": [1.5, {"ä": None}], "a": {"10": 1, "9": 2}})
    path = workspace.root / "audits" / audit.id / "audit.json"
    edit(path)
    assert workspace.open(audit.id).name == "one"


def test_a_record_of_another_audit_or_workspace_is_an_edit(
    workspace: Workspace, tmp_path: Path
) -> None:
    one = workspace.create("one").id
    other = Workspace(tmp_path / "other")
    folder = other.root / "audits" / one
    folder.mkdir(mode=0o700)
    other.create("its own")
    (folder / "audit.json").write_bytes(
        (workspace.root / "audits" / one / "audit.json").read_bytes()
    )
    with pytest.raises(InputError, match="comes from another workspace"):
        other.open(one)


def unsealed(workspace: Workspace) -> None:
    """Put a workspace back to how it was before records were signed."""
    for path in (workspace.root / "audits").glob("*/audit.json"):
        record = json.loads(path.read_text())
        del record["seal"]
        path.write_text(json.dumps(record))
    (workspace.root / "audits.key").unlink()


def test_records_from_before_are_taken_over_once(workspace: Workspace) -> None:
    one, two = workspace.create("one").id, workspace.create("two").id
    unsealed(workspace)
    again = Workspace(workspace.root)
    assert {record.damaged for record in again.list()} == {None}
    edit(workspace.root / "audits" / one / "audit.json", name="another")
    path = workspace.root / "audits" / two / "audit.json"
    fields = json.loads(path.read_text())
    del fields["seal"]
    path.write_text(json.dumps(fields))
    assert all(record.edited for record in Workspace(workspace.root).list())


def test_a_take_over_of_records_that_dies_is_taken_up_again(workspace: Workspace) -> None:
    for name in ("one", "two", "three"):
        workspace.create(name)
    unsealed(workspace)
    code = f"""
import os
from pathlib import Path
from core.storage import signed_record
from core.storage.workspace import Workspace
whole, seen = signed_record._take_over, []
def dying(path, key):
    whole(path, key)
    seen.append(path)
    if len(seen) == 2:
        os._exit(9)
signed_record._take_over = dying
Workspace(Path({str(workspace.root)!r}))
"""
    top = Path(__file__).resolve().parents[3]
    assert subprocess.run([sys.executable, "-c", code], cwd=top, timeout=60).returncode == 9
    assert {record.damaged for record in Workspace(workspace.root).list()} == {None}


def swept(workspace: Workspace):  # type: ignore[no-untyped-def]
    """Return an audit with a plan and two points on disk."""
    state = begin_sample(workspace, "german_credit")
    dataset = assign(read_table(workspace, state), SAMPLES["german_credit"].roles)
    ready = precomputed_sweep("german_credit", dataset)
    assert ready is not None
    remember_plan(workspace, state, dataset, SweepPlan(ready.grid, ready.basis))
    store_of(workspace, state).put(
        (f"{number}" * 64, point) for number, point in enumerate(ready.points[:2])
    )
    return state, dataset


def report_text(workspace: Workspace, state, dataset) -> str:  # type: ignore[no-untyped-def]
    plan, store = last_plan(workspace, state, dataset), store_of(workspace, state)
    return " ".join(sweep_damage(workspace, state, dataset, plan, store))


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("truncated", "no end"),
        ("emptied", "emptied or deleted"),
        ("random bytes", "can't be read|no end"),
        ("edited", "can't be read"),
        ("deleted", "emptied or deleted"),
    ],
)
def test_damaged_points_of_a_sweep_are_told(workspace: Workspace, how: str, text: str) -> None:
    state, dataset = swept(workspace)
    assert report_text(workspace, state, dataset) == ""
    path = workspace.root / "audits" / state.id / "points.jsonl"
    spoil(path, how)
    assert re.search(text, report_text(workspace, state, dataset))


@pytest.mark.parametrize("how", ["truncated", "emptied", "random bytes", "edited"])
def test_a_damaged_plan_of_a_sweep_is_told(workspace: Workspace, how: str) -> None:
    state, dataset = swept(workspace)
    folder = workspace.root / "audits" / state.id
    spoil(result_path(folder, last_sweep_key(dataset)), how)
    assert "The plan of the last sweep can't be read" in report_text(workspace, state, dataset)


def test_no_sweep_at_all_is_no_damage(workspace: Workspace) -> None:
    state = begin_sample(workspace, "german_credit")
    dataset = assign(read_table(workspace, state), SAMPLES["german_credit"].roles)
    assert report_text(workspace, state, dataset) == ""
