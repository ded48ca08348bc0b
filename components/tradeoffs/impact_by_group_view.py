"""Impact by group: rates as ε or a mitigation grows, beside the same choices without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.app.sweep_numbers import format_spread
from components.tradeoffs.impact_along import PRIVACY, Along
from components.tradeoffs.impact_by_group_chart import MOST_PANELS, impact_by_group_figure
from components.tradeoffs.selected_setting import describe_difference
from components.widgets import charts
from components.widgets.charts import Chart
from components.widgets.pickers import pick_registered
from core.errors import InputError
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import metric_sentence, metric_title
from core.tradeoff.frontier.chosen import setting_label
from core.tradeoff.frontier.group_rates import better_end
from core.tradeoff.frontier.impact_by_group import RATES, impact_by_group

if TYPE_CHECKING:
    from components.app.sweep_numbers import SweepResults
    from core.tradeoff.frontier.group_rates import End, ImpactByGroup
    from core.tradeoff.sweep.grid import Setting

END_WORDS: dict[End | None, str] = {
    "higher": "The higher, the better for a group.",
    "lower": "The lower, the better for a group.",
    None: "Neither end is plainly better for a group: decisions that are more favourable are more "
    "often wrong here, so a change is only called higher or lower.",
}
"""What is said of a rate, by the end that is better."""


def show(
    key_prefix: str,
    found: SweepResults,
    setting: Setting,
    combination: tuple[str, ...],
    label: str,
    *,
    positive_is_favourable: bool,
    along: Along = PRIVACY,
) -> None:
    """Show a panel for each group, and say who pays most.

    Parameters
    ----------
    key_prefix : str
        Tells audits apart.
    found : SweepResults
    setting : Setting
        That is looked at; settings that differ in one choice alone are the horizontal axis.
    combination : tuple of str
        Sensitive columns whose groups are shown.
    label : str
        Said within the picture.
    positive_is_favourable : bool
    along : Along
        Which choice that is.
    """
    families = along.families(found, setting)
    if not families:
        st.caption(session.literal(along.nobody(found, setting)))
        return
    key_prefix = f"{key_prefix} {along.column}"
    left, right = st.columns(2)
    with left:
        key = f"rate impact {key_prefix}"
        rate = pick_registered(
            "Rate", METRICS, RATES, key, first="accuracy",
            title=lambda name: metric_title(name, positive_is_favourable),
        )  # fmt: skip
        end = better_end(rate, positive_is_favourable)
        st.caption(
            session.literal(f"{metric_sentence(rate, positive_is_favourable)} {END_WORDS[end]}")
        )
    family = families[0]
    if len(families) > 1:
        with right:
            names = [along.name(item[0]) for item in families]
            name = st.selectbox(
                along.pick,
                names,
                **session.lasting(f"family impact {key_prefix} {hash(tuple(names))}"),
            )
            family = families[names.index(name)]
    reference = along.reference(found, family[0])
    try:
        parts = [
            impact_by_group(
                found.of(item, reference), item, combination, reference=reference, rates=(rate,)
            )
            for item in family
        ]
    except InputError as error:
        session.shown_error(error)
        return
    # What is looked at, else what is furthest from the reference.
    furthest = 0 if along.log else -1
    spoken = parts[family.index(setting)] if setting in family else parts[furthest]
    sentence = spoken.sentence(rate, positive_is_favourable=positive_is_favourable)
    at = f"At {along.format(spoken.setting)}: {sentence[:1].lower()}{sentence[1:].rstrip('.')}"
    notes = [
        f"The dashed line is the group's mean {along.beside}"
        + (f" ({setting_label(reference)})." if spoken.reference else ", which this sweep lacks.")
        + " Dark bands reach one standard deviation by noise either way, light ones one by noise "
        "and another split of the rows. Grey: too small to judge."
    ]
    if len(spoken.groups) > MOST_PANELS:
        notes.append(f"The first {MOST_PANELS} of {len(spoken.groups)} groups are drawn.")
    figure = impact_by_group_figure(
        parts, rate, label, along, title=metric_title(rate, positive_is_favourable)
    )
    charts.show(
        Chart(at, figure, rates_table(parts, rate, positive_is_favourable, along), tuple(notes)),
        f"impact {key_prefix}",
    )


def rates_table(
    parts: list[ImpactByGroup], rate: str, positive_is_favourable: bool, along: Along = PRIVACY
) -> pd.DataFrame:
    """One row for each group and setting: its rate, and its difference from the reference."""
    end = better_end(rate, positive_is_favourable)
    return pd.DataFrame(
        [
            {
                "Group": item.label(group),
                along.column: f"{along.value(item.setting):g}",
                f"{metric_title(rate, positive_is_favourable)} (95% interval)": format_spread(
                    cell.spread
                ),
                along.beside.capitalize(): "no run"
                if cell.beside is None
                else format_spread(cell.beside),
                "Beside it": describe_difference(cell.change, end),
                "Runs": cell.spread.runs,
                "Too small to judge?": cell.too_small or "no",
            }
            for group in parts[0].groups
            for item in parts
            if group in item.groups
            for cell in [item.cell(group, rate)]
        ]
    )
