"""The thresholds and costs that a person tries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.widgets.charts import cut
from core.law.rules import GROUP_CUT_OFFS, rule

if TYPE_CHECKING:
    from core.fairness.counts.grouping import Group
    from core.fairness.what_if.thresholds import WhatIf

MOST_SLIDERS = 12
"""With more groups than this there is one threshold for all."""


def thresholds(found: WhatIf, key_prefix: str) -> dict[Group, float]:
    """Ask for one threshold for all, or for one for each group."""
    groups = found.cube.groups
    apart = False
    if len(groups) > MOST_SLIDERS:
        st.caption(f"With {len(groups)} groups there is one threshold for all.")
    elif len(groups) > 1:
        apart = st.toggle(
            "One threshold for each group",
            help="Deciding by a person's group is unlawful in many settings: ask before you do.",
            **session.lasting(f"{key_prefix} apart"),
        )
    if not apart:
        chosen = _slider("Threshold for all", found, f"{key_prefix} all")
        return dict.fromkeys(groups, chosen)
    st.warning(session.literal(rule(GROUP_CUT_OFFS).warns), icon=":material/gavel:")
    # Sliders side by side in threes, so that they stay wide enough to hit a hundredth.
    columns = st.columns(min(3, len(groups)))
    out = {}
    for position, group in enumerate(groups):
        with columns[position % len(columns)]:
            name = session.literal(cut(found.cube.labels[position]))
            out[group] = _slider(f"Threshold for {name}", found, f"{key_prefix} {group}")
    return out


def costs(key_prefix: str) -> tuple[float, float]:
    """Ask what a false positive and a false negative cost."""
    left, right = st.columns(2)
    keys = ((left, "false positive"), (right, "false negative"))
    first, second = (
        column.number_input(
            f"Cost of a {what}",
            min_value=0.0,
            value=1.0,
            step=1.0,
            help="In any unit, as long as both are in the same.",
            **session.lasting(f"{key_prefix} cost {what}"),
        )
        for column, what in keys
    )
    return first, second


def _slider(label: str, found: WhatIf, key: str) -> float:
    return st.select_slider(
        label,
        options=found.choices,
        value=found.start,
        format_func=lambda value: f"{value:g}",
        **session.lasting(key),
    )
