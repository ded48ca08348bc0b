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

if TYPE_CHECKING:
    from components.app.sweep_numbers import SweepResults
    from core.anonymity.measure import Anonymity
    from core.anonymity.suggest import Power, Suggestion
    from core.audit.result import Assessments
    from core.audit_state.state import AuditState
    from core.audit_state.sweep_plan import SweepPlan
    from core.comparison.paired.paired_result import PairedComparison
    from core.data.dataset import Dataset
    from core.data.roles.outcome_rows import OutcomeColumns
    from core.data.table import Repair
    from core.explanation.attribution.explain import GlobalExplanation, PersonExplanation
    from core.fairness.assessment.multiclass import ClassAssessment
    from core.fairness.assessment.regression import RegressionAssessment
    from core.fairness.what_if.thresholds import WhatIf
    from core.mitigation.effect import Effect
    from core.mitigation.randomisation import Randomisation
    from core.privacy.release.private_fairness import PrivateFairness
    from core.privacy.release.release import Release
    from core.reporting.written_report import WrittenReport
    from core.tradeoff.frontier.axes import ParetoAxis
    from core.tradeoff.sweep.point_store import PointStore
    from core.tradeoff.sweep.sweep import SweepState
    from core.training.spec import TrainingSpec


def _decisions(progress: AuditState, *more: object) -> tuple[object, ...]:
    return progress.id, decisions_key(progress), *more


def _outcomes(progress: AuditState, columns: OutcomeColumns) -> tuple[str, ...]:
    from core.storage.canonical import key

    return progress.id, reading_key(progress), key("", columns)


@kept("Measuring fairness", 32, by=_decisions)
def assessments(progress: AuditState, combinations: list[tuple[str, ...]] | None) -> Assessments:
    """Assess the audit's decisions by combinations of sensitive columns; all if None."""
    from core.audit.pipeline import assess_fairness

    return assess_fairness(dataset(progress), trained(progress), combinations)


def _pair(
    progress: AuditState, pair: tuple[TrainingSpec, TrainingSpec], attributes: tuple[str, ...]
) -> tuple[str, ...]:
    from core.storage.canonical import key

    return progress.id, key(dataset(progress).fingerprint, (*pair, attributes))


@kept("Comparing the two on the same people", 8, by=_pair)
def paired(
    progress: AuditState, pair: tuple[TrainingSpec, TrainingSpec], attributes: tuple[str, ...]
) -> PairedComparison:
    """Compare two kept models on the same test people."""
    from core.audit_state.results.stored_models import compare_stored

    return compare_stored(workspace(), progress, dataset(progress), pair, attributes)


@kept("Counting scores", 8, by=_decisions)
def what_if(progress: AuditState, attributes: tuple[str, ...]) -> WhatIf:
    """Count the audit's scores by some sensitive columns, once for all thresholds."""
    from core.training import threshold_what_if

    return threshold_what_if.what_if(dataset(progress), trained(progress), attributes)


@kept("Measuring fairness", 8, by=_outcomes)
def class_assessment(
    progress: AuditState, columns: OutcomeColumns
) -> tuple[ClassAssessment, tuple[Repair, ...]]:
    """Assess predicted classes in columns of the audit's table, whatever its roles are."""
    from core.data.roles.outcome_rows import class_rows
    from core.fairness.assessment.multiclass import assess_classes

    rows = class_rows(table(progress), columns)
    found = assess_classes(
        rows.truth, rows.prediction, rows.sensitive, weights=rows.weights, persons=rows.persons
    )
    return found, rows.repairs


@kept("Measuring fairness", 8, by=_outcomes)
def amount_assessment(
    progress: AuditState, columns: OutcomeColumns
) -> tuple[RegressionAssessment, tuple[Repair, ...]]:
    """Assess predicted amounts in columns of the audit's table, whatever its roles are."""
    from core.data.roles.outcome_rows import amount_rows
    from core.fairness.assessment.regression import assess_regression

    rows = amount_rows(table(progress), columns)
    found = assess_regression(
        rows.truth, rows.prediction, rows.sensitive, weights=rows.weights, persons=rows.persons
    )
    return found, rows.repairs


def _reading_and_roles(progress: AuditState) -> tuple[str, ...]:
    from core.storage.canonical import key

    return progress.id, reading_key(progress), key("", progress.roles)


@kept("Looking for telling columns", 4, by=_reading_and_roles)
def quasi_suggestions(
    progress: AuditState,
) -> tuple[tuple[Suggestion, ...], tuple[Power, ...]]:
    """Suggest quasi-identifiers of the audit's table by how well they tell people apart."""
    from core.anonymity.suggest import suggest_for

    return suggest_for(table(progress).frame, roles_of(progress))


@kept(
    "Measuring anonymity",
    8,
    by=lambda progress, *asked: (progress.id, reading_key(progress), asked),
)
def anonymity(
    progress: AuditState, quasi: tuple[str, ...], sensitive: str | None, fraction: float | None
) -> Anonymity:
    """Measure how anonymous the audit's table is."""
    from core.anonymity.measure import measure

    return measure(table(progress).frame, quasi, sensitive, sampling_fraction=fraction)


@kept("Comparing with the model without mitigation", 4, by=_decisions)
def effect(progress: AuditState) -> Effect | None:
    """Return what the audited model's mitigation changed, None without one."""
    from core.audit_state.results.effect_results import effect_of

    model = trained(progress)
    assert model is not None
    return effect_of(workspace(), progress, dataset(progress), model)


@kept("Looking at the lot", 4, by=_decisions)
def lot(progress: AuditState) -> Randomisation | None:
    """Return on whom the audited model's lot falls, None where nothing is drawn."""
    from core.audit_state.results.effect_results import with_unmitigated
    from core.training.randomised import lot_of

    model, data = trained(progress), dataset(progress)
    assert model is not None
    return lot_of(data, with_unmitigated(workspace(), progress, data, model))


def _written(
    progress: AuditState,
    explained: GlobalExplanation | None,
    people: tuple[PersonExplanation, ...],
) -> tuple[str, ...]:
    """Name all that a report tells, whatever :func:`core.audit_state.collecting.collect` reads."""
    from core.audit_state.audit_ledger import charges
    from core.audit_state.results.attack_results import load_attacks
    from core.audit_state.results.model_results import load_trust
    from core.audit_state.results.release_results import list_releases
    from core.governance.stored_sweeps import load_sweep
    from core.privacy.release.release_record import release_to_json
    from core.storage.canonical import key

    model = trained(progress)
    attack = None if model is None else load_attacks(workspace(), progress, model)
    place = key(
        decisions_key(progress),
        (
            # How the file is read stands in the command, what was generalised in the plan.
            progress,
            charges(workspace(), progress),
            [release_to_json(found) for found in list_releases(workspace(), progress)],
            load_sweep(workspace(), progress, dataset(progress)),
            explained.rows if explained else 0,
            tuple(person.row for person in people),
            [] if attack is None else [found.shadows for found in attack.memberships],
            [] if attack is None else [found.what for found in attack.audits],
            model is not None and load_trust(workspace(), progress, model) is not None,
        ),
    )
    return progress.id, place


@kept("Writing the report", 4, by=_written)
def report(
    progress: AuditState,
    explained: GlobalExplanation | None,
    people: tuple[PersonExplanation, ...],
) -> WrittenReport:
    """Return the report, written once for what was settled, found, spent, released and swept."""
    from core.audit_state.collecting import collect
    from core.governance.stored_sweeps import load_sweep
    from core.reporting.written_report import write_report

    data = dataset(progress)
    result = collect(
        workspace(), progress, table(progress), data, trained(progress), explained, people
    )
    return write_report(
        result,
        progress.file,
        progress.sample,
        load_sweep(workspace(), progress, data),
        options=progress.options,
        kinds=progress.kinds,
        generalised=progress.generalised,
    )


def _release(found: Release) -> tuple[str, ...]:
    from core.storage.canonical import key

    return (key("", (found.plan, found.counts)),)


@kept("Reading the release", 8, by=_release)
def private_fairness(found: Release) -> PrivateFairness:
    """Read a released cube once; it says the same each time."""
    from core.privacy.release.private_fairness import read_fairness

    return read_fairness(found)


def _points_file(progress: AuditState) -> tuple[object, ...]:
    path = workspace().path_in(progress.id, "points.jsonl")
    found = path.stat() if path.exists() else None
    return progress.id, *((0, 0) if found is None else (found.st_size, found.st_mtime_ns))


@kept("Reading the points", 2, by=_points_file)
def sweep_points(progress: AuditState) -> PointStore:
    """Return the finished points of an audit's sweeps, read again when their file has changed."""
    from core.governance.stored_sweeps import store_of

    return store_of(workspace(), progress)


def _runs(
    progress: AuditState,
    dataset: Dataset,
    plan: SweepPlan,
    state: SweepState,
    axes: tuple[ParetoAxis, ParetoAxis],
) -> tuple[str, ...]:
    from core.storage.canonical import key

    # Runs that are made again take another time, so they never pass for the earlier ones.
    points = len(state.points), sum(point.seconds for point in state.points)
    return progress.id, key(dataset.fingerprint, (plan, points, tuple(axis.name for axis in axes)))


@kept("Comparing settings", 4, by=_runs)
def explored(
    progress: AuditState,
    dataset: Dataset,
    plan: SweepPlan,
    state: SweepState,
    axes: tuple[ParetoAxis, ParetoAxis],
) -> SweepResults:
    """Lay the runs of a sweep out for two figures, once for the runs there are."""
    from components.app.sweep_numbers import explore

    return explore(state.points, *axes)
