"""Sections that may ask a server: how many calls they make is said first, and a person allows them.

A section does its work with what is kept. Where that doesn't suffice its calls are counted and a
button is shown; once it is pressed the section goes on with so many calls and no more. What is
answered is kept at once, so that a section that was stopped, or whose server is gone, asks only for
the rest when it goes on. A model that no server answers for is worked with as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from components.app import progress, session, steps
from components.app.page_leave import PAGE
from components.app.server_calls import check, describe_calls, draw_calls
from core.audit_state.served_calls import CallCount, calls_of
from core.audit_state.served_models import is_served, put_served_at_hand
from core.errors import InputError
from core.external_models.served.call_errors import CallsNeededError, NoCallsLeftError

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.external_models.served.permission import Permit
    from core.storage.workspace import Workspace

T = TypeVar("T")


def follow(
    state: AuditState,
    make: Callable[[Workspace], Iterator[tuple[float, T]]],
    doing: str,
    key: str,
) -> T | None:
    """Follow work as :func:`components.app.progress.follow`; a server is asked with leave only.

    Parameters
    ----------
    state : AuditState
    make : callable
        Begins the work, and keeps its results in the workspace that it is given.
    doing, key : str
        As there.

    Returns
    -------
    object or None
        None too while nobody has allowed the calls.
    """

    def work() -> T | None:
        return progress.follow(make(session.workspace()), doing, key)

    def all_of_it(workspace: Workspace) -> None:
        for _ in make(workspace):
            pass

    return work() if not is_asked(state) else _with_leave(state, work, all_of_it, key)


def compute(state: AuditState, make: Callable[[Workspace], T], doing: str, key: str) -> T | None:
    """Compute something at once, behind a spinner; a server is asked with leave only.

    Parameters
    ----------
    state, make, doing, key
        As in :func:`follow`; ``make`` returns the result.
    """

    def work() -> T:
        with st.spinner(doing):
            return make(session.workspace())

    return work() if not is_asked(state) else _with_leave(state, work, make, key)


def offer_page_calls(error: CallsNeededError) -> bool:
    """Offer what a page needs to ask for where no section of its own does; whether it could."""
    state = session.current()
    if state is None or not is_asked(state):
        return False
    _offer(state, CallCount(error.rows, error.calls, _left(state), complete=False), PAGE)
    return True


def is_asked(state: AuditState) -> bool:
    """Whether the audited model is one that a server answers for."""
    return state.training is not None and is_served(state.training.external)


def _with_leave(
    state: AuditState, work: Callable[[], T], count: Callable[[Workspace], object], key: str
) -> T | None:
    from core.external_models.served.permission import Permit, permitted

    allowed = f"calls allowed {key}"
    permit: Permit = session.remembered(allowed, None) or Permit(0)
    had_leave = permit.calls > 0
    trouble = session.remembered(f"trouble {key}", None)
    place, bar = st.empty(), st.empty()
    external = state.training.external if state.training else None
    assert external is not None
    # Of this audit, whichever else asked a model of the same scores meanwhile.
    put_served_at_hand(session.workspace(), state, external)
    permit.check = check
    permit.told = partial(draw_calls, bar)
    try:
        with place.container(), permitted(permit):
            found = work()
    except CallsNeededError as error:
        place.empty()
        bar.empty()
        session.remember(allowed, None)
        # In the place of the work, so that each takes the other's on the page.
        with place.container():
            if trouble is not None:
                session.shown_error(trouble)
            _offer(state, _counted(state, count, error, key), key)
        return None
    except InputError as error:
        place.empty()
        bar.empty()
        session.remember(allowed, None)
        if had_leave and not isinstance(error, NoCallsLeftError):
            # The page is drawn afresh with it, and nothing is asked again by itself.
            session.remember(f"trouble {key}", error)
            st.rerun()
        session.shown_error(error)
        if isinstance(error, NoCallsLeftError):
            steps.link("train", "Allow more calls", state.id)
        return None
    bar.empty()
    if not session.remembered(f"stopped {key}", False):
        session.remember(allowed, None)
        session.remember(f"trouble {key}", None)
    return found


def _counted(
    state: AuditState, work: Callable[[Workspace], object], needed: CallsNeededError, key: str
) -> CallCount:
    """Count what work takes from here on, at least what it needs next; once for what is known."""
    from core.audit_state.served_count import count_calls

    made = calls_of(session.workspace(), state).made
    before = session.remembered(f"counted {key}", None)
    if before is not None and before[0] == made:
        found: CallCount = before[1]
    else:
        trained = session.trained(state)
        assert trained is not None
        with st.spinner("Counting the calls that this takes", show_time=True):
            found = count_calls(session.workspace(), state, session.dataset(state), trained, work)
        session.remember(f"counted {key}", (made, found))
    found = replace(found, left=_left(state))
    if found.calls < needed.calls:
        return replace(found, rows=needed.rows, calls=needed.calls, complete=False)
    return found


def _left(state: AuditState) -> int:
    record = calls_of(session.workspace(), state)
    return max(record.most - record.made, 0)


def _offer(state: AuditState, count: CallCount, key: str) -> None:
    external = state.training.external if state.training else None
    assert external is not None
    with st.container(border=True):
        st.markdown(session.literal(describe_calls(count, external.name)))
        try:
            check(external.name)
        except InputError as error:
            session.shown_error(error)
            return
        if count.calls > count.left:
            steps.link("train", "Allow more calls", state.id)
            return
        st.button(
            f"Ask the server: {count.calls:,} call{'s' * (count.calls != 1)}",
            icon=":material/cloud_upload:",
            key=f"ask {key}",
            on_click=_allow,
            args=(key, count.calls),
        )


def _allow(key: str, calls: int) -> None:
    from core.external_models.served.permission import Permit

    session.remember(f"trouble {key}", None)
    session.remember(f"stopped {key}", False)
    session.remember(PAGE if key == PAGE else f"calls allowed {key}", Permit(calls))
