"""Small multiples of who pays: one panel for each group, a rate against ε or a strength."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from components.app.sweep_numbers import spread_words
from components.tradeoffs.impact_along import PRIVACY, Along
from components.tradeoffs.pareto_label import say_in_picture
from components.widgets.charts import GREY, PALETTE, frame, plain, rgba, short
from core.fairness.metrics.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.tradeoff.frontier.group_rates import GroupRate, ImpactByGroup
    from core.tradeoff.frontier.spread import Spread

MOST_PANELS = 12
WIDE = 2
PANEL_HEIGHT = 190
PAD = 0.03


def impact_by_group_figure(
    told: Sequence[ImpactByGroup], rate: str, label: str, along: Along = PRIVACY
) -> go.Figure | None:
    """Draw a rate of each group against ε or a strength; None where it is defined nowhere.

    Parameters
    ----------
    told : sequence of ImpactByGroup
        One for each setting of a family, the smallest value first.
    rate : str
        That each holds.
    label : str
        Said within the picture.
    along : Along
    """
    groups = list(dict.fromkeys(group for item in told for group in item.groups))[:MOST_PANELS]
    cells = {
        group: [
            (along.value(item.setting), item.cell(group, rate))
            for item in told
            if group in item.groups and item.cell(group, rate).spread.mean is not None
        ]
        for group in groups
    }
    if not any(cells.values()):
        return None
    rows = math.ceil(len(groups) / WIDE)
    figure = make_subplots(
        rows=rows,
        cols=WIDE,
        shared_xaxes="all",
        shared_yaxes="all",
        subplot_titles=[_title(group, cells[group]) for group in groups],
        vertical_spacing=min(0.14, 0.4 / rows),
        horizontal_spacing=0.05,
    )
    values = [along.value(item.setting) for item in told]
    ends = (values[0] / 1.4, values[-1] * 1.4) if along.log else (0.0, 1.05)
    for n, group in enumerate(groups):
        row, column = n // WIDE + 1, n % WIDE + 1
        own = cells[group]
        if not own:
            continue
        colour = GREY if any(cell.too_small for _, cell in own) else PALETTE[0]
        for trace in (*_bands(own, colour), *_lines(group, own, colour, ends, along)):
            figure.add_trace(trace, row=row, col=column)
    figure.update_annotations(font={"size": 12})
    figure.update_yaxes(title=METRICS[rate].title, range=_range(cells), col=1)
    figure.update_xaxes(
        type="log" if along.log else "linear",
        range=[math.log10(end) if along.log else end for end in ends],
        tickvals=values,
        ticktext=[f"{value:g}" for value in values],
        showticklabels=True,
    )
    frame(figure, PANEL_HEIGHT * rows + 40)
    figure.update_layout(showlegend=False, margin={"t": 34})
    figure.add_annotation(
        text=along.axis, x=0.5, y=0, xref="paper", yref="paper",
        yshift=-26, showarrow=False, yanchor="top", font={"size": 12},
    )  # fmt: skip
    say_in_picture(figure, label, above=50)
    return figure


def _title(group: str, own: list[tuple[float, GroupRate]]) -> str:
    small = any(cell.too_small for _, cell in own)
    return short(group, 26) + ("<br>too small to judge" if small else "")


def _bands(own: list[tuple[float, GroupRate]], colour: str) -> list[go.Scatter]:
    out = []
    parts: tuple[tuple[Callable[[Spread], float | None], float], ...] = (
        (lambda spread: spread.sd_outer, 0.16),
        (lambda spread: spread.sd_noise, 0.3),
    )
    for half, opacity in parts:
        found = [
            (value, cell.spread.mean, width)
            for value, cell in own
            if cell.spread.mean is not None and (width := half(cell.spread)) is not None
        ]
        if not found:
            continue
        x = [value for value, _, _ in found]
        low = [max(0.0, mean - width) for _, mean, width in found]
        high = [min(1.0, mean + width) for _, mean, width in found]
        out.append(
            go.Scatter(
                x=[*x, *reversed(x)],
                y=[*low, *reversed(high)],
                fill="toself",
                fillcolor=rgba(colour, opacity),
                mode="none",
                hoverinfo="skip",
            )
        )
    return out


def _lines(
    group: str,
    own: list[tuple[float, GroupRate]],
    colour: str,
    ends: tuple[float, float],
    along: Along,
) -> list[go.Scatter]:
    out = []
    beside = next((cell.beside for _, cell in own if cell.beside is not None), None)
    if beside is not None and beside.mean is not None:
        out.append(
            go.Scatter(
                x=[*ends],
                y=[beside.mean] * 2,
                mode="lines",
                line={"color": colour, "dash": "dash", "width": 1.5},
                hovertemplate=f"{plain(group)}<br>{along.beside} {spread_words(beside)}"
                "<extra></extra>",
            )
        )
    out.append(
        go.Scatter(
            x=[value for value, _ in own],
            y=[cell.spread.mean for _, cell in own],
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 8},
            customdata=[
                [f"{value:g}", spread_words(cell.spread), cell.spread.runs] for value, cell in own
            ],
            hovertemplate=f"{plain(group)}<br>{along.column} %{{customdata[0]}}"
            "<br>%{customdata[1]}<br>%{customdata[2]} runs<extra></extra>",
        )
    )
    return out


def _range(cells: dict[str, list[tuple[float, GroupRate]]]) -> list[float]:
    """Reach over all means and bands, within 0 and 1 but for a margin."""
    found = []
    for own in cells.values():
        for _, cell in own:
            for spread in (cell.spread, cell.beside):
                if spread is not None and spread.mean is not None:
                    half = spread.sd_outer or spread.sd_noise or 0.0
                    found += [max(0.0, spread.mean - half), min(1.0, spread.mean + half)]
    return [min(found) - PAD, max(found) + PAD]
