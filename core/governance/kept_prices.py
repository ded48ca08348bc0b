"""Prices of privacy by group, kept on disk model by model: a stopped run goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from core.data.dataset import Dataset
from core.governance.canonical import key
from core.governance.progress import Progress
from core.governance.workspace import Workspace
from core.learning.split import SPLIT_RULE
from core.tradeoff.price.price import PricePoint, PriceSpec, check_price, models, price_points


def price_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, spec: PriceSpec
) -> Iterator[tuple[float, PricePoint]]:
    """Simulate, taking finished models from disk and keeping each new one there at once."""

    def known(epsilon: float | None, draw: int) -> PricePoint | None:
        return _point(workspace, progress, _place(dataset, spec, epsilon, draw))

    for share, point in price_points(dataset, spec, known=known):
        place = _place(dataset, spec, point.epsilon, point.draw)
        if workspace.get_result(progress.id, place) is None:
            workspace.put_result(progress.id, place, asdict(point))
        yield share, point


def kept_price(
    workspace: Workspace, progress: Progress, dataset: Dataset, spec: PriceSpec
) -> list[PricePoint]:
    """Return the points that are on disk, in order; nothing is trained.

    Raises
    ------
    InputError
        If the spec is not one that can be simulated.
    """
    check_price(dataset, spec)
    places = (_place(dataset, spec, *model) for model in models(spec))
    found = (_point(workspace, progress, place) for place in places)
    return [point for point in found if point is not None]


def _place(dataset: Dataset, spec: PriceSpec, epsilon: float | None, draw: int) -> str:
    # The other ε and the number of draws don't change a model.
    alone = replace(spec, epsilons=(), draws=0)
    return key(dataset.fingerprint, ("price", alone, epsilon, draw, SPLIT_RULE))


def _point(workspace: Workspace, progress: Progress, place: str) -> PricePoint | None:
    found = workspace.get_result(progress.id, place)
    if found is None:
        return None
    figures: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in found.items()}
    return PricePoint(**figures)
