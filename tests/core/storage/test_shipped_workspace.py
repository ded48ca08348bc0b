"""A workspace that an earlier build wrote opens: nothing is charged or computed again.

The archive holds what a build of November 2026 wrote: models under a signature, as pickles that
name the modules of that build. Wherever those modules went since, all of it must be found.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.audit_state import audit_ledger, audit_models
from core.audit_state import state as audits
from core.audit_state.results.count_results import list_counts, load_count
from core.audit_state.results.release_results import list_releases
from core.audit_state.results.result_store import ResultStore
from core.audit_state.results.stored_models import stored_specs, unopened
from core.audit_state.state import AuditState
from core.data.dataset import Dataset
from core.governance.stored_sweeps import last_plan, last_sweep_key
from core.ledger.evidence import check_evidence, evidence_of
from core.storage import signed_pickle
from core.storage.canonical import key
from core.storage.signed_data import is_data
from core.storage.workspace import Workspace
from core.training.fit import predict
from tests.core.governance.test_data_format import alike
from tests.core.storage.shipped import work

ARCHIVE = Path(__file__).parent / "shipped" / "workspace_1.tar.xz"
WROTE = {
    "Python": "3.11", "numpy": "2.4.6", "pandas": "3.1.1", "scikit-learn": "1.7.2",
    "diffprivlib": "0.6.6", "interpret-core": "0.7.8", "fairlearn": "0.15.0",
}  # fmt: skip
HERE = signed_pickle._versions() == WROTE
"""Whether pickles of the archive may be opened: elsewhere models that cost nothing are refused."""

Shipped = tuple[Workspace, AuditState, Dataset]


@pytest.fixture
def shipped(tmp_path: Path) -> Shipped:
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    root = tmp_path / "workspace"
    for path in root.rglob("*.key"):
        path.chmod(0o600)
    workspace = Workspace(root)
    (record,) = workspace.list()
    assert record.damaged is None
    state = audits.load_audit(workspace, record.id)
    return workspace, state, work.rows_of(workspace, state)


@pytest.fixture
def written_paths(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Keys of the results and models that are kept, which all are to be there already."""
    found: list[str] = []
    for kind, name, position in (
        (Workspace, "put_model", 2),
        (Workspace, "put_result", 2),
        (ResultStore, "keep", 2),
    ):
        before = getattr(kind, name)

        def note(*given, before=before, position=position):
            found.append(given[position])
            return before(*given)

        monkeypatch.setattr(kind, name, note)
    return found


@pytest.mark.parametrize("spec", [*work.PAID, *work.FREE], ids=work.name_of)
def test_models_score_as_when_they_were_kept(shipped: Shipped, spec) -> None:
    workspace, state, dataset = shipped
    record = json.loads((workspace.root / "scores.json").read_text())
    trained = audit_models.load_model(workspace, state, dataset, spec)
    if spec in work.FREE and not HERE:
        assert trained is None
        name = key(dataset.fingerprint, spec)
        (why,) = (line for line in unopened(workspace, state, dataset) if name in line)
        assert "it was written by " in why
        return
    assert trained is not None
    assert trained.spec == spec
    scores, decisions = predict(dataset, spec, trained.decider, trained.split.test)
    for found in (scores, trained.scores):
        assert hashlib.sha256(found.tobytes()).hexdigest() == record[work.name_of(spec)]
    np.testing.assert_array_equal(decisions, trained.decisions)


def test_no_paid_model_is_charged_again(shipped: Shipped, written_paths: list[str]) -> None:
    workspace, state, dataset = shipped
    before = audit_ledger.charges(workspace, state)
    for spec in work.PAID:
        assert work.model(workspace, state, dataset, spec).cost is not None
    assert written_paths == []
    assert audit_ledger.charges(workspace, state) == before
    assert sum(charge.epsilon for charge in before) == pytest.approx(
        # The interrupted one, releases, and the sweep's two models.
        sum(float(spec.epsilon or 0) for spec in (*work.PAID, work.INTERRUPTED))
        + sum(plan.epsilon for plan in work.RELEASES)
        + 2
    )


@pytest.mark.parametrize("spec", work.PAID, ids=work.name_of)
def test_a_paid_model_is_rewritten_as_data_and_read_by_any_version(
    shipped: Shipped, spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, state, dataset = shipped
    path = workspace.path_in(state.id, f"models/{key(dataset.fingerprint, spec)}.sealed")
    assert not is_data(path.read_bytes())
    first = audit_models.load_model(workspace, state, dataset, spec)
    assert is_data(path.read_bytes())
    monkeypatch.setattr(signed_pickle, "_versions", lambda: {"Python": "9.9"})
    monkeypatch.setattr(signed_pickle, "unpickled", None)
    again = audit_models.load_model(workspace, state, dataset, spec)
    assert first is not None
    assert again is not None
    for model in (first, again):
        assert model.decider.predict_score(dataset.features).tobytes() == (
            first.decider.predict_score(dataset.features).tobytes()
        )
    assert evidence_of(workspace.root, state.data)


def test_all_models_are_listed_and_the_ledger_holds_their_charges(shipped: Shipped) -> None:
    workspace, state, dataset = shipped
    told = unopened(workspace, state, dataset)
    assert bool(told) is not HERE
    assert all("it was written by " in why for why in told)
    if not HERE:
        return
    listed = stored_specs(workspace, state, dataset)
    assert {work.name_of(spec) for spec in listed} >= {
        work.name_of(spec) for spec in (*work.PAID, *work.FREE)
    }
    assert listed[0] == state.training == work.AUDITED
    evidence = evidence_of(workspace.root, state.data)
    assert len(evidence) == len(work.PAID) + len(work.RELEASES)
    check_evidence(evidence, audit_ledger.charges(workspace, state))


def test_a_paid_model_that_was_not_delivered_is_delivered_at_its_charge(shipped: Shipped) -> None:
    workspace, state, dataset = shipped
    before = audit_ledger.charges(workspace, state)
    assert audit_models.unfinished_training(workspace, state, dataset) == work.INTERRUPTED
    assert audit_models.load_model(workspace, state, dataset, work.INTERRUPTED) is None
    trained = work.model(workspace, state, dataset, work.INTERRUPTED)
    assert trained.spec == work.INTERRUPTED
    assert audit_ledger.charges(workspace, state) == before
    assert audit_models.load_model(workspace, state, dataset, work.INTERRUPTED) is not None


def test_every_result_is_found_and_none_is_computed(
    shipped: Shipped, written_paths: list[str]
) -> None:
    workspace, state, dataset = shipped
    before = audit_ledger.charges(workspace, state)
    found = dict(work.results(workspace, state, dataset))
    again = dict(work.results(workspace, state, dataset))
    for name, result in found.items():
        assert alike(result, again[name]), name
    # The sweep that was looked at last is noted each time.
    assert set(written_paths) == {last_sweep_key(dataset)}
    assert all(result is not None for result in found.values())
    assert len(found) == 26
    assert audit_ledger.charges(workspace, state) == before
    assert len(found["sweep"]) == 3
    # Only models are left among the models, and all but records and releases are data.
    left = {path.stem for path in workspace.path_in(state.id, "models").glob("*")}
    assert len(left) == len(work.PAID) + len(work.FREE)
    assert len(list(workspace.path_in(state.id, "results").glob("*.data"))) > 30
    assert len(list_releases(workspace, state)) == len(work.RELEASES)
    assert last_plan(workspace, state, dataset) == work.SWEEP


def test_counts_are_found(shipped: Shipped) -> None:
    root = shipped[0].root
    (record,) = list_counts(root)
    assert record.damaged is None
    assert record.rows == 300
    assert load_count(root, record.id).counted.cube.count.sum() == 300
