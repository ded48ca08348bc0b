"""On whom the lot of a randomised model falls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.widgets.performance_table import shown
from core.mitigation.randomisation import SUREST

if TYPE_CHECKING:
    from core.mitigation.randomisation import Randomisation


def randomisation_view(lot: Randomisation) -> None:
    """Show a lot by group, its finding first."""
    st.subheader("Randomised decisions by group")
    st.markdown(f"**{session.literal(finding(lot))}**")
    st.dataframe(randomisation_table(lot), hide_index=True, width="stretch")
    st.caption(
        "Drawn: decided at random. Changed by another draw: the share of the group's decisions "
        "that two draws are expected to decide differently. Refused at random: of those whose "
        f"score for the favourable decision is at least {SUREST:g} without the mitigation. “Group "
        "thresholds” aims at the same without randomisation; train it and compare on the same "
        "test rows."
    )


def finding(lot: Randomisation) -> str:
    """State how many decisions are drawn, and where another draw changes most of them."""
    everyone = lot.everyone
    told = f"{everyone.by_lot:,} of {everyone.count:,} decisions are randomised"
    share = {item.group: 100 * (item.redrawn.estimate or 0.0) for item in lot.groups}
    if lot.most:
        told += (
            f"; another draw changes {share[lot.most]:.2g}% of the decisions on {lot.most} and "
            f"{share[lot.least]:.2g}% of those on {lot.least}"
        )
    refused = sum(item.refused for item in lot.groups)
    if refused:
        told += f"; {refused:,} of the {everyone.surest:,} highest-scored are refused at random"
    return told


def randomisation_table(lot: Randomisation) -> pd.DataFrame:
    """Each group's lot, everyone first."""
    items = (lot.everyone, *lot.groups)
    return pd.DataFrame(
        {
            "Group": [item.group for item in items],
            "Rows": [item.count for item in items],
            "Drawn": [item.by_lot for item in items],
            "Changed by another draw": [shown(item.redrawn) for item in items],
            f"Score of at least {SUREST:g}": [item.surest for item in items],
            "Refused at random": [item.refused for item in items],
        }
    )
