"""What a person asks of a landscape: which two figures, within what limits, and which setting."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components import session
from core.fairness.disparities import lower
from core.tradeoff.frontier.alike import ALIKE, alike
from core.tradeoff.frontier.axes import EPSILON, objectives
from core.tradeoff.frontier.explore import filtered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from components.landscape_numbers import Explored
    from core.tradeoff.frontier.axes import Axis
    from core.tradeoff.frontier.explore import Filtered, Landscape
    from core.tradeoff.sweep.grid import Setting
    from core.tradeoff.sweep.point import Point
    from core.tradeoff.sweep.sweep import SweepState

STEPS = 100
"""About so many stops of a slider."""
NO_RANGE = 1e-4
"""A range of means below this has nothing to limit."""
GAP = "equalized_odds_difference"


def default_axes(
    combinations: Sequence[tuple[str, ...]], points: Sequence[Point]
) -> tuple[Axis, Axis]:
    """Return AUROC, or accuracy where no run has one, and equalized odds of the main attributes."""
    told = objectives(combinations)
    scored = any(point.value("roc_auc") is not None for point in points)
    performance = "roc_auc" if scored else "accuracy"
    return (
        next(axis for axis in told if axis.name == performance),
        next(axis for axis in told if axis.name.startswith(GAP)),
    )


def pick_axes(
    place: str, combinations: Sequence[tuple[str, ...]], points: Sequence[Point]
) -> tuple[Axis, Axis]:
    """Let a person choose a figure of performance and one of unfairness.

    Parameters
    ----------
    place : str
        Tells audits apart.
    combinations : sequence of tuple of str
        Whose groups the sweep compares.
    points : sequence of Point
    """
    told = objectives(combinations)
    picked = []
    for column, kind, default, words, name in zip(
        st.columns(2),
        ("performance", "disparity"),
        default_axes(combinations, points),
        ("Performance", "Unfairness"),
        ("performance", "unfairness"),
        strict=True,
    ):
        offered = {axis.name: axis for axis in told if axis.kind == kind}
        with column:
            names = list(offered)
            found = st.selectbox(
                f"{words}: which figure",
                names,
                index=names.index(default.name),
                format_func=lambda item, offered=offered: offered[item].title,
                key=f"{name} axis {place} {hash(tuple(names))}",
                persist_state="session",
            )
            st.caption(session.literal(offered[found].sentence))
            picked.append(offered[found])
    return picked[0], picked[1]


def set_limits(place: str, found: Landscape) -> Filtered:
    """Let a person say how accurate, how fair and how private a setting has to be."""
    columns = st.columns(3)
    worst: list[float | None] = []
    for column, axis, table in zip(columns, found.axes[:2], found.tables, strict=False):
        with column:
            worst.append(_limit(place, axis, table.mean))
    with columns[2]:
        worst.append(_epsilon_limit(place, found.epsilon))
    return filtered(found, performance=worst[0], unfairness=worst[1], epsilon=worst[2])


def _limit(place: str, axis: Axis, means: np.ndarray) -> float | None:
    less = axis.direction == "lower"
    words = f"At {'most' if less else 'least'} this {lower(axis.title)}"
    defined = means[~np.isnan(means)]
    if not len(defined) or np.ptp(defined) < NO_RANGE:
        st.caption(
            f"{session.literal(words)}: "
            + (
                "no setting has this figure."
                if not len(defined)
                else "all settings agree to four decimals."
            )
        )
        return None
    low, high, step = stops(float(defined.min()), float(defined.max()))
    loosest = high if less else low
    name = f"limit {axis.name} {place}"
    kept = session.remembered(name, None)
    chosen = st.slider(
        words,
        low,
        high,
        loosest if kept is None else min(max(kept, low), high),
        step,
        format=f"%.{max(0, -math.floor(math.log10(step)))}f",
        key=f"{name} {low} {high}",
        persist_state="session",
        help="At this end it excludes none. Limits hold for the mean over a setting's runs.",
    )
    session.remember(name, None if chosen == loosest else chosen)
    return None if chosen == loosest else float(chosen)


def _epsilon_limit(place: str, epsilon: np.ndarray) -> float | None:
    options = [float(value) for value in np.unique(epsilon)]
    if len(options) < 2:
        st.caption(f"At most this ε: all settings have ε = {_written(options[0])}.")
        return None
    name = f"limit ε {place}"
    kept = session.remembered(name, None)
    chosen = st.select_slider(
        "At most this ε",
        options,
        value=kept if kept in options else options[-1],
        format_func=_written,
        key=f"{name} {hash(tuple(options))}",
        persist_state="session",
        help=EPSILON.sentence,
    )
    session.remember(name, None if chosen == options[-1] else chosen)
    return None if chosen == options[-1] else float(chosen)


def stops(low: float, high: float) -> tuple[float, float, float]:
    """Widen a range to round numbers; return its ends and a round step between stops.

    Parameters
    ----------
    low, high : float
        At least :data:`NO_RANGE` apart.
    """
    step = 10.0 ** round(math.log10((high - low) / STEPS))
    digits = max(0, -round(math.log10(step)))
    ends = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    return round(ends[0], digits), round(ends[1], digits), round(step, digits)


def pick_setting(place: str, found: Explored, limits: Filtered, clicked: Setting | None) -> int:
    """Let a person choose the setting to look at; return its row.

    Parameters
    ----------
    place : str
    found : Explored
        With at least one setting.
    limits : Filtered
        What is outside is not offered, but for the setting that was chosen before.
    clicked : Setting or None
        That was just clicked in the picture.
    """
    scene = found.landscape
    name = f"setting {place}"
    before = clicked or session.remembered(name, None)
    chosen = scene.settings.index(before) if before in found.runs else first_choice(found, limits)
    rows = [int(row) for row in np.flatnonzero(limits.kept)]
    # The front first, and there the best performance first.
    rows.sort(key=lambda row: (not limits.front[row], float(scene.losses[row, 0])))
    if chosen not in rows:
        rows.insert(0, chosen)
    clicks = session.remembered(f"clicks {place}", 0)
    picked = st.selectbox(
        "Setting to look at",
        rows,
        index=rows.index(chosen),
        format_func=lambda row: found.words[row] + remark(found, limits, row),
        key=f"{name} {clicks} {hash(tuple(rows))}",
        persist_state="session",
        help="Those on the front come first. A click on a mark in the picture chooses it too.",
    )
    session.remember(name, scene.settings[picked])
    return int(picked)


def first_choice(found: Explored, limits: Filtered) -> int:
    """Row to begin with: of the front the private setting that performs best, if there is one."""
    scene = found.landscape
    for rows in (limits.front & np.isfinite(scene.epsilon), limits.front, limits.kept):
        if rows.any():
            at = np.flatnonzero(rows)
            return int(at[np.argmin(scene.losses[at, 0])])
    return 0


def remark(found: Explored, limits: Filtered, row: int) -> str:
    """Say of an entry of the picker where it stands, and if it decides alike for everyone."""
    alike = found.landscape.settings[row] in found.alike
    return _stands(limits, row) + (" – decides alike for nearly everyone" if alike else "")


def _stands(limits: Filtered, row: int) -> str:
    if limits.undefined[row]:
        return " (a figure is not defined)"
    if not limits.kept[row]:
        return " (outside the limits)"
    return " (front)" if limits.front[row] else ""


def _written(epsilon: float) -> str:
    return "∞ (no privacy)" if math.isinf(epsilon) else f"{epsilon:g}"


def without_alike(place: str, state: SweepState) -> SweepState:
    """Let settings be left out that decide nearly everyone alike, where there are some."""
    same = alike(state.points)
    left = [point for point in state.points if point.run.setting not in same]
    if not same or not left:
        return state
    count = f"{len(same)} setting" + ("s give" if len(same) > 1 else " gives")
    out = st.toggle(
        f"Leave out settings that decide nearly everyone alike ({len(same)})",
        value=True,
        key=f"alike {place}",
        persist_state="session",
        help=f"{count} at least {100 * ALIKE:.0f} of 100 people the same decision. Where nearly "
        "everyone is decided alike there is hardly a gap, whoever the people are, so such "
        "settings would pass for the fairest.",
    )
    return replace(state, points=tuple(left)) if out else state
