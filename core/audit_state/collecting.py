"""Gather what an audit in progress has found into the result that its report is made from."""

from __future__ import annotations

from core.audit.pipeline import assess_fairness, measure_performance, with_findings
from core.audit.result import AuditPlan, AuditResult
from core.audit_state.audit_ledger import charges
from core.audit_state.results.attack_results import load_attacks
from core.audit_state.results.effect_results import with_unmitigated
from core.audit_state.results.model_results import load_trust
from core.audit_state.results.release_results import list_releases
from core.audit_state.state import AuditState
from core.audit_state.what_if_scenarios import list_scenarios
from core.data.dataset import Dataset
from core.data.table import Table
from core.explanation.attribution.explain import GlobalExplanation, PersonExplanation
from core.storage.workspace import Workspace
from core.training.external_fit import external_fit
from core.training.trained import Trained


def collect(
    workspace: Workspace,
    state: AuditState,
    table: Table,
    dataset: Dataset,
    trained: Trained | None,
    explained: GlobalExplanation | None,
    people: tuple[PersonExplanation, ...],
) -> AuditResult:
    """Gather what is on disk, and measure what is not.

    Parameters
    ----------
    workspace : Workspace
    state : AuditState
        With roles.
    table : Table
    dataset : Dataset
    trained : Trained or None
        None for existing predictions.
    explained : GlobalExplanation or None
    people : tuple of PersonExplanation
    """
    assert state.roles is not None
    sample = state.sample
    if trained is not None:
        trained = with_unmitigated(workspace, state, dataset, trained)
    result = AuditResult(
        AuditPlan(
            state.roles,
            trained.spec if trained else None,
            len(people),
            state.impact,
            state.bias_audit,
        ),
        table,
        dataset,
        trained,
        measure_performance(dataset, trained),
        assess_fairness(dataset, trained, impact=state.impact),
        explained,
        people,
        charges(workspace, state),
        state.budget,
        (),
        attack=None if trained is None else load_attacks(workspace, state, trained),
        releases=list_releases(workspace, state),
        trust=None if trained is None else load_trust(workspace, state, trained),
        caveats=sample.caveats if sample else (),
        external=external_fit(table, dataset, trained),
        scenarios=list_scenarios(workspace, state.id),
    )
    return with_findings(result)
