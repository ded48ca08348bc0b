"""Charts of how features act: curves, permutation importance, and shape functions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.explanation.explanation_charts import middle_cut
from components.explanation.feature_dots import GroupDots, feature_dots
from components.widgets.charts import GREY, PALETTE, Chart, band, frame, line, plain
from components.widgets.dot_rows import Row, dot_rows
from core.data.days import written_date
from core.data.ranges import by_range
from core.data.roles.group_labels import label_of_name
from core.fairness.metrics.assessment import Figure

if TYPE_CHECKING:
    from core.explanation.attribution.shapes import Shape
    from core.explanation.effects.effects import EffectCurve
    from core.explanation.effects.permutation import PermutationImportance

SHOWN = 12


def curve_chart(curve: EffectCurve, kind: str, *, is_date: bool = False) -> Chart:
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
    parts = [
        p if isinstance(p, str) else written_date(round(p)) if is_date else f"{p:g}" for p in points
    ]
    table = pd.DataFrame(
        {
            curve.feature: parts,
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
    if curve.numeric:
        # Plotly lays days out along a calendar.
        at = parts if is_date else points
        shown = "%{x|%Y-%m-%d}" if is_date else "%{x:g}"
        figure = go.Figure(band(at, low, high, PALETTE[0]))
        figure = _curve(figure, at, value, axis, name, "lines+markers", shown)
    else:
        figure = _dots(points, _figures(value, low, high), axis, name, signed=local)
    top, bottom = int(np.argmax(value)), int(np.argmin(value))
    sure = low[top] > high[bottom]
    title = (
        f"Scores differ by {value[top] - value[bottom]:.2f} at most by “{name}”: highest at "
        f"{middle_cut(parts[top], 30)}, lowest at {middle_cut(parts[bottom], 30)}"
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


def _figures(value: Any, low: Any, high: Any) -> list[Figure]:
    ends = zip(value, low, high, strict=True)
    return [Figure(float(v), float(a), float(b)) for v, a, b in ends]


def _curve(
    figure: go.Figure, x: Any, y: Any, axis: str, name: str, mode: str, shown: str = "%{x:g}"
) -> go.Figure:
    figure.add_trace(line(x, y, "", PALETTE[0], f"{shown}: %{{y:.3f}}", mode=mode))
    return frame(figure, 340).update_layout(xaxis_title=plain(name), yaxis_title=axis)


def _dots(
    levels: Iterable[object], figures: list[Figure], axis: str, name: str, *, signed: bool
) -> go.Figure | None:
    rows = [Row(str(level), figure) for level, figure in zip(levels, figures, strict=True)]
    return dot_rows(rows, (name,), f"{axis} by {plain(name)}", signed=signed)


def permutation_chart(found: PermutationImportance, attribute: str) -> Chart:
    """Draw the rise of the Brier score when a feature is shuffled, for all rows and by group."""
    names = found.features[:SHOWN]
    groups = []
    known = [one.group for one in found.importance[0] if one.group]
    known += found.left_out

    def called(group: str | None, everybody: str) -> str:
        return label_of_name((attribute,), group, known) if group else everybody

    for g, group in enumerate(one.group for one in found.importance[0]):
        own = [each[g] for each in found.importance[: len(names)]]
        colour = GREY if group is None else PALETTE[(g - 1) % len(PALETTE)]
        figures = [Figure(one.estimate, *one.interval) for one in own]
        groups.append(GroupDots(called(group, "everybody"), colour, figures))
    figure = feature_dots(names, groups, "rise of the Brier score")
    table = pd.DataFrame(
        [
            {
                "feature": name,
                "group": called(one.group, "(everybody)"),
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
    name, axis = middle_cut(shape.feature, 40), "added to the log-odds"
    figure: go.Figure | None = go.Figure()
    if shape.edges is None:
        first = list(shape.levels)
        figures = [Figure(float(v), None, None, "the curve is exact") for v in shape.values]
        if half is not None:
            figures = _figures(shape.values, shape.values - half, shape.values + half)
        figure = _dots(first, figures, axis, name, signed=True)
    else:
        first = [f"{a:g} to {b:g}" for a, b in zip(shape.edges, shape.edges[1:], strict=False)]
        x, y = _outline(shape, shape.values)
        if half is not None:
            low, high = (_outline(shape, shape.values + sign * half)[1] for sign in (-1, 1))
            figure = go.Figure(band(x, low, high, PALETTE[1]))
        figure = _curve(figure, x, y, axis, name, "lines")
    table = pd.DataFrame({shape.feature: first, axis: shape.values})
    if half is not None:
        table["noise: ± (95%)"] = half
    notes = () if shape.missing is None else (f"A missing value adds {shape.missing:.2f}.",)
    return Chart(f"“{name}” moves the log-odds by {shape.reach:.2g} at most", figure, table, notes)


def _outline(shape: Shape, values: np.ndarray) -> tuple[list[float], list[float]]:
    assert shape.edges is not None
    if not shape.steps:
        return list((shape.edges[1:] + shape.edges[:-1]) / 2), list(values)
    return list(np.repeat(shape.edges, 2)[1:-1]), list(np.repeat(values, 2))
