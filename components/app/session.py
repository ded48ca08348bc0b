"""What a browser session has open: the audit, its table, its rows and its model.

Only this module and its neighbours `kept`, `results`, `counted`, `page_leave` and `other_tabs`
touch session state and caches.

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

from components.app import steps
from components.app.kept import kept
from components.app.page_leave import with_leave_for_page
from core.errors import InputError
from core.external_models.served.call_errors import CallsNeededError
from core.storage.canonical import key
from core.storage.workspace import NoAuditError, Workspace, default_root

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.data.roles.roles import Roles
    from core.data.table import Table
    from core.training.trained import Trained

LOG = logging.getLogger("equipoise")
OPEN = "open_audit"


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show bad input as its sentence, and anything else as an apology without a traceback."""
    try:
        with with_leave_for_page():
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


@contextmanager
def refusal_shown() -> Iterator[None]:
    """Show bad input as its sentence, and go on after the block."""
    try:
        yield
    except InputError as error:
        shown_error(error)


def shown_error(error: InputError) -> None:
    """Show the sentence of an error; names of columns and values stay plain text.

    Where a server would have to be asked the calls are offered instead.
    """
    if isinstance(error, CallsNeededError):
        from components.app.asking import offer_page_calls

        if offer_page_calls(error):
            return
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
        state = load_audit(workspace(), str(asked))
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
    if st.session_state.get(OPEN) != state.id:
        st.session_state[OPEN] = state.id
    if st.query_params.get("audit") != state.id:
        st.query_params["audit"] = state.id
    return state


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
    state = current()
    if state is None:
        st.info("No audit is open yet. Begin with a scenario or a table of your own.")
        steps.link("start", "Go to the first page", None)
        st.stop()
    if roles and state.roles is None:
        st.info("This page needs to know which column means what.")
        steps.link("roles", "Assign roles first", state.id)
        st.stop()
    return state


def roles_of(state: AuditState) -> Roles:
    """Return the roles of an audit that :func:`require` let through."""
    assert state.roles is not None
    return state.roles


def require_training(path: str, why: str) -> AuditState:
    """Return the open audit if it trains a model; say why there is nothing to do here otherwise."""
    state = require()
    if roles_of(state).audits_existing_predictions:
        st.info(f"This audit looks at existing predictions: {why}.")
        steps.next_step(path, state)
        st.stop()
    return state


def require_trainable(path: str, why: str) -> AuditState:
    """Return the open audit if it trains its model; say why there is nothing to do otherwise."""
    state = require_training(path, why)
    if state.training is not None and state.training.external is not None:
        st.info(
            "The audited model was made elsewhere, and how it was trained is not known, so it "
            "can’t be trained again with noise. Train a model here to see what privacy costs."
        )
        steps.link("train", "Train a model here", state.id)
        steps.next_step(path, state)
        st.stop()
    return state


def require_decisions(state: AuditState) -> Trained | None:
    """Return the trained model, None for existing predictions, or stop the page if neither."""
    existing = roles_of(state).audits_existing_predictions
    return None if existing else require_model(state)


def require_model(state: AuditState) -> Trained:
    """Return the trained model of an audit that trains one, or stop the page."""
    found = trained(state)
    if found is None:
        shown_unopened(state)
        st.info("There are no decisions to look at yet: train a model first.")
        steps.link("train", "Train a model", state.id)
        st.stop()
    return found


def shown_unopened(state: AuditState) -> None:
    """Say why the audited model, if it is on disk, can't be opened; nothing was paid for it."""
    from core.audit_state.audit_models import model_load_error

    if state.training is None:
        return
    why = model_load_error(workspace(), state, dataset(state), state.training)
    if why is not None and state.training.external is not None:
        st.warning(literal(f"{why} The model itself can be brought again, which costs nothing."))
    elif why is not None:
        st.warning(literal(f"{why} Training it again costs nothing, and may come out otherwise."))


def reading_key(state: AuditState) -> str:
    """Key of how the audit's table is read: its file, options and kinds."""
    return key(
        f"{state.origin} {state.file}",
        (state.options, {name: str(kind) for name, kind in state.kinds.items()}),
    )


@kept("Reading the table", 4, by=lambda state, read=None: (state.id, reading_key(state)))
def table(state: AuditState, read: Table | None = None) -> Table:
    """Return the audit's table.

    Parameters
    ----------
    state : AuditState
    read : Table, optional
        As it was just read from the same bytes in the same way, so that it isn't read again.
    """
    from core.audit_state.state import read_table

    return read_table(workspace(), state) if read is None else read


def _assigned(state: AuditState) -> tuple[str, ...]:
    roles = key("", (state.roles, state.generalised))
    return state.id, reading_key(state), roles


@kept("Assigning roles", 4, by=_assigned)
def dataset(state: AuditState) -> Dataset:
    """Return the audit's rows with roles assigned."""
    from core.audit_state.generalised import generalise
    from core.data.assign import assign

    return generalise(assign(table(state), roles_of(state)), state.generalised)


def trained(state: AuditState) -> Trained | None:
    """Return the audited model from disk, None if there is none for these roles."""
    if state.training is None:
        return None
    found = _opened(state)
    if found is None:
        _opened.clear()
    return found


def decisions_key(state: AuditState) -> str:
    """Key of the decisions that are audited: the data and how the model was trained."""
    return key(dataset(state).fingerprint, state.training)


@kept("Opening the model", 4, by=lambda state: (state.id, decisions_key(state)))
def _opened(state: AuditState) -> Trained | None:
    from core.audit_state.audit_models import load_model

    assert state.training is not None
    return load_model(workspace(), state, dataset(state), state.training)


def clicked(chart: str) -> list[dict[str, Any]]:
    """Read the marks that were just clicked in a chart that reruns the page on a click."""
    state = st.session_state.get(chart)
    return [] if state is None else list(state["selection"]["points"])


def lasting(name: str) -> dict[str, Any]:
    """Key of a widget that keeps its value while the session lasts, whichever page is open."""
    return {"key": name, "persist_state": "session"}


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


def keep_only(topic: str, key_prefix: str) -> None:
    """Forget the large results of a topic's earlier choices; they can be made again.

    Parameters
    ----------
    topic : str
    key_prefix : str
        Begins the keys, in :func:`components.app.progress.follow`, of the results to keep.
    """
    before = remembered(f"position of {topic}", key_prefix)
    if before != key_prefix:
        for name in [str(name) for name in st.session_state if f" {before}" in str(name)]:
            del st.session_state[name]
    remember(f"position of {topic}", key_prefix)
