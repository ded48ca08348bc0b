"""A sweep on several processes that is killed leaves no rows and no processes behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from core.tradeoff.sweep.handed_over import PREFIX, handed_over, remove_abandoned
from tests.core.worlds import dataset

TOP = Path(__file__).resolve().parents[4]
CODE = """
import sys
from tests.core.worlds import dataset
from core.tradeoff.sweep.executors import Cores
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.point_store import PointStore
from core.tradeoff.sweep.sweep import sweep
grid = Grid(("gradient_boosting",), (None,), (("sex",),), split_seeds=tuple(range(90)))
for state in sweep(dataset(2000), grid, PointStore(), Cores(2)):
    print(len(state.points), flush=True)
"""


def of_mark(mark: str) -> list[int]:
    """List the processes that were started with a mark in their environment."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and mark.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def wait(until: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not until() and time.monotonic() < end:
        time.sleep(0.1)
    return until()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_sweep_leaves_no_rows_and_no_processes(tmp_path: Path, number: int) -> None:
    mark = f"EQUIPOISE_TEST_MARK={uuid.uuid4().hex}"
    name, value = mark.split("=")
    environment = os.environ | {name: value, "TMPDIR": str(tmp_path), "PYTHONPATH": str(TOP)}
    with subprocess.Popen(
        [sys.executable, "-c", CODE],
        cwd=TOP,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as running:
        assert running.stdout is not None
        try:
            assert any(int(line) >= 2 for line in running.stdout)
            (pickled,) = tmp_path.glob(f"{PREFIX}*/dataset.pickle")
            assert len(of_mark(mark)) > 2
            running.send_signal(number)
            running.wait(30)
            assert wait(lambda: not of_mark(mark), 60)
            assert not pickled.exists()
            assert not list(tmp_path.glob(f"{PREFIX}*"))
        finally:
            for process in of_mark(mark):
                os.kill(process, signal.SIGKILL)


def test_what_was_left_behind_is_removed_by_the_next_and_what_runs_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    left, runs = (tmp_path / f"{PREFIX}{n}-abc" for n in (gone.pid, os.getppid()))
    other = tmp_path / f"{PREFIX}x-abc"
    for folder in (left, runs, other):
        folder.mkdir()
        (folder / "dataset.pickle").write_bytes(b"rows")
    remove_abandoned()
    assert not left.exists()
    assert runs.exists()
    assert other.exists()


def test_rows_are_removed_when_a_sweep_ends_or_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with handed_over(dataset(50)) as path:
        assert path.stat().st_size > 0
        assert path.parent.stat().st_mode & 0o077 == 0
    with pytest.raises(ZeroDivisionError), handed_over(dataset(50)):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())
