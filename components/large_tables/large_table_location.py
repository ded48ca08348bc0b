"""Where a large table is: a file, folder or pattern of this server, or a named connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import counted, session
from core.data.sources.connections import connection_names
from core.data.sources.locations import (
    SourceLocation,
    file_location,
    offered_locations,
    source_folders,
)
from core.errors import InputError

if TYPE_CHECKING:
    from core.fairness.engine.out_of_core import OutOfCoreTable

FILES, DATABASE = "Parquet files on this server", "A database"
_OTHER = "Another path, or a pattern …"


def location_form() -> tuple[SourceLocation, OutOfCoreTable] | None:
    """Ask where the table is; return the place and its columns, None until there are some."""
    try:
        location = _asked()
        if location is None:
            return None
        table = counted.out_of_core_table(location)
    except InputError as error:
        session.shown_error(error)
        return None
    st.caption(session.literal(_size(table)))
    return location, table


def _asked() -> SourceLocation | None:
    names = connection_names()
    kinds = [FILES, DATABASE] if names else [FILES]
    kind = FILES
    if names:
        kind = st.radio("Where is the table?", kinds, horizontal=True, key="large kind") or FILES
    return _files() if kind == FILES else _database(names)


def _files() -> SourceLocation | None:
    offered = list(offered_locations())
    chosen: str | None = _OTHER
    if offered:
        chosen = st.selectbox(
            "File or folder",
            [*offered, _OTHER],
            index=None,
            placeholder="Choose one of those found",
            **session.lasting("large offered"),
            help="A folder stands for all Parquet files in it and below, as one table.",
        )
    typed = ""
    if chosen == _OTHER:
        typed = st.text_input(
            "Path of a file or folder, or a pattern",
            **session.lasting("large path"),
            placeholder="loans, or loans/2024-*.parquet",
            help="A folder stands for all Parquet files in it and below. In a pattern, * stands "
            "for any characters of a name, ** for any folders.",
        )
    folders = ", ".join(f"{session.literal(str(folder))}" for folder in source_folders())
    st.caption(
        "A path on the computer that runs Equipoise, not on yours. Only what lies in these folders "
        f"is opened: {folders}. Whoever runs the server names them in EQUIPOISE\\_SOURCES."
    )
    text = typed if chosen == _OTHER else chosen
    return file_location(text) if text else None


def _database(names: tuple[str, ...]) -> SourceLocation | None:
    left, right = st.columns(2)
    name = left.selectbox(
        "Connection",
        names,
        index=0 if len(names) == 1 else None,
        **session.lasting("large connection"),
        placeholder="Choose a connection",
    )
    left.caption(
        "Whoever runs the server names them in EQUIPOISE\\_CONNECTIONS; addresses and passwords "
        "are never shown."
    )
    if name is None:
        return None
    with st.spinner("Asking for its tables"):
        tables = counted.tables_of(name)
    table = right.selectbox(
        "Table",
        tables,
        index=None,
        **session.lasting(f"large table {name}"),
        placeholder="Choose a table" if tables else "It offers no table",
    )
    right.caption("A table or view of this database.")
    return None if table is None else SourceLocation(name, table)


def _size(table: OutOfCoreTable) -> str:
    columns = len(table.schema.columns)
    many = f"{columns} column{'s' * (columns != 1)}"
    if table.rows is None:
        return f"{many}. The rows stay in the database: only counts are taken out."
    files = f"{table.files} file{'s' * (table.files != 1)}"
    return (
        f"{table.rows:,} rows and {many} in {files} of {_bytes(table.size_bytes)} together. "
        "The rows stay where they are: only counts are taken out."
    )


def _bytes(size: int) -> str:
    for unit, length in (("GB", 1e9), ("MB", 1e6)):
        if size >= length:
            return f"{size / length:.1f} {unit}"
    return f"{max(1, round(size / 1e3))} kB"
