"""What a person asks of a Pareto analysis: which two figures, and within what limits."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components.app import session
from core.fairness.disparities.disparities import lower
from core.learning.learners import LEARNERS
from core.tradeoff.frontier.axes import EPSILON, objectives
from core.tradeoff.frontier.equivalent_settings import SAME_DECISION_SHARE, equivalent_settings
from core.tradeoff.frontier.pareto_analysis import filtered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.tradeoff.frontier.axes import ParetoAxis
    from core.tradeoff.frontier.pareto_analysis import Filtered, ParetoAnalysis
    from core.tradeoff.sweep.point import SweepPoint
    from core.tradeoff.sweep.sweep import SweepState

STEPS = 100
"""About so many stops of a slider."""
NO_RANGE = 1e-4
"""A range of means below this has nothing to limit."""
GAP = "equalized_odds_difference"


def default_axes(
    combinations: Sequence[tuple[str, ...]], points: Sequence[SweepPoint]
) -> tuple[ParetoAxis, ParetoAxis]:
    """Return the main attributes' equalized odds, and ROC AUC, or accuracy if none changes it."""
    known = objectives(combinations)
    # Of an existing score the order of people is what it is, whatever is decided by it.
    scored = any(
        point.value("roc_auc") is not None and not LEARNERS[point.run.setting.learner].fixed
        for point in points
    )
    performance = "roc_auc" if scored else "accuracy"
    return (
        next(axis for axis in known if axis.name == performance),
        next(axis for axis in known if axis.name.startswith(GAP)),
    )


def pick_axes(
    key_prefix: str, combinations: Sequence[tuple[str, ...]], points: Sequence[SweepPoint]
) -> tuple[ParetoAxis, ParetoAxis]:
    """Let a person choose a figure of performance and one of unfairness.

    Parameters
    ----------
    key_prefix : str
        Tells audits apart.
    combinations : sequence of tuple of str
        Whose groups the sweep compares.
    points : sequence of SweepPoint
    """
    known = objectives(combinations)
    picked = []
    for column, kind, default, words, name in zip(
        st.columns(2),
        ("performance", "disparity"),
        default_axes(combinations, points),
        ("Performance", "Unfairness"),
        ("performance", "unfairness"),
        strict=True,
    ):
        offered = {axis.name: axis for axis in known if axis.kind == kind}
        with column:
            names = list(offered)
            found = st.selectbox(
                f"{words}: which figure",
                names,
                index=names.index(default.name),
                format_func={name: axis.title for name, axis in offered.items()}.__getitem__,
                **session.lasting(f"{name} axis {key_prefix} {hash((default.name, *names))}"),
            )
            st.caption(session.literal(offered[found].sentence))
            picked.append(offered[found])
    return picked[0], picked[1]


def set_limits(key_prefix: str, found: ParetoAnalysis) -> Filtered:
    """Let a person say how accurate, how fair and how private a setting has to be."""
    columns = st.columns(3, vertical_alignment="bottom")
    resets = f"limits reset {key_prefix}"
    # Limits and their sliders belong to a number, and a reset goes on to the next.
    limits_of = f"{key_prefix} {session.remembered(resets, 0)}"
    worst: list[float | None] = []
    for column, axis, table in zip(columns, found.axes[:2], found.tables, strict=False):
        with column:
            worst.append(_limit(limits_of, axis, table.mean))
    with columns[2]:
        worst.append(_epsilon_limit(limits_of, found.epsilon))
    limits = filtered(found, performance=worst[0], unfairness=worst[1], epsilon=worst[2])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(session.literal(limits.sentence))
        if limits.limits:
            st.button(
                "Reset limits",
                icon=":material/restart_alt:",
                key=f"reset limits {key_prefix}",
                on_click=lambda: session.remember(resets, session.remembered(resets, 0) + 1),
                help="Takes all limits off.",
            )
    return limits


def turn(name: str, offered: object) -> int:
    """Count how often what a widget offers has changed.

    A widget with the number in its key begins afresh with each change. Without it one that offers
    what it did before would come back with the value that it had then.

    Parameters
    ----------
    name : str
        Of the widget.
    offered : object
        That can be compared.
    """
    before, number = session.remembered(f"turn of {name}", (offered, 0))
    number += before != offered
    session.remember(f"turn of {name}", (offered, number))
    return int(number)


def _limit(key_prefix: str, axis: ParetoAxis, means: np.ndarray) -> float | None:
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
    name = f"limit {axis.name} {key_prefix}"
    kept = session.remembered(name, None)
    chosen = st.slider(
        words,
        low,
        high,
        loosest if kept is None else min(max(kept, low), high),
        step,
        format=f"%.{max(0, -math.floor(math.log10(step)))}f",
        **session.lasting(f"{name} {turn(name, (low, high))}"),
        help="At this end it excludes none. Limits hold for the mean over a setting's runs.",
    )
    session.remember(name, None if chosen == loosest else chosen)
    return None if chosen == loosest else float(chosen)


def _epsilon_limit(key_prefix: str, epsilon: np.ndarray) -> float | None:
    options = [float(value) for value in np.unique(epsilon)]
    if options == [math.inf]:
        return None  # None is private: there is nothing to speak of.
    if len(options) < 2:
        st.caption(f"At most this ε: all settings have ε = {_format_epsilon(options[0])}.")
        return None
    name = f"limit ε {key_prefix}"
    kept = session.remembered(name, None)
    chosen = st.select_slider(
        "At most this ε",
        options,
        value=kept if kept in options else options[-1],
        format_func=_format_epsilon,
        **session.lasting(f"{name} {turn(name, tuple(options))}"),
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


def _format_epsilon(epsilon: float) -> str:
    return "∞ (no privacy)" if math.isinf(epsilon) else f"{epsilon:g}"


def without_equivalent(key_prefix: str, state: SweepState) -> SweepState:
    """Let settings be left out that decide nearly everyone alike, where there are some."""
    same = equivalent_settings(state.points)
    left = [point for point in state.points if point.run.setting not in same]
    if not same or not left:
        return state
    count = f"{len(same)} setting" + ("s give" if len(same) > 1 else " gives")
    out = st.toggle(
        f"Leave out settings that decide nearly everyone alike ({len(same)})",
        value=True,
        **session.lasting(f"equivalent {key_prefix}"),
        help=f"{count} more than {100 * SAME_DECISION_SHARE:.0f} of 100 people the same "
        "decision. Where nearly everyone is decided alike there is hardly a gap, whoever the "
        "people are, so such settings would pass for the fairest.",
    )
    return replace(state, points=tuple(left)) if out else state
