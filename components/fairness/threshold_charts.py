"""Metrics by group over all thresholds, with the chosen ones marked."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.widgets.charts import PALETTE, SYMBOLS, Chart, cut, frame, line, marks, short
from core.fairness.disparities.disparities import lower
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.what_if.thresholds import curve

if TYPE_CHECKING:
    from core.fairness.counts.grouping import Group
    from core.fairness.what_if.thresholds import WhatIf

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MOST_LINES = 6
"""The largest groups are drawn, one for each colour and dash."""


def curves(
    found: WhatIf,
    chosen: dict[Group, float],
    metric: str,
    too_small: Collection[str],
    title: str = "",
) -> Chart:
    """Draw a metric of the largest groups over the thresholds that can be chosen.

    Without a title the metric has its own. What the chart says leaves out groups named in
    ``too_small``, as long as two others can be judged.
    """
    cube, title = found.cube, title or METRICS[metric].title
    positions = np.searchsorted(cube.edges, found.choices)
    values = curve(cube, metric)[:, positions]
    largest = np.argsort(-cube.count.sum(axis=(1, 2)), kind="stable")[:MOST_LINES]
    names = list(cube.labels)
    figure = go.Figure()
    for number, g in enumerate(largest):
        name, colour = short(names[g]), PALETTE[number]
        hover = f"{name}<br>threshold %{{x:g}}: %{{y:.4f}}"
        label, dash = short(names[g], 28), DASHES[number]
        figure.add_trace(line(found.choices, _drawn(values[g]), label, colour, hover, dash=dash))
        at = found.choices.index(chosen[cube.groups[g]])
        if not np.isnan(values[g, at]):
            hover = f"{name}, chosen<br>threshold %{{x:g}}: %{{y:.4f}}"
            mark = {"symbol": SYMBOLS[number], "size": 12}
            figure.add_trace(marks([found.choices[at]], [values[g, at]], "", colour, hover, **mark))
    figure.update_xaxes(title="Threshold on the score", fixedrange=True)
    figure.update_yaxes(title=f"{title} (share, 0 to 1)", range=[-0.02, 1.02], fixedrange=True)
    notes = []
    if len(names) > MOST_LINES:
        notes.append(
            f"The {MOST_LINES} largest of {len(names)} groups are drawn; the table has all."
        )
    if np.isnan(values).any():
        notes.append(f"A line ends where {lower(title)} is not defined.")
    table = pd.DataFrame({"Threshold": [f"{choice:g}" for choice in found.choices]})
    for name, row in zip(names, values, strict=True):
        table[name] = ["–" if np.isnan(value) else f"{value:.4f}" for value in row]
    at_chosen = [
        values[g, found.choices.index(chosen[group])] for g, group in enumerate(cube.groups)
    ]
    return Chart(
        _finding(title, names, np.array(at_chosen), too_small),
        frame(figure, 380),
        table,
        tuple(notes),
    )


def _drawn(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _finding(title: str, names: list[str], values: np.ndarray, too_small: Collection[str]) -> str:
    """State how far apart the groups are at the chosen thresholds."""
    if np.isnan(values).all():
        return f"{title} is not defined for any group at the chosen thresholds"
    firm = np.where([name in too_small for name in names], np.nan, values)
    some = ""
    if 2 <= np.isfinite(firm).sum() < np.isfinite(values).sum():
        values, some = firm, " among the groups large enough to judge"
    low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
    ends = f"{values[low]:.2f}", f"{values[high]:.2f}"
    if ends[0] == ends[1]:
        return f"{title} is about {ends[0]} in every group{some} at the chosen thresholds"
    return (
        f"{title} ranges from {ends[0]} ({cut(names[low])}) to {ends[1]} ({cut(names[high])})"
        f"{some} at the chosen thresholds"
    )
