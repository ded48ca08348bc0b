"""Bounds that are paid for: a charge of their own, and a stop where they tell nothing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.audit_state import audit_ledger, audit_models
from core.audit_state import state as audits
from core.audit_state.state import AuditState
from core.cli.audit_training import describe_spending, read_declared_domains
from core.data.domains import Domains, NumberDomain
from core.data.frames import table_of
from core.errors import InputError
from core.governance.stored_sweeps import cost_to, store_of
from core.learning.learners import LEARNERS
from core.ledger.evidence import evidence_of, unpaid
from core.privacy.accounting.budget import Budget, BudgetExceededError
from core.privacy.accounting.exact import exact
from core.privacy.accounting.ledger import Ledger
from core.storage.workspace import Workspace
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.runs import runs, training_spec
from core.training import paid_bounds, training
from core.training.paid_bounds import NothingLearnedError, charges_due, check_learned
from core.training.privacy_guarantee import guarantee_of
from core.training.private_fit import bill_of, bills_of
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import train
from tests.core.worlds import DOMAINS, dataset, frame

PRIVATE = [item.name for item in LEARNERS if item.private]
NEED = [item.name for item in LEARNERS if item.needs_delta]
FEW, MANY = dataset(120), dataset(4000)
SPEC = TrainingSpec("dp_binned_regression", epsilon=1.0, delta=1e-5)


@pytest.mark.parametrize("name", PRIVATE)
def test_a_plan_whose_bounds_tell_nothing_stops_and_is_charged_for_them_alone(name: str) -> None:
    ledger = Ledger(Budget(1.0, 1e-5))
    with pytest.raises(NothingLearnedError) as stopped:
        train(FEW, replace(SPEC, learner=name), ledger)
    (charge,) = ledger.charges
    assert charge.epsilon == 0.1
    assert charge.delta == (5e-6 if LEARNERS[name].needs_delta else 1e-5)
    assert charge.neighbouring == LEARNERS[name].neighbouring
    text = str(stopped.value)
    assert all(repr(column) in text for column in FEW.features)
    assert "ε = 0.1," in text
    assert "ε = 0.9 was not charged" in text
    assert "--bounds" in text
    # The remedy is possible: what is left pays for a model with declared bounds.
    trained = train(
        FEW,
        replace(
            SPEC,
            learner=name,
            epsilon=0.9,
            delta=0.0 if name not in NEED else 5e-6,
            domains=DOMAINS,
        ),
        ledger,
    )
    assert trained.domains is DOMAINS
    assert ledger.spent().epsilon == 1.0


@pytest.mark.parametrize("name", PRIVATE)
def test_a_plan_whose_bounds_tell_something_is_charged_for_both(name: str) -> None:
    ledger = Ledger(Budget(8.0, 1e-5))
    trained = train(MANY, replace(SPEC, learner=name, epsilon=8.0), ledger, with_baseline=False)
    bounds, model = ledger.charges
    assert (bounds.epsilon, model.epsilon) == (0.8, 7.2)
    assert "bounds" in bounds.what
    assert "bounds" not in model.what
    assert trained.charged == tuple((c.epsilon, c.delta) for c in ledger.charges)
    assert sum(c.delta for c in ledger.charges) == pytest.approx(1e-5, rel=1e-12)
    promise = guarantee_of(trained)
    assert (promise.epsilon, promise.delta) == (8.0, 1e-5)
    assert ledger.spent().epsilon == 8.0


def test_one_column_that_tells_something_is_enough() -> None:
    items = (NumberDomain("a", 0, 1), NumberDomain("b", 0, 1))
    (_, bounds), (_, rest) = bills_of(FEW, SPEC)
    check_learned(Domains(items, "paid", ("a",)), bounds, rest)
    check_learned(Domains(items, "paid"), bounds, rest)
    with pytest.raises(NothingLearnedError, match="'a', 'b'"):
        check_learned(Domains(items, "paid", ("a", "b")), bounds, rest)


@given(st.decimals("0.00001", "100", places=5), st.decimals("1e-12", "0.01", places=12))
def test_both_bills_are_the_whole_to_the_last_digit(epsilon, delta) -> None:
    spec = replace(SPEC, epsilon=float(epsilon), delta=float(delta))
    (_, bounds), (_, rest) = bills_of(FEW, spec)
    whole = bill_of(FEW, spec)
    for part in ("epsilon", "delta"):
        both = exact(getattr(bounds, part)) + exact(getattr(rest, part))
        assert both <= exact(getattr(whole, part))
        assert both >= exact(getattr(whole, part)) * (1 - Fraction(1, 2**50))
    assert bounds.epsilon == pytest.approx(0.1 * whole.epsilon)


def test_whether_it_stops_follows_from_the_estimate_alone(monkeypatch) -> None:
    # The same estimate of other rows, with other labels: the same stop, in the same words.
    result = set()
    nothing = Domains(
        tuple(NumberDomain(c, 0, 1) for c in FEW.features), "paid", tuple(FEW.features)
    )
    monkeypatch.setattr(paid_bounds, "estimated", lambda *_: nothing)
    for data in (FEW, MANY, dataset(121, seed=5)):
        with pytest.raises(NothingLearnedError) as stopped:
            train(data, SPEC, Ledger(Budget(1.0, 1e-5)), with_baseline=False)
        result.add(str(stopped.value))
    assert len(result) == 1
    monkeypatch.setattr(paid_bounds, "estimated", lambda *_: replace(DOMAINS, origin="paid"))
    for data in (FEW, MANY):
        ledger = Ledger(Budget(1.0, 1e-5))
        train(data, SPEC, ledger, with_baseline=False)
        assert len(ledger.charges) == 2


def test_nothing_is_charged_that_the_cap_does_not_hold_with_the_model() -> None:
    ledger = Ledger(Budget(0.99, 1e-5))
    with pytest.raises(BudgetExceededError):
        train(MANY, SPEC, ledger)
    assert ledger.charges == ()


# On disk, where a run that dies is finished.


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path)


def begun(workspace: Workspace, rows: int, epsilon: float) -> AuditState:
    made = audits.begin_bytes(workspace, frame(rows).to_csv(index=False).encode(), "x.csv")
    return audit_ledger.set_budget(workspace, made, Budget(epsilon, 1e-5), None)


def left(workspace: Workspace, audit: AuditState) -> set[str]:
    folder = workspace.root / "ledgers" / audit.data / "pending"
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.suffix for path in files if path.suffix != ".lock"}


class Died(BaseException):
    """What no handler of errors catches."""


def die(*_: object, **__: object) -> None:
    raise Died


def test_the_same_plan_stops_again_at_no_charge(workspace: Workspace) -> None:
    audit = begun(workspace, 120, 1.0)
    result = set()
    for _ in range(3):
        with pytest.raises(NothingLearnedError) as stopped:
            audit_models.load_or_train(Workspace(workspace.root), audit, FEW, SPEC)
        result.add(str(stopped.value))
    assert len(result) == 1
    account = audit_ledger.ledger(workspace, audit)
    assert account is not None
    assert [charge.epsilon for charge in account.charges] == [0.1]
    # The page's remedy: declared bounds, and what is left.
    declared = replace(SPEC, domains=DOMAINS, epsilon=0.9, delta=5e-6)
    assert isinstance(audit_models.load_or_train(workspace, audit, FEW, declared), Trained)
    assert account.spent().epsilon == 1.0


def test_what_is_due_is_what_is_charged_before_a_stop_and_after_it(workspace: Workspace) -> None:
    audit = begun(workspace, 120, 1.0)
    account = audit_ledger.ledger(workspace, audit)
    assert account is not None
    assert [charge.epsilon for charge in charges_due(FEW, SPEC, account)] == [0.1, 0.9]
    result = describe_spending(FEW, SPEC, account)
    assert "this run spends ε = 1, δ = 1e-05" in result
    assert "ε = 0.1 of it pays for bounds" in result
    assert "the other ε = 0.9 is not spent" in result
    for _ in range(2):
        with pytest.raises(NothingLearnedError):
            audit_models.load_or_train(workspace, audit, FEW, SPEC)
        assert charges_due(FEW, SPEC, account) == ()
        result = describe_spending(FEW, SPEC, account)
        assert "stops there again: nothing is spent" in result
        assert "0.9" not in result
        assert [charge.epsilon for charge in account.charges] == [0.1]
    # Another plan is due in full, and a stopped one stops even where nothing is left for it.
    other = replace(SPEC, epsilon=0.9, delta=5e-6, domains=DOMAINS)
    assert [charge.epsilon for charge in charges_due(FEW, other, account)] == [0.9]
    assert "bounds" not in describe_spending(FEW, other, account)
    audit_models.load_or_train(workspace, audit, FEW, other)
    with pytest.raises(NothingLearnedError):
        audit_models.load_or_train(workspace, audit, FEW, SPEC)


def test_a_plan_whose_bounds_tell_something_still_owes_its_model(
    workspace: Workspace, monkeypatch
) -> None:
    audit, spec = begun(workspace, 4000, 8.0), replace(SPEC, epsilon=8.0)
    monkeypatch.setattr(training, "rehearse", lambda *_: None)
    with monkeypatch.context() as patch:
        patch.setattr("core.training.paid_bounds.check_learned", die)
        with pytest.raises(Died):
            audit_models.load_or_train(workspace, audit, MANY, spec)
    account = audit_ledger.ledger(workspace, audit)
    assert account is not None
    assert [charge.epsilon for charge in account.charges] == [0.8]
    assert [charge.epsilon for charge in charges_due(MANY, spec, account)] == [7.2]
    result = describe_spending(MANY, spec, account)
    assert "this run spends ε = 7.2" in result
    assert "of it pays for bounds" not in result


def test_a_sweep_counts_no_run_that_is_known_to_stop(workspace: Workspace) -> None:
    audit = begun(workspace, 120, 3.0)
    account = audit_ledger.ledger(workspace, audit)
    assert account is not None
    grid = Grid(
        ("dp_binned_regression",), (1.0,), (("sex",),), delta=1e-5,
        split_seeds=(0,), noise_seeds=(0, 1),
    )  # fmt: skip
    (run, _), _ = runs(FEW, grid, fresh=True)
    store = store_of(workspace, audit)
    before = cost_to(account, FEW, grid, store)
    assert (before.runs, before.epsilon) == (2, 2.0)
    with pytest.raises(NothingLearnedError):
        train(FEW, training_spec(grid, run), account, with_baseline=False, number=run.repeat)
    after = cost_to(account, FEW, grid, store)
    assert (after.runs, after.epsilon) == (1, 1.1)


@pytest.mark.parametrize(
    ("where", "charged"),
    [
        ("core.training.paid_bounds.estimated", [0.8]),
        ("core.training.paid_bounds.check_learned", [0.8]),
        ("core.training.training.fit", [0.8, 7.2]),
        ("core.training.training.delivered", [0.8, 7.2]),
        ("core.storage.workspace.Workspace.put_model", [0.8, 7.2]),
    ],
)
def test_a_run_that_dies_anywhere_is_finished_at_two_charges(
    workspace: Workspace, monkeypatch, where: str, charged: list[float]
) -> None:
    audit, spec = begun(workspace, 4000, 8.0), replace(SPEC, epsilon=8.0)
    monkeypatch.setattr(training, "rehearse", lambda *_: None)
    monkeypatch.setattr(training, "_baseline", lambda *_: None)
    with monkeypatch.context() as patch:
        patch.setattr(where, die)
        with pytest.raises(Died):
            audit_models.load_or_train(workspace, audit, MANY, spec)
    account = audit_ledger.ledger(workspace, audit)
    assert account is not None
    assert [charge.epsilon for charge in account.charges] == charged
    bounds_plan = bills_of(MANY, spec)[0][0]
    kept = account.pending.result_of(bounds_plan)
    found = audit_models.load_or_train(Workspace(workspace.root), audit, MANY, spec)
    assert [charge.epsilon for charge in account.charges] == [0.8, 7.2]
    assert left(workspace, audit) == set()
    if kept is not None:
        assert found.domains == kept
    # The ledger and the model that is kept agree.
    np.testing.assert_array_equal(
        audit_models.load_or_train(Workspace(workspace.root), audit, MANY, spec).scores,
        found.scores,
    )
    (paid,) = evidence_of(workspace.root, audit.data)
    assert (paid.epsilon, paid.parts) == (8.0, found.charged)
    assert unpaid((paid,), account.charges) == ()
    # With one of the two charges gone it is noticed; a repair counts the whole in one.
    assert unpaid((paid,), account.charges[:1]) == unpaid((paid,), account.charges[1:]) == (paid,)
    whole = replace(account.charges[0], epsilon=8.0, delta=paid.delta)
    assert unpaid((paid,), (whole,)) == ()
    assert unpaid((paid, paid), (*account.charges, whole)) == ()
    assert unpaid((paid, paid), account.charges) == (paid,)


def test_a_file_of_bounds_that_is_nested_without_end_is_no_json(tmp_path: Path) -> None:
    file = tmp_path / "bounds.json"
    file.write_text("[" * 100_000, encoding="utf-8")
    table = table_of(pd.DataFrame({"a": [1]}), "f")
    with pytest.raises(InputError, match="can't be read as JSON"):
        read_declared_domains(table, None, str(file))
