"""Large tables that stay where they are: the count that is open, and what is read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app.kept import kept
from components.app.session import workspace

if TYPE_CHECKING:
    from core.audit_state.results.count_results import StoredCount
    from core.data.sources.locations import SourceLocation
    from core.fairness.engine.assess_counted import CountedAssessment
    from core.fairness.engine.out_of_core import OutOfCoreTable


COUNT = "open_count"


def opened_count() -> str | None:
    """Id of the kept count that is open: named in the address, else the one of this session."""
    asked = st.query_params.get("count") or st.session_state.get(COUNT)
    if asked:
        open_count(str(asked))
    return asked


def open_count(count: str | None) -> None:
    """Make a kept count the open one, or leave none open."""
    st.session_state[COUNT] = count
    if count is None:
        st.query_params.pop("count", None)
    elif st.query_params.get("count") != count:
        st.query_params["count"] = count


@kept("Opening the count", 4, by=lambda count: (count,))
def stored_count(count: str) -> StoredCount:
    """Open a kept count from disk."""
    from core.audit_state.results import count_results

    return count_results.load_count(workspace().root, count)


@kept("Measuring fairness", 32, by=lambda count, attributes: (count, attributes))
def counted_assessment(count: str, attributes: tuple[str, ...]) -> CountedAssessment:
    """Assess a kept count by some of its sensitive columns."""
    from core.fairness.engine.assess_counted import assess_counted

    return assess_counted(stored_count(count).counted, attributes)


@kept("Writing the figures", 4, by=lambda count: (count,))
def counted_json(count: str) -> str:
    """Write the figures of a kept count as the command line does."""
    import json

    from core.fairness.engine.engine import engine_fairness_json

    found = engine_fairness_json(stored_count(count).counted)
    return json.dumps(found, indent=2, sort_keys=True, allow_nan=False)


def forget_count(count: str) -> None:
    """Delete a kept count, from disk and from here."""
    from core.audit_state.results.count_results import delete_count

    delete_count(workspace().root, count)
    stored_count.clear()
    if opened_count() == count:
        open_count(None)


@st.cache_resource(show_spinner=False, max_entries=8, ttl=60, scope="session")
def tables_of(connection: str) -> tuple[str, ...]:
    """List the tables of a named connection; asked again after a minute."""
    from core.data.sources.connections import table_names

    return table_names(connection)


@st.cache_resource(show_spinner="Reading the columns", max_entries=8, ttl=300, scope="session")
def out_of_core_table(location: SourceLocation) -> OutOfCoreTable:
    """Describe a table that stays where it is; asked again after five minutes."""
    from core.fairness.engine.out_of_core import out_of_core_table

    return out_of_core_table(location)


@st.cache_resource(show_spinner="Counting its labels", max_entries=16, ttl=300, scope="session")
def out_of_core_labels(location: SourceLocation, column: str) -> tuple[str, ...]:
    """List the labels of a column of such a table; asked again after five minutes."""
    from core.fairness.engine.out_of_core import out_of_core_labels

    return out_of_core_labels(location, column)
