from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from core.audit_state.audit_ledger import charges, ledger, set_budget
from core.audit_state.audit_models import load_or_train
from core.audit_state.state import begin_bytes, begin_sample, load_audit, read_table, save
from core.data.assign import assign
from core.data.samples import SAMPLES
from core.data.table import Kind
from core.errors import InputError
from core.ledger import ledgers
from core.privacy.accounting.budget import Budget, BudgetExceededError
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec

DATA = "a" * 64
FRAME = pd.DataFrame({"age": range(40), "sex": ["f", "m"] * 20, "label": [0, 1, 1, 0] * 10})


def test_two_audits_of_the_same_rows_spend_from_one_budget(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    first = begin_bytes(workspace, FRAME.to_csv(index=False).encode(), "t.csv")
    second = begin_bytes(workspace, FRAME[::-1].to_csv(index=False, sep=";").encode(), "u.csv")
    assert first.data == second.data
    first = set_budget(workspace, first, Budget(1.0, 1e-6))
    held = ledger(workspace, first)
    assert held is not None
    held.charge("model", epsilon=0.8, neighbouring="replace-one")
    second = save(workspace, replace(second, budget=Budget(10.0, 1e-6)))
    other = ledger(workspace, second)
    assert other is not None
    assert other.budget.epsilon == 1.0
    with pytest.raises(BudgetExceededError):
        other.charge("model", epsilon=0.3, neighbouring="replace-one")
    other.charge("model", epsilon=0.2, neighbouring="replace-one")
    assert [c.audit for c in charges(workspace, first)] == [first.id, second.id]


def test_deleting_an_audit_gives_nothing_back(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    first = set_budget(workspace, begin_sample(workspace, "german_credit"), Budget(1.0))
    held = ledger(workspace, first)
    assert held is not None
    held.charge("model", epsilon=1.0, neighbouring="replace-one")
    workspace.delete(first.id)
    second = begin_sample(workspace, "german_credit")
    assert [c.epsilon for c in charges(workspace, second)] == [1.0]


def test_a_cap_is_raised_with_a_reason_only_and_never_set_below_what_is_spent(
    tmp_path: Path,
) -> None:
    ledgers.set_cap(tmp_path, DATA, Budget(0.5))
    ledgers.set_cap(tmp_path, DATA, Budget(1.0))  # nothing spent yet: no reason needed
    held = ledgers.open_ledger(tmp_path, DATA)
    assert held is not None
    held.charge("x", epsilon=0.9, neighbouring="replace-one")
    with pytest.raises(InputError, match="needs a reason"):
        ledgers.set_cap(tmp_path, DATA, Budget(2.0), reason="  ")
    with pytest.raises(InputError, match="spent already"):
        ledgers.set_cap(tmp_path, DATA, Budget(0.8))
    ledgers.set_cap(tmp_path, DATA, Budget(2.0), reason="the board agreed on 2")
    ledgers.set_cap(tmp_path, DATA, Budget(2.0))
    assert [(c.budget.epsilon, c.reason) for c in ledgers.caps_of(tmp_path, DATA)] == [
        (0.5, ""),
        (1.0, ""),
        (2.0, "the board agreed on 2"),
    ]


def test_an_open_audit_shows_the_cap_that_another_one_set(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    first = set_budget(workspace, begin_sample(workspace, "german_credit"), Budget(1.0))
    second = begin_sample(workspace, "german_credit")
    set_budget(workspace, second, Budget(0.5))
    assert load_audit(workspace, first.id).budget == Budget(0.5)


def test_damaged_caps_never_count_as_none(tmp_path: Path) -> None:
    ledgers.set_cap(tmp_path, DATA, Budget(0.5))
    (tmp_path / "ledgers" / DATA / "caps.jsonl").write_text('{"budget": {"epsilon": 1')
    with pytest.raises(InputError, match=r"caps\.jsonl line 1"):
        ledgers.open_ledger(tmp_path, DATA)


def test_an_audit_with_a_ledger_of_its_own_is_taken_over(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    begun = begin_sample(workspace, "german_credit")
    data = begun.data
    save(workspace, replace(begun, data="", budget=Budget(1.0)))
    old = tmp_path / "audits" / begun.id / "ledger.jsonl"
    line = {"what": "m", "epsilon": 0.6, "delta": 0.0, "neighbouring": "replace-one"}
    old.write_text(json.dumps(line) + "\n")
    after = load_audit(workspace, begun.id)
    assert after.data == data
    assert [c.epsilon for c in charges(workspace, after)] == [0.6]
    assert not old.exists()
    load_audit(workspace, begun.id)
    assert len(charges(workspace, after)) == 1
    assert assign(read_table(workspace, after), after.roles).provenance is not None  # type: ignore[arg-type]


def test_a_ledger_that_was_opened_before_keeps_a_cap_that_was_lowered_since(
    tmp_path: Path,
) -> None:
    ledgers.set_cap(tmp_path, DATA, Budget(5.0))
    opened_before = ledgers.open_ledger(tmp_path, DATA)
    assert opened_before is not None
    ledgers.set_cap(tmp_path, DATA, Budget(1.0))
    with pytest.raises(BudgetExceededError, match="cap ε = 1,"):
        opened_before.charge("model", epsilon=3.0, neighbouring="add-or-remove")
    assert ledgers.charges_of(tmp_path, DATA) == ()


@pytest.mark.parametrize("content", [b"", b"\xff\n", b"{}\n"])
def test_caps_that_are_empty_or_no_caps_never_count_as_none(tmp_path: Path, content: bytes) -> None:
    ledgers.set_cap(tmp_path, DATA, Budget(1.0))
    (tmp_path / "ledgers" / DATA / "caps.jsonl").write_bytes(content)
    with pytest.raises(InputError, match=r"^caps\.jsonl"):
        ledgers.cap_of(tmp_path, DATA)
    with pytest.raises(InputError, match=r"^caps\.jsonl"):
        ledgers.set_cap(tmp_path, DATA, Budget(9.0))


def test_an_audit_begun_before_goes_by_the_values_as_they_were_read(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    frame = FRAME.assign(member=["yes", "no"] * 20)
    made = begin_bytes(workspace, frame.to_csv(index=False).encode(), "t.csv")
    save(workspace, replace(made, data="", kinds={"member": Kind.BOOLEAN}))
    assert load_audit(workspace, made.id).data == made.data


def test_two_tabs_that_train_the_same_private_model_pay_for_it_once(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    state = set_budget(workspace, begin_sample(workspace, "german_credit"), Budget(3.0, 1e-5))
    sample = SAMPLES["german_credit"]
    dataset = assign(read_table(workspace, state), sample.roles)
    spec = TrainingSpec(
        "dp_binned_regression", epsilon=1.0, delta=1e-6, domains=sample.domains, noise="fresh"
    )
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: load_or_train(workspace, state, dataset, spec), range(4)))
    assert len(charges(workspace, state)) == 1
    for other in found[1:]:
        assert (other.scores == found[0].scores).all()
