"""Features down the side: a row for each, and in it a dot for each group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from components.explanation.explanation_charts import middle_cut
from components.widgets.charts import SYMBOLS, frame, plain, whiskers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.fairness.metrics.assessment import Figure


@dataclass(frozen=True)
class GroupDots:
    """A group's name, its colour, and its figure of each feature."""

    name: str
    colour: str
    figures: Sequence[Figure]


def feature_dots(names: Sequence[str], groups: Sequence[GroupDots], axis: str) -> go.Figure:
    """Draw each group's figures with their intervals, beside each other in a feature's row."""
    figure = go.Figure()
    for number, group in enumerate(groups):
        shift = (number - (len(groups) - 1) / 2) * 0.7 / len(groups)
        figure.add_scatter(
            x=[one.estimate for one in group.figures],
            y=[row + shift for row in range(len(names))],
            mode="markers",
            name=plain(middle_cut(group.name, 24)),
            marker={"size": 8, "color": group.colour, "symbol": SYMBOLS[number % len(SYMBOLS)]},
            error_x=whiskers(group.figures),
            customdata=[
                plain(f"{middle_cut(group.name, 30)}, {middle_cut(name, 40)}") for name in names
            ],
            hovertemplate="%{customdata}: %{x:.3g}<extra></extra>",
        )
    frame(figure, 130 + len(names) * (20 + 13 * len(groups)))
    return name_features(figure, names, axis)


def name_features(figure: go.Figure, names: Sequence[str], axis: str) -> go.Figure:
    """Write features down the side, the first on top."""
    return figure.update_layout(
        xaxis_title=axis,
        yaxis={
            "tickvals": list(range(len(names))),
            "ticktext": [plain(middle_cut(name, 22)) for name in names],
            "range": [len(names) - 0.4, -0.6],
        },
    )
