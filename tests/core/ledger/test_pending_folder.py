"""What was paid is delivered: a run that dies anywhere is finished at one charge, same noise."""

from __future__ import annotations

import json
import os
import pickle
import stat
from dataclasses import replace

import numpy as np
import pytest

from core.audit_state import audit_ledger, audit_models
from core.audit_state import state as audits
from core.audit_state.results import release_results
from core.audit_state.state import AuditState
from core.audit_state.sweep_plan import SweepPlan
from core.errors import InputError
from core.governance.stored_sweeps import run_stored_sweep
from core.learning.learners import LEARNERS
from core.ledger import pending_folder as on_disk
from core.ledger.pending_folder import FolderPending
from core.privacy.accounting.budget import Budget, BudgetExceededError
from core.privacy.accounting.ledger import Ledger
from core.privacy.accounting.noise_key import NoiseKey
from core.privacy.accounting.payment import KeptKey, delivered, is_paid, paying
from core.privacy.mechanisms.noise import noisy, source_of
from core.privacy.release.axis import CategoryAxis
from core.privacy.release.release_plan import CountsPlan
from core.storage.workspace import Workspace
from core.tradeoff.sweep.basis import Basis
from core.tradeoff.sweep.grid import Grid
from core.training import training
from core.training.fit import fit, predict
from core.training.private_fit import plan_of
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.worlds import DOMAINS, dataset, frame, table

PLAN = "a" * 64
PRIVATE = [item.name for item in LEARNERS if item.private]
KEYED = [name for name in PRIVATE if name != "dp_explainable_boosting"]


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def audit(workspace) -> AuditState:
    state = audits.begin_bytes(workspace, frame(300).to_csv(index=False).encode(), "x.csv")
    return audit_ledger.set_budget(workspace, state, Budget(1.0, 1e-5), DOMAINS)


def spec_for(name: str) -> TrainingSpec:
    return TrainingSpec(name, epsilon=1.0, delta=1e-5, domains=DOMAINS, seed=2)


def ledger_of(workspace, audit) -> Ledger:
    found = audit_ledger.ledger(workspace, audit)
    assert found is not None
    return found


def folder(workspace, audit):
    return workspace.root / "ledgers" / audit.data / "pending" / audit.id


def files(workspace, audit) -> set[str]:
    return {path.suffix for path in folder(workspace, audit).glob("*") if path.suffix != ".lock"}


class Died(BaseException):
    """What no handler of errors catches."""


def die(*_: object, **__: object) -> None:
    raise Died


@pytest.mark.parametrize(
    ("where", "charged", "left"),
    [
        ("core.ledger.pending_folder.FolderPending.put_key", 0, set()),
        ("core.privacy.accounting.ledger.Ledger.charge", 0, {".key"}),
        ("core.training.training.fit", 1, {".key"}),
        ("core.training.training.measure", 1, {".key"}),
        ("core.ledger.pending_folder.FolderPending.put_result", 1, {".key"}),
        ("core.ledger.pending_folder.FolderPending.erase_key", 1, {".key", ".result"}),
        ("core.storage.workspace.Workspace.put_model", 1, {".result"}),
        ("core.audit_state.audit_models.delivered", 1, {".result"}),
    ],
)
def test_a_run_that_dies_anywhere_is_finished_at_one_charge(
    workspace, audit, monkeypatch, where, charged, left
):
    data, spec = dataset(300), spec_for("dp_binned_regression")
    # What comes before the charge is not what is looked at.
    monkeypatch.setattr(training, "rehearse", lambda *_: None)
    monkeypatch.setattr(training, "_baseline", lambda *_: None)
    with monkeypatch.context() as patch:
        patch.setattr(where, die)
        with pytest.raises(Died):
            audit_models.load_or_train(workspace, audit, data, spec)
    account = ledger_of(workspace, audit)
    assert len(account.charges) == charged
    assert files(workspace, audit) == left
    assert is_paid(account, plan_of(data, spec)) == bool(charged)
    key = account.pending.key_of(plan_of(data, spec))
    found = audit_models.load_or_train(Workspace(workspace.root), audit, data, spec)
    assert [charge.epsilon for charge in account.charges] == [1.0]
    assert files(workspace, audit) == set()
    if charged and key is not None:
        rows = found.split.train, found.split.validation
        again = fit(data, spec, *rows, noise_key=key.key)
        np.testing.assert_array_equal(
            predict(data, spec, again.decider, found.split.test)[0], found.scores
        )
    # It is kept now, and asking again neither trains nor charges.
    monkeypatch.setattr(training, "fit", die)
    once_more = audit_models.load_or_train(workspace, audit, data, spec)
    np.testing.assert_array_equal(once_more.scores, found.scores)
    assert len(account.charges) == 1


@pytest.mark.parametrize("name", KEYED)
@pytest.mark.parametrize("domains", [DOMAINS, None])
def test_the_same_key_is_the_same_noise_in_every_learner_that_takes_one(name, domains):
    data = dataset(300)
    spec = replace(spec_for(name), domains=domains)
    rows = np.arange(150)
    first, again, *others = (
        fit(data, spec, rows, rows, noise_key=NoiseKey(bytes([k]) * 32)).decider.predict_score(
            data.features
        )
        for k in (1, 1, 2, 3, 4, 5)
    )
    np.testing.assert_array_equal(first, again)
    # A tree of few bits may agree with one other by chance.
    assert any(np.abs(first - other).max() > 0 for other in others)


@pytest.mark.parametrize("name", PRIVATE)
@pytest.mark.parametrize("mitigation", ["none", "private_threshold"])
def test_no_model_holds_its_key(name, mitigation):
    if mitigation != "none" and LEARNERS[name].neighbouring != "add-or-remove":
        pytest.skip("it takes no noisy counts")
    data, key = dataset(300), NoiseKey.fresh()
    spec = replace(spec_for(name), mitigation=mitigation)
    rows = np.arange(150)
    fitted = fit(data, spec, rows, rows, noise_key=key)
    # A key, or a generator made from it, would refuse.
    assert key.secret not in pickle.dumps(fitted)


def test_a_learner_without_keys_is_drawn_again_unseen(workspace, audit, monkeypatch):
    data, spec = dataset(300), spec_for("dp_explainable_boosting")
    with monkeypatch.context() as patch:
        patch.setattr("core.ledger.pending_folder.FolderPending.put_result", die)
        with pytest.raises(Died):
            audit_models.load_or_train(workspace, audit, data, spec)
    assert files(workspace, audit) == {".key"}
    found = audit_models.load_or_train(workspace, audit, data, spec)
    assert len(ledger_of(workspace, audit).charges) == 1
    assert len(np.unique(found.scores)) > 1


def test_a_full_disk_before_the_charge_costs_nothing_and_after_it_loses_nothing(
    workspace, audit, monkeypatch
):
    data, spec = dataset(300), spec_for("dp_binned_regression")
    write = on_disk.write_atomic

    for suffix, charged in ((".key", 0), (".result", 1)):

        def full(path, content, suffix=suffix):
            if path.suffix == suffix:
                raise OSError(28, "No space left on device", str(path))
            write(path, content)

        monkeypatch.setattr(on_disk, "write_atomic", full)
        with pytest.raises(InputError, match="disk is full"):
            audit_models.load_or_train(workspace, audit, data, spec)
        assert len(ledger_of(workspace, audit).charges) == charged
    monkeypatch.setattr(on_disk, "write_atomic", write)
    assert audit_models.load_or_train(workspace, audit, data, spec).cost == (1.0, 1e-5)
    assert len(ledger_of(workspace, audit).charges) == 1


def test_a_refused_charge_leaves_no_key(workspace, audit):
    account = ledger_of(workspace, audit)
    with (
        pytest.raises(BudgetExceededError),
        paying(account, PLAN, "x", epsilon=2.0, neighbouring="add-or-remove"),
    ):
        pass
    assert files(workspace, audit) == set()
    assert account.charges == ()


def test_the_same_plan_on_other_data_or_with_another_spec_is_another_plan():
    data, spec = dataset(300), spec_for("dp_binned_regression")
    plans = {
        plan_of(data, spec),
        plan_of(data, replace(spec, seed=3)),
        plan_of(data, replace(spec, epsilon=1.1)),
        plan_of(data, spec, 1),
        plan_of(dataset(300, seed=1), spec),
        plan_of(dataset(299), spec),
    }
    assert len(plans) == 6
    assert plan_of(data, spec) == plan_of(dataset(300), spec_for("dp_binned_regression"))


def test_one_charge_is_never_the_result_of_two_audits(workspace, audit, monkeypatch):
    data, spec = dataset(300), spec_for("dp_binned_regression")
    with monkeypatch.context() as patch:
        patch.setattr("core.storage.workspace.Workspace.put_model", die)
        with pytest.raises(Died):
            audit_models.load_or_train(workspace, audit, data, replace(spec, epsilon=0.4))
    other = audits.begin_bytes(workspace, frame(300).to_csv(index=False).encode(), "y.csv")
    assert other.data == audit.data
    other = audit_ledger.set_budget(workspace, other, Budget(1.0, 1e-4), DOMAINS, reason="two")
    first = audit_models.load_or_train(workspace, other, data, replace(spec, epsilon=0.4))
    second = audit_models.load_or_train(workspace, audit, data, replace(spec, epsilon=0.4))
    assert [charge.epsilon for charge in ledger_of(workspace, audit).charges] == [0.4, 0.4]
    assert np.abs(first.scores - second.scores).max() > 0


def test_keys_are_this_users_alone_and_authenticated(workspace, audit):
    store = FolderPending(workspace.root, audit.data, folder(workspace, audit))
    kept = KeptKey("id", NoiseKey.fresh())
    with store.held(PLAN):
        store.put_key(PLAN, kept)
        store.put_result(PLAN, DOMAINS)
    path = folder(workspace, audit) / f"{PLAN}.key"
    for each in (path, path.with_suffix(".result")):
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert store.key_of(PLAN) == kept
    assert store.result_of(PLAN) == DOMAINS
    record = json.loads(path.read_bytes())
    for forged in (
        record | {"charge": "another"},
        record | {"key": bytes(32).hex()},
        record | {"key": "00"},
        {"charge": "id"},
        [],
        None,
    ):
        path.write_text(json.dumps(forged))
        with pytest.raises(InputError, match="not finished is damaged"):
            store.key_of(PLAN)
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match="not finished is damaged"):
        store.key_of(PLAN)
    # A key of one plan or data set is none of another's.
    path.write_text(json.dumps(record))
    os.rename(path, path.with_stem("b" * 64))
    with pytest.raises(InputError, match="not finished is damaged"):
        store.key_of("b" * 64)


def test_a_damaged_key_is_told_and_never_paid_for_again(workspace, audit, monkeypatch):
    data, spec = dataset(300), spec_for("dp_binned_regression")
    with monkeypatch.context() as patch:
        patch.setattr(training, "_judged", die)
        with pytest.raises(Died):
            audit_models.load_or_train(workspace, audit, data, spec)
    (path,) = folder(workspace, audit).glob("*.key")
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(InputError, match="not finished is damaged"):
        audit_models.load_or_train(workspace, audit, data, spec)
    assert len(ledger_of(workspace, audit).charges) == 1


def test_an_erased_key_is_overwritten_on_the_disk(workspace, audit):
    store = FolderPending(workspace.root, audit.data, folder(workspace, audit))
    with store.held(PLAN):
        store.put_key(PLAN, KeptKey("id", NoiseKey.fresh()))
    path = folder(workspace, audit) / f"{PLAN}.key"
    with open(path, "rb") as file:
        assert b"key" in file.read()
        store.erase_key(PLAN)
        file.seek(0)
        # The file is gone, and what still holds it open reads zeros.
        assert set(file.read()) == {0}
    assert not path.exists()
    store.erase_key(PLAN)


def test_a_key_whose_charge_is_not_in_the_ledger_is_thrown_away(workspace, audit):
    account = ledger_of(workspace, audit)
    old = KeptKey("never charged", NoiseKey.fresh())
    with account.pending.held(PLAN):
        account.pending.put_key(PLAN, old)
    assert not is_paid(account, PLAN)
    with paying(account, PLAN, "x", epsilon=0.5, neighbouring="add-or-remove") as payment:
        assert payment.key != old.key
    assert len(account.charges) == 1
    with paying(account, PLAN, "x", epsilon=0.5, neighbouring="add-or-remove") as resumed:
        assert resumed.key == payment.key
        assert resumed.when == payment.when
    assert len(account.charges) == 1
    delivered(account, PLAN)
    with paying(account, PLAN, "x", epsilon=0.5, neighbouring="add-or-remove") as another:
        assert another.key != payment.key
    assert len(account.charges) == 2


def test_a_ledger_in_memory_finishes_a_fit_too():
    data, spec = dataset(300), spec_for("dp_binned_regression")
    account = Ledger(Budget(2.0, 1e-4))
    first = train(data, spec, account)
    # Not delivered to anywhere, and not kept either: asking again is another release.
    second = train(data, spec, account)
    assert len(account.charges) == 2
    assert np.abs(first.scores - second.scores).max() > 0


@pytest.mark.parametrize(
    ("where", "charged"),
    [
        ("core.privacy.accounting.ledger.Ledger.charge", 0),
        ("core.privacy.release.release.noisy", 1),
        ("core.ledger.pending_folder.FolderPending.put_result", 1),
        ("core.ledger.pending_folder.FolderPending.erase_key", 1),
        ("core.storage.workspace.Workspace.put_result", 1),
        ("core.audit_state.results.release_results.delivered", 1),
    ],
)
def test_a_release_that_dies_anywhere_is_finished_at_one_charge(
    workspace, audit, monkeypatch, where, charged
):
    data, read = dataset(300), table(frame(300))
    plan = CountsPlan((CategoryAxis("city", ("north", "south", "east")),), 0.5)
    asked = workspace, audit, plan, read, data, None
    with monkeypatch.context() as patch:
        patch.setattr(where, die)
        with pytest.raises(Died):
            release_results.release_and_store(*asked)
    account = ledger_of(workspace, audit)
    assert len(account.charges) == charged
    known = release_results.is_stored(*asked)
    assert release_results.is_paid_for(*asked) == bool(charged)
    (path,) = folder(workspace, audit).glob("*.lock")
    kept = account.pending.key_of(path.stem)
    found = release_results.release_and_store(*asked)
    assert [charge.epsilon for charge in account.charges] == [0.5]
    if charged and not known and kept is not None:
        exact = plan.count(read.frame)
        again = noisy(exact, epsilon=0.5, sensitivity=1, source=source_of(kept.key, "release"))
        assert found.counts == again
    assert files(workspace, audit) == set()
    assert not release_results.is_paid_for(*asked)
    assert release_results.list_releases(workspace, audit) == (found,)
    assert release_results.release_and_store(*asked) == found
    assert len(account.charges) == 1


def test_a_sweep_that_dies_after_a_charge_is_finished_at_it(workspace, audit, monkeypatch):
    data = dataset(300)
    plan = SweepPlan(
        Grid(
            ("dp_naive_bayes",),
            (0.2,),
            (("sex",),),
            split_seeds=(0,),
            noise_seeds=(0, 1),
            delta=1e-6,
        ),
        Basis("spend"),
    )
    for where in (
        "core.ledger.pending_folder.FolderPending.put_result",
        "core.tradeoff.sweep.evaluate.assess_fairness",
        "core.tradeoff.sweep.point_store.PointStore.put",
        "core.tradeoff.sweep.evaluate.delivered",
    ):
        with monkeypatch.context() as patch:
            patch.setattr(where, die)
            with pytest.raises(Died):
                list(run_stored_sweep(workspace, audit, data, plan))
        assert len(ledger_of(workspace, audit).charges) == 1
    *_, state = run_stored_sweep(workspace, audit, data, plan)
    assert state.finished
    charges = ledger_of(workspace, audit).charges
    assert [charge.epsilon for charge in charges] == [0.2, 0.2]
    assert [point.charged for point in state.points] == [(0.2, 0.0)] * 2
    # Two runs of one spec are two draws.
    first, second = (point.value("roc_auc") for point in state.points)
    assert first != second
