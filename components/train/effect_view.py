"""What a mitigation changed: gaps, who gained, who lost, what it cost, and what is random."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.widgets.tables import format_figure
from core.data.roles.group_labels import label_of_name
from core.explanation.likely_decision import needs_group
from core.fairness.disparities.disparities import DISPARITIES, lower
from core.mitigation import MITIGATIONS
from core.mitigation.randomisation import SUREST
from core.numerals import signed
from core.training.rows_told import judging_rows

if TYPE_CHECKING:
    from core.data.roles.decision_labels import DecisionLabels
    from core.mitigation.effect import Effect
    from core.mitigation.randomisation import Randomisation
    from core.training.trained import Trained


def effect_view(
    effect: Effect,
    trained: Trained,
    randomisation: Randomisation | None,
    called: DecisionLabels,
) -> None:
    """Show an effect, its finding first, and whether any decision is drawn."""
    mitigation = MITIGATIONS[trained.spec.mitigation]
    st.header("What the mitigation changed")
    st.markdown(f"**{session.literal(finding(effect, mitigation.aim))}**")
    st.caption(session.literal(f"{mitigation.title} assumes: {mitigation.assumes}"))
    if needs_group(trained):
        st.caption("It needs the sensitive attribute of each person when it decides.")
    if randomisation is not None:
        st.caption("Some of its decisions are randomised, with the same draw for the same person.")
    st.dataframe(gap_table(effect), hide_index=True, width="stretch")
    st.dataframe(change_table(effect, called), hide_index=True, width="stretch")
    st.caption(
        f"Both on the same {judging_rows(trained.spec)}, against the same model without "
        "mitigation. "
        + session.literal(
            f"{_moves(called)[0]}: from “{called.told(False)}” to “{called.told(True)}”; "
            f"{lower(_moves(called)[1])}: the other way"
        )
        + "; in brackets how many of them have the positive outcome. Brackets after a figure hold "
        "its 95% interval."
    )
    among = {gap.among for gap in effect.gaps if gap.among}
    if among:
        st.caption(session.literal(f"Gaps are {'; or '.join(sorted(among))}."))


def finding(effect: Effect, aim: str) -> str:
    """State what became of the gap that is aimed at, and what it cost."""
    everyone = effect.everyone
    moved = sum(everyone.gained) + sum(everyone.lost)
    cost = everyone.accuracy_change.estimate
    if not moved:
        return (
            f"The same: none of {everyone.count:,} decisions changed, so every gap is what it was "
            "without the mitigation"
        )
    parts = [f"{moved:,} of {everyone.count:,} decisions changed"]
    for gap in effect.gaps:
        if gap.name == aim and gap.before.estimate is not None and gap.after.estimate is not None:
            title, before, after = (
                DISPARITIES[gap.name].title,
                f"{gap.before.estimate:.3f}",
                f"{gap.after.estimate:.3f}",
            )
            change = f"the same, {after}" if before == after else f"{before} before, {after} after"
            parts.append(f"{title} {change}" + (f" ({gap.among})" if gap.among else ""))
    if cost is not None:
        parts.append(f"accuracy {signed(100 * cost, 1)} points")
    return "; ".join(parts)


def gap_table(effect: Effect) -> pd.DataFrame:
    """Each disparity before and after, with intervals."""
    return pd.DataFrame(
        {
            "Gap": [DISPARITIES[gap.name].title for gap in effect.gaps],
            "Without mitigation": [format_figure(gap.before) for gap in effect.gaps],
            "With mitigation": [
                "the same" if gap.after == gap.before else format_figure(gap.after)
                for gap in effect.gaps
            ],
        }
    )


def _moves(called: DecisionLabels) -> tuple[str, str]:
    """Title moves to the positive decision and away from it: of an adverse one nobody gains."""
    if called.positive_is_favourable:
        return "Gained", "Lost"
    return f"Now {called.label(True)}", f"Now {called.label(False)}"


def change_table(effect: Effect, called: DecisionLabels) -> pd.DataFrame:
    """Who gained, who lost, and what it did to accuracy, by group and for everyone."""
    changes, (to, away) = (effect.everyone, *effect.groups), _moves(called)
    return pd.DataFrame(
        {
            "Group": [effect.before.label(item.group) for item in changes],
            "Rows": [item.count for item in changes],
            to: [f"{sum(item.gained)} ({item.gained[1]})" for item in changes],
            away: [f"{sum(item.lost)} ({item.lost[1]})" for item in changes],
            "Accuracy without": [format_figure(item.accuracy_before) for item in changes],
            "Accuracy with": [format_figure(item.accuracy_after) for item in changes],
            "Change": [format_figure(item.accuracy_change) for item in changes],
        }
    )


def randomisation_view(randomisation: Randomisation, column: str) -> None:
    """Show a lot by group, its finding first."""
    st.header("Randomised decisions by group")
    st.markdown(f"**{session.literal(finding_on_lot(randomisation, column))}**")
    st.dataframe(randomisation_table(randomisation, column), hide_index=True, width="stretch")
    st.caption(
        "Drawn: decided at random. Changed by another draw: the share of the group's decisions "
        "that two draws are expected to decide differently. Refused at random: of those whose "
        f"score for the favourable decision is at least {SUREST:g} without the mitigation. “Group "
        "thresholds” aims at the same without randomisation; try it and compare on the same "
        "rows."
    )


def finding_on_lot(randomisation: Randomisation, column: str) -> str:
    """State how many decisions are drawn, and where another draw changes most of them."""
    everyone = randomisation.everyone
    text = f"{everyone.drawn:,} of {everyone.count:,} decisions are randomised"
    share = {item.group: 100 * (item.redrawn.estimate or 0.0) for item in randomisation.groups}
    if randomisation.most:
        text += (
            f"; another draw changes {share[randomisation.most]:.2g}% of the decisions on "
            f"{label_of_name((column,), randomisation.most, randomisation.names)} and "
            f"{share[randomisation.least]:.2g}% of those on "
            f"{label_of_name((column,), randomisation.least, randomisation.names)}"
        )
    refused = sum(item.refused for item in randomisation.groups)
    if refused:
        text += f"; {refused:,} of the {everyone.surest:,} highest-scored are refused at random"
    return text


def randomisation_table(randomisation: Randomisation, column: str) -> pd.DataFrame:
    """Each group's lot, everyone first."""
    items = (randomisation.everyone, *randomisation.groups)
    return pd.DataFrame(
        {
            "Group": [label_of_name((column,), item.group, randomisation.names) for item in items],
            "Rows": [item.count for item in items],
            "Drawn": [item.drawn for item in items],
            "Changed by another draw": [format_figure(item.redrawn) for item in items],
            f"Score of at least {SUREST:g}": [item.surest for item in items],
            "Refused at random": [item.refused for item in items],
        }
    )
