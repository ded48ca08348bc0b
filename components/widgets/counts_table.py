"""Counts by group for publication: small ones hidden, and others so that totals don't tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from core.anonymity.recipe import csv_of
from core.anonymity.suppression import THRESHOLD, suppress

if TYPE_CHECKING:
    from core.anonymity.suppression import Suppressed
    from core.fairness.counts.cube import OutcomeCube
    from core.fairness.metrics.assessment import Assessment

OUTCOMES = (
    "Label negative, decision negative",
    "Label negative, decision positive",
    "Label positive, decision negative",
    "Label positive, decision positive",
    "All",
)
HIDDEN = "hidden"


def counts_section(assessment: Assessment, key_prefix: str) -> None:
    """Show the table of counts with small cells hidden, and offer it for download."""
    cube = assessment.cube
    assert cube is not None
    threshold = st.number_input(
        "Hide counts below", 2, 1000, THRESHOLD, **session.lasting(f"{key_prefix} small cells")
    )
    found = suppress(cube.count.reshape(len(cube.groups), 4), int(threshold))
    table = published(cube, found)
    st.dataframe(table, hide_index=True, alt="Counts of outcomes by group")
    st.caption(
        f"{found.primary} counts from 1 to {int(threshold) - 1} are hidden, and {found.secondary} "
        "more so that none can be worked out from the totals. This hides exact small counts and "
        "is no differential privacy: close bounds may remain, and other tables of the same people "
        "may tell more. A private release gives a guarantee."
    )
    text, repairs = csv_of(table)
    for repair in repairs:
        st.caption(f"{repair.what} ({repair.count})")
    st.download_button(
        "Download these counts (CSV)",
        text,
        "counts.csv",
        "text/csv",
        key=f"{key_prefix} counts csv",
    )


def published(cube: OutcomeCube, found: Suppressed) -> pd.DataFrame:
    """Write the table as it may be published."""
    rows = [[HIDDEN if n is None else f"{n}" for n in row] for row in found.published]
    table = pd.DataFrame(rows, columns=list(OUTCOMES))
    table.insert(0, "Group", [*cube.labels, "All"])
    return table
