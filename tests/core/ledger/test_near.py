from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.__main__ import main
from core.audit_state import audit_ledger
from core.audit_state import state as audits
from core.audit_state.state import AuditState
from core.errors import InputError
from core.ledger.files import DamagedLedgerError
from core.ledger.near import NearCopyError
from core.ledger.repair import repair
from core.privacy.accounting.budget import Budget, BudgetExceededError
from core.storage.workspace import Workspace
from tests.core.data.test_row_sketch import world


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def begun(workspace: Workspace, frame: pd.DataFrame, name: str = "t.csv") -> AuditState:
    return audits.begin_bytes(workspace, frame.to_csv(index=False).encode(), name)


def spent_on(workspace: Workspace, frame: pd.DataFrame, epsilon: float = 0.75) -> AuditState:
    state = audit_ledger.set_budget(workspace, begun(workspace, frame, "a.csv"), Budget(1.0))
    held = audit_ledger.ledger(workspace, state)
    assert held is not None
    held.charge("model", epsilon=epsilon, neighbouring="replace-one")
    return state


def near_copy(workspace: Workspace) -> tuple[AuditState, AuditState]:
    first = spent_on(workspace, world(0))
    second = begun(workspace, world(0).iloc[1:], "b.csv")
    assert first.data != second.data
    return first, audit_ledger.set_budget(workspace, second, Budget(1.0))


def test_a_near_copy_is_charged_nothing_before_a_person_has_chosen(workspace: Workspace) -> None:
    first, second = near_copy(workspace)
    with pytest.raises(
        NearCopyError, match=r"About 100% of these rows were spent on before"
    ) as caught:
        audit_ledger.ledger(workspace, second)
    assert "“a.csv”" in str(caught.value)
    assert "ε = 0.75, δ = 0 of a cap of 1" in str(caught.value)
    assert audit_ledger.charges(workspace, second) == ()
    # The first one goes on as before.
    assert audit_ledger.ledger(workspace, first) is not None


def test_the_ledger_of_the_other_table_is_charged_if_that_is_chosen(workspace: Workspace) -> None:
    first, second = near_copy(workspace)
    audit_ledger.charge_to(workspace, second, first.data)
    held = audit_ledger.ledger(workspace, second)
    assert held is not None
    with pytest.raises(BudgetExceededError):
        held.charge("model", epsilon=0.5, neighbouring="replace-one")
    held.charge("model", epsilon=0.25, neighbouring="replace-one")
    assert [c.epsilon for c in audit_ledger.charges(workspace, first)] == [0.75, 0.25]
    assert audit_ledger.charges(workspace, second) == audit_ledger.charges(workspace, first)
    with pytest.raises(InputError, match="needs a reason"):
        audit_ledger.set_budget(workspace, second, Budget(5.0))
    audit_ledger.set_budget(workspace, second, Budget(2.0), reason="agreed")
    assert audit_ledger.cap_of(workspace, first) == Budget(2.0)
    assert audit_ledger.charged_elsewhere(workspace, second) == "a.csv"
    with pytest.raises(InputError, match="no ledger that could be charged instead"):
        audit_ledger.charge_to(workspace, first, second.data)


def test_a_reason_for_a_budget_apart_is_kept(workspace: Workspace) -> None:
    _, second = near_copy(workspace)
    with pytest.raises(InputError, match="needs a reason, which is kept"):
        audit_ledger.keep_apart(workspace, second, " ")
    audit_ledger.keep_apart(workspace, second, "the first results were destroyed unseen")
    assert audit_ledger.ledger(workspace, second) is not None
    assert audit_ledger.reasons_apart(workspace, second) == (
        "the first results were destroyed unseen",
    )
    # It answers for that ledger only: a third one that is charged asks anew.
    third = begun(workspace, world(0).drop(columns="rate"), "c.csv")
    third = audit_ledger.set_budget(workspace, third, Budget(1.0))
    audit_ledger.keep_apart(workspace, third, "as agreed")
    held = audit_ledger.ledger(workspace, third)
    assert held is not None
    held.charge("model", epsilon=0.5, neighbouring="replace-one")
    with pytest.raises(NearCopyError, match=r"c\.csv"):
        audit_ledger.ledger(workspace, second)


def test_charges_made_before_the_choice_go_along(workspace: Workspace) -> None:
    first = audit_ledger.set_budget(workspace, begun(workspace, world(0), "a.csv"), Budget(1.0))
    second = spent_on(workspace, world(0).iloc[1:], 0.5)
    with pytest.raises(NearCopyError):
        audit_ledger.ledger(workspace, first)
    audit_ledger.keep_apart(workspace, first, "another population")
    held = audit_ledger.ledger(workspace, first)
    assert held is not None
    held.charge("model", epsilon=0.25, neighbouring="replace-one")
    audit_ledger.charge_to(workspace, second, first.data)
    assert sorted(c.epsilon for c in audit_ledger.charges(workspace, second)) == [0.25, 0.5]


def test_unrelated_rows_of_the_same_columns_have_a_budget_of_their_own(
    workspace: Workspace,
) -> None:
    spent_on(workspace, world(0))
    other = audit_ledger.set_budget(workspace, begun(workspace, world(7)), Budget(1.0))
    assert audit_ledger.near(workspace, other) == ()
    assert audit_ledger.ledger(workspace, other) is not None


@pytest.mark.parametrize(("common", "expected", "asks"), [(40, 0, 0), (300, 1, 0), (700, 1, 1)])
def test_few_common_rows_are_told_and_many_ask(
    workspace: Workspace, common: int, expected: int, asks: int
) -> None:
    spent_on(workspace, world(0))
    frame = pd.concat([world(0).iloc[:common], world(7).iloc[common:]])
    other = audit_ledger.set_budget(workspace, begun(workspace, frame), Budget(1.0))
    assert len(audit_ledger.near(workspace, other)) == expected
    assert len(audit_ledger.undecided(workspace, other)) == asks


def test_a_ledger_that_was_charged_nothing_asks_nothing(workspace: Workspace) -> None:
    audit_ledger.set_budget(workspace, begun(workspace, world(0)), Budget(1.0))
    other = audit_ledger.set_budget(workspace, begun(workspace, world(0).iloc[1:]), Budget(1.0))
    assert audit_ledger.ledger(workspace, other) is not None


def test_a_repair_keeps_what_was_chosen(workspace: Workspace) -> None:
    first, second = near_copy(workspace)
    audit_ledger.charge_to(workspace, second, first.data)
    path = workspace.root / "ledgers" / second.data / "caps.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    repair(workspace.root, second.data, reason="a disk failed", name="A. Auditor")
    assert audit_ledger.charges(workspace, second) == audit_ledger.charges(workspace, first)


def test_a_changed_sketch_is_none_and_its_copy_stands_in_and_without_one_nothing_is_charged(
    workspace: Workspace,
) -> None:
    first, second = near_copy(workspace)
    path = workspace.root / "ledgers" / first.data / "rows.json"
    record = json.loads(path.read_bytes())
    path.write_text(json.dumps({**record, "rows": 3}))
    assert len(audit_ledger.undecided(workspace, second)) == 1
    (workspace.root / "ledger-copies" / first.data / "rows.json").unlink()
    for use in (audit_ledger.undecided, audit_ledger.ledger):
        with pytest.raises(DamagedLedgerError, match="the sketch of its rows is gone"):
            use(workspace, second)
    # Opened again, the first table is sketched anew.
    audit_ledger.sketch_rows(workspace, first)
    assert len(audit_ledger.undecided(workspace, second)) == 1


def test_a_lost_sketch_can_be_given_up_by_a_repair(workspace: Workspace) -> None:
    first, second = near_copy(workspace)
    for parent in ("ledgers", "ledger-copies"):
        (workspace.root / parent / first.data / "rows.json").unlink()
    before = audit_ledger.charges(workspace, first)
    repair(workspace.root, first.data, reason="the file was lost", name="A. Auditor")
    assert audit_ledger.charges(workspace, first) == before
    # Nobody can tell any more whether rows are shared, so a person says it.
    (near,) = audit_ledger.undecided(workspace, second)
    assert "It is not known whether these rows are those of" in near.sentence
    audit_ledger.keep_apart(workspace, second, "other people")
    assert audit_ledger.undecided(workspace, second) == ()


@pytest.mark.parametrize("sketched", [True, False])
def test_rows_of_a_damaged_ledger_get_no_fresh_budget(workspace: Workspace, sketched: bool) -> None:
    first, second = near_copy(workspace)
    for parent in ("ledgers", "ledger-copies"):
        (workspace.root / parent / first.data / "ledger.jsonl").unlink()
        if not sketched:
            (workspace.root / parent / first.data / "rows.json").unlink()
    text = "some of these rows were spent on" if sketched else "not known whether these rows were"
    with pytest.raises(DamagedLedgerError, match=text):
        audit_ledger.ledger(workspace, second)


def test_a_damaged_ledger_of_other_rows_stops_nobody(workspace: Workspace) -> None:
    first, _ = near_copy(workspace)
    other = spent_on(workspace, world(7))
    for parent in ("ledgers", "ledger-copies"):
        (workspace.root / parent / first.data / "ledger.jsonl").unlink()
    assert audit_ledger.ledger(workspace, other) is not None


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.setenv("EQUIPOISE_WORKSPACE", str(tmp_path / "workspace"))
    paths = tmp_path / "a.csv", tmp_path / "b.csv"
    frame = world(0).assign(target=np.random.default_rng(0).choice(["yes", "no"], len(world(0))))
    frame.to_csv(paths[0], index=False)
    frame.rename(columns=str.upper).to_csv(paths[1], index=False)
    return paths


def audit(path: Path, *more: str, upper: bool = False) -> int:
    names = ["target", "sex", "age", "id"]
    target, sex, feature, person = (n.upper() for n in names) if upper else names
    bounds = path.with_suffix(".json")
    bounds.write_text(json.dumps({feature: [18, 90]}))
    return main(
        [
            "audit", "--data", str(path), "--target", target, "--favourable", "yes",
            "--sensitive", sex, "--features", feature, "--identifier", person,
            "--learner", "dp_binned_regression", "--epsilon", "0.5", "--explain", "0",
            "--bounds", str(bounds),
            "--out", str(path.parent / "out"), *more,
        ]
    )  # fmt: skip


def test_the_command_line_asks_too(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = files
    assert audit(one, "--cap", "0.75") == 0
    capsys.readouterr()
    assert audit(other, upper=True) == 2
    output = capsys.readouterr().err
    assert "About 100% of these rows were spent on before, in the table “a.csv”" in output
    assert "--charge-to" in output
    root = one.parent / "workspace"
    assert main(["ledger", "choose", "--data", str(other), "--charge-to", str(one)]) == 0
    assert audit(other, upper=True) == 2
    assert "of the cap ε = 0.75" in capsys.readouterr().err
    assert main(["ledger"]) == 0
    assert "charges go to the ledger" in capsys.readouterr().out
    assert len(list((root / "ledgers").iterdir())) == 2


def test_a_reason_on_the_command_line_opens_a_budget_apart(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = files
    assert audit(one, "--cap", "0.75") == 0
    assert audit(other, "--apart-because", " ", upper=True) == 2
    assert "needs a reason" in capsys.readouterr().err
    both = ("--apart-because", "x", "--charge-to", str(one))
    assert audit(other, *both, upper=True) == 2
    assert "--apart-because" in capsys.readouterr().err
    assert audit(other, "--apart-because", "another study", upper=True) == 0
