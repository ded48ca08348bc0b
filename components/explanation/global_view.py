"""Sections on what drives scores: single rows, one feature at a time, groups, and proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.app.progress import follow
from components.explanation.global_charts import dependence_chart, groups_chart, swarm_chart
from components.explanation.proxy_chart import proxy_chart
from components.widgets.charts import Chart, show
from core.audit_state.results import model_results
from core.explanation.attribution.drivers import drivers_by_group
from core.explanation.attribution.interaction import strongest_partner
from core.explanation.proxies.proxies import STRONG, leaning_sentences, strong_drivers

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.explanation.attribution.explain import GlobalExplanation
    from core.training.trained import Trained


def rows_view(explained: GlobalExplanation, dataset: Dataset, trained: Trained) -> None:
    """Show each row's contributions, and one feature's against its value."""
    rows = _rows(explained, dataset, trained)
    show(swarm_chart(explained, rows, dataset.dates), "swarm")
    name = st.selectbox(
        "One feature in detail",
        explained.features,
        **session.lasting("dependence feature"),
        help="What it contributes at each of its values, and which other feature changes that.",
    )
    values = explained.values[:, explained.features.index(name)]
    partner, share = strongest_partner(values, rows, name)
    chart = dependence_chart(explained, rows, name, partner, share, dataset.dates)
    show(chart, "dependence")


def groups_view(explained: GlobalExplanation, dataset: Dataset, trained: Trained) -> None:
    """Show which features drive scores differently for whom."""
    st.header("Which features drive scores differently for whom")
    columns = dataset.roles.sensitive
    attribute = st.selectbox(
        "Compare people by", columns, **session.lasting("drivers by"), format_func=str
    )
    rows = trained.split.test[explained.positions]
    groups = dataset.sensitive[attribute].to_numpy(dtype=object)[rows]
    found = drivers_by_group(explained.features, explained.values, groups, seed=trained.spec.seed)
    chart: Chart = groups_chart(found, explained, attribute)
    show(chart, "drivers")
    st.caption(
        "A mean |contribution| says how much a feature moves scores in a group; the mean "
        "contribution, in the table, says in which direction on the whole. Ranges: 95%, from "
        "resampling rows. “Significantly” is p < 0.05 of Welch's test against everyone else, "
        "corrected by Holm over all features, groups and both figures."
    )


def proxies_view(explained: GlobalExplanation, dataset: Dataset, state: AuditState) -> None:
    """Show which features carry the sensitive attributes, and whether drivers do."""
    st.header("Proxies: which features give the sensitive attribute away")
    found = follow(
        model_results.load_or_find_proxies(session.workspace(), state, dataset),
        "Telling groups by features",
        f"proxies {state.id} {dataset.fingerprint}",
    )
    if found is None:
        return
    drivers, shares = strong_drivers(explained.features, explained.mean_absolute)
    leaning = leaning_sentences(drivers, shares, found)
    for sentence in leaning:
        st.warning(session.literal(sentence + ". A score that leans on it leans on that group."))
    if not leaning:
        st.markdown(
            "None of the strongest drivers is a strong proxy: none significantly tells a sensitive "
            f"attribute with a ROC AUC above {STRONG:g}."
            if drivers
            else "Nothing moves the scores, so there is no driver that could be a proxy."
        )
    names = [one.attribute for one in found]
    name = st.selectbox("Attribute", names, **session.lasting("proxies of"))
    one = found[names.index(name)]
    show(proxy_chart(one, explained), "proxies")
    if one.itself:
        st.caption("The attribute itself is a feature of the model, and so is left out here.")
    st.caption(
        "ROC AUC: how often someone of a group gets a higher guess than someone outside it; 0.5 is "
        "guessing, 1 is certainty. Each feature alone guesses from how frequent the group is at "
        "its values; all together are given to gradient boosting. Counted on rows that were not "
        f"learned from, among {one.rows:,} rows. With several groups it is the mean over groups."
    )


def _rows(explained: GlobalExplanation, dataset: Dataset, trained: Trained) -> pd.DataFrame:
    rows = trained.split.test[explained.positions]
    return dataset.features.iloc[rows].reset_index(drop=True)
