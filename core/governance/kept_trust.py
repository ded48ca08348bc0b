"""How far explanations can be trusted, kept on disk: measured once for a data set and a model."""

from __future__ import annotations

from collections.abc import Iterator

from core.data.dataset import Dataset
from core.explanation.trust.measure import trust_steps
from core.explanation.trust.record import Trust, TrustSpec
from core.governance.canonical import key
from core.governance.progress import Progress
from core.governance.workspace import Workspace
from core.learning.training import Trained


def kept_trust(workspace: Workspace, progress: Progress, trained: Trained) -> Trust | None:
    """Return what was measured to the end, None if there is nothing on disk."""
    found = workspace.get_model(progress.id, _key(trained))
    return found if isinstance(found, Trust) else None


def measure_trust_and_keep(
    workspace: Workspace, progress: Progress, dataset: Dataset, trained: Trained
) -> Iterator[tuple[float, Trust]]:
    """Measure part by part, and keep what all of them gave.

    Yields
    ------
    tuple of (float, Trust)
        Share done in (0, 1], and what was measured so far.
    """
    kept = kept_trust(workspace, progress, trained)
    if kept is not None:
        yield 1.0, kept
        return
    for share, found in trust_steps(dataset, trained, TrustSpec()):
        if found.complete:
            workspace.put_model(progress.id, _key(trained), found)
        yield share, found


def _key(trained: Trained) -> str:
    return key(trained.fingerprint, (trained.spec, "trust in explanations", TrustSpec()))
