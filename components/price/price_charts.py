"""What each group loses to privacy as ε falls: one small panel for each group, with bands."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from components.widgets.charts import GREY, PALETTE, Chart, frame, plain, rgba, short
from core.tradeoff.price.price import LABEL, NO_NOISE
from core.tradeoff.price.price_by_group import MEASURES, sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.tradeoff.price.price import PricedGroup
    from core.tradeoff.price.price_by_group import GroupPrice

PANELS = 8
"""Panels drawn, largest first, of groups large enough to judge; the table holds all."""
WIDE = 2
PANEL_HEIGHT = 190


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
    small = [group.name for group in groups if group.too_small]
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
                "Group": price.group.name,
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
    return f"{round(100 * share, 1) + 0.0:.1f}".replace("-", "−")


def _figure(
    drawn: list[GroupPrice], groups: list[PricedGroup], measure: str, epsilons: list[float]
) -> go.Figure:
    rows = math.ceil(len(groups) / WIDE)
    # On a log axis next to no noise stands one step beyond the largest ε.
    infinity = 2 * epsilons[-1]
    figure = make_subplots(
        rows=rows,
        cols=WIDE,
        shared_xaxes=True,
        shared_yaxes=True,
        subplot_titles=[_title(group) for group in groups],
        vertical_spacing=min(0.12, 0.4 / rows),
        horizontal_spacing=0.04,
    )
    for position, group in enumerate(groups):
        row, column = position // WIDE + 1, position % WIDE + 1
        own = sorted((p for p in drawn if p.group == group), key=lambda p: p.epsilon)
        for trace in _traces(own, measure, GREY if group.too_small else PALETTE[0], infinity):
            figure.add_trace(trace, row=row, col=column)
        figure.add_hline(y=0, line={"color": GREY, "width": 1, "dash": "dot"}, row=row, col=column)
    ends = [100 * e for p in drawn for e in (p.low, p.loss, p.high) if e is not None]
    low, high = min(0.0, *ends), max(0.0, *ends)
    pad = max(0.08 * (high - low), 0.3)
    figure.update_yaxes(range=[low - pad, high + pad])
    figure.update_xaxes(
        type="log",
        tickvals=[*epsilons, infinity],
        ticktext=[*(f"{epsilon:g}" for epsilon in epsilons), "∞"],
        range=[math.log10(epsilons[0] / 1.3), math.log10(infinity * 1.3)],
        showticklabels=True,
    )
    figure.update_annotations(font={"size": 12})
    figure.update_yaxes(title="points lost", col=1)
    frame(figure, PANEL_HEIGHT * rows + 90)
    figure.update_layout(showlegend=False, margin={"l": 8, "r": 8, "t": 30, "b": 70})
    # Said within the picture too, since a picture is passed on without its page.
    for text, shift in (
        ("ε, log scale (smaller = more private)", -28),
        ("Simulation: not covered by any privacy guarantee", -48),
    ):
        figure.add_annotation(
            text=text, x=0.5, y=0, xref="paper", yref="paper", yshift=shift, showarrow=False,
            yanchor="top", font={"size": 12},
        )  # fmt: skip
    return figure


def _title(group: PricedGroup) -> str:
    name = f"{short(group.name, 26)} ({group.count:,})"
    return f"{name}<br>too small to judge" if group.too_small else name


def _traces(own: list[GroupPrice], measure: str, colour: str, infinity: float) -> list[go.Scatter]:
    band = [p for p in own if p.low is not None and p.high is not None]
    x = [min(p.epsilon, infinity) for p in band]
    low, high = [100 * (p.low or 0.0) for p in band], [100 * (p.high or 0.0) for p in band]
    out = []
    if band:
        out.append(
            go.Scatter(
                x=[*x, *reversed(x)],
                y=[*low, *reversed(high)],
                fill="toself",
                fillcolor=rgba(colour, 0.2),
                mode="none",
                hoverinfo="skip",
            )
        )
    if own:
        out.append(
            go.Scatter(
                x=[min(p.epsilon, infinity) for p in own],
                y=[100 * (p.loss or 0.0) for p in own],
                mode="lines+markers",
                line={"color": colour, "width": 2},
                marker={"size": 7},
                customdata=[[_hover(p)] for p in own],
                hovertemplate=f"{plain(own[0].group.name)}<br>%{{customdata[0]}} "
                f"points of {MEASURES[measure]} lost<extra></extra>",
            )
        )
    return out


def _hover(price: GroupPrice) -> str:
    epsilon = "∞" if price.epsilon >= NO_NOISE else f"{price.epsilon:g}"
    text = f"ε = {epsilon}<br>{_points(price.loss or 0.0)}"
    if price.low is None or price.high is None:
        return text
    return f"{text} ({_points(price.low)} to {_points(price.high)}, n = {price.draws})"
