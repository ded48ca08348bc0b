"""Small multiples: a panel for each group, two side by side, all on the same axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from components.widgets.charts import frame
from components.widgets.picture_label import annotate_finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDE = 2
HEIGHT = 190
"""Pixels of a panel."""


def panels(
    drawn: Sequence[tuple[str, Sequence[go.Scatter]]],
    axes: tuple[str, str],
    ticks: Mapping[float, str],
    ends: tuple[tuple[float, float], tuple[float, float]],
    label: str,
    scale: Literal["log", "linear"] = "log",
) -> go.Figure:
    """Draw a panel for each group.

    Parameters
    ----------
    drawn : sequence of (str, sequence of Scatter)
        Title of each panel, and what is in it.
    axes : tuple of str
        Titles of the axes, across and up.
    ticks : mapping of float to str
        Marks on the axis across.
    ends : tuple of (float, float)
        Where the axes begin and end, across and up.
    label : str
        Said within the picture, since a picture is passed on without its page.
    scale : {"log", "linear"}
        Of the axis across.
    """
    rows = math.ceil(len(drawn) / WIDE)
    figure = make_subplots(
        rows=rows,
        cols=WIDE,
        shared_xaxes="all",
        shared_yaxes="all",
        subplot_titles=[title for title, _ in drawn],
        vertical_spacing=min(0.14, 0.4 / rows),
        horizontal_spacing=0.05,
    )
    for number, (_, traces) in enumerate(drawn):
        for trace in traces:
            figure.add_trace(trace, row=number // WIDE + 1, col=number % WIDE + 1)
    figure.update_annotations(font={"size": 12})
    figure.update_yaxes(range=list(ends[1]))
    figure.update_yaxes(title=axes[1], col=1)
    figure.update_xaxes(
        type=scale,
        range=[math.log10(end) if scale == "log" else end for end in ends[0]],
        tickvals=list(ticks),
        ticktext=list(ticks.values()),
        showticklabels=True,
    )
    frame(figure, HEIGHT * rows + 40)
    figure.update_layout(showlegend=False, margin={"t": 34})
    figure.add_annotation(
        text=axes[0], x=0.5, y=0, xref="paper", yref="paper",
        yshift=-26, showarrow=False, yanchor="top", font={"size": 12},
    )  # fmt: skip
    annotate_finding(figure, label, above=50)
    return figure
