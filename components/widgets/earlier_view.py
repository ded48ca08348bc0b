"""Recomputed scores or amounts of a model made elsewhere beside those that it gave before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from core.numerals import signed

if TYPE_CHECKING:
    from core.external_models.recomputed import Recomputed


def earlier_view(found: Recomputed) -> None:
    """Show recomputed scores beside earlier ones, the most different rows first."""
    st.subheader(f"Recomputed and earlier {found.what}")
    show = st.success if not found.differing and found.rows else st.warning
    show(session.literal(found.sentence))
    if found.without:
        st.caption(f"Rows without an earlier {found.what[:-1]}: {found.without:,}.")
    if found.shown:
        st.dataframe(earlier_table(found), hide_index=True, width="stretch")
        st.caption(
            f"The {len(found.shown)} most different rows, by their number in the table, counted "
            "from 0."
        )


def earlier_table(found: Recomputed) -> pd.DataFrame:
    """One row for each of the most different rows."""
    scores = found.what == "scores"
    return pd.DataFrame(
        [
            {
                "Row": row,
                "Earlier": f"{before:.6f}" if scores else format_number(before),
                "Recomputed": f"{now:.6f}" if scores else format_number(now),
                "Difference": signed(now - before, 6) if scores else format_number(now - before),
            }
            for row, before, now in found.shown
        ]
    )


def format_number(value: float) -> str:
    """Write an amount of any size in eight digits."""
    return f"{value:.8g}".replace("-", "−")
