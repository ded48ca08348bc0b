"""What must be said of a sweep's pictures, said within each, since one is passed on by itself."""

from __future__ import annotations

import textwrap
from functools import lru_cache
from typing import TYPE_CHECKING

from components.widgets.charts import plain

if TYPE_CHECKING:
    import plotly.graph_objects as go

LETTERS = 58
"""That fit the width of a phone at the size of the label."""
LINE = 13
"""Pixels of a line."""


@lru_cache(maxsize=32_768)
def wrapped(text: str, letters: int) -> str:
    """Break a text into lines for plotly, which breaks none, and escape it."""
    return "<br>".join(plain(line) for line in textwrap.wrap(text, letters)) or ""


def annotate_finding(figure: go.Figure, label: str, above: int = 76) -> None:
    """Write a label below the horizontal axis and make room for it.

    Parameters
    ----------
    figure : plotly Figure
        Its height and margins are set.
    label : str
    above : int
        Pixels that the axis takes below the picture.
    """
    lines = textwrap.wrap(label, LETTERS)
    figure.add_annotation(
        text="<br>".join(plain(line) for line in lines), x=0, y=0, xref="paper", yref="paper",
        xanchor="left", yanchor="top", align="left", yshift=-above, showarrow=False,
        font={"size": 10},
    )  # fmt: skip
    room = above + LINE * len(lines) + 6
    figure.update_layout(
        height=(figure.layout.height or 450) + room, margin={"b": room, "autoexpand": True}
    )
