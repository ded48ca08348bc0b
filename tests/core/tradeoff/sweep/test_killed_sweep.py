"""A sweep that is killed at any moment and resumed gives the points of an undisturbed one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.tradeoff.sweep.executors import Cores, Executor, Here
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.point import SweepPoint
from core.tradeoff.sweep.point_store import PointStore, opened_store
from core.tradeoff.sweep.sweep import SweepState, sweep
from tests.core.worlds import DOMAINS, dataset

GRID = Grid(
    ("logistic_regression", "dp_binned_regression"),
    (None, 1.0, 2.0),
    (("sex",),),
    (("none", 1.0), ("threshold_optimizer", 1.0), ("private_threshold", 1.0)),
    domains=DOMAINS,
)
SCRIPT = """
import sys
from pathlib import Path
from tests.core.tradeoff.sweep.test_killed_sweep import GRID, executor
from core.tradeoff.sweep.point_store import opened_store
from core.tradeoff.sweep.sweep import sweep
from tests.core.worlds import dataset
if __name__ == "__main__":
    for state in sweep(dataset(500), GRID, opened_store(Path(sys.argv[1])), executor(sys.argv[2])):
        print(len(state.points), flush=True)
"""


def executor(name: str) -> Executor:
    return Here() if name == "here" else Cores(2)


def content(points: tuple[SweepPoint, ...]) -> list[tuple]:
    return [(p.run, dict(p.figures), p.groups, p.train_rows, p.test_rows) for p in points]


@pytest.fixture(scope="module")
def undisturbed() -> SweepState:
    *_, last = sweep(dataset(500), GRID, PointStore(), Here())
    return last


@pytest.mark.parametrize("where", ["here", pytest.param("cores", marks=pytest.mark.slow)])
def test_killed_at_random_moments_and_resumed(
    tmp_path: Path, where: str, undisturbed: SweepState
) -> None:
    path = tmp_path / "points.jsonl"
    moments = random.Random(7)
    killed = 0
    for _ in range(3):
        work = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(path), where],
            cwd=Path(__file__).resolve().parents[4],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert work.stdout is not None
        # Some way into the sweep, wherever that is: after some points, and a moment more.
        for _ in range(moments.randint(1, 4)):
            work.stdout.readline()
        time.sleep(moments.uniform(0, 0.15))
        killed += work.poll() is None
        os.killpg(work.pid, signal.SIGKILL)
        work.wait()
        work.stdout.close()
    assert killed
    before = len(opened_store(path))
    *_, last = sweep(dataset(500), GRID, opened_store(path), Here())
    assert 0 < before <= len(last.points)
    assert content(last.points) == content(undisturbed.points)


def test_a_crash_in_the_middle_of_writing_loses_that_line_alone(
    tmp_path: Path, undisturbed: SweepState
) -> None:
    path = tmp_path / "points.jsonl"
    *_, _ = sweep(dataset(500), GRID, opened_store(path), Here())
    whole = path.read_bytes()
    moments = random.Random(3)
    for _ in range(6):
        path.write_bytes(whole[: moments.randrange(len(whole))])
        *_, last = sweep(dataset(500), GRID, opened_store(path), Here())
        assert content(last.points) == content(undisturbed.points)
        assert len(opened_store(path)) == len(undisturbed.points)
