"""How a file is read where a person knows better than detection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.widgets.table_view import changes, preview
from core.data.reading.delimited import DELIMITERS
from core.data.reading.formats import form_of
from core.data.reading.reading import ReadOptions
from core.data.samples import sample_for

if TYPE_CHECKING:
    from core.data.table import Table

ENCODINGS = {
    None: "Detect it",
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with BOM",
    "utf-16": "UTF-16 with BOM",
    "utf-16-le": "UTF-16, little-endian",
    "utf-16-be": "UTF-16, big-endian",
    "gb18030": "GB18030 (simplified Chinese, with GBK)",
    "big5": "Big5 (traditional Chinese)",
    "shift_jis": "Shift JIS (Japanese)",
    "euc_kr": "EUC-KR (Korean)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1252": "Windows-1252 (Western Europe)",
    "latin-1": "Latin-1 (ISO 8859-1)",
}
_OTHER = "other"


def reading_options(name: str, key: str) -> ReadOptions:
    """Show the selectors that apply to a file of this name.

    Raises
    ------
    InputError
        If the name tells of no format that can be read.
    """
    form, _ = form_of(name)
    if form in ("csv", "tsv"):
        left, right = st.columns(2)
        encoding = left.selectbox(
            "Text encoding",
            list(ENCODINGS),
            format_func=ENCODINGS.__getitem__,
            key=f"encoding {key}",
            help="How bytes stand for characters. Choose another if accents or names look wrong.",
        )
        choices = {None: "Detect it"} | {s: n.capitalize() for s, n in DELIMITERS.items()}
        choices[_OTHER] = "Another character"
        delimiter = right.selectbox(
            "Delimiter",
            list(choices),
            format_func=choices.__getitem__,
            key=f"delimiter {key}",
            help="The character between two values of a row.",
        )
        if delimiter == _OTHER:
            delimiter = right.text_input("Which character?", "^", key=f"character {key}")
        return ReadOptions(
            encoding=encoding, delimiter=delimiter, header_line=_header_line("Line", key)
        )
    if form in ("xlsx", "xls"):
        sheet = st.text_input(
            "Worksheet",
            key=f"sheet {key}",
            placeholder="The first one",
            help="Name of the sheet that holds the table; the first one is read if left empty.",
        )
        return ReadOptions(sheet=sheet.strip() or None, header_line=_header_line("Row", key))
    return ReadOptions()


def _header_line(called: str, key: str) -> int | None:
    line = st.number_input(
        f"{called} of the column names",
        min_value=1,
        value=None,
        step=1,
        key=f"header line {key}",
        placeholder="Find it",
        help="Counted from 1. Titles above the column names are skipped and told.",
    )
    return None if line is None else int(line)


def as_read(table: Table) -> None:
    """Show how a table was read, its first rows, and what was changed on the way."""
    provenance = table.provenance
    parts = [f"as {provenance.format}"]
    if provenance.encoding:
        parts.append(f"in {ENCODINGS.get(provenance.encoding, provenance.encoding)}")
    if provenance.delimiter:
        parts.append(
            f"separated by {DELIMITERS.get(provenance.delimiter, repr(provenance.delimiter))}"
        )
    if provenance.header_line:
        parts.append(f"with column names on line {provenance.header_line}")
    if provenance.sheet:
        parts.append(f"from sheet {provenance.sheet!r}")
    st.markdown(
        f"**{len(table.frame):,} rows × {len(table.columns):,} columns**, read "
        f"{session.literal(', '.join(parts))}."
    )
    sample = sample_for(provenance.sha256)
    if sample is not None:
        st.info(
            f"This is the sample scenario “{session.literal(sample.title)}”, byte for byte: its "
            "roles will be preset.",
            icon=":material/verified:",
        )
    preview(table)
    if table.repairs:
        st.markdown("What was changed on reading:")
        changes(table.repairs)
    else:
        st.caption("Nothing was changed on reading.")
