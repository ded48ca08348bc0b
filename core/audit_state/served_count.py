"""How many calls a piece of work would make to a served model, found before any of them is made."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from core.audit_state.served_calls import CallCount, calls_of
from core.audit_state.served_models import KeptServedModel
from core.audit_state.state import AuditState
from core.data.dataset import Dataset
from core.errors import InputError
from core.external_models.matching import model_inputs
from core.external_models.opened import scorer_of
from core.external_models.served.imitation import Imitation
from core.external_models.served.permission import Count, CountEndedError, counted
from core.storage.workspace import Workspace
from core.training.trained import Trained

LOG = logging.getLogger("equipoise")


def count_calls(
    workspace: Workspace,
    state: AuditState,
    dataset: Dataset,
    trained: Trained,
    work: Callable[[Workspace], object],
    *,
    seconds: float = 20.0,
) -> CallCount:
    """Go through a piece of work with made-up answers, and count what it would ask for.

    Parameters
    ----------
    workspace : Workspace
    state : AuditState
    dataset : Dataset
    trained : Trained
        Of a served model.
    work : callable
        Does the work and keeps its results in the workspace that it is given: one that is thrown
        away.
    seconds : float
        After which counting ends.
    """
    external = trained.spec.external
    assert external is not None
    record = calls_of(workspace, state)
    left = max(record.most - record.made, 0)
    model = scorer_of(external)
    assert isinstance(model, KeptServedModel)
    given = model_inputs(external.matching, model.facts, dataset.features)
    count = Count(model.rows, Imitation(given, model.score(given)), seconds)
    complete = True
    with TemporaryDirectory(prefix="equipoise-count-") as folder, counted(count):
        scratch = Workspace(Path(folder))
        (scratch.root / "audits" / state.id).mkdir(parents=True)
        try:
            work(scratch)
        except CountEndedError:
            complete = False
        except InputError as error:
            LOG.info("counting calls ended early: %s", error)
            complete = False
    return CallCount(count.rows, count.calls + bool(count.calls), left, complete)
