"""The sample scenarios as cards, each one click from an audit."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from components.app import session, steps
from core.data.samples import SAMPLES, load_sample

if TYPE_CHECKING:
    from core.data.samples import Sample

ICONS = {
    "finance": ":material/account_balance:",
    "healthcare": ":material/cardiology:",
    "education": ":material/school:",
    "income": ":material/payments:",
    "justice": ":material/gavel:",
    "hiring": ":material/work:",
}


def scenario_cards() -> None:
    """Show a card for each scenario, and one that leads to a table of one's own."""
    waiting = []
    samples = list(SAMPLES)
    for start in range(0, len(samples) + 1, 3):
        columns = st.columns(3)
        for column, sample in zip(columns, samples[start : start + 3], strict=False):
            with column.container(border=True, height="stretch"):
                waiting.append((sample, _card(sample)))
        if start + 3 > len(samples):
            with columns[len(samples) - start].container(border=True, height="stretch"):
                st.markdown("### Your own table")
                st.caption(":material/upload_file: any field")
                st.write(
                    "Bring a table of people and outcomes, or of decisions that were made "
                    "already. It stays on this server."
                )
                st.markdown("[Upload a table](#your-own-table)")
    # Counted after all cards are on the screen: the first visitor need not wait for it.
    for sample, slot in waiting:
        slot.caption(f"{_icon(sample)} {sample.field} · {_rows(sample.name):,} rows")


def _card(sample: Sample) -> st.delta_generator.DeltaGenerator:
    st.markdown(f"### {session.literal(sample.title)}")
    slot = st.empty()
    slot.caption(f"{_icon(sample)} {sample.field}")
    st.write(session.literal(sample.sentence))
    # At the bottom of the card, so that buttons in a row stand in line.
    st.space("stretch")
    if st.button("Audit this", key=f"begin {sample.name}", type="primary"):
        from core.audit_state.state import begin_sample

        with st.spinner("Beginning the audit"):
            state = begin_sample(session.workspace(), sample.name)
        go_to("roles", state.id)
    return slot


def go_to(path: str, audit: str) -> None:
    """Open an audit on a page."""
    session.load_audit(audit)
    st.switch_page(steps.spec_of(path).file, query_params={"audit": audit})


def _icon(sample: Sample) -> str:
    return ICONS.get(sample.field, ":material/table:")


@cache
def _rows(name: str) -> int:
    return len(load_sample(name).frame)
