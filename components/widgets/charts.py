"""What every chart consists of: a finding, a figure, and the same numbers as a table.

Colours are Okabe and Ito's, darkened where needed to stand out from a white and a dark page alike;
series differ by symbol or dash as well. Plotly takes some HTML in text, so all text from data goes
through :func:`short` or :func:`plain`.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.app import session

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from core.fairness.metrics.assessment import Figure

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#A6508A", "#B07C00", "#2A8FC7")
GREY = "#7F8790"
INK = "#44484F"
"""Of words on a light ground, as in .streamlit/config.toml."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]]}


@dataclass(frozen=True)
class Chart:
    """A chart.

    Attributes
    ----------
    title : str
        The finding, in one sentence without a full stop, as plain text.
    figure : plotly Figure or None
        None where nothing can be drawn.
    table : DataFrame
        The numbers that are drawn, and those that could not be.
    notes : tuple of str
        What is not in the picture and why, as plain text.
    """

    title: str
    figure: go.Figure | None
    table: pd.DataFrame
    notes: tuple[str, ...] = ()


def show(chart: Chart, key: str) -> None:
    """Show a chart under its finding, what it leaves out, and its table.

    The title is text of the page and not of the figure, because plotly doesn't wrap lines.
    """
    st.markdown(f"**{session.literal(chart.title)}**")
    if chart.figure is not None:
        st.plotly_chart(inked(chart.figure), key=key, config=CONFIG, alt=chart.title)
    for note in chart.notes:
        st.caption(session.literal(note))
    if len(chart.table):
        with st.expander("These numbers as a table"):
            first = {str(chart.table.columns[0]): st.column_config.TextColumn(width="medium")}
            st.dataframe(chart.table, hide_index=True, alt=chart.title, column_config=first)


def inked(figure: go.Figure) -> go.Figure:
    """Write axes and notes in the grey of text: Streamlit's own has 3.7:1 on a light ground."""
    if st.context.theme.type == "light":
        figure.update_xaxes(tickfont_color=INK, title_font_color=INK)
        figure.update_yaxes(tickfont_color=INK, title_font_color=INK)
        figure.for_each_annotation(
            lambda words: words.update(font_color=INK) if words.font.color is None else None
        )
    return figure


def plain(text: str) -> str:
    """Escape text for plotly, which draws entities as the characters they stand for."""
    return html.escape(text, quote=False)


def short(text: str, length: int = 40) -> str:
    """Cut a long text and escape it for plotly."""
    return plain(cut(text, length))


def cut(text: str, length: int = 40) -> str:
    """Cut a long text, the dots included in its length."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def rgba(colour: str, opacity: float) -> str:
    """Make a colour see-through, for a band behind lines."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def whiskers(figures: Iterable[Figure], **style: object) -> dict[str, Any]:
    """Bars from values to the ends of their intervals; of no length where there is no interval."""
    found = [(f.estimate or 0.0, f.low, f.high) for f in figures]
    return {
        "type": "data",
        "symmetric": False,
        "array": [0.0 if high is None else max(0.0, high - value) for value, _, high in found],
        "arrayminus": [0.0 if low is None else max(0.0, value - low) for value, low, _ in found],
        **style,
    }


def line(x: Any, y: Any, name: str, colour: str, hover: str = "", **style: object) -> go.Scatter:
    """Join points by a line; without ``hover`` it tells nothing.

    Parameters
    ----------
    x, y : array-like
    name, colour : str
        Of the line; one without a name stands in no legend.
    hover : str
        Template of what hovering tells; by itself it names no series.
    **style
        ``dash`` and ``width`` of the line, and anything of a plotly Scatter.
    """
    drawn = {"color": colour, "dash": style.pop("dash", "solid"), "width": style.pop("width", 2)}
    return _scatter(x, y, name, hover, {"mode": "lines", "line": drawn} | style)


def marks(
    x: Any, y: Any, name: str, colour: object, hover: str = "", **style: object
) -> go.Scatter:
    """Draw points as marks, see :func:`line`; ``symbol`` and ``size`` are those of the marks."""
    drawn = {"color": colour} | {k: style.pop(k) for k in ("symbol", "size") if k in style}
    return _scatter(x, y, name, hover, {"mode": "markers", "marker": drawn} | style)


def _scatter(x: Any, y: Any, name: str, hover: str, style: dict[str, object]) -> go.Scatter:
    fields = {"hovertemplate": f"{hover}<extra></extra>"} if hover else {"hoverinfo": "skip"}
    return go.Scatter(**({"x": x, "y": y, "name": name, "showlegend": bool(name)} | fields | style))


def band(
    x: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    colour: str,
    opacity: float = 0.2,
    **style: object,
) -> go.Scatter:
    """Shade between two curves."""
    return go.Scatter(
        x=np.append(x, np.flip(x)),
        y=np.append(low, np.flip(high)),
        fill="toself",
        fillcolor=rgba(colour, opacity),
        **({"mode": "none", "hoverinfo": "skip", "showlegend": False} | style),
    )


def frame(figure: go.Figure, height: int) -> go.Figure:
    """Lay a figure out so that it fits a phone: legend above, narrow margins, no zoom by touch."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom"},
        dragmode=False,
        hovermode="closest",
    )
    return figure
