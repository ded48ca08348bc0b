"""A served model as the audited one: asked for the scores of all rows, which stand for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy.typing as npt
import pandas as pd

from core.audit_state.audit_models import audit_brought_model
from core.audit_state.served_calls import AuditAccount
from core.audit_state.served_models import KeptServedModel, owner_of
from core.audit_state.state import AuditState
from core.data.roles.roles import Roles
from core.data.table import Table
from core.external_models.matching import model_inputs
from core.external_models.model_facts import ModelInput
from core.external_models.objects import digest_of_scores
from core.external_models.opened import offer
from core.external_models.served.connection import Connection, ask_rows
from core.external_models.served.permission import Permit, permit_here, permitted
from core.learning.external_model import positive_score
from core.storage.workspace import Workspace
from core.training.spec import TrainingSpec
from core.training.trained import Trained


def ask_trial(
    workspace: Workspace,
    state: AuditState,
    connection: Connection,
    inputs: tuple[ModelInput, ...],
    given: Mapping[str, npt.NDArray[Any]],
) -> Any:
    """Ask a server for its first rows, in one call of the audit's; return the answers as they came.

    Raises
    ------
    InputError
        If no call is left, or as the server.
    """
    account = AuditAccount(workspace, state, connection.spec.address)
    with permitted(permit_here() or Permit(1)):
        account.check(len(next(iter(given.values()))), 1, connection.where)
        account.debit()
        return ask_rows(connection, inputs, given)


def audit_served_model(
    workspace: Workspace,
    state: AuditState,
    table: Table,
    features: pd.DataFrame,
    model: KeptServedModel,
    spec: TrainingSpec,
) -> tuple[Trained, Roles]:
    """Ask a server for the scores of all rows, which then stand for the model, and audit it.

    Parameters
    ----------
    workspace, state, table
    features : DataFrame, shape (n, p)
        Of the candidates that its inputs were matched to.
    model : KeptServedModel
    spec : TrainingSpec
        With the model, matched.

    Raises
    ------
    InputError
        As the server, and as :func:`core.audit_state.audit_models.audit_brought_model`.
    """
    external = spec.external
    assert external is not None
    found = model.score(model_inputs(external.matching, model.facts, features))
    scores = positive_score(found, model.facts.classes, external)
    model.check_labels()
    model.name_by(digest_of_scores(scores))
    external = replace(external, sha256=model.facts.sha256)
    offer(external, lambda: model, owner_of(workspace, state))
    return audit_brought_model(workspace, state, table, None, replace(spec, external=external))
