"""A table of one's own: uploaded, or fetched from OpenML."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.widgets.reading_options import as_read, reading_options
from components.widgets.scenarios import go_to
from core.data.reading.reading import ReadOptions, read_bytes, upload_limit
from core.errors import InputError

if TYPE_CHECKING:
    from core.data.reading.openml import Fetched
    from core.data.table import Table


def upload() -> None:
    """Let a person upload a file, see how it was read, correct that, and begin an audit."""
    limit = upload_limit()
    file = st.file_uploader(
        "CSV, TSV, Excel, Parquet or Feather; column names in the first row or below a title",
        max_upload_size=math.ceil(limit / 1e6),
        key="upload",
    )
    if file is None:
        session.remember("upload read", None)
        st.caption(
            f"One row for each person or case, up to {limit / 1e6:g} MB. CSV may be packed as "
            ".csv.gz. The file is kept in this server's workspace until you delete the audit."
        )
        return
    try:
        options = reading_options(file.name, file.file_id)
        table = _read(file.file_id, file.name, file.getvalue(), options)
    except InputError as error:
        session.shown_error(error)
        return
    as_read(table)
    st.caption("What a column holds and how it is written can be changed on the next page.")
    if st.button("Audit this table", key="begin upload", type="primary"):
        from core.audit_state.state import begin_bytes

        with st.spinner("Keeping the table"):
            state = begin_bytes(
                session.workspace(), file.getvalue(), file.name, options=options, read=table
            )
        if not state.kinds:
            # A file that is a sample to the byte is read again, with the sample's kinds.
            session.table(state, table)
        session.remember("upload read", None)
        go_to("roles", state.id)


def _read(file_id: str, name: str, data: bytes, options: ReadOptions) -> Table:
    """Read the upload once for each choice of options, not at each rerun."""
    kept = session.remembered("upload read", None)
    if kept is None or kept[0] != (file_id, options):
        with st.spinner("Reading the table"):
            try:
                outcome: Table | InputError = read_bytes(data, name, options=options)
            except InputError as error:
                outcome = error
        kept = session.remember("upload read", ((file_id, options), outcome))
    found: Table | InputError = kept[1]
    if isinstance(found, InputError):
        raise found
    return found


def openml() -> None:
    """Let a person fetch a table from OpenML and begin an audit."""
    with st.form("openml"):
        left, right = st.columns([3, 1])
        asked = left.text_input(
            "Number or name of the data set", placeholder="31, or credit-g", key="openml name"
        )
        version = right.text_input(
            "Version",
            key="openml version",
            placeholder="Oldest active",
            help="Only with a name; a number already says which version.",
        )
        fetch = st.form_submit_button("Fetch")
    if fetch:
        session.remember("openml", None)
        with session.refusal_shown(), st.spinner("Fetching from openml.org"):
            session.remember("openml", _fetch(asked, version))
    fetched = session.remembered("openml", None)
    if fetched is None:
        st.caption("Needs a network: the table is fetched from openml.org by this server.")
        return
    st.text(fetched.title)
    as_read(fetched.table)
    if st.button("Audit this table", key="begin openml", type="primary"):
        from core.audit_state.state import begin_bytes

        state = begin_bytes(
            session.workspace(),
            fetched.data,
            fetched.file_name,
            origin="openml",
            read=fetched.table,
        )
        session.workspace().rename(state.id, f"OpenML: {fetched.title}"[:200])
        session.remember("openml", None)
        go_to("roles", state.id)


def _fetch(asked: str, version: str) -> Fetched:
    from core.data.reading.openml import fetch_openml

    number = version.strip()
    if number and not number.isdecimal():
        raise InputError(
            f"the version {number!r} is not a whole number",
            where="OpenML",
            remedy="Give a number such as 1, or leave it empty",
        )
    return fetch_openml(asked, int(number) if number else None)
