"""Values of the rows that a model made elsewhere doesn't know, by value and by group."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from core.data.roles.group_labels import label_of_name

if TYPE_CHECKING:
    from core.external_models.fit_to_table import FitToTable


def unknown_view(fit: FitToTable, *, matched_here: bool = True) -> None:
    """Show values that the model doesn't know, and missing ones, by value and by group.

    Parameters
    ----------
    fit : FitToTable
    matched_here : bool
        Whether the matching stands above, to be changed.
    """
    if not fit.unknown_rows:
        st.caption(session.literal(fit.unknown_sentence))
        return
    st.warning(session.literal(fit.unknown_sentence), icon=":material/help:")
    st.dataframe(unknown_table(fit), hide_index=True, width="stretch")
    if not matched_here:
        st.caption(
            "The model scores such values as something else, or as missing, and nothing in its "
            "answer tells. They are counted in the download too."
        )
        return
    if fit.refused:
        names = session.literal(", ".join(fit.refused))
        st.caption(
            f"The model refuses such values of {names}, and then scores no row at all. Say above "
            "what it is given for them, or leave those rows out of the table."
        )
    if len(fit.refused) < len(fit.unknown):
        st.caption(
            f"The model scores {'others' if fit.refused else 'such values'} as something else, or "
            "as missing, and nothing in the score tells. They are counted in the report too. "
            "Recode them above where you know what is meant."
        )


def unknown_table(fit: FitToTable) -> pd.DataFrame:
    """One row for each value of each input that the model doesn't know."""
    return pd.DataFrame(
        [
            {
                "Input": item.input,
                "Column": item.column or "none",
                "Values (rows)": "; ".join(f"{value} ({n:,})" for value, n in item.values[:12])
                + (f"; and {len(item.values) - 12} more" if len(item.values) > 12 else ""),
                "Rows": item.count,
                **{
                    label_of_name(
                        (fit.column,), name, fit.groups
                    ): f"{item.by_group.get(name, 0):,} of {of:,}"
                    for name, of in fit.groups.items()
                },
            }
            for item in fit.unknown
        ]
    )
