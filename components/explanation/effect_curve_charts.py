"""Charts of how features act: curves, permutation importance, and shape functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.explanation.explanation_charts import middle_cut
from components.widgets.charts import GREY, PALETTE, SYMBOLS, Chart, frame, plain, rgba
from core.data.ranges import by_range

if TYPE_CHECKING:
    from core.explanation.attribution.shapes import Shape
    from core.explanation.effects.effects import EffectCurve
    from core.explanation.effects.permutation import PermutationImportance

SHOWN = 12


def curve_chart(curve: EffectCurve, kind: str) -> Chart:
    """Draw accumulated local effects ("local") or partial dependence ("dependence")."""
    local = kind == "local"
    order = _shown_order(curve)
    points = [curve.points[p] for p in order]
    value, low, high = (
        np.asarray(values)[order]
        for values in (
            (curve.local, curve.local_low, curve.local_high)
            if local
            else (curve.dependence, curve.dependence_low, curve.dependence_high)
        )
    )
    table = pd.DataFrame(
        {
            curve.feature: [p if isinstance(p, str) else f"{p:g}" for p in points],
            "change of score" if local else "mean score": value,
            "95% from": low,
            "to": high,
            "part of rows": np.asarray(curve.share)[order],
        }
    )
    name = middle_cut(curve.feature, 40)
    if len(curve.points) < 2:
        return Chart(f"“{name}” has one value only: there is nothing to compare", None, table)
    axis = "change of score" if local else "mean score"
    figure = (_line if curve.numeric else _dots)(points, value, low, high, axis, name)
    top, bottom = int(np.argmax(value)), int(np.argmin(value))
    told = [p if isinstance(p, str) else f"{p:g}" for p in points]
    sure = low[top] > high[bottom]
    title = (
        f"Scores differ by {value[top] - value[bottom]:.2f} at most by “{name}”: highest at "
        f"{middle_cut(told[top], 30)}, lowest at {middle_cut(told[bottom], 30)}"
        if sure
        else f"“{name}” does not significantly move scores"
    )
    notes = []
    if curve.missing and local:
        notes.append(f"{curve.missing} of {curve.rows} rows have no value and are left out.")
    if curve.left_out:
        notes.append(f"{curve.left_out} rarer categories are left out.")
    return Chart(title, figure, table, tuple(notes))


def _shown_order(curve: EffectCurve) -> list[int]:
    """Positions of the points as they are shown: categories that are ranges by their bounds."""
    levels = [str(p) for p in curve.points]
    shown = None if curve.numeric else by_range(levels)
    return list(range(len(levels))) if shown is None else [levels.index(level) for level in shown]


def _line(points: Any, value: Any, low: Any, high: Any, axis: str, name: str) -> go.Figure:
    figure = go.Figure()
    _band(figure, points, low, high, PALETTE[0])
    figure.add_scatter(
        x=points,
        y=value,
        mode="lines+markers",
        line={"color": PALETTE[0]},
        hovertemplate="%{x:g}: %{y:.3f}<extra></extra>",
        showlegend=False,
    )
    frame(figure, 340)
    figure.update_layout(xaxis_title=plain(name), yaxis_title=axis)
    return figure


def _band(figure: go.Figure, x: Any, low: Any, high: Any, colour: str) -> None:
    """Shade between two curves."""
    figure.add_scatter(
        x=[*x, *x[::-1]],
        y=[*high, *low[::-1]],
        fill="toself",
        fillcolor=rgba(colour, 0.2),
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )


def _dots(points: Any, value: Any, low: Any, high: Any, axis: str, name: str) -> go.Figure:
    figure = go.Figure(
        go.Scatter(
            x=value,
            y=list(range(len(points))),
            mode="markers",
            marker={"size": 9, "color": PALETTE[0]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": np.asarray(high) - value,
                "arrayminus": value - np.asarray(low),
                "color": GREY,
            },
            customdata=[plain(str(p)) for p in points],
            hovertemplate="%{customdata}: %{x:.3f}<extra></extra>",
        )
    )
    frame(figure, 90 + 26 * len(points))
    ticks = [plain(middle_cut(str(p), 22)) for p in points]
    figure.update_layout(
        xaxis_title=axis,
        yaxis={
            "tickvals": list(range(len(points))),
            "ticktext": ticks,
            "range": [len(points) - 0.5, -0.5],
        },
    )
    return figure


def permutation_chart(found: PermutationImportance) -> Chart:
    """Draw the rise of the Brier score when a feature is shuffled, for all rows and by group."""
    names = found.features[:SHOWN]
    groups = [one.group for one in found.importance[0]]
    figure = go.Figure()
    for g, group in enumerate(groups):
        own = [each[g] for each in found.importance[: len(names)]]
        shift = (g - (len(groups) - 1) / 2) * 0.7 / len(groups)
        figure.add_scatter(
            x=[one.estimate for one in own],
            y=[k + shift for k in range(len(names))],
            mode="markers",
            name=plain(middle_cut(group, 24)) if group else "everybody",
            marker={
                "size": 8,
                "color": GREY if group is None else PALETTE[(g - 1) % len(PALETTE)],
                "symbol": SYMBOLS[g % len(SYMBOLS)],
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [one.interval[1] - one.estimate for one in own],
                "arrayminus": [one.estimate - one.interval[0] for one in own],
            },
            customdata=[plain(name) for name in names],
            hovertemplate="%{customdata}: %{x:.4f}<extra></extra>",
        )
    frame(figure, 130 + len(names) * (18 + 12 * len(groups)))
    figure.update_layout(
        xaxis_title="rise of the Brier score",
        yaxis={
            "tickvals": list(range(len(names))),
            "ticktext": [plain(middle_cut(n, 22)) for n in names],
            "range": [len(names) - 0.4, -0.6],
        },
    )
    table = pd.DataFrame(
        [
            {
                "feature": name,
                "group": one.group or "(everybody)",
                "rise of the Brier score": one.estimate,
                "95% from": one.interval[0],
                "to": one.interval[1],
            }
            for name, each in zip(found.features, found.importance, strict=True)
            for one in each
        ]
    )
    sure = [
        n
        for n, each in zip(found.features, found.importance, strict=True)
        if each[0].interval[0] > 0
    ]
    title = (
        f"{len(sure)} of {len(found.features)} features significantly make scores better, most of "
        f"all “{middle_cut(sure[0], 40)}”"
        if sure
        else "No feature significantly makes scores better"
    )
    return Chart(title, figure, table)


def shape_chart(shape: Shape, spread: np.ndarray | None) -> Chart:
    """Draw the exact shape function of a feature, with the range that noise leaves open."""
    half = None if spread is None else 1.96 * spread
    low, high = (
        (shape.values, shape.values)
        if half is None
        else (
            shape.values - half,
            shape.values + half,
        )
    )
    name = middle_cut(shape.feature, 40)
    if shape.edges is None:
        figure = _dots(shape.levels, shape.values, low, high, "added to the log-odds", name)
        first = list(shape.levels)
    else:
        figure = go.Figure()
        x, y = _outline(shape, shape.values)
        if half is not None:
            _, up = _outline(shape, high)
            _, down = _outline(shape, low)
            _band(figure, x, down, up, PALETTE[1])
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            line={"color": PALETTE[0]},
            hovertemplate="%{x:g}: %{y:.3f}<extra></extra>",
            showlegend=False,
        )
        frame(figure, 340)
        figure.update_layout(xaxis_title=plain(name), yaxis_title="added to the log-odds")
        first = [f"{a:g} to {b:g}" for a, b in zip(shape.edges, shape.edges[1:], strict=False)]
    table = pd.DataFrame({shape.feature: first, "added to the log-odds": shape.values})
    if half is not None:
        table["noise: ± (95%)"] = half
    notes = []
    if shape.missing is not None:
        notes.append(f"A missing value adds {shape.missing:.2f}.")
    return Chart(
        f"“{name}” moves the log-odds by {shape.reach:.2g} at most", figure, table, tuple(notes)
    )


def _outline(shape: Shape, values: np.ndarray) -> tuple[list[float], list[float]]:
    assert shape.edges is not None
    if not shape.steps:
        return list((shape.edges[1:] + shape.edges[:-1]) / 2), list(values)
    return list(np.repeat(shape.edges, 2)[1:-1]), list(np.repeat(values, 2))
