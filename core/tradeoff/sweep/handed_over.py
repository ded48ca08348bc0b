"""Rows handed over to worker processes, so that nothing of them outlives a sweep that is killed.

The rows are pickled once to a folder that only this user can enter. A killed process can't remove
it. So the process that loky runs beside it for that purpose, its resource tracker, does when its
pipe ends; what is left where that was killed too is removed by the next sweep. Workers watch the
process they work for, and end when it is gone.
"""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

from joblib.externals.loky.backend import resource_tracker

from core.data.dataset import Dataset
from core.tradeoff.sweep.evaluate import Batch, evaluate_alone
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.point import SweepPoint

PREFIX = "equipoise-sweep-"
_WATCH_SECONDS = 0.5
_watching = threading.Lock()


@contextmanager
def handed_over(dataset: Dataset) -> Iterator[Path]:
    """Write rows where workers read them, and remove them afterwards, whatever happens.

    Yields
    ------
    path : Path
        For :func:`from_file`.
    """
    remove_abandoned()
    folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
    resource_tracker.register(folder, "folder")
    try:
        path = Path(folder) / "dataset.pickle"
        path.write_bytes(pickle.dumps(dataset, protocol=pickle.HIGHEST_PROTOCOL))
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        resource_tracker.unregister(folder, "folder")


def remove_abandoned() -> None:
    """Remove what sweeps left behind whose process is gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        number = _owner(folder)
        with suppress(OSError):
            mine = folder.stat().st_uid == os.geteuid()
            if mine and number.isdecimal() and not _runs(int(number)):
                shutil.rmtree(folder, ignore_errors=True)


def from_file(path: str, grid: Grid, batch: Batch) -> list[SweepPoint]:
    """Work on a batch in a worker process, on rows that were handed over."""
    owner = int(_owner(Path(path).parent))
    # Once in each worker, and never given back; with one job there is none.
    if os.getpid() != owner and _watching.acquire(blocking=False):
        threading.Thread(target=_end_with, args=(owner,), daemon=True).start()
    return evaluate_alone(_dataset(path), grid, batch)


@lru_cache(maxsize=1)
def _dataset(path: str) -> Dataset:
    found = pickle.loads(Path(path).read_bytes())
    assert isinstance(found, Dataset)
    return found


def _owner(folder: Path) -> str:
    """Return the number of the process that made a folder."""
    return folder.name[len(PREFIX) :].partition("-")[0]


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
