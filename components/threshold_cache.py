"""What the thresholds page counts once for all drags; keyed as in :mod:`components.session`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components import session

if TYPE_CHECKING:
    from core.fairness.thresholds import WhatIf
    from core.governance.progress import Progress


def what_if(progress: Progress, attributes: tuple[str, ...]) -> WhatIf:
    """Count the audit's scores by some sensitive columns."""
    return _what_if(
        str(session.workspace().root),
        progress.id,
        session.decisions_key(progress),
        attributes,
        progress,
    )


@st.cache_resource(show_spinner="Counting scores", max_entries=8, scope="session")
def _what_if(
    root: str, audit: str, decisions: str, attributes: tuple[str, ...], _progress: Progress
) -> WhatIf:
    from core.fairness.thresholds import what_if

    return what_if(session.dataset(_progress), session.trained(_progress), attributes)
