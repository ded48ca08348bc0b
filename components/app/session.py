"""What a browser session has open: the audit, its table, its rows and its model.

Only this module, :mod:`components.app.kept`, :mod:`components.app.results` and
:mod:`components.app.counted` touch session state and caches.

A cache key is the workspace, the audit, the data's full SHA-256 and the canonical text of a spec:
frames are never hashed (docs/decisions/0002-cache-keys.md). What is kept here can always be made
again from disk, so nothing is lost with the session.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.app.kept import kept
from core.errors import InputError
from core.storage.workspace import NoAuditError, Workspace, default_root

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.data.roles.roles import Roles
    from core.data.table import Table
    from core.training.trained import Trained

LOG = logging.getLogger("equipoise")
OPEN = "open_audit"
_SHOWN, _CLICKED_ON = "audit as shown", "audit as clicked on"


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


def current() -> AuditState | None:
    """Return the audit that is open: named in the address, else the one of this session."""
    asked = st.query_params.get("audit") or st.session_state.get(OPEN)
    if not asked:
        return None
    from core.audit_state.state import load_audit

    try:
        progress = load_audit(workspace(), str(asked))
    except InputError as error:
        LOG.info("no audit to open: %s", error)
        st.session_state.pop(OPEN, None)
        st.query_params.clear()
        if isinstance(error, NoAuditError):
            st.warning(
                "The audit that was asked for is not here: it was deleted, or its address is "
                "mistyped."
            )
        else:
            shown_error(error)
        return None
    if st.session_state.get(OPEN) != progress.id:
        st.session_state[OPEN] = progress.id
    if st.query_params.get("audit") != progress.id:
        st.query_params["audit"] = progress.id
    return progress


def note_changes(progress: AuditState | None) -> None:
    """Note what this run shows, once a run, and tell what another session changed before it.

    Whoever clicks has seen what the run before showed: see :func:`as_shown`.
    """
    from core.audit_state.meanwhile import changed_parts, describe_changes

    place = st.empty()
    if progress is None:
        return
    shown = st.session_state.get(_SHOWN)
    before = shown if shown is not None and shown.id == progress.id else progress
    st.session_state[_CLICKED_ON], st.session_state[_SHOWN] = before, progress
    changed = changed_parts(before, progress)
    told = f"changed meanwhile {progress.id}"
    if changed:
        remember(
            told,
            "Just changed in another tab, or by another person: "
            f"{describe_changes(progress, changed)}. This page shows what it is now.",
        )
    if remembered(told, None):
        with place.container():
            st.warning(literal(remembered(told, None)), icon=":material/sync_problem:")
            st.button("Seen", key=f"seen {told}", on_click=remember, args=(told, None))


def as_shown(progress: AuditState) -> AuditState:
    """Return the audit as it stood on screen when the button of this run was clicked."""
    found = st.session_state.get(_CLICKED_ON)
    return found if found is not None and found.id == progress.id else progress


def saw(**changes: Any) -> None:
    """Note what this session changed itself, so that it isn't told of it."""
    if _SHOWN in st.session_state:
        st.session_state[_SHOWN] = replace(st.session_state[_SHOWN], **changes)


def load_audit(audit: str) -> None:
    """Make an audit the open one."""
    st.session_state[OPEN] = audit
    st.query_params["audit"] = audit


def close_audit() -> None:
    """Leave no audit open."""
    st.session_state.pop(OPEN, None)
    st.query_params.clear()


def require(*, roles: bool = True) -> AuditState:
    """Return the open audit, or say what to do first and stop the page.

    Parameters
    ----------
    roles : bool
        Whether the page needs roles to be assigned.
    """
    from components.app import steps

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


def roles_of(progress: AuditState) -> Roles:
    """Return the roles of an audit that :func:`require` let through."""
    assert progress.roles is not None
    return progress.roles


def require_training(path: str, why: str) -> AuditState:
    """Return the open audit if it trains a model; say why there is nothing to do here otherwise."""
    from components.app import steps

    progress = require()
    if roles_of(progress).audits_existing_predictions:
        st.info(f"This audit looks at existing predictions: {why}.")
        steps.next_step(path, progress)
        st.stop()
    return progress


def require_decisions(progress: AuditState) -> Trained | None:
    """Return the trained model, None for existing predictions, or stop the page if neither."""
    existing = roles_of(progress).audits_existing_predictions
    return None if existing else require_model(progress)


def require_model(progress: AuditState) -> Trained:
    """Return the trained model of an audit that trains one, or stop the page."""
    from components.app import steps

    found = trained(progress)
    if found is None:
        shown_unopened(progress)
        st.info("There are no decisions to look at yet: train a model first.")
        steps.link("train", "Train a model", progress.id)
        st.stop()
    return found


def shown_unopened(progress: AuditState) -> None:
    """Say why the audited model, if it is on disk, can't be opened; nothing was paid for it."""
    from core.audit_state.audit_models import model_load_error

    if progress.training is None:
        return
    why = model_load_error(workspace(), progress, dataset(progress), progress.training)
    if why is not None:
        st.warning(literal(f"{why} Training it again costs nothing, and may come out otherwise."))


def reading_key(progress: AuditState) -> str:
    """Key of how the audit's table is read: its file, options and kinds."""
    from core.storage.canonical import key

    return key(
        f"{progress.origin} {progress.file}",
        (progress.options, {name: str(kind) for name, kind in progress.kinds.items()}),
    )


@kept("Reading the table", 4, by=lambda progress, read=None: (progress.id, reading_key(progress)))
def table(progress: AuditState, read: Table | None = None) -> Table:
    """Return the audit's table.

    Parameters
    ----------
    progress : AuditState
    read : Table, optional
        As it was just read from the same bytes in the same way, so that it isn't read again.
    """
    from core.audit_state.state import read_table

    return read_table(workspace(), progress) if read is None else read


def _assigned(progress: AuditState) -> tuple[str, ...]:
    from core.storage.canonical import key

    roles = key("", (progress.roles, progress.generalised))
    return progress.id, reading_key(progress), roles


@kept("Assigning roles", 4, by=_assigned)
def dataset(progress: AuditState) -> Dataset:
    """Return the audit's rows with roles assigned."""
    from core.audit_state.generalised import generalise
    from core.data.roles.assign import assign

    return generalise(assign(table(progress), roles_of(progress)), progress.generalised)


def trained(progress: AuditState) -> Trained | None:
    """Return the audited model from disk, None if there is none for these roles."""
    if progress.training is None:
        return None
    found = _opened(progress)
    if found is None:
        _opened.clear()
    return found


def decisions_key(progress: AuditState) -> str:
    """Key of the decisions that are audited: the data and how the model was trained."""
    from core.storage.canonical import key

    return key(dataset(progress).fingerprint, progress.training)


@kept("Opening the model", 4, by=lambda progress: (progress.id, decisions_key(progress)))
def _opened(progress: AuditState) -> Trained | None:
    from core.audit_state.audit_models import load_model

    assert progress.training is not None
    return load_model(workspace(), progress, dataset(progress), progress.training)


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
        Begins the keys, in :func:`components.app.progress.follow`, of the results to keep.
    """
    before = remembered(f"place of {topic}", place)
    if before != place:
        for name in [str(name) for name in st.session_state if f" {before}" in str(name)]:
            del st.session_state[name]
    remember(f"place of {topic}", place)
