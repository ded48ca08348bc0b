"""How features act in the audited model, kept on disk: computed once for a data and a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np

from core.data.dataset import Dataset
from core.explanation.effects import ROWS, EffectCurve, effect_curves
from core.explanation.explain import sampled_positions
from core.explanation.permutation import ROWS as PERMUTED_ROWS
from core.explanation.permutation import PermutationImportance, permutation_importance
from core.explanation.proxies import Proxies, find_proxies
from core.explanation.shapes import ShapeNoise, shape_noise
from core.explanation.surrogate_tree import SurrogateTree, surrogate_tree
from core.governance.canonical import key
from core.governance.progress import Progress
from core.governance.workspace import Workspace
from core.learning.training import Trained

T = TypeVar("T")


def curve_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, trained: Trained, feature: str
) -> Iterator[tuple[float, EffectCurve]]:
    """Draw partial dependence and accumulated local effects of a feature over sampled test rows."""

    def work() -> Iterator[tuple[float, EffectCurve]]:
        rows = trained.split.test[np.sort(sampled_positions(trained, ROWS))]
        sample = dataset.features.iloc[rows].reset_index(drop=True)
        for share, (curve,) in effect_curves(
            trained.decider.score, sample, (feature,), seed=trained.spec.seed
        ):
            yield share, curve

    yield from _keep(workspace, progress, _key(trained, ("effect curve", feature)), work())


def importance_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, trained: Trained, attribute: str
) -> Iterator[tuple[float, PermutationImportance]]:
    """Measure permutation importance on sampled test rows, and by groups of an attribute."""
    rows = trained.split.test[np.sort(sampled_positions(trained, PERMUTED_ROWS))]
    work = permutation_importance(
        trained.decider.score,
        dataset.features.iloc[rows].reset_index(drop=True),
        dataset.target[rows],
        dataset.sensitive[attribute].to_numpy(dtype=object)[rows],
        seed=trained.spec.seed,
    )
    yield from _keep(workspace, progress, _key(trained, ("permutation", attribute)), work)


def tree_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, trained: Trained, depth: int
) -> SurrogateTree:
    """Imitate the model by a small tree, from disk where that was done before."""

    def work() -> Iterator[tuple[float, SurrogateTree]]:
        yield 1.0, surrogate_tree(dataset, trained, depth)

    place = _key(trained, ("surrogate tree", depth))
    return next(_keep(workspace, progress, place, work()))[1]


def proxies_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset
) -> Iterator[tuple[float, tuple[Proxies, ...]]]:
    """Measure which features tell each sensitive attribute."""

    def work() -> Iterator[tuple[float, tuple[Proxies, ...]]]:
        done: list[Proxies] = []
        columns = dataset.roles.sensitive
        for place, column in enumerate(columns):
            for share, found in find_proxies(dataset, column):
                if share < 1:
                    yield (place + share) / len(columns), (*done, found)
            done.append(found)
            yield (place + 1) / len(columns), tuple(done)

    yield from _keep(workspace, progress, key(dataset.fingerprint, "proxies"), work())


def noise_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, trained: Trained
) -> Iterator[tuple[float, ShapeNoise]]:
    """Simulate how far privacy noise moves the shape functions."""
    yield from _keep(
        workspace, progress, _key(trained, "shape noise"), shape_noise(dataset, trained)
    )


def kept_noise(workspace: Workspace, progress: Progress, trained: Trained) -> ShapeNoise | None:
    """Return the finished simulation, None if there is none on disk."""
    found = workspace.get_model(progress.id, _key(trained, "shape noise"))
    return found if isinstance(found, ShapeNoise) else None


def _keep(
    workspace: Workspace, progress: Progress, place: str, work: Iterator[tuple[float, T]]
) -> Iterator[tuple[float, T]]:
    found: Any = workspace.get_model(progress.id, place)
    if found is not None:
        yield 1.0, found
        return
    for share, result in work:
        if share >= 1:
            workspace.put_model(progress.id, place, result)
        yield share, result


def _key(trained: Trained, what: object) -> str:
    return key(trained.fingerprint, (trained.spec, "how features act", what))
