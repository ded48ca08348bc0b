"""Results of core, kept while a browser session lasts.

Keys are as in :mod:`components.session`: nothing here is lost with the session, it can always be
made again from disk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from components.session import dataset, reading_key, table, trained, workspace

if TYPE_CHECKING:
    from components.landscape_numbers import Explored
    from core.audit import Assessments
    from core.comparison.paired_result import PairedComparison
    from core.data.dataset import Dataset
    from core.data.outcome_rows import OutcomeColumns
    from core.data.table import Repair
    from core.explanation.explain import GlobalExplanation, PersonExplanation
    from core.fairness.amounts import AmountAssessment
    from core.fairness.mitigation.effect import Effect
    from core.fairness.mitigation.lot import Lot
    from core.fairness.multiclass import ClassAssessment
    from core.fairness.thresholds import WhatIf
    from core.governance.kept_sweeps import SweepPlan
    from core.governance.progress import Progress
    from core.learning.training import TrainingSpec
    from core.privacy.anonymity.measure import Anonymity
    from core.privacy.anonymity.suggest import Power, Suggestion
    from core.privacy.private_fairness import PrivateFairness
    from core.privacy.release import Release
    from core.reporting.written_report import WrittenReport
    from core.tradeoff.frontier.axes import Axis
    from core.tradeoff.sweep.point_store import PointStore
    from core.tradeoff.sweep.sweep import SweepState


def assessments(progress: Progress, combinations: list[tuple[str, ...]] | None) -> Assessments:
    """Assess the audit's decisions by combinations of sensitive columns; all if None."""
    return _assessments(
        str(workspace().root), progress.id, decisions_key(progress), combinations, progress
    )


def decisions_key(progress: Progress) -> str:
    """Key of the decisions that are audited: the data and how the model was trained."""
    from core.governance.canonical import key

    return key(dataset(progress).fingerprint, progress.training)


@st.cache_resource(show_spinner="Measuring fairness", max_entries=32, scope="session")
def _assessments(
    root: str,
    audit: str,
    decisions: str,
    combinations: list[tuple[str, ...]] | None,
    _progress: Progress,
) -> Assessments:
    from core.audit import assess_fairness

    return assess_fairness(dataset(_progress), trained(_progress), combinations)


def paired(
    progress: Progress, pair: tuple[TrainingSpec, TrainingSpec], attributes: tuple[str, ...]
) -> PairedComparison:
    """Compare two kept models on the same test people."""
    from core.governance.canonical import key

    place = key(dataset(progress).fingerprint, (*pair, attributes))
    return _paired(str(workspace().root), progress.id, place, (progress, pair, attributes))


@st.cache_resource(
    show_spinner="Comparing the two on the same people", max_entries=8, scope="session"
)
def _paired(root: str, audit: str, place: str, _asked: Any) -> PairedComparison:
    from core.governance.kept_models import compare_kept

    progress, pair, attributes = _asked
    return compare_kept(workspace(), progress, dataset(progress), pair, attributes)


def what_if(progress: Progress, attributes: tuple[str, ...]) -> WhatIf:
    """Count the audit's scores by some sensitive columns, once for all thresholds."""
    return _what_if(
        str(workspace().root), progress.id, decisions_key(progress), attributes, progress
    )


@st.cache_resource(show_spinner="Counting scores", max_entries=8, scope="session")
def _what_if(
    root: str, audit: str, decisions: str, attributes: tuple[str, ...], _progress: Progress
) -> WhatIf:
    from core.fairness.thresholds import what_if

    return what_if(dataset(_progress), trained(_progress), attributes)


def class_assessment(
    progress: Progress, columns: OutcomeColumns
) -> tuple[ClassAssessment, tuple[Repair, ...]]:
    """Assess predicted classes in columns of the audit's table, whatever its roles are."""
    return _class_assessment(
        str(workspace().root), progress.id, _outcome_key(progress, columns), (progress, columns)
    )


@st.cache_resource(show_spinner="Measuring fairness", max_entries=8, scope="session")
def _class_assessment(
    root: str, audit: str, place: str, _asked: tuple[Progress, OutcomeColumns]
) -> tuple[ClassAssessment, tuple[Repair, ...]]:
    from core.data.outcome_rows import class_rows
    from core.fairness.multiclass import assess_classes

    progress, columns = _asked
    rows = class_rows(table(progress), columns)
    found = assess_classes(
        rows.truth, rows.prediction, rows.sensitive, weights=rows.weights, persons=rows.persons
    )
    return found, rows.repairs


def amount_assessment(
    progress: Progress, columns: OutcomeColumns
) -> tuple[AmountAssessment, tuple[Repair, ...]]:
    """Assess predicted amounts in columns of the audit's table, whatever its roles are."""
    return _amount_assessment(
        str(workspace().root), progress.id, _outcome_key(progress, columns), (progress, columns)
    )


@st.cache_resource(show_spinner="Measuring fairness", max_entries=8, scope="session")
def _amount_assessment(
    root: str, audit: str, place: str, _asked: tuple[Progress, OutcomeColumns]
) -> tuple[AmountAssessment, tuple[Repair, ...]]:
    from core.data.outcome_rows import amount_rows
    from core.fairness.amounts import assess_amounts

    progress, columns = _asked
    rows = amount_rows(table(progress), columns)
    found = assess_amounts(
        rows.truth, rows.prediction, rows.sensitive, weights=rows.weights, persons=rows.persons
    )
    return found, rows.repairs


def _outcome_key(progress: Progress, columns: OutcomeColumns) -> str:
    from core.governance.canonical import key

    return f"{reading_key(progress)} {key('', columns)}"


def quasi_suggestions(
    progress: Progress,
) -> tuple[tuple[Suggestion, ...], tuple[Power, ...]]:
    """Suggest quasi-identifiers of the audit's table by how well they tell people apart."""
    from core.governance.canonical import key

    place = f"{reading_key(progress)} {key('', progress.roles)}"
    return _quasi_suggestions(str(workspace().root), progress.id, place, progress)


@st.cache_resource(show_spinner="Looking for telling columns", max_entries=4, scope="session")
def _quasi_suggestions(
    root: str, audit: str, place: str, _progress: Progress
) -> tuple[tuple[Suggestion, ...], tuple[Power, ...]]:
    from core.privacy.anonymity.suggest import suggest_for

    assert _progress.roles is not None
    return suggest_for(table(_progress).frame, _progress.roles)


def anonymity(
    progress: Progress, quasi: tuple[str, ...], sensitive: str | None, fraction: float | None
) -> Anonymity:
    """Measure how anonymous the audit's table is."""
    return _anonymity(
        str(workspace().root),
        progress.id,
        reading_key(progress),
        (quasi, sensitive, fraction),
        progress,
    )


@st.cache_resource(show_spinner="Measuring anonymity", max_entries=8, scope="session")
def _anonymity(
    root: str,
    audit: str,
    reading: str,
    asked: tuple[tuple[str, ...], str | None, float | None],
    _progress: Progress,
) -> Anonymity:
    from core.privacy.anonymity.measure import measure

    quasi, sensitive, fraction = asked
    return measure(table(_progress).frame, quasi, sensitive, sampling_fraction=fraction)


def effect(progress: Progress) -> Effect | None:
    """Return what the audited model's mitigation changed, None without one."""
    return _effect(str(workspace().root), progress.id, decisions_key(progress), progress)


@st.cache_resource(
    show_spinner="Comparing with the learner without mitigation", max_entries=4, scope="session"
)
def _effect(root: str, audit: str, decisions: str, _progress: Progress) -> Effect | None:
    from core.governance.kept_effects import effect_of

    model = trained(_progress)
    assert model is not None
    return effect_of(workspace(), _progress, dataset(_progress), model)


def lot(progress: Progress) -> Lot | None:
    """Return on whom the audited model's lot falls, None where nothing is drawn."""
    return _lot(str(workspace().root), progress.id, decisions_key(progress), progress)


@st.cache_resource(show_spinner="Looking at the lot", max_entries=4, scope="session")
def _lot(root: str, audit: str, decisions: str, _progress: Progress) -> Lot | None:
    from core.governance.kept_effects import with_unmitigated
    from core.learning.randomised import lot_of

    model, data = trained(_progress), dataset(_progress)
    assert model is not None
    return lot_of(data, with_unmitigated(workspace(), _progress, data, model))


def report(
    progress: Progress,
    explained: GlobalExplanation | None,
    people: tuple[PersonExplanation, ...],
) -> WrittenReport:
    """Return the report, written once for what was settled, found, spent, released and swept.

    Whatever :func:`core.governance.collecting.collect` reads from disk has its part in the key.
    """
    from core.governance.attack_results import kept_attacks
    from core.governance.canonical import key
    from core.governance.kept_releases import kept_releases
    from core.governance.kept_sweeps import kept_sweep
    from core.governance.model_results import kept_trust
    from core.governance.progress import charges
    from core.privacy.release_record import release_to_json

    tradeoffs = kept_sweep(workspace(), progress, dataset(progress))
    model = trained(progress)
    attack = None if model is None else kept_attacks(workspace(), progress, model)
    place = key(
        decisions_key(progress),
        (
            # How the file is read stands in the command, what was generalised in the plan.
            progress,
            charges(workspace(), progress),
            [release_to_json(found) for found in kept_releases(workspace(), progress)],
            tradeoffs,
            explained.rows if explained else 0,
            tuple(person.row for person in people),
            [] if attack is None else [found.shadows for found in attack.memberships],
            [] if attack is None else [found.what for found in attack.audits],
            model is not None and kept_trust(workspace(), progress, model) is not None,
        ),
    )
    return _report(
        str(workspace().root), progress.id, place, (progress, explained, people, tradeoffs)
    )


@st.cache_resource(show_spinner="Writing the report", max_entries=4, scope="session")
def _report(root: str, audit: str, place: str, _found: Any) -> WrittenReport:
    from core.governance.collecting import collect
    from core.reporting.written_report import write_report

    progress, explained, people, tradeoffs = _found
    result = collect(
        workspace(),
        progress,
        table(progress),
        dataset(progress),
        trained(progress),
        explained,
        people,
    )
    return write_report(
        result,
        progress.file,
        progress.sample,
        tradeoffs,
        options=progress.options,
        kinds=progress.kinds,
        generalised=progress.generalised,
    )


def private_fairness(found: Release) -> PrivateFairness:
    """Read a released cube once; it says the same each time."""
    from core.governance.canonical import key

    return _private_fairness(key("", (found.plan, found.counts)), found)


@st.cache_resource(show_spinner="Reading the release", max_entries=8, scope="session")
def _private_fairness(place: str, _found: Release) -> PrivateFairness:
    from core.privacy.private_fairness import read_fairness

    return read_fairness(_found)


def sweep_points(progress: Progress) -> PointStore:
    """Return the finished points of an audit's sweeps, read again when their file has changed."""
    path = workspace().path_in(progress.id, "points.jsonl")
    found = path.stat() if path.exists() else None
    version = (0, 0) if found is None else (found.st_size, found.st_mtime_ns)
    return _sweep_points(str(workspace().root), progress.id, version, progress)


@st.cache_resource(show_spinner="Reading the points", max_entries=2, scope="session")
def _sweep_points(
    root: str, audit: str, version: tuple[int, int], _progress: Progress
) -> PointStore:
    from core.governance.kept_sweeps import store_of

    return store_of(workspace(), _progress)


def explored(
    progress: Progress,
    dataset: Dataset,
    plan: SweepPlan,
    state: SweepState,
    axes: tuple[Axis, Axis],
) -> Explored:
    """Lay the runs of a sweep out for two figures, once for the runs there are."""
    from core.governance.canonical import key

    # Runs that are made again take another time, so they never pass for the earlier ones.
    points = len(state.points), sum(point.seconds for point in state.points)
    place = key(dataset.fingerprint, (plan, points, tuple(axis.name for axis in axes)))
    return _explored(str(workspace().root), progress.id, place, (state.points, axes))


@st.cache_resource(show_spinner="Comparing settings", max_entries=4, scope="session")
def _explored(root: str, audit: str, place: str, _asked: Any) -> Explored:
    from components.landscape_numbers import explore

    points, axes = _asked
    return explore(points, *axes)
