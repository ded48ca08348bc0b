"""Explanations of the audited model, kept on disk: each is computed once for a data and a model."""

from __future__ import annotations

from collections.abc import Iterator

from threadpoolctl import threadpool_limits

from core.data.dataset import Dataset
from core.explanation.explain import (
    GlobalExplanation,
    PersonExplanation,
    explain_globally,
    explain_person,
)
from core.governance.canonical import key
from core.governance.progress import Progress
from core.governance.workspace import Workspace
from core.learning.training import Trained


def kept_global(
    workspace: Workspace, progress: Progress, trained: Trained
) -> GlobalExplanation | None:
    """Return the finished global explanation, None if there is none on disk."""
    found = workspace.get_model(progress.id, _global_key(trained))
    return found if isinstance(found, GlobalExplanation) else None


def explain_globally_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, trained: Trained
) -> Iterator[tuple[float, GlobalExplanation]]:
    """Explain a sample of test rows batch by batch, and keep what all of them gave.

    Yields
    ------
    share : float
        Part of the rows done, in (0, 1].
    explanation : GlobalExplanation
        Over the rows done so far.
    """
    kept = kept_global(workspace, progress, trained)
    if kept is not None:
        yield 1.0, kept
        return
    for share, explanation in explain_globally(dataset, trained):
        if share >= 1:
            workspace.put_model(progress.id, _global_key(trained), explanation)
        yield share, explanation


def explain_person_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, trained: Trained, position: int
) -> PersonExplanation:
    """Explain one test row, from disk where it was explained before."""
    place = key(trained.fingerprint, (trained.spec, "person", position))
    found = workspace.get_model(progress.id, place)
    if isinstance(found, PersonExplanation):
        return found
    # On a busy machine threads that wait for each other take many times as long as one alone.
    with threadpool_limits(limits=1):
        explained = explain_person(dataset, trained, position)
    workspace.put_model(progress.id, place, explained)
    return explained


def _global_key(trained: Trained) -> str:
    return key(trained.fingerprint, (trained.spec, "global explanation of rows"))
