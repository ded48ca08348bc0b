"""Impact ratios by group, and scoring rates and mean scores where there are scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.widgets.tables import format_figure
from core.data.roles.group_labels import label_of_name
from core.fairness.assessment.scoring_rate import score_differences, scoring_rates
from core.fairness.disparities.impact_cells import impact_cells
from core.fairness.disparities.impact_ratio import ADJUSTMENT, impact_of
from core.fairness.disparities.impact_words import adverse_told, left_out_told, reference_told
from core.law.rules import FOUR_FIFTHS, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.data.dataset import Dataset
    from core.fairness.assessment.scoring_rate import ScoringRates
    from core.fairness.disparities.impact_ratio import ImpactRatios
    from core.fairness.metrics.assessment import Assessment
    from core.fairness.metrics.impact_spec import ImpactSpec


def impact_section(found: Assessment) -> None:
    """Show the table of impact ratios, and what its columns mean."""
    ratios = impact_of(found)
    if ratios is None:
        return
    st.markdown(session.literal(f"{reference_told(ratios)} {left_out_told(ratios)}"))
    impact_frame(ratios, "Impact ratio of each group")
    if ratios.reference is None:
        return
    if not ratios.positive_is_favourable:
        parts = [text for item in ratios.groups if (text := adverse_told(ratios, item))]
        st.caption(session.literal(f"The positive decision is adverse: {'; '.join(parts)}."))
    beside = (
        f" The largest group, {ratios.label(ratios.largest)}, is another: the ratio to it stands "
        "beside, as no part of any rule, since the reference's rate may be that of a few people."
        if ratios.reference != ratios.largest
        else ""
    )
    st.caption(
        session.literal(
            "Impact ratio: a group's rate of the favourable decision over the reference's, with "
            "Katz's 95% interval. z and p are of the difference between the two rates: the pooled "
            "z test, or Fisher's exact test where an expected count is below 5; p is adjusted over "
            f"the groups of the table ({ADJUSTMENT}). More selections needed: with how many more "
            "favourable decisions the group would reach the reference's rate, and four fifths of "
            f"it.{beside}"
        )
    )
    st.caption(session.literal(rule(FOUR_FIFTHS).sentence))


FIRST = ("Group", "Impact ratio", "Rate", "Note")
"""A phone shows two or three columns."""


def impact_frame(ratios: ImpactRatios, alt: str) -> None:
    """Show the rows of a table of impact ratios."""
    number = st.column_config.NumberColumn
    st.dataframe(
        _shown(pd.DataFrame(impact_cells(ratios))),
        hide_index=True,
        alt=alt,
        column_config={
            "Group": st.column_config.TextColumn(pinned=True),
            "Rate": number(format="%.4f", width=65),
            "Adverse rate": number(format="%.4f", width=95),
            "Rows": number(format="localized", width=60),
            "Favourable": number(format="localized", width=85),
            "z": st.column_config.Column(width=75),
            "p, adjusted": st.column_config.Column(width=90),
        },
    )


def _shown(cells: pd.DataFrame) -> pd.DataFrame:
    """Put what matters first, and leave a column of notes out where there are none."""
    first = [name for name in FIRST if name in cells]
    cells = cells[[*first, *(name for name in cells if name not in first)]]
    return cells if cells["Note"].any() else cells.drop(columns="Note")


def scoring_section(dataset: Dataset, combination: tuple[str, ...], impact: ImpactSpec) -> None:
    """Show which share of each group scores above the median, and how far mean scores are apart."""
    assert dataset.scores is not None
    groups = dataset.sensitive[list(combination)]
    asked = (dataset.scores, groups, dataset.weights, dataset.persons, impact)
    scoring_tables(scoring_rates(*asked))
    differences = score_differences(*asked)
    if not differences:
        return
    first = differences[0]
    names = [first.reference, *(item.group for item in differences)]
    st.markdown(
        session.literal(
            f"Mean scores, against {label_of_name(combination, first.reference, names)} (mean "
            f"{first.reference_mean:,.6g} of {first.reference_count:,} rows):"
        )
    )
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Group": label_of_name(combination, item.group, names),
                    "Standardised difference (95% interval)": format_figure(item.smd),
                    "Mean score": f"{item.mean:,.6g}",
                    "Pooled SD": "–" if item.pooled_sd is None else f"{item.pooled_sd:,.6g}",
                    "Rows": item.count,
                }
                for item in differences
            ]
        ),
        hide_index=True,
        column_config={"Rows": st.column_config.NumberColumn(format="localized")},
        alt="Standardised mean difference of each group",
    )
    st.caption(
        "Standardised mean difference: the group's mean less the reference's, in pooled standard "
        "deviations. Below 0 the group scores lower."
    )


def scoring_tables(rates: Sequence[ScoringRates]) -> None:
    """Show which share of each group scores above each median, and what that means."""
    for item in rates:
        _scoring_table(item)
    st.caption(
        "Scoring rate: the share of a group whose score lies strictly above the median. It needs "
        "neither a threshold nor an outcome. Rows of unknown group are shown and in no ratio."
    )


def _scoring_table(item: ScoringRates) -> None:
    ratios = impact_of(item.assessment)
    assert ratios is not None
    st.markdown(
        session.literal(
            f"Median {item.median:,.10g}, of {item.median_of} ({item.rows:,}). "
            f"Lowest over highest scoring rate: {format_figure(item.ratio.ratio)}. "
            f"{reference_told(ratios)}"
        )
    )
    rates = {g.label: g.figures["selection_rate"] for g in item.assessment.groups}
    st.dataframe(
        _shown(
            pd.DataFrame(
                [
                    {
                        "Group": row["Group"],
                        "Scoring rate (95% interval)": format_figure(rates[str(row["Group"])]),
                        "Ratio": row["Impact ratio"],
                        "p, adjusted": row["p, adjusted"],
                        "Note": row["Note"],
                        "Rows": row["Rows"],
                    }
                    for row in impact_cells(ratios)
                ]
            )
        ),
        hide_index=True,
        column_config={
            "Group": st.column_config.TextColumn(pinned=True),
            "Rows": st.column_config.NumberColumn(format="localized"),
        },
        alt="Scoring rate of each group",
    )
