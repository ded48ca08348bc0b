"""Simulations of what privacy costs, kept model by model: a stopped run goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from core.audit_state.results.result_store import ResultStore
from core.audit_state.state import AuditState
from core.data.dataset import Dataset
from core.learning.split import SPLIT_RULE
from core.storage import kinds
from core.storage.canonical import key
from core.storage.workspace import Workspace
from core.tradeoff.price.noise_at_source import (
    LocalPoint,
    LocalSpec,
    SimulationTask,
    compare,
    tasks,
)
from core.tradeoff.price.price import PricePoint, PriceSpec, check_price, models, price_points


def load_or_price(
    workspace: Workspace, state: AuditState, dataset: Dataset, spec: PriceSpec
) -> Iterator[tuple[float, PricePoint]]:
    """Simulate prices by group, taking finished models from disk and keeping each new one there."""
    store = ResultStore(workspace, state.id)

    def known(epsilon: float | None, draw: int) -> PricePoint | None:
        cache_key = _price_key(dataset, spec, epsilon, draw)
        return store.load(kinds.PRICE, cache_key, _price_from_json)

    for share, point in price_points(dataset, spec, known=known):
        if known(point.epsilon, point.draw) is None:
            store.keep(kinds.PRICE, _price_key(dataset, spec, point.epsilon, point.draw), point)
        yield share, point


def load_price(
    workspace: Workspace, state: AuditState, dataset: Dataset, spec: PriceSpec
) -> list[PricePoint]:
    """Return the points that are on disk, in order; nothing is trained.

    Raises
    ------
    InputError
        If the spec is not one that can be simulated.
    """
    check_price(dataset, spec)
    store = ResultStore(workspace, state.id)
    cache_keys = (_price_key(dataset, spec, *model) for model in models(spec))
    found = (store.load(kinds.PRICE, cache_key, _price_from_json) for cache_key in cache_keys)
    return [point for point in found if point is not None]


def load_or_simulate(
    workspace: Workspace, state: AuditState, dataset: Dataset, spec: LocalSpec
) -> Iterator[tuple[float, list[LocalPoint]]]:
    """Compare noise at the source, taking finished models from disk and keeping each new one.

    Yields
    ------
    share : float
        In (0, 1].
    points : list of LocalPoint
        All so far.
    """
    store = ResultStore(workspace, state.id)
    points: list[LocalPoint] = []

    def known(task: SimulationTask) -> LocalPoint | None:
        return store.load(kinds.LOCAL, _local_key(dataset, spec, task), _local_from_json)

    for share, task, point in compare(dataset, spec, known=known):
        if known(task) is None:
            store.keep(kinds.LOCAL, _local_key(dataset, spec, task), point)
        points = [*points, point]
        yield share, points


def load_points(
    workspace: Workspace, state: AuditState, dataset: Dataset, spec: LocalSpec
) -> list[LocalPoint]:
    """Return the models of a comparison that are on disk, in its order; none is trained."""
    store = ResultStore(workspace, state.id)
    cache_keys = (_local_key(dataset, spec, task) for task in tasks(spec))
    found = (store.load(kinds.LOCAL, cache_key, _local_from_json) for cache_key in cache_keys)
    return [point for point in found if point is not None]


def _price_key(dataset: Dataset, spec: PriceSpec, epsilon: float | None, draw: int) -> str:
    # The other ε and the number of draws don't change a model.
    alone = replace(spec, epsilons=(), draws=0)
    return key(dataset.fingerprint, ("price", alone, epsilon, draw, SPLIT_RULE))


def _price_from_json(record: dict[str, Any]) -> PricePoint:
    figures: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in record.items()}
    return PricePoint(**figures)


def _local_key(dataset: Dataset, spec: LocalSpec, task: SimulationTask) -> str:
    # Only what the model of a task hangs on, so that more seeds don't train the old ones again.
    parts: tuple[object, ...] = (spec.learner,)
    if task.treatment == "local":
        parts = (spec.learner, spec.plan)
    elif task.treatment == "central":
        parts = (spec.central, spec.plan.epsilon, spec.delta, spec.domains)
    sentences = ("noise at the source", task.treatment, task.seed, parts, SPLIT_RULE)
    return key(dataset.fingerprint, sentences)


def _local_from_json(record: dict[str, Any]) -> LocalPoint:
    return LocalPoint(**record)
