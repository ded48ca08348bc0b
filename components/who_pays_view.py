"""Who pays for privacy: each group's rate as ε shrinks, beside the same choices without privacy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components import charts, session
from components.charts import Chart
from components.landscape_numbers import spread_words
from components.selected_setting import difference_words
from components.who_pays_chart import MOST_PANELS, who_pays_figure
from core.errors import InputError
from core.fairness.metrics import METRICS
from core.learning.learners import LEARNERS
from core.tradeoff.frontier.chosen import setting_words, without_privacy
from core.tradeoff.frontier.group_rates import better_end
from core.tradeoff.frontier.who_pays import RATES, who_pays

if TYPE_CHECKING:
    from components.landscape_numbers import Explored
    from core.tradeoff.frontier.group_rates import End, WhoPays
    from core.tradeoff.sweep.grid import Setting

END_WORDS: dict[End | None, str] = {
    "higher": "The higher, the better for a group.",
    "lower": "The lower, the better for a group.",
    None: "Neither end is plainly better for a group: decisions that are more favourable are more "
    "often wrong here, so a change is only called higher or lower.",
}
"""What is said of a rate, by the end that is better."""


def show(
    place: str,
    found: Explored,
    setting: Setting,
    combination: tuple[str, ...],
    label: str,
    *,
    positive_is_favourable: bool,
) -> None:
    """Show a panel for each group, and say who pays most.

    Parameters
    ----------
    place : str
        Tells audits apart.
    found : Explored
    setting : Setting
        That is looked at; its other values of ε are the horizontal axis.
    combination : tuple of str
        Sensitive columns whose groups are shown.
    label : str
        Said within the picture.
    positive_is_favourable : bool
    """
    families = families_of(found, setting)
    if not families:
        st.caption(
            "The setting you look at makes no privacy promise, and the sweep holds no private "
            "learner with the same other choices, so nobody pays for privacy here."
        )
        return
    left, right = st.columns(2)
    with left:
        rate = st.selectbox(
            "Rate",
            RATES,
            index=RATES.index("accuracy"),
            format_func=lambda name: METRICS[name].title,
            key=f"rate who pays {place}",
            persist_state="session",
        )
        end = better_end(rate, positive_is_favourable)
        st.caption(session.literal(f"{METRICS[rate].sentence} {END_WORDS[end]}"))
    family = families[0]
    if len(families) > 1:
        with right:
            learners = [item[0].learner for item in families]
            name = st.selectbox(
                "Private learner",
                learners,
                format_func=lambda item: LEARNERS[item].title,
                key=f"learner who pays {place} {hash(tuple(learners))}",
                persist_state="session",
            )
            family = families[learners.index(name)]
    reference = found.reference(family[0])
    try:
        told = [
            who_pays(
                found.of(item, reference), item, combination, reference=reference, rates=(rate,)
            )
            for item in family
        ]
    except InputError as error:
        session.shown_error(error)
        return
    spoken = told[family.index(setting)] if setting in family else told[0]
    sentence = spoken.sentence(rate, positive_is_favourable=positive_is_favourable)
    at = f"At ε = {spoken.setting.epsilon:g}: {sentence[:1].lower()}{sentence[1:].rstrip('.')}"
    notes = [
        "The dashed line is the group's mean without privacy"
        + (f" ({setting_words(reference)})." if spoken.reference else ", which this sweep lacks.")
        + " Dark bands reach one standard deviation by noise either way, light ones one by noise "
        "and another split of the rows. Grey: too small to judge."
    ]
    if len(spoken.groups) > MOST_PANELS:
        notes.append(f"The first {MOST_PANELS} of {len(spoken.groups)} groups are drawn.")
    figure = who_pays_figure(told, rate, label)
    charts.show(
        Chart(at, figure, rates_table(told, rate, positive_is_favourable), tuple(notes)),
        f"who pays {place}",
    )


def families_of(found: Explored, setting: Setting) -> list[list[Setting]]:
    """List the private settings with the same other choices, each family from small ε to large.

    Of a setting without privacy these are the settings whose like without privacy it is: one
    family for each private learner. Of a private one it is its own family.
    """
    families: dict[Setting, list[Setting]] = {}
    for item in found.landscape.settings:
        if item.epsilon is None:
            continue
        same = replace(item, epsilon=setting.epsilon) == setting
        if same if setting.epsilon is not None else without_privacy(item) == setting:
            families.setdefault(replace(item, epsilon=None), []).append(item)
    return [sorted(items, key=lambda item: item.epsilon or 0.0) for items in families.values()]


def rates_table(told: list[WhoPays], rate: str, positive_is_favourable: bool) -> pd.DataFrame:
    """One row for each group and ε: its rate, and its difference from the reference."""
    end = better_end(rate, positive_is_favourable)
    return pd.DataFrame(
        [
            {
                "Group": group,
                "ε": f"{item.setting.epsilon:g}",
                f"{METRICS[rate].title} (95 % interval)": spread_words(cell.spread),
                "Without privacy": "no run" if cell.beside is None else spread_words(cell.beside),
                "Beside it": difference_words(cell.change, end),
                "Runs": cell.spread.runs,
                "Too small to judge?": cell.too_small or "no",
            }
            for group in told[0].groups
            for item in told
            if group in item.groups
            for cell in [item.cell(group, rate)]
        ]
    )
