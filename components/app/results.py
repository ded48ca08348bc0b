"""Results of core, kept while a browser session lasts.

Keys are as in :mod:`components.app.session`: nothing here is lost with the session, it can always
be made again from disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.app.kept import kept
from components.app.session import (
    dataset,
    decisions_key,
    reading_key,
    roles_of,
    table,
    trained,
    workspace,
)
from components.app.shown_results import mark_shown
from core.storage.canonical import key

if TYPE_CHECKING:
    from components.app.sweep_numbers import SweepResults
    from core.anonymity.measure import Anonymity
    from core.anonymity.suggest import Power, Suggestion
    from core.audit.result import Assessments, AuditResult
    from core.audit_state.results.compared_models import Candidate
    from core.audit_state.state import AuditState
    from core.audit_state.sweep_plan import SweepPlan
    from core.comparison.paired.paired_result import PairedComparison
    from core.data.dataset import Dataset
    from core.data.roles.outcome_rows import OutcomeColumns
    from core.data.table import Repair, Table
    from core.explanation.attribution.explain import GlobalExplanation, PersonExplanation
    from core.explanation.person.what_if import PersonEditor
    from core.external_models.external_spec import ExternalSpec
    from core.external_models.predicted_outcomes import PredictedOutcomes
    from core.fairness.assessment.multiclass import ClassAssessment
    from core.fairness.assessment.regression import RegressionAssessment
    from core.fairness.disparities.group_verdicts import GroupVerdict
    from core.fairness.what_if.thresholds import WhatIf
    from core.governance.adopted_policy import PolicyRecord
    from core.mitigation.effect import Effect
    from core.mitigation.randomisation import Randomisation
    from core.policy.evaluation import Evaluation
    from core.privacy.release.private_fairness import PrivateFairness
    from core.privacy.release.release import Release
    from core.reporting.written_report import WrittenReport
    from core.tradeoff.frontier.axes import ParetoAxis
    from core.tradeoff.sweep.point_store import PointStore
    from core.tradeoff.sweep.sweep import SweepState
    from core.training.spec import TrainingSpec


def _decisions(state: AuditState, *more: object) -> tuple[object, ...]:
    return state.id, decisions_key(state), *more


def _outcomes(
    state: AuditState, columns: OutcomeColumns, external: ExternalSpec | None = None
) -> tuple[str, ...]:
    return state.id, reading_key(state), key("", (columns, external))


def _assessed(state: AuditState, combinations: list[tuple[str, ...]] | None) -> tuple[object, ...]:
    return _decisions(state, combinations, state.impact)


@kept("Measuring fairness", 32, by=_assessed)
def assessments(state: AuditState, combinations: list[tuple[str, ...]] | None) -> Assessments:
    """Assess the audit's decisions by combinations of sensitive columns; all if None."""
    from core.audit.pipeline import assess_fairness

    # Before any figure is shown: a policy that is adopted later says so.
    mark_shown(state)
    return assess_fairness(dataset(state), trained(state), combinations, state.impact)


def _pair(
    state: AuditState, pair: tuple[TrainingSpec, TrainingSpec], attributes: tuple[str, ...]
) -> tuple[str, ...]:
    return state.id, key(dataset(state).fingerprint, (*pair, attributes))


@kept("Comparing the two on the same people", 8, by=_pair)
def paired(
    state: AuditState, pair: tuple[TrainingSpec, TrainingSpec], attributes: tuple[str, ...]
) -> PairedComparison:
    """Compare two kept models on the same test people."""
    from core.audit_state.results.stored_models import compare_stored

    mark_shown(state)
    return compare_stored(workspace(), state, dataset(state), pair, attributes)


def _candidates(
    state: AuditState, pair: tuple[Candidate, Candidate], attributes: tuple[str, ...]
) -> tuple[str, ...]:
    return state.id, reading_key(state), key("", (state.roles, *pair, attributes))


@kept("Asking both about the same people", 8, by=_candidates)
def paired_candidates(
    state: AuditState, pair: tuple[Candidate, Candidate], attributes: tuple[str, ...]
) -> PairedComparison:
    """Compare two models, of which one at least was made elsewhere, on the rows that judge both."""
    from core.audit_state.results.compared_models import compare_candidates

    mark_shown(state)
    return compare_candidates(workspace(), state, table(state), roles_of(state), pair, attributes)


@kept("Counting scores", 8, by=_decisions)
def what_if(state: AuditState, attributes: tuple[str, ...]) -> WhatIf:
    """Count the audit's scores by some sensitive columns, once for all thresholds."""
    from core.training import threshold_what_if

    return threshold_what_if.what_if(dataset(state), trained(state), attributes)


@kept("Asking the model", 4, by=_outcomes)
def predicted(
    state: AuditState, columns: OutcomeColumns, external: ExternalSpec
) -> PredictedOutcomes:
    """Ask a model that was brought for amounts or classes, in the place of a column of them."""
    from core.external_models.predicted_outcomes import predicted_outcomes

    return predicted_outcomes(table(state), columns, external)


@kept("Measuring fairness", 8, by=_outcomes)
def class_assessment(
    state: AuditState, columns: OutcomeColumns, external: ExternalSpec | None = None
) -> tuple[ClassAssessment, tuple[Repair, ...]]:
    """Assess predicted classes in columns of the audit's table, whatever its roles are."""
    from core.data.roles.outcome_rows import class_rows
    from core.fairness.assessment.multiclass import assess_classes

    mark_shown(state)
    rows = class_rows(*_predictions(state, columns, external))
    found = assess_classes(
        rows.truth, rows.prediction, rows.sensitive, weights=rows.weights, persons=rows.persons
    )
    return found, rows.repairs


@kept("Measuring fairness", 8, by=_outcomes)
def amount_assessment(
    state: AuditState, columns: OutcomeColumns, external: ExternalSpec | None = None
) -> tuple[RegressionAssessment, tuple[Repair, ...]]:
    """Assess predicted amounts in columns of the audit's table, whatever its roles are."""
    from core.data.roles.outcome_rows import amount_rows
    from core.fairness.assessment.regression import assess_regression

    mark_shown(state)
    rows = amount_rows(*_predictions(state, columns, external))
    found = assess_regression(
        rows.truth, rows.prediction, rows.sensitive, weights=rows.weights, persons=rows.persons
    )
    return found, rows.repairs


def _predictions(
    state: AuditState, columns: OutcomeColumns, external: ExternalSpec | None
) -> tuple[Table, OutcomeColumns]:
    """Take the column of predictions, or that of a model's answers."""
    if external is None:
        return table(state), columns
    asked = predicted(state, columns, external)
    return asked.table, asked.columns


def _reading_and_roles(state: AuditState) -> tuple[str, ...]:
    return state.id, reading_key(state), key("", state.roles)


@kept("Looking for telling columns", 4, by=_reading_and_roles)
def quasi_suggestions(
    state: AuditState,
) -> tuple[tuple[Suggestion, ...], tuple[Power, ...]]:
    """Suggest quasi-identifiers of the audit's table by how well they tell people apart."""
    from core.anonymity.suggest import suggest_for

    return suggest_for(table(state).frame, roles_of(state))


@kept(
    "Measuring anonymity",
    8,
    by=lambda state, *asked: (state.id, reading_key(state), asked),
)
def anonymity(
    state: AuditState, quasi: tuple[str, ...], sensitive: str | None, fraction: float | None
) -> Anonymity:
    """Measure how anonymous the audit's table is."""
    from core.anonymity.measure import measure

    return measure(table(state).frame, quasi, sensitive, sampling_fraction=fraction)


@kept("Comparing with the model without mitigation", 4, by=_decisions)
def effect(state: AuditState) -> Effect | None:
    """Return what the audited model's mitigation changed, None without one."""
    from core.audit_state.results.effect_results import effect_of

    model = trained(state)
    assert model is not None
    return effect_of(workspace(), state, dataset(state), model)


@kept("Preparing to ask the model", 2, by=_decisions)
def person_editor(state: AuditState) -> PersonEditor:
    """Return what is the same for every edit of every person of the audited model."""
    from core.explanation.person.what_if import PersonEditor

    model = trained(state)
    assert model is not None
    return PersonEditor(dataset(state), model)


@kept("Looking at randomised decisions", 4, by=_decisions)
def randomisation(state: AuditState) -> Randomisation | None:
    """Return on whom the audited model's draws fall, None where nothing is drawn."""
    from core.audit_state.results.effect_results import with_unmitigated
    from core.training.randomised import randomisation_of

    model, data = trained(state), dataset(state)
    assert model is not None
    return randomisation_of(data, with_unmitigated(workspace(), state, data, model))


def _report_key(
    state: AuditState,
    explained: GlobalExplanation | None,
    people: tuple[PersonExplanation, ...],
) -> tuple[str, ...]:
    """Name all that a report tells, whatever :func:`core.audit_state.collecting.collect` reads."""
    from core.audit_state.audit_ledger import charges
    from core.audit_state.results.attack_results import load_attacks
    from core.audit_state.results.model_results import load_trust
    from core.audit_state.results.release_results import list_releases
    from core.audit_state.what_if_scenarios import list_scenarios
    from core.governance.adopted_policy import policy_record
    from core.governance.stored_sweeps import load_sweep
    from core.storage.canonical import key
    from core.storage.json_format import to_json

    model = trained(state)
    attack = None if model is None else load_attacks(workspace(), state, model)
    cache_key = key(
        decisions_key(state),
        (
            # How the file is read stands in the command, what was generalised in the plan.
            state,
            charges(workspace(), state),
            to_json(list_releases(workspace(), state)),
            load_sweep(workspace(), state, dataset(state)),
            explained.rows if explained else 0,
            tuple(person.row for person in people),
            [] if attack is None else [found.shadows for found in attack.memberships],
            [] if attack is None else [found.what for found in attack.audits],
            model is not None and load_trust(workspace(), state, model) is not None,
            policy_record(workspace(), state.id).to_json(),
            list_scenarios(workspace(), state.id),
        ),
    )
    return state.id, cache_key


@kept("Writing the report", 4, by=_report_key)
def report(
    state: AuditState,
    explained: GlobalExplanation | None,
    people: tuple[PersonExplanation, ...],
) -> WrittenReport:
    """Return the report, written once for what was settled, found, spent, released and swept."""
    from core.audit_state.collecting import collect
    from core.governance.adopted_policy import policy_record
    from core.governance.stored_sweeps import load_sweep
    from core.reporting.written_report import write_report

    mark_shown(state)
    data = dataset(state)
    result = collect(workspace(), state, table(state), data, trained(state), explained, people)
    return write_report(
        result,
        state.file,
        state.sample,
        load_sweep(workspace(), state, data),
        options=state.options,
        kinds=state.kinds,
        generalised=state.generalised,
        policy=policy_record(workspace(), state.id),
    )


def _explained_so_far(
    state: AuditState,
) -> tuple[GlobalExplanation | None, tuple[PersonExplanation, ...]]:
    from core.audit_state.results.model_results import load_global_explanation
    from core.audit_state.results.report_people import load_report_people

    model = trained(state)
    if model is None:
        return None, ()
    explained = load_global_explanation(workspace(), state, model)
    return explained, load_report_people(workspace(), state, model)


def _overview(state: AuditState) -> tuple[str, ...]:
    return _report_key(state, *_explained_so_far(state))


@kept("Checking the audit", 4, by=_overview)
def overview(state: AuditState) -> AuditResult:
    """Check what was found so far; nothing is computed anew but fairness."""
    from core.audit_state.collecting import collect

    mark_shown(state)
    found = _explained_so_far(state)
    return collect(workspace(), state, table(state), dataset(state), trained(state), *found)


@kept("Judging each group", 4, by=_overview)
def group_verdicts(state: AuditState) -> tuple[GroupVerdict, ...]:
    """Judge every group of every assessment by every metric of the overview's table."""
    from core.fairness.disparities.group_verdicts import group_verdicts as judge

    return tuple(item for found in overview(state).assessments.values() for item in judge(found))


def adopted_policy(state: AuditState) -> PolicyRecord:
    """Read what is on record of the audit's policy."""
    from core.governance.adopted_policy import policy_record

    return policy_record(workspace(), state.id)


def _evaluation(state: AuditState) -> tuple[object, ...]:
    return *_overview(state), len(adopted_policy(state).adoptions)


@kept("Judging criteria", 4, by=_evaluation)
def evaluation(state: AuditState) -> Evaluation:
    """Judge the audit by its adopted policy, or by the default where none is adopted."""
    from core.policy.evaluate import evaluate
    from core.policy.presets import PRESETS

    current = adopted_policy(state).current
    policy = PRESETS["default"].policy if current is None else current.policy
    return evaluate(policy, overview(state))


def _release(found: Release) -> tuple[str, ...]:
    return (key("", (found.plan, found.counts)),)


@kept("Reading the release", 8, by=_release)
def private_fairness(found: Release) -> PrivateFairness:
    """Read a released cube once; it says the same each time."""
    from core.privacy.release.private_fairness import read_fairness

    return read_fairness(found)


def _points_file(state: AuditState) -> tuple[object, ...]:
    path = workspace().path_in(state.id, "points.jsonl")
    found = path.stat() if path.exists() else None
    return state.id, *((0, 0) if found is None else (found.st_size, found.st_mtime_ns))


@kept("Reading the points", 2, by=_points_file)
def sweep_points(state: AuditState) -> PointStore:
    """Return the finished points of an audit's sweeps, read again when their file has changed."""
    from core.governance.stored_sweeps import store_of

    return store_of(workspace(), state)


def _runs(
    state: AuditState,
    dataset: Dataset,
    plan: SweepPlan,
    sweep_state: SweepState,
    axes: tuple[ParetoAxis, ParetoAxis],
) -> tuple[str, ...]:
    # Runs that are made again take another time, so they never pass for the earlier ones.
    points = len(sweep_state.points), sum(point.seconds for point in sweep_state.points)
    return state.id, key(dataset.fingerprint, (plan, points, tuple(axis.name for axis in axes)))


@kept("Comparing settings", 4, by=_runs)
def sweep_results(
    state: AuditState,
    dataset: Dataset,
    plan: SweepPlan,
    sweep_state: SweepState,
    axes: tuple[ParetoAxis, ParetoAxis],
) -> SweepResults:
    """Lay the runs of a sweep out for two figures, once for the runs there are."""
    from components.app.sweep_numbers import explore

    return explore(sweep_state.points, *axes)
