"""What the audited model's mitigation changed, against the same learner without one."""

from __future__ import annotations

from dataclasses import replace

from core.data.dataset import Dataset
from core.fairness.mitigation import MITIGATIONS
from core.fairness.mitigation.effect import Effect, effect
from core.governance.progress import Progress, model_of
from core.governance.workspace import Workspace
from core.learning.learners import LEARNERS
from core.learning.training import Trained


def effect_of(
    workspace: Workspace, progress: Progress, dataset: Dataset, trained: Trained
) -> Effect | None:
    """Compare decisions with and without the mitigation, on the same untouched test rows.

    Parameters
    ----------
    workspace : Workspace
    progress : Progress
    dataset : Dataset
    trained : Trained
        Of an ordinary learner the one without mitigation is trained once and kept. A private one
        is never trained again, which would be charged: where only thresholds were chosen, its own
        scores say what 0.5 would have decided.

    Returns
    -------
    Effect or None
        None if there is no mitigation, or no private model without it.
    """
    if trained.spec.mitigation == "none":
        return None
    if LEARNERS[trained.spec.learner].private:
        if MITIGATIONS[trained.spec.mitigation].counts != "validation":
            return None
        before = trained.scores >= 0.5
    else:
        spec = replace(trained.spec, mitigation="none", mitigate_for=None, strength=1.0)
        before = model_of(workspace, progress, dataset, spec).decisions
    rows = trained.split.test
    column = trained.spec.mitigate_for or dataset.roles.sensitive[0]
    return effect(
        dataset.target[rows],
        dataset.sensitive[column].to_numpy(dtype=object)[rows],
        before,
        trained.decisions,
        weights=None if dataset.weights is None else dataset.weights[rows],
        positive_is_favourable=dataset.roles.positive_is_favourable,
    )
