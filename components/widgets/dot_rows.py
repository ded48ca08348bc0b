"""Named rows of dots with intervals, each name above its dot: fits a phone, and long names."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from components.widgets.charts import GREY, PALETTE, cut, frame, plain

if TYPE_CHECKING:
    from core.fairness.metrics.assessment import Figure

SYMBOLS = ("circle", "circle-open", "diamond")
STUB = (-0.2, 0.3, None)
NAME_WIDTH = 34
"""Characters of a line of a name, which leave room for the number at its right on a phone."""


@dataclass(frozen=True)
class Row:
    """A dot: its name, figure, what hovering adds, and which of the legend's kinds it is."""

    name: str
    figure: Figure
    detail: str
    kind: int = 0


def dot_rows(
    rows: Sequence[Row],
    kinds: tuple[str, ...],
    axis: str,
    *,
    signed: bool,
    parity: float | None,
    level: float = 0.95,
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
    level : float
        Of the intervals, in (0, 1).
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
                showlegend=False,
                hoverinfo="skip",
            )
        )
    sign = "+" if signed else ""
    for kind, label in enumerate(kinds):
        of_kind = [(y, row) for y, row in enumerate(drawn) if row.kind == kind]
        if of_kind:
            figure.add_trace(_dots(of_kind, label, kind, sign, level))
    names = [_lines(row.name) for row in drawn]
    for y, (row, name) in enumerate(zip(drawn, names, strict=True)):
        for text, side, anchor in (
            ("<br>".join(map(plain, name)), 0, "left"),
            (_rounded(row.figure, sign), 1, "right"),
        ):
            figure.add_annotation(
                x=side, xref="paper", xanchor=anchor, y=y - 0.2, yanchor="bottom", text=text,
                align="left", showarrow=False, hovertext=plain(row.name),
            )  # fmt: skip
    # Plotly's own line at 0 would cross the names.
    figure.update_xaxes(title=axis, zeroline=False)
    figure.update_yaxes(visible=False, range=[len(drawn) - 0.4, -0.75])
    return frame(figure, 120 + (46 + 16 * (max(map(len, names)) - 1)) * len(drawn))


def _lines(name: str) -> list[str]:
    wrapped = textwrap.wrap(name, NAME_WIDTH, max_lines=2, placeholder="…", break_on_hyphens=False)
    return wrapped or [""]


def _rounded(figure: Figure, sign: str) -> str:
    # Adding 0.0 turns -0.0 into 0.0, which is written +0.00.
    return format(round(figure.estimate or 0.0, 2) + 0.0, f"{sign}.2f")


def _dots(
    rows: list[tuple[int, Row]], label: str, kind: int, sign: str, level: float
) -> go.Scatter:
    colour = PALETTE[kind]
    ends = []
    for _, row in rows:
        figure = row.figure
        value = figure.estimate or 0.0
        low, high = figure.low, figure.high
        ends.append((value, value if low is None else low, value if high is None else high))
    return go.Scatter(
        x=[value for value, _, _ in ends],
        y=[y for y, _ in rows],
        mode="markers",
        name=label,
        marker={
            "color": colour,
            "size": 11,
            "symbol": SYMBOLS[kind],
            "line": {"width": 2, "color": colour},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - value for value, _, high in ends],
            "arrayminus": [value - low for value, low, _ in ends],
            "thickness": 2,
        },
        customdata=[
            [
                plain(cut(row.name, 160)),
                f"{low:{sign}.4f} to {high:{sign}.4f}"
                if row.figure.low is not None
                else f"none: {plain(row.figure.reason or '')}",
                plain(row.detail),
                f"{100 * level:.7g}%",
            ]
            for (_, row), (_, low, high) in zip(rows, ends, strict=True)
        ],
        hovertemplate=f"%{{customdata[0]}}<br>%{{x:{sign}.4f}}<br>"
        "%{customdata[3]} interval %{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    )
