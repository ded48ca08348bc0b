"""Where the runs of a sweep are worked on: here, on all cores, or on a cluster.

Each takes batches of runs and gives back their points in the order in which they are finished.
Ending the iteration early cancels what has not begun.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import joblib

from core.data.dataset import Dataset
from core.errors import InputError
from core.privacy.accounting.ledger import Ledger
from core.tradeoff.sweep.cluster_addresses import check_address
from core.tradeoff.sweep.evaluate import Batch, evaluate_alone, evaluate_batch, forget
from core.tradeoff.sweep.grid import Grid
from core.tradeoff.sweep.handed_over import from_file, handed_over
from core.tradeoff.sweep.point import SweepPoint

CONNECT_SECONDS = 10


class Executor(Protocol):
    """Works on batches of runs."""

    def points(
        self, dataset: Dataset, grid: Grid, batches: Sequence[Batch]
    ) -> Iterator[list[SweepPoint]]:
        """Yield points as they are finished."""
        ...

    def stored(self, dataset: Dataset, grid: Grid, points: Sequence[SweepPoint]) -> None:
        """Take notice that points are on disk."""
        ...


class _Unpaid:
    """What charges no ledger keeps nothing of a run."""

    def stored(self, dataset: Dataset, grid: Grid, points: Sequence[SweepPoint]) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Here:
    """One run after another in this process; the only one that can charge a ledger."""

    ledger: Ledger | None = None

    def points(
        self, dataset: Dataset, grid: Grid, batches: Sequence[Batch]
    ) -> Iterator[list[SweepPoint]]:
        """Yield each point as it is finished."""
        for batch in batches:
            for point in evaluate_batch(dataset, grid, batch, self.ledger):
                yield [point]

    def stored(self, dataset: Dataset, grid: Grid, points: Sequence[SweepPoint]) -> None:
        """Forget what was kept of paid runs: their points are on disk now."""
        if self.ledger is not None:
            forget(dataset, grid, points, self.ledger)


@dataclass(frozen=True)
class Cores(_Unpaid):
    """Several processes of this machine, through joblib.

    Attributes
    ----------
    jobs : int
        Processes; −1 is one for each core.
    """

    jobs: int = -1

    def __post_init__(self) -> None:
        if self.jobs != -1 and not 1 <= self.jobs <= 512:
            raise InputError(
                "the number of processes is from 1 to 512, or -1 for one on each core",
                where=f"jobs = {self.jobs}",
            )

    def points(
        self, dataset: Dataset, grid: Grid, batches: Sequence[Batch]
    ) -> Iterator[list[SweepPoint]]:
        """Yield the points of each batch as it is finished."""
        with handed_over(dataset) as path:
            work = joblib.Parallel(
                n_jobs=self.jobs,
                return_as="generator_unordered",
                batch_size=1,
                pre_dispatch="2*n_jobs",
            )
            found = work(joblib.delayed(from_file)(str(path), grid, batch) for batch in batches)
            try:
                # Not "yield from", which would hand the end of the iteration on to joblib.
                for points in found:  # noqa: UP028
                    yield points
            finally:
                with warnings.catch_warnings():
                    # Stopped early, joblib warns of what it cancels, which is what was asked.
                    warnings.filterwarnings("ignore", category=UserWarning, module="joblib")
                    found.close()


@dataclass(frozen=True)
class Cluster(_Unpaid):
    """The workers of a Dask scheduler, which must have this project installed.

    The dataset is sent to the workers: whoever runs the cluster sees it, and can run code here by
    what is sent back, so its address must be one that is trusted.

    Attributes
    ----------
    address : str
        "tcp://host:port" of the scheduler.
    """

    address: str

    def __post_init__(self) -> None:
        check_address(self.address)

    def points(
        self, dataset: Dataset, grid: Grid, batches: Sequence[Batch]
    ) -> Iterator[list[SweepPoint]]:
        """Yield the points of each batch as it is finished.

        Raises
        ------
        InputError
            If the scheduler can't be reached, has no workers, or a worker can't do the work.
        """
        from distributed import as_completed

        with self._client() as client:
            if not client.scheduler_info()["workers"]:
                raise InputError(
                    "the scheduler has no workers",
                    where=self.address,
                    remedy=f"Start some: dask worker {self.address}",
                )
            shared = client.scatter(dataset, broadcast=True, hash=False)
            futures = [
                client.submit(evaluate_alone, shared, grid, batch, pure=False) for batch in batches
            ]
            try:
                for future in as_completed(futures, loop=client.loop):
                    try:
                        yield future.result()
                    except InputError:
                        raise
                    except Exception as error:
                        raise InputError(
                            f"a worker failed ({type(error).__name__}: {str(error)[:200]})",
                            where=self.address,
                            remedy="Check that workers have this project and its requirements "
                            "installed; what is finished is kept",
                        ) from error
            finally:
                client.cancel(futures)

    @contextlib.contextmanager
    def _client(self) -> Iterator[Any]:
        from distributed import Client

        try:
            client = Client(self.address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise InputError(
                f"no scheduler answers there within {CONNECT_SECONDS} seconds",
                where=self.address,
                remedy="Check the address and that the scheduler is running",
            ) from error
        try:
            yield client
        finally:
            client.close()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))
