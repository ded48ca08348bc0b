"""The people whom the report explains, and the overview with it once they are explained."""

from __future__ import annotations

from core.audit_state.results.model_results import load_person
from core.audit_state.state import AuditState
from core.explanation.attribution.explain import PersonExplanation, spread_by_score
from core.storage.workspace import Workspace
from core.training.trained import Trained

COUNT = 3


def report_people(trained: Trained) -> list[int]:
    """Positions among the test rows of the people whom the report explains."""
    return spread_by_score(trained, COUNT)


def load_report_people(
    workspace: Workspace, state: AuditState, trained: Trained
) -> tuple[PersonExplanation, ...]:
    """Return their explanations, none unless all of them are on disk."""
    found = [
        load_person(workspace, state, trained, position) for position in report_people(trained)
    ]
    known = tuple(person for person in found if person is not None)
    return known if len(known) == len(found) else ()
