"""Long work on a page: a bar that follows a generator of shares and partial results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import streamlit as st

T = TypeVar("T")


def follow(work: Iterator[tuple[float, T]], doing: str) -> T:
    """Show a progress bar and a stop button while work goes on; return its last result.

    Stopping interrupts the script at its next step; what was finished is on disk already.
    """
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, doing)
        st.button("Stop", key=f"stop {doing}", help="What is finished so far is kept.")
        last = None
        for share, result in work:
            last = result
            bar.progress(min(1.0, share), f"{doing}: {share:.0%}")
    place.empty()
    assert last is not None
    return last
