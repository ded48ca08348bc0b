"""Impact ratios by group, and scoring rates where there are scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.widgets.tables import written
from core.fairness.assessment.scoring_rate import scoring_rates
from core.fairness.disparities.impact_ratio import ImpactRatio, ImpactRatios, impact_ratios

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.fairness.assessment.scoring_rate import ScoringRates
    from core.fairness.metrics.assessment import Assessment, Figure

STANDING = {
    "compared": "",
    "unknown": "unknown: in no ratio",
    "left out": "left out by the auditor",
}


def impact_table(found: ImpactRatios, small: Mapping[str, str | None]) -> pd.DataFrame:
    """One row for each group: its rate, its ratios, and the test against the largest group."""
    rows = []
    for item in found.groups:
        note = STANDING[item.standing]
        if not note and item.group in small:
            note = f"too small to judge: {small[item.group]}"
        rows.append(
            {
                "Group": item.group,
                "Rows": item.count,
                "Favourable": item.favourable,
                "Rate": item.rate,
                "Ratio to the highest": _ratio(item, item.ratio, found.highest),
                "Ratio to the largest": _ratio(item, item.ratio_to_largest, found.largest),
                "z": _statistic(item, item.z_to_largest, ".2f", found.largest),
                "p": _statistic(item, item.p_value, ".4f", found.largest),
                "Note": note,
            }
        )
    return pd.DataFrame(rows)


def _statistic(item: ImpactRatio, value: float | None, form: str, reference: str | None) -> str:
    if item.group == reference:
        return "reference"
    if item.standing != "compared":
        return "–"
    return "not defined" if value is None else format(value, form).replace("-", "−")


def _ratio(item: ImpactRatio, figure: Figure, reference: str | None) -> str:
    if item.group == reference:
        return "reference"
    return "–" if item.standing != "compared" else written(figure)


def impact_section(found: Assessment, positive_is_favourable: bool) -> None:
    """Show the table of impact ratios, and what its columns mean."""
    if found.cube is None:
        return
    ratios = impact_ratios(found.cube, positive_is_favourable=positive_is_favourable)
    small = {g.name: g.too_small for g in found.groups if not g.is_judged_by("selection_rate")}
    st.dataframe(
        impact_table(ratios, small),
        hide_index=True,
        alt="Impact ratio of each group",
        column_config={
            "Rate": st.column_config.NumberColumn(format="%.4f", width=65),
            "Rows": st.column_config.NumberColumn(format="localized", width=60),
            "Favourable": st.column_config.NumberColumn(format="localized", width=85),
            "z": st.column_config.Column(width=75),
            "p": st.column_config.Column(width=75),
        },
    )
    if ratios.highest is None:
        return
    st.caption(
        session.literal(
            f"Ratio to the highest, the impact ratio: a group's rate of the favourable decision "
            f"over the highest rate, that of {ratios.highest}, with Katz's 95% interval. The "
            "highest rate may be that of a few people, so the ratio to the largest group, "
            f"{ratios.largest}, stands beside it, with the statistic and p-value of the "
            "difference between their two rates."
        )
    )


def scoring_section(dataset: Dataset, combination: tuple[str, ...]) -> None:
    """Show which share of each group scores above the median of everyone."""
    assert dataset.scores is not None
    for item in scoring_rates(
        dataset.scores, dataset.sensitive[list(combination)], dataset.weights, dataset.persons
    ):
        st.markdown(
            session.literal(
                f"Median {item.median:,.10g}, of {item.median_of} ({item.rows:,}). "
                f"Lowest over highest scoring rate: {written(item.ratio.ratio)}."
            )
        )
        st.dataframe(_scoring_table(item), hide_index=True, alt="Scoring rate of each group")
    st.caption(
        "Scoring rate: the share of a group whose score lies strictly above the median. It needs "
        "neither a threshold nor an outcome. Rows of unknown group are shown and in no ratio."
    )


def _scoring_table(item: ScoringRates) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Group": group.name,
                "Rows": group.count,
                "Scoring rate (95% interval)": written(group.figures["selection_rate"]),
                "Note": "unknown: in no ratio"
                if group.is_unknown
                else f"too small to judge: {group.too_small}"
                if not group.is_judged_by("selection_rate")
                else "",
            }
            for group in item.assessment.groups
        ]
    )
