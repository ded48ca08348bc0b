"""Named rows of dots with intervals, each name above its dot: fits a phone, and long names."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from components.widgets.charts import GREY, PALETTE, cut, frame, plain, whiskers
from core.fairness.metrics.assessment import Figure
from core.numerals import with_minus

SYMBOLS = ("circle", "circle-open", "diamond")
STUB = (-0.2, 0.3, None)
NAME_WIDTH, NARROW = 34, 26
"""Characters of a line of a name, which leave room for the number at its right on a phone: for a
number alone, and for one with its interval."""


@dataclass(frozen=True)
class Row:
    """A dot: its name, figure, what hovering adds, its kind in the legend, its interval's level."""

    name: str
    figure: Figure
    detail: str = ""
    kind: int = 0
    level: float = 0.95


def dot_rows(
    rows: Sequence[Row],
    kinds: tuple[str, ...],
    axis: str,
    *,
    signed: bool = False,
    parity: float | None = None,
    line: str = "",
    intervals: bool = False,
) -> go.Figure | None:
    """Draw the rows whose figure is defined, first on top; None without any.

    Parameters
    ----------
    rows : sequence of Row
    kinds : tuple of str
        Legend of each kind, at most three.
    axis : str
        Title of the axis, with its unit.
    signed : bool
        Whether numbers are written with their sign.
    parity : float or None
        Where a dotted line stands.
    line : str
        Its legend, if it needs one.
    intervals : bool
        Whether numbers are written with their intervals.
    """
    drawn = [row for row in rows if row.figure.estimate is not None]
    if not drawn:
        return None
    figure = go.Figure()
    if parity is not None:
        figure.add_trace(
            go.Scatter(
                # Beside the dots only, so that the line doesn't cross the names.
                x=[parity, parity, None] * len(drawn),
                y=[y + end if end is not None else None for y in range(len(drawn)) for end in STUB],
                mode="lines",
                line={"color": GREY, "dash": "dot", "width": 2},
                name=line,
                showlegend=bool(line),
                hoverinfo="skip",
            )
        )
    sign = "+" if signed else ""
    for kind, label in enumerate(kinds):
        of_kind = [(y, row) for y, row in enumerate(drawn) if row.kind == kind]
        if of_kind:
            figure.add_trace(_dots(of_kind, label, kind, sign))
    names = [_lines(row.name, NARROW if intervals else NAME_WIDTH) for row in drawn]
    for y, (row, name) in enumerate(zip(drawn, names, strict=True)):
        text = "<br>".join(map(plain, name))
        name_row(figure, y - 0.2, text, _rounded(row.figure, sign, intervals), row.name)
    # Plotly's own line at 0 would cross the names.
    figure.update_xaxes(title=axis, zeroline=False)
    figure.update_yaxes(visible=False, range=[len(drawn) - 0.4, -0.75])
    return frame(figure, 120 + (46 + 16 * (max(map(len, names)) - 1)) * len(drawn))


def name_row(figure: go.Figure, y: float, name: str, number: str, whole: str) -> None:
    """Write a name and a number above a row; hovering tells the whole name."""
    for text, side, anchor in ((name, 0, "left"), (number, 1, "right")):
        figure.add_annotation(
            x=side, xref="paper", xanchor=anchor, y=y, yanchor="bottom", text=text,
            align="left", showarrow=False, hovertext=plain(whole),
        )  # fmt: skip


def scaled(figure: Figure, scale: float) -> Figure:
    """Multiply a figure and its interval, for another unit."""
    estimate, low, high = (
        None if end is None else scale * end for end in (figure.estimate, figure.low, figure.high)
    )
    return Figure(estimate, low, high, figure.reason)


def _lines(name: str, width: int) -> list[str]:
    wrapped = textwrap.wrap(name, width, max_lines=2, placeholder="…", break_on_hyphens=False)
    return wrapped or [""]


def _rounded(figure: Figure, sign: str, interval: bool) -> str:
    # Adding 0.0 turns -0.0 into 0.0, which is written +0.00.
    text = with_minus(f"{round(figure.estimate or 0.0, 2) + 0.0:{sign}.2f}")
    if not interval or figure.low is None or figure.high is None:
        return text
    return f"{text} ({figure.low:.2f}–{figure.high:.2f})"


def _dots(rows: list[tuple[int, Row]], label: str, kind: int, sign: str) -> go.Scatter:
    colour = PALETTE[kind]
    return go.Scatter(
        x=[row.figure.estimate for _, row in rows],
        y=[y for y, _ in rows],
        mode="markers",
        name=label,
        marker={
            "color": colour,
            "size": 11,
            "symbol": SYMBOLS[kind],
            "line": {"width": 2, "color": colour},
        },
        error_x=whiskers((row.figure for _, row in rows), thickness=2),
        customdata=[
            [
                plain(cut(row.name, 160)),
                _interval(row.figure, sign),
                plain(row.detail),
                f"{100 * row.level:.7g}%",
            ]
            for _, row in rows
        ],
        hovertemplate=f"%{{customdata[0]}}<br>%{{x:{sign}.4f}}<br>"
        "%{customdata[3]} interval %{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    )


def _interval(figure: Figure, sign: str) -> str:
    if figure.low is None or figure.high is None:
        return f"none: {plain(figure.reason or '')}"
    return f"{figure.low:{sign}.4f} to {figure.high:{sign}.4f}"
