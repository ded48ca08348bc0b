"""A sweep: every run of a grid, its points given as they are finished.

It is a generator, so that a page can draw what there is and a stop is the end of the iteration.
Finished points are on disk before they are given (:mod:`core.tradeoff.sweep.point_store`): a
sweep that was stopped or killed goes on where it was, whatever moment it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass

from core.data.dataset import Dataset
from core.tradeoff.sweep.evaluate import batches
from core.tradeoff.sweep.executors import Executor
from core.tradeoff.sweep.grid import Grid, LeftOut, RunSpec
from core.tradeoff.sweep.point import SweepPoint
from core.tradeoff.sweep.point_store import PointStore, kept, point_key
from core.tradeoff.sweep.runs import runs


@dataclass(frozen=True)
class SweepState:
    """How far a sweep is.

    Attributes
    ----------
    points : tuple of SweepPoint
        All so far, in the order of the grid.
    total : int
        Runs of the whole grid.
    left_out : tuple of LeftOut
        Combinations that can't be trained.
    """

    points: tuple[SweepPoint, ...]
    total: int
    left_out: tuple[LeftOut, ...] = ()

    @property
    def share(self) -> float:
        """Part done, in [0, 1]."""
        return len(self.points) / self.total

    @property
    def finished(self) -> bool:
        """Whether every run has its point."""
        return len(self.points) == self.total


def state_of(dataset: Dataset, grid: Grid, store: PointStore, *, fresh: bool = False) -> SweepState:
    """Say how far a sweep is, from what is on disk; nothing is trained.

    Raises
    ------
    InputError
        If the grid doesn't fit the data.
    """
    todo, left = runs(dataset, grid, fresh=fresh)
    found = kept(store, dataset.fingerprint, grid, todo)
    return SweepState(tuple(found.values()), len(todo), left)


def sweep(
    dataset: Dataset, grid: Grid, store: PointStore, executor: Executor, *, fresh: bool = False
) -> Iterator[SweepState]:
    """Train and measure every run of a grid that isn't in the store.

    Parameters
    ----------
    dataset : Dataset
    grid : Grid
    store : PointStore
        Finished points are taken from it and kept in it.
    executor : Executor
    fresh : bool
        Whether noise is drawn afresh, as where a ledger is charged.

    Yields
    ------
    SweepState
        First what was on disk, then after each finished batch of runs.

    Raises
    ------
    InputError
        If the grid doesn't fit the data, before anything runs; or if the executor can't go on, or
        the ledger refuses: what is finished is kept.
    """
    todo, left = runs(dataset, grid, fresh=fresh)
    with store.alone() if fresh else nullcontext():
        found: dict[RunSpec, SweepPoint] = kept(store, dataset.fingerprint, grid, todo)

        def state() -> SweepState:
            return SweepState(tuple(found[run] for run in todo if run in found), len(todo), left)

        yield state()
        missing = [run for run in todo if run not in found]
        if not missing:
            return
        for finished in executor.points(dataset, grid, batches(missing)):
            store.put((point_key(dataset.fingerprint, grid, p.run), p) for p in finished)
            executor.stored(dataset, grid, finished)
            found.update({point.run: point for point in finished})
            yield state()
