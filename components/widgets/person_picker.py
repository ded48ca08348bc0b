"""Pick one person among the test rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app.session import literal
from core.explanation.attribution.explain import nearest_to_threshold, spread_by_score

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.training.trained import Trained

WAYS = ("Nearest to the threshold", "Lowest score", "Middle score", "Highest score", "Row number")


def person_picker(trained: Trained, dataset: Dataset) -> int:
    """Return the position of the chosen person among the test rows."""
    way = st.selectbox("Which person?", WAYS, help="All are test rows the model never saw.")
    if way == "Nearest to the threshold":
        return nearest_to_threshold(trained)
    low, middle, high = spread_by_score(trained, 3, ends=True)
    if way != "Row number":
        return {"Lowest score": low, "Middle score": middle, "Highest score": high}[way]
    rows: list[int] = dataset.rows[trained.split.test].tolist()
    wanted = st.number_input("Row number in the table, counted from 0", 0, value=rows[0], step=1)
    if wanted not in rows:
        st.error(
            literal(
                f"Row {wanted}: it isn't a test row. Nearby test rows are: "
                + ", ".join(map(str, sorted(sorted(rows, key=lambda r: abs(r - wanted))[:5])))
                + "."
            )
        )
        st.stop()
    return rows.index(wanted)
