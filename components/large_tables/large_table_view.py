"""What was counted of a large table: when, where, what was left out, and how to repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import counted, session
from components.widgets.audit_list import ago
from components.widgets.table_view import changes
from core.data.sources.engine_source import LARGE_FILE
from core.reporting.count_command import count_command

if TYPE_CHECKING:
    from core.audit_state.results.count_results import StoredCount
    from core.fairness.engine.assess_counted import CountedAssessment


def headline(kept: StoredCount) -> None:
    """Say what is open, and offer to count another table."""
    text, button = st.columns([3, 1], vertical_alignment="center")
    text.markdown(f"**{session.literal(kept.spec.location.title)}**")
    text.caption(
        f"Counted {ago(kept.counted_at)}. The figures are of that moment: the table may have "
        "changed since."
    )
    buttons = button.container(horizontal=True, horizontal_alignment="right")
    if buttons.button("Count another", icon=":material/add:", key="count another"):
        counted.open_count(None)
        st.rerun()


def bins(found: CountedAssessment) -> None:
    """State what counting scores in bins may cost, where there are scores."""
    if found.auc_error is None:
        return
    if found.auc_error == 0:
        st.caption(
            "Scores were counted in bins, each of a single score, so the areas under the ROC curve "
            "are exact."
        )
        return
    brier = ""
    if found.brier_error:
        brier = f", and a Brier score too small by at most {_up(found.brier_error)}"
    st.caption(
        "Scores were counted in 1,000 bins, and those of one bin count as equal. For that an "
        f"area under the ROC curve may be off by at most {_up(found.auc_error)}{brier}, besides "
        "its interval."
    )


def left_out(kept: StoredCount) -> None:
    """List what was left out or recoded."""
    repairs = kept.counted.repairs
    if not repairs:
        st.caption("Nothing was left out or recoded.")
        return
    with st.expander(f"What was left out or recoded ({len(repairs)})"):
        changes(repairs)


def evidence(kept: StoredCount) -> None:
    """Offer the figures of every attribute as JSON, and the command that repeats them."""
    st.header("Take it with you")
    st.download_button(
        "Download these figures (JSON)",
        counted.counted_json(kept.id),
        file_name="fairness.json",
        mime="application/json",
    )
    st.caption("By all attributes together, and by each of them.")
    st.markdown("The command that counts the same again, on a computer that can reach the table:")
    location = kept.spec.location
    st.code(count_command(location, kept.counted.roles), language="bash", wrap_lines=True)
    if location.table is not None:
        st.caption(
            "Put the address of the connection in place of “URL of "
            f"{session.literal(location.where)}”. It is not shown here, because it may hold a "
            "password."
        )
    else:
        st.caption(
            f"A single file of up to {LARGE_FILE / 1e6:g} MB is read into memory by the command: "
            "its scores are then compared one by one instead of in bins."
        )


def _up(error: float) -> str:
    """Write a bound with one digit, rounded up so that it stays one."""
    from decimal import ROUND_CEILING, Decimal

    exact = Decimal(error)
    step = Decimal(1).scaleb(exact.adjusted())
    return f"{exact.quantize(step, rounding=ROUND_CEILING):f}"
