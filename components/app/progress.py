"""Long work with partial results on a page: a bar, a stop button, and a drawing that grows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import streamlit as st

from components.app import session

T = TypeVar("T")
KEPT = "What is done is kept; the model in training when you stop is finished and kept too."
BETWEEN_DRAWINGS = 0.7
"""Seconds, so that results that come fast don't make the page flicker."""


def growing(
    work: Iterator[tuple[float, T]],
    doing: str,
    draw: Callable[[T, int], None],
    stop: str,
    begin: float | None = None,
    after: str = KEPT,
) -> None:
    """Follow work, drawing what there is every now and then.

    A click on the stop button, or on anything else, runs the page afresh at once, while this run
    ends at its next result. Results are on disk before they are drawn, so none is lost.

    Parameters
    ----------
    work : iterator of (float, T)
        Share done in [0, 1], and all results so far.
    doing : str
        What goes on, shown with the bar.
    draw : callable
        Takes the results and the number of the drawing, from 1; draws into a place of its own.
    stop : str
        Label of the stop button.
    begin : float, optional
        Share that was done before, in [0, 1); by default what the first result says.
    after : str
        What becomes of what is done when it is stopped.
    """
    bar = st.progress(begin or 0.0, f"{doing}…")
    st.button(stop, icon=":material/stop_circle:", key=stop)
    st.caption(after)
    drawn, last, began = 0, 0.0, time.monotonic()
    for share, results in work:
        now, begin = time.monotonic(), share if begin is None else begin
        left = (now - began) * (1 - share) / (share - begin) if share > begin else None
        time_left = "" if left is None else f", {time_to_wait(left)} left"
        bar.progress(min(1.0, share), f"{doing}: {share:.0%}{time_left}")
        if now - last > BETWEEN_DRAWINGS or share >= 1:
            drawn, last = drawn + 1, now
            draw(results, drawn)


def time_to_wait(seconds: float) -> str:
    """Write a time to wait, "about 40 s"."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s"
    return f"about {round(seconds / 60)} min"


def follow(work: Iterator[tuple[float, T]], doing: str, key: str) -> T | None:
    """Follow work to its end, or until it is stopped; return the last result there was.

    After a stop the page shows what there was by then, and a button to go on.

    Parameters
    ----------
    work : iterator of (float, T)
        Share done in (0, 1], and the result so far.
    doing : str
        What goes on, shown with the bar.
    key : str
        Tells this work from any other; work of a key that is finished isn't done again.
    """
    stopped, partial, done = f"stopped {key}", f"partial {key}", f"done {key}"
    if session.remembered(done, False):
        finished: T | None = session.remembered(partial, None)
        return finished
    if session.remembered(stopped, False):
        st.info(f"{doing}: stopped before the end.", icon=":material/stop_circle:")
        if st.button("Go on", key=f"go on {key}"):
            session.remember(stopped, False)
            st.rerun()
        found: T | None = session.remembered(partial, None)
        return found
    slot = st.empty()
    with slot.container():
        bar = st.progress(0.0, f"{doing}…")
        st.button(
            "Stop",
            icon=":material/stop_circle:",
            key=f"stop {key}",
            on_click=session.remember,
            args=(stopped, True),
        )
        for share, result in work:
            session.remember(partial, result)
            bar.progress(min(1.0, share), f"{doing}: {share:.0%}")
    session.remember(done, True)
    slot.empty()
    last: T | None = session.remembered(partial, None)
    return last
