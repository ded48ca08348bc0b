"""Sweeps of an audit, kept on disk point by point: a stopped one goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from core.data.dataset import Dataset
from core.governance.canonical import key
from core.governance.progress import Progress
from core.governance.workspace import Workspace
from core.learning.training import TrainingSpec
from core.tradeoff.sweep import Point, SweepSpec, check_sweep, sweep, sweep_json, training_specs


def sweep_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, spec: SweepSpec
) -> Iterator[tuple[float, Point]]:
    """Sweep, taking finished points from disk and keeping each new one there at once."""
    places = [_point_key(dataset, spec, training) for training in training_specs(spec)]
    workspace.put_result(progress.id, _last_sweep_key(dataset), places)
    for share, training, point in sweep(
        dataset,
        spec,
        known=lambda training: _point(workspace, progress, _point_key(dataset, spec, training)),
    ):
        place = _point_key(dataset, spec, training)
        if workspace.get_result(progress.id, place) is None:
            workspace.put_result(progress.id, place, asdict(point))
        yield share, point


def kept_points(
    workspace: Workspace, progress: Progress, dataset: Dataset, spec: SweepSpec
) -> list[Point]:
    """Return the points of a sweep that are on disk, in its order; nothing is trained.

    Raises
    ------
    InputError
        If the spec is not one that can be swept.
    """
    check_sweep(spec)
    found = (
        _point(workspace, progress, _point_key(dataset, spec, training))
        for training in training_specs(spec)
    )
    return [point for point in found if point is not None]


def kept_sweep(workspace: Workspace, progress: Progress, dataset: Dataset) -> dict[str, Any] | None:
    """Return the last sweep of this data that was begun, as it stands in the report."""
    places = workspace.get_result(progress.id, _last_sweep_key(dataset)) or []
    found = (_point(workspace, progress, place) for place in places)
    points = [point for point in found if point is not None]
    return sweep_json(points) if points else None


def _last_sweep_key(dataset: Dataset) -> str:
    return key(dataset.fingerprint, "last sweep")


def _point_key(dataset: Dataset, spec: SweepSpec, training: TrainingSpec) -> str:
    return key(dataset.fingerprint, (training, spec.attribute, "point"))


def _point(workspace: Workspace, progress: Progress, place: str) -> Point | None:
    found = workspace.get_result(progress.id, place)
    return None if found is None else Point(**found)
