"""A sweep on a real Dask cluster of two workers on this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import InputError
from core.tradeoff.sweep.executors import Cluster, Here
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.point_store import PointStore
from core.tradeoff.sweep.sweep import sweep
from tests.core.worlds import DOMAINS, dataset

ROOT = Path(__file__).resolve().parents[4]
GRID = Grid(
    ("logistic_regression", "dp_binned_regression"),
    (None, 1.0),
    (("sex",),),
    (("none", 1.0), ("threshold_optimizer", 1.0)),
    domains=DOMAINS,
)


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Address of a scheduler with two workers, each a process of its own, on loopback only."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        started.append(process)
        return process

    local = ("--host", "127.0.0.1", "--no-dashboard")
    first = start("dask_scheduler", *local, "--port", "0")
    assert first.stderr is not None
    address = None
    for line in first.stderr:
        found = re.search(r"Scheduler at:\s+(tcp://\S+)", line)
        if found:
            address = found[1]
            break
    assert address
    for _ in range(2):
        start(
            "dask_worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny",
            "--no-dashboard",
        )  # fmt: skip
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    try:
        yield address
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()
            assert process.stderr is not None
            process.stderr.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_two_workers_give_the_points_of_this_process(scheduler: str) -> None:
    rows = dataset(500)
    states = list(sweep(rows, GRID, PointStore(), Cluster(scheduler)))
    *_, here = sweep(rows, GRID, PointStore(), Here())
    assert len(states) > 3
    found = {p.run: (dict(p.figures), p.groups) for p in states[-1].points}
    assert found == {p.run: (dict(p.figures), p.groups) for p in here.points}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_sweep_that_is_stopped_leaves_the_cluster_free(scheduler: str) -> None:
    rows = dataset(500)
    store = PointStore()
    work = sweep(rows, GRID, store, Cluster(scheduler))
    next(work)
    next(work)
    work.close()
    assert 0 < len(store) < 10
    *_, last = sweep(rows, GRID, store, Cluster(scheduler))
    assert last.finished


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:8786",
        "http://127.0.0.1:8786",
        "tcp://:1",
        "tcp://host:port",
        "tcp://u:p@h:1",
        "tcp://h:99999",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InputError, match="not the address of a scheduler"):
        Cluster(address)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_scheduler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.tradeoff.sweep.executors.CONNECT_SECONDS", 1)
    with pytest.raises(InputError, match="no scheduler answers"):
        list(sweep(dataset(500), GRID, PointStore(), Cluster("tcp://127.0.0.1:9")))
