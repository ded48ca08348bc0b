"""Measure how far a model's explanations can be trusted, part by part."""

from __future__ import annotations

from collections.abc import Iterator

from core.data.dataset import Dataset
from core.explanation.trust.lime_part import lime_part
from core.explanation.trust.record import Trust, TrustSpec
from core.explanation.trust.work import Work
from core.training.trained import Trained


def trust_steps(
    dataset: Dataset, trained: Trained, spec: TrustSpec | None = None
) -> Iterator[tuple[float, Trust]]:
    """Measure trust; every step adds a part.

    Yields
    ------
    tuple of (float, Trust)
        Share done in (0, 1], and what was measured so far.
    """
    work = Work(dataset, trained, spec or TrustSpec())
    yield from work.shap(0.0, 0.1)
    yield from work.faithful(0.1, 0.25)
    yield from work.off_distribution(0.3)
    yield from work.moved(0.3, 0.4)
    yield from work.redrawn(0.45)
    yield from work.retrained(0.45, 0.65)
    yield from lime_part(work, 0.65, 0.98)
    yield 1.0, work.finished()
