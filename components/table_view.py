"""A table as a person sees it: its first rows, its columns, and what was changed on reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components import session
from core.data.labels import canonical
from core.data.table import Kind

if TYPE_CHECKING:
    from core.data.table import Repair, Table

_MANY = 8
_CONFIG = {
    "Column": st.column_config.TextColumn(pinned=True, width="medium"),
    "Kind": st.column_config.SelectboxColumn(
        options=[str(kind) for kind in Kind], required=True, width="small"
    ),
    "Distinct": st.column_config.NumberColumn(
        help="How many different values there are, missing not counted.", width="small"
    ),
    "Missing": st.column_config.NumberColumn(help="Rows without a value.", width="small"),
    "Examples": st.column_config.TextColumn(help="The most frequent values.", width="large"),
}


def preview(table: Table, rows: int = 6) -> None:
    """Show the first rows as plain text."""
    head = table.frame.head(rows)
    texts = {
        name: ["" if pd.isna(cell) else canonical(cell) for cell in head[name].tolist()]
        for name in head
    }
    st.dataframe(
        pd.DataFrame(texts, dtype=object),
        hide_index=True,
        alt=f"First rows of {table.provenance.name}",
    )


def column_editor(table: Table, key: str, *, fixed: bool) -> dict[str, Kind]:
    """Show the columns; return the kinds that a person has changed, by column."""
    overview = pd.DataFrame(
        {
            "Column": [column.name for column in table.columns],
            "Kind": [str(column.kind) for column in table.columns],
            "Distinct": [column.distinct for column in table.columns],
            "Missing": [column.missing for column in table.columns],
            "Examples": [", ".join(column.examples) for column in table.columns],
        }
    )
    edited = st.data_editor(
        overview,
        key=key,
        hide_index=True,
        disabled=True if fixed else ["Column", "Distinct", "Missing", "Examples"],
        column_config=_CONFIG,
        alt="Columns of the table with their kinds",
    )
    return {
        column.name: Kind(kind)
        for column, kind in zip(table.columns, edited["Kind"], strict=True)
        if kind and kind != column.kind
    }


def changes(repairs: Sequence[Repair]) -> None:
    """List what was dropped, filled, recoded or renamed, with how often."""
    lines = [
        f"- {f'**{session.literal(repair.column)}**: ' if repair.column else ''}"
        f"{session.literal(repair.what)} ({repair.count:,} ×)"
        for repair in repairs
    ]
    if len(lines) > _MANY:
        with st.container(height=260):
            st.markdown("\n".join(lines))
    elif lines:
        st.markdown("\n".join(lines))
