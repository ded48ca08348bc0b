"""Finished points on disk: one JSON line each, so that a crash loses at most the line in writing.

Points are found again by the data's fingerprint and everything that made them, so a sweep that is
asked for again, or one that shares some runs with it, trains only what is new. A line that was cut
short by a crash is left out and counted: its point is made again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from core.learning.learners import LEARNERS
from core.learning.split import SPLIT_RULE
from core.storage.canonical import key
from core.storage.disk import disk_errors, locked
from core.storage.record_store import RecordKind
from core.tradeoff.sweep.grid import Grid, RunSpec
from core.tradeoff.sweep.point import SweepPoint
from core.tradeoff.sweep.runs import training_spec

POINT = RecordKind("sweep point", SweepPoint, what="a point of a sweep")


def point_key(fingerprint: str, grid: Grid, run: RunSpec) -> str:
    """Name a point by the data, how it is trained, and what is measured.

    Parameters
    ----------
    fingerprint : str
        Of the dataset before anonymisation.
    grid : Grid
        Only what bears on this run is part of the name, never the other values of the grid.
    run : RunSpec
    """
    # The key keeps each number of a repeat, which training with fresh noise doesn't show.
    quasi = grid.quasi if run.setting.k > 1 else ()
    spec = training_spec(grid, run)
    parts = ["point", spec, grid.attributes, run.setting.k, quasi, run.repeat]
    # What was paid for is found again whatever rule split its rows: it can't be made anew.
    paid = LEARNERS[spec.learner].private and spec.noise == "fresh"
    return key(fingerprint, parts if paid else [*parts, SPLIT_RULE])


class PointStore:
    """Points in a file, read once and then followed as it grows.

    Parameters
    ----------
    path : Path, optional
        Of the file; its folder must be there. Several processes may share it. Without one, points
        are kept in memory alone.

    Attributes
    ----------
    damaged : int
        Lines that could not be read.
    unfinished : bool
        Whether the last line has no end: it was cut off, or is being written at this moment.
    """

    def __init__(self, path: Path | None = None):
        self._path = path
        self._points: dict[str, SweepPoint] = {}
        self._read = 0
        self.damaged = 0
        self.unfinished = False

    def get(self, point_key: str) -> SweepPoint | None:
        """Return a point, None if it isn't there."""
        return self._points.get(point_key)

    def put(self, found: Iterable[tuple[str, SweepPoint]]) -> None:
        """Keep points; when this returns they are on the disk.

        Raises
        ------
        InputError
            If they can't be written.
        """
        new = [(point_key, point) for point_key, point in found if point_key not in self._points]
        if self._path is None:
            self._points.update(new)
        if not new or self._path is None:
            return
        lines = [
            json.dumps({"key": point_key, **POINT.to_json(point)}, separators=(",", ":"))
            for point_key, point in new
        ]
        with disk_errors(), locked(self._path.with_suffix(".lock")):
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                # After a line that a crash cut short, the next one needs a line of its own.
                end = os.lseek(handle, 0, os.SEEK_END)
                cut = end > 0 and os.pread(handle, 1, end - 1) != b"\n"
                content = ("\n" if cut else "") + "\n".join(lines) + "\n"
                data = content.encode("utf-8")
                if os.write(handle, data) < len(data):
                    raise OSError(28, "No space left on device", str(self._path))
                os.fsync(handle)
            finally:
                os.close(handle)
        self._points.update(new)

    def refresh(self) -> None:
        """Read what has been written since, by this process or another.

        Raises
        ------
        InputError
            If the file can't be read.
        """
        if self._path is None:
            return
        with disk_errors():
            if not self._path.exists():
                return
            with open(self._path, "rb") as file:
                file.seek(self._read)
                content = file.read()
        # A last line without an end may be in writing at this moment: it is read next time.
        whole = content[: content.rfind(b"\n") + 1]
        self._read += len(whole)
        self.unfinished = len(whole) < len(content)
        for line in whole.splitlines():
            if not line.strip():
                continue
            try:
                record = json.loads(line)
                # Earlier builds wrote a list of the key and the point.
                if isinstance(record, list):
                    point_key, record = record
                else:
                    point_key = record.pop("key")
                self._points[str(point_key)] = POINT.from_json(record)
            except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
                self.damaged += 1

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the points alone among all who ask for that, having read what others wrote.

        For a sweep that spends: two at once would train, and pay for, the same runs.

        Raises
        ------
        InputError
            If the file's folder can't be written to.
        """
        if self._path is None:
            yield
            return
        with ExitStack() as stack:
            with disk_errors():
                stack.enter_context(locked(self._path.with_suffix(".spending")))
            self.refresh()
            yield

    def __iter__(self) -> Iterator[SweepPoint]:
        """All points that were read or put, oldest first."""
        return iter(tuple(self._points.values()))

    def __len__(self) -> int:
        return len(self._points)


def opened_store(path: Path | None = None) -> PointStore:
    """Open a file of points and read it."""
    store = PointStore(path)
    store.refresh()
    return store


def kept(
    store: PointStore, fingerprint: str, grid: Grid, runs: Iterable[RunSpec]
) -> dict[RunSpec, SweepPoint]:
    """Return the points of some runs that are in a store, by run."""
    found = {}
    for run in runs:
        point = store.get(point_key(fingerprint, grid, run))
        if point is not None:
            # A seedless repeat is told by its key; the point shows the run that was asked for.
            found[run] = replace(point, run=run)
    return found
