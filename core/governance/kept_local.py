"""Comparisons of noise at the source, kept on disk model by model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from core.data.dataset import Dataset
from core.governance.canonical import key
from core.governance.progress import Progress
from core.governance.workspace import Workspace
from core.learning.split import SPLIT_RULE
from core.tradeoff.price.noise_at_source import LocalPoint, LocalSpec, Task, compare, tasks


def compare_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, spec: LocalSpec
) -> Iterator[tuple[float, list[LocalPoint]]]:
    """Compare, taking finished models from disk and keeping each new one there at once.

    Yields
    ------
    share : float
        In (0, 1].
    points : list of LocalPoint
        All so far.
    """
    points: list[LocalPoint] = []
    for share, task, point in compare(
        dataset, spec, known=lambda task: _point(workspace, progress, dataset, spec, task)
    ):
        place = _place(dataset, spec, task)
        if workspace.get_result(progress.id, place) is None:
            workspace.put_result(progress.id, place, asdict(point))
        points = [*points, point]
        yield share, points


def kept_points(
    workspace: Workspace, progress: Progress, dataset: Dataset, spec: LocalSpec
) -> list[LocalPoint]:
    """Return the models of a comparison that are on disk, in its order; none is trained."""
    found = (_point(workspace, progress, dataset, spec, task) for task in tasks(spec))
    return [point for point in found if point is not None]


def _place(dataset: Dataset, spec: LocalSpec, task: Task) -> str:
    # Only what the model of a task hangs on, so that more seeds don't train the old ones again.
    parts: tuple[object, ...] = (spec.learner,)
    if task.treatment == "local":
        parts = (spec.learner, spec.plan)
    elif task.treatment == "central":
        parts = (spec.central, spec.plan.epsilon, spec.delta, spec.domains)
    told = ("noise at the source", task.treatment, task.seed, parts, SPLIT_RULE)
    return key(dataset.fingerprint, told)


def _point(
    workspace: Workspace, progress: Progress, dataset: Dataset, spec: LocalSpec, task: Task
) -> LocalPoint | None:
    found = workspace.get_result(progress.id, _place(dataset, spec, task))
    return None if found is None else LocalPoint(**found)
