"""Lists of what is kept on this server, and the question before something of it goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from components.app import session

T = TypeVar("T")


def record_list(
    records: Sequence[T], what: str, draw: Callable[[T], None], *, most: int, begun: str
) -> None:
    """Show records, each in a frame; more than ``most`` only if asked for.

    Parameters
    ----------
    records : sequence
    what : str
        What they are, in the plural.
    draw : callable
        Draws one.
    most : int
    begun : str
        Said where there is none: "Each audit you begin".
    """
    if not records:
        st.caption(f"None yet. {begun} is kept on this server and listed here.")
        return
    everything = len(records) <= most or st.toggle(f"Show all {len(records)} {what}")
    for record in records if everything else records[:most]:
        with st.container(border=True):
            draw(record)


def confirm(yes: str, no: str, key: str, act: Callable[[], object]) -> None:
    """Ask in a dialog whether to do something, and close it after either answer."""
    with st.container(horizontal=True):
        if st.button(yes, type="primary", key=f"confirm {key}"):
            with session.refusal_shown():
                act()
                st.rerun()
        if st.button(no, key=f"keep {key}"):
            st.rerun()
