"""Calls to a model's server: how many are made is said, and drawn while they are made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.app import session
from components.app.model_servers import check_askable
from core.audit_state.served_calls import CallCount, calls_of
from core.errors import InputError
from core.external_models.served.permission import Permit, permitted

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.audit_state.state import AuditState
    from core.external_models.model_facts import ModelInput
    from core.external_models.served.connection import Connection


def ask_few(
    state: AuditState,
    connection: Connection,
    inputs: tuple[ModelInput, ...],
    given: Mapping[str, Any],
) -> Any:
    """Ask a server that is being brought for a few rows, in one call; return what came.

    Raises
    ------
    InputError
        If it may not be asked, no call is left, or as the server.
    """
    from core.audit_state.served_audit import ask_trial

    with permitted(Permit(1, check=check)):
        return ask_trial(session.workspace(), state, connection, inputs, given)


@dataclass(frozen=True)
class PlannedCalls:
    """Calls that are known beforehand.

    Attributes
    ----------
    rows, calls : int
    address : str
    has_check : bool
        Whether one of them sees that the model is still the same.
    """

    rows: int
    calls: int
    address: str
    has_check: bool


def agreed(state: AuditState, planned: PlannedCalls, label: str) -> bool:
    """Say how many calls are made, and whether they were just agreed to by a press."""
    record = calls_of(session.workspace(), state)
    left = max(record.most - record.made, 0)
    calls = planned.calls
    if calls:
        st.markdown(
            session.literal(
                describe_calls(
                    CallCount(planned.rows, calls, left, has_check=planned.has_check),
                    planned.address,
                )
            )
        )
    if calls > left:
        st.caption("Allow more calls above, or audit a sample of the rows.")
    if calls:
        label = f"Ask the server and audit: {calls:,} call{'s' * (calls != 1)}"
    # By a key, as the number changes while the answer to a call that was stopped still comes in.
    key = f"ask all {state.id}"
    pressed = st.button(label, type="primary", disabled=calls > left, key=key)
    return pressed and calls <= left


@contextmanager
def making_calls(planned: PlannedCalls) -> Iterator[None]:
    """Let what is computed within make planned calls, with a bar and a button to stop."""
    place = st.empty()
    with place.container():
        bar = st.empty()
        if planned.calls:
            st.button("Stop", icon=":material/stop_circle:")
            st.caption("Answers that came are kept; going on asks only for the rest.")
    told = partial(draw_calls, bar)
    with permitted(Permit(planned.calls, check=check, told=told)):
        try:
            yield
        except InputError:
            place.empty()
            raise
    place.empty()


def check(address: str) -> None:
    """Refuse an address that may not be asked from here."""
    check_askable(address)


def draw_calls(bar: DeltaGenerator, made: int, of: int) -> None:
    """Draw how many of the allowed calls were made."""
    bar.progress(made / of if of else 1.0, f"Asking the server: {made:,} of {of:,} calls made")


def describe_calls(count: CallCount, address: str) -> str:
    """Say what is going to be asked of whom."""
    rows = f"{count.rows:,} row{'s' * (count.rows != 1)}"
    calls = f"{count.calls:,} call{'s' * (count.calls != 1)}"
    least = "" if count.complete else "at least "
    text = (
        f"This asks the model at {address} for {least}{rows} that it has not been asked about, in "
        f"{least}{calls}"
    )
    text += (
        ", one of which asks a few known rows again, to check that it is still the same model. "
        if count.has_check
        else ". "
    )
    text += f"{count.left:,} of the calls that this audit may make are left."
    if count.calls > count.left:
        return (
            f"{text} That is too few, so nothing is asked: it takes {least}"
            f"{count.calls - count.left:,} more."
        )
    if not count.complete:
        text += " If it takes more, you are asked again."
    return text
