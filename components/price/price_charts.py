"""What each group loses to privacy as ε falls: one small panel for each group, with bands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

from components.widgets.charts import GREY, PALETTE, Chart, band, line, plain, short
from components.widgets.panels import panels
from core.numerals import with_minus
from core.tradeoff.price.price import LABEL, NO_NOISE
from core.tradeoff.price.price_by_group import MEASURES, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.tradeoff.price.price import PricedGroup
    from core.tradeoff.price.price_by_group import GroupPrice

PANELS = 8
"""Panels drawn, largest first, of groups large enough to judge; the table holds all."""


def price_chart(found: Sequence[GroupPrice], measure: str, epsilons: Sequence[float]) -> Chart:
    """Draw the loss of each group against ε.

    Parameters
    ----------
    found : sequence of GroupPrice
        Of one measure, at least one.
    measure : str
        In :data:`core.tradeoff.price.price_by_group.MEASURES`.
    epsilons : sequence of float
        All that are simulated, so that the axis keeps still while points come in.
    """
    groups = sorted({price.group for price in found}, key=lambda g: (bool(g.too_small), -g.count))
    there = {price.epsilon for price in found}
    nearest = min(there - {NO_NOISE} or there, key=lambda epsilon: abs(math.log(epsilon)))
    notes = [LABEL]
    judged = [group for group in groups if not group.too_small]
    small = [group.label for group in groups if group.too_small]
    if small and judged:
        notes.append(f"Too small to judge, so in the table only: {', '.join(small)}")
    shown = (judged or groups)[:PANELS]
    if len(judged) > PANELS:
        notes.append(f"{len(judged) - PANELS} more groups are in the table only")
    drawn = [p for p in found if p.loss is not None and p.group in shown]
    figure = _figure(drawn, shown, measure, sorted(epsilons)) if drawn else None
    return Chart(sentence(tuple(found), measure, nearest), figure, _table(found), tuple(notes))


def _table(found: Sequence[GroupPrice]) -> pd.DataFrame:
    ordered = sorted(found, key=lambda p: (-p.group.count, p.group.name, -p.epsilon))
    return pd.DataFrame(
        [
            {
                "Group": price.group.label,
                "Test rows": price.group.count,
                "ε": "∞" if price.epsilon >= NO_NOISE else f"{price.epsilon:g}",
                "Points lost": _points(price.loss) if price.loss is not None else "not defined",
                "95% interval": ""
                if price.low is None or price.high is None
                else f"{_points(price.low)} to {_points(price.high)}",
                "Draws of noise": price.draws,
                "Remark": price.group.too_small or price.reason or "",
            }
            for price in ordered
        ]
    )


def _points(share: float) -> str:
    # Adding 0 turns −0.0 into 0.0.
    return with_minus(f"{round(100 * share, 1) + 0.0:.1f}")


def _figure(
    drawn: list[GroupPrice], groups: list[PricedGroup], measure: str, epsilons: list[float]
) -> go.Figure:
    # On a log axis next to no noise stands one step beyond the largest ε.
    infinity = 2 * epsilons[-1]
    drawn_in = []
    for group in groups:
        own = sorted((p for p in drawn if p.group == group), key=lambda p: p.epsilon)
        colour = GREY if group.too_small else PALETTE[0]
        drawn_in.append((_title(group), _traces(own, measure, colour, infinity)))
    reached = [100 * e for p in drawn for e in (p.low, p.loss, p.high) if e is not None]
    low, high = min(0.0, *reached), max(0.0, *reached)
    pad = max(0.08 * (high - low), 0.3)
    figure = panels(
        drawn_in,
        ("ε, log scale (smaller = more private)", "points lost"),
        {epsilon: f"{epsilon:g}" for epsilon in epsilons} | {infinity: "∞"},
        ((epsilons[0] / 1.3, infinity * 1.3), (low - pad, high + pad)),
        "Simulation: not covered by any privacy guarantee",
    )
    return figure.add_hline(
        y=0, line={"color": GREY, "width": 1, "dash": "dot"}, row="all", col="all"
    )


def _title(group: PricedGroup) -> str:
    name = f"{short(group.label, 26)} ({group.count:,})"
    return f"{name}<br>too small to judge" if group.too_small else name


def _traces(own: list[GroupPrice], measure: str, colour: str, infinity: float) -> list[go.Scatter]:
    sure = [(p.epsilon, p.low, p.high) for p in own if p.low is not None and p.high is not None]
    out = []
    if sure:
        x = [min(epsilon, infinity) for epsilon, _, _ in sure]
        low, high = ([100 * item[end] for item in sure] for end in (1, 2))
        out.append(band(x, low, high, colour))
    if own:
        out.append(
            line(
                [min(p.epsilon, infinity) for p in own],
                [100 * (p.loss or 0.0) for p in own],
                "",
                colour,
                f"{plain(own[0].group.label)}<br>"
                f"%{{customdata}} points of {MEASURES[measure]} lost",
                mode="lines+markers",
                marker={"size": 7},
                customdata=[_hover(p) for p in own],
            )
        )
    return out


def _hover(price: GroupPrice) -> str:
    epsilon = "∞" if price.epsilon >= NO_NOISE else f"{price.epsilon:g}"
    text = f"ε = {epsilon}<br>{_points(price.loss or 0.0)}"
    if price.low is None or price.high is None:
        return text
    return f"{text} ({_points(price.low)} to {_points(price.high)}, n = {price.draws})"
