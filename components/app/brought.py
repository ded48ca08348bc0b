"""A model's file that a person brings: opened, matched, and compared with the table, once each."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from components.app.kept import kept
from components.app.session import reading_key, remember, remembered, roles_of, table, workspace
from core.external_models.reviewed_types import UnreviewedTypesError
from core.storage.canonical import key

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.roles.outcome_rows import OutcomeColumns
    from core.external_models.candidates import Candidates
    from core.external_models.external_spec import ExternalSpec
    from core.external_models.fit_to_table import FitToTable
    from core.external_models.matching import Matching
    from core.external_models.matching_draft import MatchingDraft
    from core.external_models.model_facts import ModelFacts


def _rows(state: AuditState, *more: object) -> tuple[object, ...]:
    return state.id, reading_key(state), key("", state.roles), *more


def _file(data: bytes, name: str, accepted: tuple[str, ...]) -> tuple[object, ...]:
    return hashlib.sha256(data).hexdigest(), name, accepted


@kept("Opening the model in a process of its own", 4, by=_file)
def _facts_or_types(
    data: bytes, name: str, accepted: tuple[str, ...]
) -> ModelFacts | UnreviewedTypesError:
    from core.external_models.sandbox.model_process import open_model

    try:
        with open_model(data, name, accepted_types=accepted) as model:
            return model.facts
    except UnreviewedTypesError as error:
        # Kept too: that is found out by opening it, and asked of every click on the page.
        return error


def model_facts(data: bytes, name: str, accepted: tuple[str, ...]) -> ModelFacts:
    """Open a model's file and return what it says of itself.

    Raises
    ------
    InputError
        If it can't be opened, or holds types that nobody reviewed or accepted.
    """
    found = _facts_or_types(data, name, accepted)
    if isinstance(found, UnreviewedTypesError):
        raise found
    return found


def _offered(state: AuditState, columns: OutcomeColumns | None = None) -> tuple[object, ...]:
    return _rows(state, key("", columns))


@kept("Looking for columns", 4, by=_offered)
def candidates(state: AuditState, columns: OutcomeColumns | None = None) -> Candidates:
    """Return what a model's inputs may be matched to in the audit's table.

    Parameters
    ----------
    state : AuditState
    columns : OutcomeColumns, optional
        Of a model of amounts or classes, which goes by these and not by the roles.
    """
    from core.external_models.candidates import candidates_for_outcomes, candidates_of

    if columns is not None:
        return candidates_for_outcomes(table(state), columns)
    return candidates_of(table(state), roles_of(state))


def _matched(
    state: AuditState,
    facts: ModelFacts,
    matching: Matching,
    columns: OutcomeColumns | None = None,
) -> tuple[object, ...]:
    return _rows(state, facts.sha256, repr(matching), key("", columns))


@kept("Counting what the model does not know", 8, by=_matched)
def fit(
    state: AuditState,
    facts: ModelFacts,
    matching: Matching,
    columns: OutcomeColumns | None = None,
) -> FitToTable:
    """Count what the model doesn't know of the rows, as far as inputs are matched."""
    from core.external_models.fit_to_table import fit_to_table

    found = candidates(state, columns)
    return fit_to_table(facts, matching, found.features, found.groups)


@kept(
    "Asking the model and comparing with earlier scores",
    4,
    by=lambda state, facts, spec, data: _rows(state, repr(spec)),
)
def fit_with_earlier_scores(
    state: AuditState, facts: ModelFacts, spec: ExternalSpec, data: bytes
) -> FitToTable:
    """Compare the model's scores with those of the column that the spec names."""
    from core.external_models.fit_to_table import with_earlier_scores
    from core.external_models.opened import is_offered, offer, scorer_of
    from core.external_models.sandbox.model_process import open_model

    if not is_offered(spec):
        offer(spec, lambda: open_model(data, spec.name, accepted_types=spec.accepted_types))
    found = candidates(state)
    return with_earlier_scores(
        fit(state, facts, spec.matching),
        scorer_of(spec),
        spec,
        table(state),
        found.rows,
        found.features,
    )


@kept(
    "Counting what the model does not know", 4, by=lambda state: _rows(state, repr(state.training))
)
def audited_fit(state: AuditState) -> FitToTable | None:
    """Return how the model that is audited fits the table; None where it was trained here."""
    from components.app.session import dataset, trained
    from core.audit_state.model_files import put_at_hand
    from core.training.external_fit import external_fit

    if state.training is None or state.training.external is None:
        return None
    put_at_hand(workspace(), state, state.training.external)
    return external_fit(table(state), dataset(state), trained(state))


def draft(
    state: AuditState,
    facts: ModelFacts,
    before: ExternalSpec | None,
    columns: OutcomeColumns | None = None,
) -> MatchingDraft:
    """Return the matching that a person works on, begun with proposals or as it was before."""
    from core.external_models.matching_draft import draft_as_before, draft_of
    from core.external_models.proposals import propose

    found: MatchingDraft | None = remembered(_draft(state, facts, columns), None)
    if found is not None:
        return found
    if before is not None and before.sha256 == facts.sha256:
        return draft_as_before(facts, before.matching)
    offered = candidates(state, columns)
    return draft_of(facts, propose(facts, offered.features, offered.constants))


def keep_draft(
    state: AuditState,
    facts: ModelFacts,
    changed: MatchingDraft,
    columns: OutcomeColumns | None = None,
) -> None:
    """Keep the matching as a person changed it."""
    remember(_draft(state, facts, columns), changed)


def _draft(state: AuditState, facts: ModelFacts, columns: OutcomeColumns | None) -> str:
    of = "" if columns is None else f" {columns.truth}"
    return f"matching {state.id} {facts.sha256}{of}"
