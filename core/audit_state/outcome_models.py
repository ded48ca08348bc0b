"""Models of amounts and of classes that were brought to an audit: kept, and found again."""

from __future__ import annotations

from dataclasses import dataclass

from core.audit_state.model_files import keep_model_file, put_at_hand
from core.audit_state.state import AuditState, check_current
from core.data.roles.outcome_rows import OutcomeColumns
from core.data.table import Table
from core.external_models.external_spec import ExternalSpec
from core.external_models.predicted_outcomes import PredictedOutcomes, predicted_outcomes
from core.storage.canonical import key
from core.storage.record_store import RecordKind, RecordStore
from core.storage.workspace import Workspace


@dataclass(frozen=True)
class OutcomeModel:
    """A model that stands in the place of a column of predictions.

    Attributes
    ----------
    external : ExternalSpec
    columns : OutcomeColumns
        With which it was brought; its ``prediction`` names no column.
    """

    external: ExternalSpec
    columns: OutcomeColumns


KEPT = RecordKind(
    "outcome models brought",
    tuple[OutcomeModel, ...],
    what="the models of amounts and classes that were brought to this audit",
)
_KEPT = key("", "outcome models brought")


def audit_outcome_model(
    workspace: Workspace, state: AuditState, table: Table, data: bytes, model: OutcomeModel
) -> PredictedOutcomes:
    """Ask a model for what it predicts, and keep its file and how it is asked with the audit.

    Raises
    ------
    ChangedMeanwhileError
        If the table is read otherwise by now than as in ``state``.
    InputError
        As :func:`core.external_models.predicted_outcomes.predicted_outcomes`; nothing of the model
        is listed then.
    """
    check_current(workspace, state, ["options", "kinds"], "the model was not kept")
    keep_model_file(workspace, state, data)
    put_at_hand(workspace, state, model.external)
    asked = predicted_outcomes(table, model.columns, model.external)

    def add(before: tuple[OutcomeModel, ...] | None) -> tuple[OutcomeModel, ...]:
        return (*(item for item in before or () if _asked(item) != _asked(model)), model)

    RecordStore(workspace, state.id).revise(KEPT, _KEPT, add)
    return asked


def _asked(model: OutcomeModel) -> tuple[str, str]:
    """Name a file and what it is asked for: brought again, it is matched anew and not beside."""
    return model.external.sha256, model.external.output


def outcome_models(workspace: Workspace, state: AuditState) -> tuple[OutcomeModel, ...]:
    """List the models of amounts and classes of an audit and put them at hand, the last first."""
    found: tuple[OutcomeModel, ...] = RecordStore(workspace, state.id).load(KEPT, _KEPT) or ()
    for model in found:
        put_at_hand(workspace, state, model.external)
    return found[::-1]
