"""What the audited model's mitigation changed, against the same learner without one."""

from __future__ import annotations

from dataclasses import replace

from core.audit_state.audit_models import load_or_train
from core.audit_state.state import AuditState
from core.data.dataset import Dataset
from core.learning.learners import LEARNERS
from core.mitigation.effect import Effect
from core.storage.workspace import Workspace
from core.training.trained import Trained, Unmitigated
from core.training.unmitigated import effect_of_mitigation, unmitigated, unmitigated_spec


def effect_of(
    workspace: Workspace, state: AuditState, dataset: Dataset, trained: Trained
) -> Effect | None:
    """Compare decisions with and without the mitigation, on the same untouched test rows.

    Returns
    -------
    Effect or None
        None if there is no mitigation, or no private model without it.
    """
    return effect_of_mitigation(dataset, with_unmitigated(workspace, state, dataset, trained))


def with_unmitigated(
    workspace: Workspace, state: AuditState, dataset: Dataset, trained: Trained
) -> Trained:
    """Return a model with the one without its mitigation beside it.

    Models that were kept before that one was trained with them lack it: it is trained once, and
    kept by itself. A private one is never trained again, which would be charged.
    """
    if trained.unmitigated is not None or trained.spec.mitigation == "none":
        return trained
    if LEARNERS[trained.spec.learner].private:
        return replace(
            trained, unmitigated=unmitigated(dataset, trained.spec, trained.split, trained.scores)
        )
    plain = load_or_train(workspace, state, dataset, unmitigated_spec(trained.spec))
    beside = Unmitigated(plain.scores, plain.decisions, plain.performance)
    return replace(trained, unmitigated=beside)
