"""The only place that touches session state and caches.

A cache key is the workspace, the audit, the data's full SHA-256 and the canonical text of a spec:
frames are never hashed (docs/decisions/0002-cache-keys.md). What is kept here can always be made
again from disk, so nothing is lost with the session.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.errors import InputError
from core.governance.workspace import Workspace, default_root

if TYPE_CHECKING:
    from components.landscape_numbers import Explored
    from core.audit import Assessments
    from core.comparison.paired_result import PairedComparison
    from core.data.dataset import Dataset
    from core.data.outcome_rows import OutcomeColumns
    from core.data.places import Place
    from core.data.table import Repair, Table
    from core.explanation.explain import GlobalExplanation, PersonExplanation
    from core.fairness.amounts import AmountAssessment
    from core.fairness.assess_counted import CountedAssessment
    from core.fairness.columns_in_place import TableInPlace
    from core.fairness.mitigation.effect import Effect
    from core.fairness.multiclass import ClassAssessment
    from core.fairness.thresholds import WhatIf
    from core.governance.kept_counts import KeptCount
    from core.governance.kept_sweeps import SweepPlan
    from core.governance.progress import Progress
    from core.learning.training import Trained, TrainingSpec
    from core.privacy.anonymity.measure import Anonymity
    from core.privacy.anonymity.suggest import Power, Suggestion
    from core.privacy.private_fairness import PrivateFairness
    from core.privacy.release import Release
    from core.reporting.written_report import WrittenReport
    from core.tradeoff.frontier.axes import Axis
    from core.tradeoff.sweep.point_store import PointStore
    from core.tradeoff.sweep.sweep import SweepState

LOG = logging.getLogger("equipoise")
OPEN = "open_audit"
COUNT = "open_count"


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show bad input as its sentence, and anything else as an apology without a traceback."""
    try:
        yield
    except InputError as error:
        shown_error(error)
    except Exception:
        LOG.exception("a page failed")
        st.error(
            "Something went wrong on our side, and this page can't be shown. What you did before "
            "is kept on disk: reload the page or go back to the first page. The server's log "
            "holds the details.",
            icon=":material/error:",
        )


def shown_error(error: InputError) -> None:
    """Show the sentence of an error; names of columns and values stay plain text."""
    st.error(literal(str(error)), icon=":material/error:")


def literal(text: str) -> str:
    """Escape what Markdown would take for markup: columns and values are a person's text."""
    # A joiner that is not seen keeps an address from becoming a link.
    text = re.sub(r"(?i)(https?|ftp|mailto|xmpp|www)(?=[:.])", "\\1\u2060", text)
    for sign in "\\`*_{}[]()<>#+-.!|$~:":
        text = text.replace(sign, "\\" + sign)
    return text


def workspace() -> Workspace:
    """Open the workspace folder of this server."""
    return _workspace(str(default_root()))


@st.cache_resource(show_spinner=False)
def _workspace(root: str) -> Workspace:
    from pathlib import Path

    return Workspace(Path(root))


def current() -> Progress | None:
    """Return the audit that is open: named in the address, else the one of this session."""
    asked = st.query_params.get("audit") or st.session_state.get(OPEN)
    if not asked:
        return None
    from core.governance.progress import opened

    try:
        progress = opened(workspace(), str(asked))
    except InputError as error:
        LOG.info("no audit to open: %s", error)
        st.session_state.pop(OPEN, None)
        st.query_params.clear()
        st.warning(
            "The audit that was asked for is not here: it was deleted, or its address is mistyped."
        )
        return None
    if st.session_state.get(OPEN) != progress.id:
        st.session_state[OPEN] = progress.id
    if st.query_params.get("audit") != progress.id:
        st.query_params["audit"] = progress.id
    return progress


def open_audit(audit: str) -> None:
    """Make an audit the open one."""
    st.session_state[OPEN] = audit
    st.query_params["audit"] = audit


def close_audit() -> None:
    """Leave no audit open."""
    st.session_state.pop(OPEN, None)
    st.query_params.clear()


def require(*, roles: bool = True) -> Progress:
    """Return the open audit, or say what to do first and stop the page.

    Parameters
    ----------
    roles : bool
        Whether the page needs roles to be assigned.
    """
    from components import steps

    progress = current()
    if progress is None:
        st.info("No audit is open yet. Begin with a scenario or a table of your own.")
        steps.link("start", "Go to the first page", None)
        st.stop()
    if roles and progress.roles is None:
        st.info("This page needs to know which column means what.")
        steps.link("roles", "Assign roles first", progress.id)
        st.stop()
    return progress


def require_training(path: str, why: str) -> Progress:
    """Return the open audit if it trains a model; say why there is nothing to do here otherwise."""
    from components import steps

    progress = require()
    assert progress.roles is not None
    if progress.roles.audits_existing_predictions:
        st.info(f"This audit looks at existing predictions: {why}.")
        steps.next_step(path, progress)
        st.stop()
    return progress


def require_decisions(progress: Progress) -> Trained | None:
    """Return the trained model, None for existing predictions, or stop the page if neither."""
    from components import steps

    assert progress.roles is not None
    if progress.roles.audits_existing_predictions:
        return None
    found = trained(progress)
    if found is None:
        st.info("There are no decisions to look at yet: train a model first.")
        steps.link("train", "Train a model", progress.id)
        st.stop()
    return found


def table(progress: Progress) -> Table:
    """Return the audit's table."""
    return _table(str(workspace().root), progress.id, _reading_key(progress), progress)


def _reading_key(progress: Progress) -> str:
    from core.governance.canonical import key

    return key(
        f"{progress.origin} {progress.file}",
        (progress.options, {name: str(kind) for name, kind in progress.kinds.items()}),
    )


@st.cache_resource(show_spinner="Reading the table", max_entries=4, scope="session")
def _table(root: str, audit: str, reading: str, _progress: Progress) -> Table:
    from core.governance.progress import read_table

    return read_table(workspace(), _progress)


def dataset(progress: Progress) -> Dataset:
    """Return the audit's rows with roles assigned."""
    from core.governance.canonical import key

    place = f"{_reading_key(progress)} {key('', progress.roles)}"
    return _dataset(str(workspace().root), progress.id, place, progress)


@st.cache_resource(show_spinner="Assigning roles", max_entries=4, scope="session")
def _dataset(root: str, audit: str, place: str, _progress: Progress) -> Dataset:
    from core.data.assign import assign

    assert _progress.roles is not None
    return assign(table(_progress), _progress.roles)


def trained(progress: Progress) -> Trained | None:
    """Return the audited model from disk, None if there is none for these roles."""
    from core.governance.canonical import key

    if progress.training is None:
        return None
    data = dataset(progress)
    place = key(data.fingerprint, progress.training)
    found = _trained(str(workspace().root), progress.id, place, progress)
    if found is None:
        _trained.clear()
    return found


@st.cache_resource(show_spinner="Opening the model", max_entries=4, scope="session")
def _trained(root: str, audit: str, place: str, _progress: Progress) -> Trained | None:
    from core.governance.progress import kept_model

    assert _progress.training is not None
    return kept_model(workspace(), _progress, dataset(_progress), _progress.training)


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
    found = assess_classes(rows.truth, rows.prediction, rows.sensitive, weights=rows.weights)
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
    found = assess_amounts(rows.truth, rows.prediction, rows.sensitive, weights=rows.weights)
    return found, rows.repairs


def _outcome_key(progress: Progress, columns: OutcomeColumns) -> str:
    from core.governance.canonical import key

    return f"{_reading_key(progress)} {key('', columns)}"


def quasi_suggestions(
    progress: Progress,
) -> tuple[tuple[Suggestion, ...], tuple[Power, ...]]:
    """Suggest quasi-identifiers of the audit's table by how well they tell people apart."""
    from core.governance.canonical import key

    place = f"{_reading_key(progress)} {key('', progress.roles)}"
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
        _reading_key(progress),
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


def report(
    progress: Progress,
    explained: GlobalExplanation | None,
    people: tuple[PersonExplanation, ...],
) -> WrittenReport:
    """Return the report, written once for what has been settled, found, spent and swept."""
    from core.governance.canonical import key
    from core.governance.kept_attacks import kept_attacks
    from core.governance.kept_sweeps import kept_sweep
    from core.governance.kept_trust import kept_trust
    from core.governance.progress import charges

    tradeoffs = kept_sweep(workspace(), progress, dataset(progress))
    model = trained(progress)
    attack = None if model is None else kept_attacks(workspace(), progress, model)
    place = key(
        decisions_key(progress),
        (
            progress.budget,
            charges(workspace(), progress),
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
    )


def opened_count() -> str | None:
    """Id of the kept count that is open: named in the address, else the one of this session."""
    asked = st.query_params.get("count") or st.session_state.get(COUNT)
    if asked:
        open_count(str(asked))
    return asked


def open_count(count: str | None) -> None:
    """Make a kept count the open one, or leave none open."""
    st.session_state[COUNT] = count
    if count is None:
        st.query_params.pop("count", None)
    elif st.query_params.get("count") != count:
        st.query_params["count"] = count


def kept_count(count: str) -> KeptCount:
    """Open a kept count from disk."""
    return _kept_count(str(workspace().root), count)


@st.cache_resource(show_spinner="Opening the count", max_entries=4, scope="session")
def _kept_count(root: str, count: str) -> KeptCount:
    from core.governance.kept_counts import kept_count

    return kept_count(workspace().root, count)


def counted_assessment(count: str, attributes: tuple[str, ...]) -> CountedAssessment:
    """Assess a kept count by some of its sensitive columns."""
    return _counted_assessment(str(workspace().root), count, attributes)


@st.cache_resource(show_spinner="Measuring fairness", max_entries=32, scope="session")
def _counted_assessment(root: str, count: str, attributes: tuple[str, ...]) -> CountedAssessment:
    from core.fairness.assess_counted import assess_counted

    return assess_counted(kept_count(count).counted, attributes)


def counted_json(count: str) -> str:
    """Write the figures of a kept count as the command line does."""
    return _counted_json(str(workspace().root), count)


@st.cache_resource(show_spinner="Writing the figures", max_entries=4, scope="session")
def _counted_json(root: str, count: str) -> str:
    import json

    from core.fairness.engine import engine_fairness_json

    found = engine_fairness_json(kept_count(count).counted)
    return json.dumps(found, indent=2, sort_keys=True, allow_nan=False)


def forget_count(count: str) -> None:
    """Delete a kept count, from disk and from here."""
    from core.governance.kept_counts import delete_count

    delete_count(workspace().root, count)
    _kept_count.clear()
    if opened_count() == count:
        open_count(None)


@st.cache_resource(show_spinner=False, max_entries=8, ttl=60, scope="session")
def tables_of(connection: str) -> tuple[str, ...]:
    """List the tables of a named connection; asked again after a minute."""
    from core.data.connections import table_names

    return table_names(connection)


@st.cache_resource(show_spinner="Reading the columns", max_entries=8, ttl=300, scope="session")
def table_in_place(place: Place) -> TableInPlace:
    """Describe a table that stays where it is; asked again after five minutes."""
    from core.fairness.columns_in_place import table_in_place

    return table_in_place(place)


@st.cache_resource(show_spinner="Counting its labels", max_entries=16, ttl=300, scope="session")
def labels_in_place(place: Place, column: str) -> tuple[str, ...]:
    """List the labels of a column of such a table; asked again after five minutes."""
    from core.fairness.columns_in_place import labels_in_place

    return labels_in_place(place, column)


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


def clicked(chart: str) -> list[dict[str, Any]]:
    """Read the marks that were just clicked in a chart that reruns the page on a click."""
    state = st.session_state.get(chart)
    return [] if state is None else list(state["selection"]["points"])


def remembered(name: str, default: Any) -> Any:
    """Read a page's setting that should outlive a change of page."""
    return st.session_state.get(f"kept {name}", default)


def remember(name: str, value: Any) -> Any:
    """Keep a page's setting; widgets lose theirs on a change of page."""
    st.session_state[f"kept {name}"] = value
    return value


def is_new(widget: str) -> bool:
    """Whether a widget is about to be shown afresh: at first, or after a change of page."""
    return widget not in st.session_state


def once(name: str, make: Callable[[], Any]) -> Any:
    """Make a page's result once for each name, and remember it."""
    found = remembered(name, None)
    return remember(name, make()) if found is None else found


def keep_only(topic: str, place: str) -> None:
    """Forget the large results of a topic's earlier choices; they can be made again.

    Parameters
    ----------
    topic : str
    place : str
        Begins the keys, in :func:`components.progress.follow`, of the results to keep.
    """
    before = remembered(f"place of {topic}", place)
    if before != place:
        for name in [str(name) for name in st.session_state if f" {before}" in str(name)]:
            del st.session_state[name]
    remember(f"place of {topic}", place)
