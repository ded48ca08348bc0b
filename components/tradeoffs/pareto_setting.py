"""Which setting of a Pareto analysis is looked at: the one a person chose, or a default."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components.app import session
from components.app.model_names import choices_label
from components.tradeoffs.pareto_filters import turn

if TYPE_CHECKING:
    from components.app.sweep_numbers import SweepResults
    from core.tradeoff.frontier.pareto_analysis import Filtered
    from core.tradeoff.sweep.grid import Setting


def pick_setting(
    key_prefix: str, found: SweepResults, limits: Filtered, clicked: Setting | None
) -> int:
    """Let a person choose the setting to look at; return its row.

    Parameters
    ----------
    key_prefix : str
    found : SweepResults
        With at least one setting.
    limits : Filtered
        What is outside is not offered, but for the setting that was chosen before.
    clicked : Setting or None
        That was just clicked in the picture.
    """
    scene = found.analysis
    name = f"setting {key_prefix}"
    # Only what a person chose is kept: a default follows the points as they come.
    own = clicked or session.remembered(name, None)
    if clicked is not None:
        session.remember(name, clicked)
    default = first_choice(found, limits)
    chosen = scene.settings.index(own) if own in found.runs else default
    rows = [int(row) for row in np.flatnonzero(limits.kept)]
    # The front first, and there the best performance first.
    rows.sort(key=lambda row: (not limits.front[row], float(scene.losses[row, 0])))
    if chosen not in rows:
        rows.insert(0, chosen)
    # A click is a new picker, which begins with the mark that was clicked.
    clicks = session.remembered(f"clicks {key_prefix}", 0)
    offered = default, clicks, tuple(rows), found.labels
    picked = st.selectbox(
        "Setting to look at",
        rows,
        index=rows.index(chosen),
        format_func=lambda row: found.labels[row] + remark(found, limits, row),
        **session.lasting(f"{name} {turn(name, offered)}"),
        help="Those on the Pareto front come first. A click on a mark in the picture chooses it "
        "too.",
    )
    if picked != chosen:
        session.remember(name, scene.settings[picked])
    st.caption(session.literal(choices_label(scene.settings[picked])))
    return int(picked)


def first_choice(found: SweepResults, limits: Filtered) -> int:
    """Row to begin with: of the front the private setting that performs best, if there is one."""
    scene = found.analysis
    for rows in (limits.front & np.isfinite(scene.epsilon), limits.front, limits.kept):
        if rows.any():
            at = np.flatnonzero(rows)
            return int(at[np.argmin(scene.losses[at, 0])])
    return 0


def remark(found: SweepResults, limits: Filtered, row: int) -> str:
    """Say of an entry of the picker where it stands, and if it decides alike for everyone."""
    equivalent = found.analysis.settings[row] in found.equivalent
    return _stands(limits, row) + (" – decides alike for nearly everyone" if equivalent else "")


def _stands(limits: Filtered, row: int) -> str:
    if limits.undefined[row]:
        return " (a figure is not defined)"
    if not limits.kept[row]:
        return " (outside the limits)"
    return " (Pareto front)" if limits.front[row] else ""
