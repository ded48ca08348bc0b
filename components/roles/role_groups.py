"""The groups of a sensitive attribute: where numbers are cut, and what is counted together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.widgets.role_draft import format_edges, numbers
from components.widgets.role_pickers import type_edges
from core.data.roles.groups import FEW, default_edges, group
from core.data.roles.role_checks import MANY_TOGETHER
from core.data.table import Kind
from core.errors import InputError

if TYPE_CHECKING:
    from core.data.table import Table

Entries = tuple[tuple[str, tuple[str, ...]], ...]
"""Name of a group, and the values that are counted under it."""

_SMALL = 30
"""Groups of fewer rows are too small to judge in an assessment."""

_NAMED = 6
"""Most small groups that are named."""


def groups_form(
    table: Table, name: str, typed: str | None, entries: Entries, audit: str
) -> tuple[str | None, Entries]:
    """Show the groups of an attribute; ask for bin edges and for what is counted together.

    Parameters
    ----------
    table : Table
    name : str
        The attribute.
    typed : str or None
        Bin edges as they were typed; None where nothing was yet.
    entries : tuple of (str, tuple of str)
        What was put together so far.
    audit : str
        Id of the audit, which keeps the widgets of different audits apart.

    Returns
    -------
    tuple of the edges and of what is put together, as they stand now.
    """
    series, column = table.frame[name], table.column(name)
    numeric = column.kind is Kind.NUMBER
    if not numeric and not entries and column.distinct + (column.missing > 0) < 3:
        # Two groups are compared as they are: nothing is asked, and no empty place is left.
        return typed, entries
    left, right = st.columns(2, vertical_alignment="top")
    with left:
        if numeric:
            typed = _edges(table, name, typed, audit)
        try:
            groups = group(series, numbers(typed or "", name) or None if numeric else None)
        except InputError as error:
            with right:
                session.shown_error(error)
            return typed, entries
        counts = _counts(series, groups, numeric)
        if entries or 3 <= len(counts) <= MANY_TOGETHER:
            entries = _merged_groups_form(name, counts, entries, audit)
    if numeric or entries or 3 <= len(counts) <= MANY_TOGETHER:
        with right:
            _shown(name, counts, entries)
    return typed, entries


def _edges(table: Table, name: str, typed: str | None, audit: str) -> str:
    """Ask where a numeric attribute is cut into groups."""
    few = table.column(name).distinct <= FEW
    if typed is None:
        typed = "" if few else format_edges(default_edges(table.frame[name]))
    typed = type_edges(name, typed, audit)
    st.caption(
        "A new group begins at each number. Left empty, "
        + ("each value is a group." if few else "groups are cut near the quartiles.")
    )
    return typed


def _counts(series: pd.Series, groups: pd.Series, numeric: bool) -> dict[str, int]:
    """Rows of each group: bins in their order, values from the most frequent to the rarest."""
    counts = groups.value_counts()
    if numeric:
        order = series.groupby(groups).min().sort_values(na_position="last").index
        counts = counts.reindex(order)
    return {str(name): int(rows) for name, rows in counts.items()}


def _merged_groups_form(name: str, counts: dict[str, int], entries: Entries, audit: str) -> Entries:
    """Ask which groups are counted together; one more pair of fields than is filled."""
    while entries and not entries[-1][1]:
        entries = entries[:-1]
    # The rarest come first: they are those for which this is.
    rare = sorted(counts, key=lambda value: (counts[value], value))
    filled: list[tuple[str, tuple[str, ...]]] = []
    while not filled or len(filled) < len(entries) or filled[-1][1]:
        position = len(filled)
        called, chosen = entries[position] if position < len(entries) else ("", ())
        # Only of fields above, which are as they stand now: these are new widgets if they change.
        others = {value for _, values in filled for value in values}
        # What is no group any more is shown as chosen, so that it can be taken out.
        gone = [value for value in chosen if value not in counts]
        options = [value for value in (*rare, *gone) if value not in others]
        if position and position >= len(entries) and len(options) < 2:
            break
        begun = called, tuple(value for value in chosen if value in options)
        filled.append(_merged(name, position, counts, options, begun, audit))
    _small_note(counts, rare)
    return tuple(filled)


def _merged(
    name: str,
    position: int,
    counts: dict[str, int],
    options: list[str],
    begun: tuple[str, tuple[str, ...]],
    audit: str,
) -> tuple[str, tuple[str, ...]]:
    """Ask for one merged group: its values, and its name where there are any."""
    called, chosen = begun
    which = f"{session.literal(name)}" + (f" (group {position + 1})" if position else "")
    chosen = tuple(
        st.multiselect(
            f"Merge groups of {which}",
            options,
            default=chosen,
            key=f"{audit} merged {name} {position} {hash(tuple(options))}",
            format_func=lambda value: f"{value} ({counts.get(value, 0):,})",
            placeholder="None",
            help="Rows of these values are one group in every figure of the audit; in "
            "parentheses the number of rows. A model still sees the values as they are.",
            wrap=True,
        )
    )
    if chosen:
        called = st.text_input(
            f"Name of the merged group in {which}",
            called or _name(counts, position),
            key=f"{audit} merged name {name} {position}",
            help="That of another value, which is then counted with them, or a new one.",
        )
    return called, chosen


def _small_note(counts: dict[str, int], rare: list[str]) -> None:
    """Name the groups that are too small to judge."""
    small = [f"{session.literal(v)} ({counts[v]:,})" for v in rare if counts[v] < _SMALL]
    if len(small) > _NAMED:
        small = [*small[:_NAMED], f"{len(small) - _NAMED} more"]
    if small:
        st.caption(f"Fewer than {_SMALL} rows: {', '.join(small)}.")


def _name(counts: dict[str, int], position: int) -> str:
    """Suggest "Other" where there is such a value, else a new name."""
    if position:
        return f"other groups {position + 1}"
    return next((value for value in counts if value.casefold() == "other"), "other groups")


def _shown(name: str, counts: dict[str, int], entries: Entries) -> None:
    shown = pd.DataFrame({"Group": list(counts), "Rows": list(counts.values())})
    under = {value: called for called, values in entries for value in values}
    if under:
        named = {called for called, values in entries if values}
        under |= {value: value for value in counts if value in named and value not in under}
        # Blank for the others, which are counted as themselves.
        shown["Merged into"] = [under.get(value, "") for value in counts]
    st.dataframe(
        shown,
        hide_index=True,
        height="content" if len(shown) <= 8 else 318,
        column_config={
            "Group": st.column_config.TextColumn(width=150),
            "Rows": st.column_config.NumberColumn(format="localized", width=65),
            "Merged into": st.column_config.TextColumn(width=95),
        },
        alt=f"Groups of {name} with their numbers of rows",
    )
