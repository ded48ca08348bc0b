"""Calls to a model's server that a person allowed for a page, where no section of its own asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from core.external_models.served.permission import Permit

PAGE = "calls allowed for a page"


@contextmanager
def with_leave_for_page() -> Iterator[None]:
    """Let a page make the calls that were allowed for its next run."""
    permit: Permit | None = st.session_state.pop(f"kept {PAGE}", None)
    if permit is None:
        yield
        return
    from components.app.server_calls import check
    from core.external_models.served.permission import permitted

    permit.check = check
    with permitted(permit):
        yield
