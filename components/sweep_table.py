"""The settings of a sweep as a table, while it runs: means so far, and over how many runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components import session
from core.fairness.mitigation import MITIGATIONS
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.tradeoff.axes import axis_named
from core.tradeoff.point import figure_name
from core.tradeoff.spread import spreads

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.governance.kept_sweeps import SweepPlan
    from core.tradeoff.grid import Grid, Setting
    from core.tradeoff.point import Point
    from core.tradeoff.spread import Spread

SHOWN = ("accuracy", "roc_auc")
GAP = "equalized_odds_difference"


def live_table(points: Sequence[Point], plan: SweepPlan, place: DeltaGenerator) -> None:
    """Show the settings that have a run, most accurate first."""
    table = table_of_settings(points, plan.grid)
    failed = sum(point.reason is not None for point in points)
    with place.container():
        st.markdown(f"**{session.literal(finding(table))}**")
        st.dataframe(table, hide_index=True, alt=finding(table))
        st.caption(
            "Means over the runs so far, with the 95 % interval of the mean in brackets where "
            f"there is one. {session.literal(plan.basis.label)}"
        )
        if failed:
            st.caption(f"{failed} runs could not be trained.")


def finding(table: pd.DataFrame) -> str:
    """State the most accurate setting so far."""
    if not len(table) or pd.isna(table["Accuracy"].iloc[0]):
        return "No setting has an accuracy yet"
    best = table.iloc[0]
    name = best["Learner"] + ("" if best["ε"] == "∞" else f" at ε = {best['ε']}")
    if best["Mitigation"] != MITIGATIONS["none"].title:
        name += f" with {best['Mitigation']}"
    return f"{name} is the most accurate of {len(table)} settings so far"


def table_of_settings(points: Sequence[Point], grid: Grid) -> pd.DataFrame:
    """Lay settings out, one a row, the most accurate first.

    Parameters
    ----------
    points : sequence of Point
    grid : Grid
        Its first combination is the one whose gap is shown.

    Returns
    -------
    DataFrame
        Means as numbers, so that they sort; intervals as text.
    """
    gap = figure_name(GAP, grid.attributes[0])
    names = (*SHOWN, gap)
    found = [spreads(points, axis_named(name, grid.attributes)) for name in names]
    titles = ("Accuracy", "AUROC", f"Equalized-odds gap by {' × '.join(grid.attributes[0])}")
    rows = []
    for setting in found[0]:
        row = described(setting, with_more=len(grid.balancings) > 1 or len(grid.ks) > 1)
        row["Runs"] = str(found[0][setting].runs + found[0][setting].undefined)
        for title, spread in zip(titles, found, strict=True):
            row[title] = spread[setting].mean
            row[f"{title}, 95 %"] = _interval(spread[setting])
        rows.append(row)
    table = pd.DataFrame(rows)
    if not len(table):
        return table
    return table.sort_values("Accuracy", ascending=False, na_position="last", ignore_index=True)


def described(setting: Setting, *, with_more: bool = True) -> dict[str, object]:
    """Name a setting's parts for people, by column."""
    mitigation = MITIGATIONS[setting.mitigation].title
    if setting.strength < 1:
        mitigation += f", strength {setting.strength:g}"
    row: dict[str, object] = {
        "Learner": LEARNERS[setting.learner].title,
        "ε": "∞" if setting.epsilon is None else f"{setting.epsilon:g}",
        "Mitigation": mitigation,
    }
    if with_more:
        row |= {"Balancing": BALANCINGS[setting.balancing].title, "k": str(setting.k)}
    return row


def _interval(spread: Spread) -> str:
    if spread.mean is None:
        return f"not defined: {spread.reason}"
    if spread.low is None or spread.high is None:
        return spread.reason or ""
    return f"{spread.low:.3f} to {spread.high:.3f}"
