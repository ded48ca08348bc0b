"""What was not run yet, where to run it, and how long that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session, steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.audit.check_result import CheckResult
    from core.audit_state.state import AuditState

WHERE = {
    "the model's scores were not explained": ("explanations", "seconds to a minute"),
    # The report explains a sample of people, and this page takes what it found.
    "no sample of people was explained": ("report", "some seconds"),
    "the quality of explanations was not measured to the end": ("trust", "about a minute"),
    "no privacy attack was run on the model": ("privacy", "some seconds"),
    "no membership attack was run": ("privacy", "some seconds"),
    "the guarantee was not audited with canaries": ("privacy", "as long as training the model"),
}
"""By the reason of a skipped check: the page that runs it, and how long it takes."""


def not_run_section(checks: Sequence[CheckResult], state: AuditState) -> None:
    """List what was skipped, by its reason, with a link to the page that runs it."""
    reasons: dict[str, list[str]] = {}
    for check in checks:
        if check.status == "skipped":
            for reason in check.reasons:
                reasons.setdefault(reason, []).append(check.code)
    if not reasons:
        st.caption("Everything that applies was run.")
    for reason, codes in reasons.items():
        page, time = WHERE.get(reason, (None, None))
        text = f"{reason[:1].upper()}{reason[1:]} ({', '.join(codes)})"
        left, right = st.columns([3, 1], vertical_alignment="center")
        left.markdown(f"{session.literal(text)}" + (f": {time}." if time else "."))
        if page is not None:
            with right:
                steps.link(page, steps.spec_of(page).title, state.id)
