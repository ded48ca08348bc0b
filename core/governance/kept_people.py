"""Models trained again to see how sure decisions are, kept on disk one by one for all people."""

from __future__ import annotations

from collections.abc import Iterator

from core.data.dataset import Dataset
from core.errors import InputError
from core.explanation.how_sure import REFITS, Refit, refit
from core.governance.canonical import key
from core.governance.progress import Progress
from core.governance.workspace import Workspace
from core.learning.training import Trained


def kept_refits(
    workspace: Workspace, progress: Progress, trained: Trained, refits: int = REFITS
) -> list[Refit]:
    """Return the first refits that are on disk; none is trained."""
    out: list[Refit] = []
    for number in range(refits):
        found = workspace.get_model(progress.id, _place(trained, number))
        if isinstance(found, Refit):
            out.append(found)
    return out


def refit_and_keep(
    workspace: Workspace,
    progress: Progress,
    dataset: Dataset,
    trained: Trained,
    refits: int = REFITS,
) -> Iterator[tuple[float, list[Refit]]]:
    """Train again, taking finished models from disk and keeping each new one there at once.

    A refit whose drawn rows don't suffice for the mitigation is left out, so that there
    may be fewer than were asked for.

    Yields
    ------
    share : float
        In (0, 1].
    refits : list of Refit
        All so far.
    """
    done: list[Refit] = []
    for number in range(refits):
        found = workspace.get_model(progress.id, _place(trained, number))
        if not isinstance(found, Refit):
            try:
                found = refit(dataset, trained, number)
            except InputError:
                found = None
            if found is not None:
                workspace.put_model(progress.id, _place(trained, number), found)
        if found is not None:
            done = [*done, found]
        yield (number + 1) / refits, done


def _place(trained: Trained, number: int) -> str:
    return key(trained.fingerprint, (trained.spec, "refit", number))
