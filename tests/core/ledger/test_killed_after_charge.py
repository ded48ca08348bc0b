"""Killed at random moments after a charge: the next run delivers at one charge."""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.audit_state import audit_ledger, audit_models
from core.audit_state import state as audits
from core.data.identity import identity
from core.data.reading.reading import read_path
from core.ledger.ledgers import charges_of, set_cap
from core.privacy.accounting.budget import Budget
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from tests.core.worlds import DOMAINS, dataset, frame

LEARNERS = ("dp_binned_regression", "dp_logistic_regression", "dp_naive_bayes",
            "dp_random_forest", "dp_explainable_boosting")  # fmt: skip
FORK = multiprocessing.get_context("fork")
BOUNDS = {"income": [0, 10], "age": [0, 100], "city": ["north", "south", "east"]}


def killed_after_its_charge(work, root: Path, data: str, wait: float) -> bool:
    """Run in a process of its own and kill it a while after its charge; whether it was in time."""
    process = FORK.Process(target=work)
    process.start()
    until = time.monotonic() + 120
    while process.is_alive() and time.monotonic() < until:
        with contextlib.suppress(Exception):  # a line may be in writing at this moment
            if charges_of(root, data):
                break
        time.sleep(0.001)
    time.sleep(wait)
    assert process.pid is not None
    was_alive = process.is_alive()
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    return was_alive


def waits(count: int, longest: float) -> list[float]:
    """Moments from at once to a little after a run would have ended, denser near the charge."""
    chance = random.Random(7)
    return [longest * chance.random() ** 2 for _ in range(count)]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_model_is_delivered_at_one_charge_whenever_its_run_is_killed(tmp_path):
    data, source = dataset(2000), frame(2000).to_csv(index=False).encode()
    in_time = 0
    for number, wait in enumerate(waits(30, 1.0)):
        workspace = Workspace(tmp_path / str(number))
        state = audits.begin_bytes(workspace, source, "x.csv")
        state = audit_ledger.set_budget(workspace, state, Budget(1.0, 1e-5), DOMAINS)
        spec = TrainingSpec(
            LEARNERS[number % len(LEARNERS)], epsilon=1.0, delta=1e-5, domains=DOMAINS
        )

        def work(workspace=workspace, state=state, spec=spec):
            audit_models.train_audited_model(workspace, state, data, spec)

        in_time += killed_after_its_charge(work, workspace.root, state.data, wait)
        charged = len(charges_of(workspace.root, state.data))
        assert charged <= 1
        # A person who comes back sees the audit as the killed run left it.
        state = audits.load_audit(workspace, state.id)
        found = audit_models.train_audited_model(workspace, state, data, spec)
        assert len(np.unique(found.scores)) > 1
        assert len(charges_of(workspace.root, state.data)) == 1
        pending = workspace.root / "ledgers" / state.data / "pending"
        assert [path for path in pending.rglob("*.[kr]e*") if path.is_file()] == []
        assert audit_models.load_model(workspace, state, data, spec) is not None
    # Most were killed while they ran, and not after their end.
    assert in_time >= 10


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_report_is_delivered_at_one_charge_whenever_its_command_is_killed(tmp_path, monkeypatch):
    in_time = 0
    for number, wait in enumerate(waits(20, 3.0)):
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.setenv("EQUIPOISE_WORKSPACE", str(folder / "workspace"))
        frame(400).to_csv(folder / "x.csv", index=False)
        (folder / "bounds.json").write_text(json.dumps(BOUNDS))
        data = identity(read_path(folder / "x.csv"))
        root = Workspace(folder / "workspace").root
        set_cap(root, data, Budget(1.0, 1e-5))
        command = [
            "audit", "--data", str(folder / "x.csv"), "--target", "paid", "--favourable", "yes",
            "--sensitive", "sex", "--learner", LEARNERS[number % len(LEARNERS)], "--epsilon", "1",
            "--delta", "1e-5", "--bounds", str(folder / "bounds.json"), "--explain", "1",
            "--out", str(folder / "out"),
        ]  # fmt: skip

        def work(command=command):
            with contextlib.redirect_stderr(io.StringIO()):
                main(command)

        in_time += killed_after_its_charge(work, root, data, wait)
        before = len(charges_of(root, data))
        report = folder / "out" / "audit.json"
        pending = root / "ledgers" / data / "pending"
        left = [path for path in pending.rglob("*.[kr]e*") if path.is_file()]
        if before and not left:
            # It had ended: all was written, and nothing is left to finish.
            assert report.exists()
            continue
        assert main(command) == 0
        assert len(charges_of(root, data)) == 1
        assert json.loads(report.read_text())["privacy"]["epsilon"] == 1.0
        assert [path for path in pending.rglob("*.[kr]e*") if path.is_file()] == []
    assert in_time >= 7
