"""The Pareto chart of a sweep: one mark a setting, performance against unfairness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import plotly.graph_objects as go

from components.app.sweep_numbers import STATUS, epsilon_label, format_spread
from components.tradeoffs.pareto_bands import band_traces, name_of, reach
from components.tradeoffs.pareto_finding import axis_title, edge
from components.tradeoffs.pareto_texts import sides
from components.widgets.charts import GREY, PALETTE, SYMBOLS, frame
from components.widgets.picture_label import annotate_finding, wrapped
from core.fairness.disparities.disparities import lower
from core.tradeoff.frontier.chosen import setting_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.arrays import Ints
    from core.tradeoff.frontier.pareto_analysis import Filtered, ParetoAnalysis
    from core.tradeoff.sweep.grid import Setting

NO_PRIVACY = (GREY, "star")
FADED = {"front": 1.0, "dominated by estimates": 0.55, "surely dominated": 0.25}
Ends = tuple[float, float]
MOST_BANDS = 25
MOST_TEXTS = 60
PINS = "ABCD"


@dataclass(frozen=True)
class Marks:
    """What is marked in the picture besides the settings themselves.

    Attributes
    ----------
    status : sequence of str, length n
        Where each setting stands, a key of :data:`components.app.sweep_numbers.STATUS`.
    tied : sequence of int
        Rows that do not differ significantly from the best.
    selected : int or None
    pins : sequence of int
        Rows, at most four.
    bands : {"some", "all", "none"}
        Whether they are drawn for the front, the pins and the one looked at, for all, or not.
    """

    status: Sequence[str]
    tied: Sequence[int] = ()
    selected: int | None = None
    pins: Sequence[int] = ()
    bands: Literal["some", "all", "none"] = "some"


def pareto_figure(
    found: ParetoAnalysis, limits: Filtered, marks: Marks, label: str
) -> go.Figure | None:
    """Draw the settings that have both figures; None without any.

    Parameters
    ----------
    found : ParetoAnalysis
    limits : Filtered
    marks : Marks
    label : str
        Said within the picture, since a picture is passed on without its page.
    """
    if limits.undefined.all():
        return None
    line = edge(found, limits)
    banded = rows_with_bands(limits, marks, line)
    y, x = (reach(found, objective, ~limits.undefined, banded) for objective in (0, 1))
    texts = _texts(found, limits, marks, line, (x, y))
    figure = go.Figure()
    outside = np.flatnonzero(~limits.undefined & ~limits.kept)
    if len(outside):
        style = {"color": GREY, "size": 5, "symbol": "circle-open", "opacity": 0.5}
        trace = _points(found, outside, marks, style, "outside the limits")
        trace.update(_named(outside, texts))
        figure.add_trace(trace)
    figure.add_trace(
        go.Scatter(
            x=found.tables[1].mean[line],
            y=found.tables[0].mean[line],
            mode="lines",
            name="best pairs, ε left aside",
            line={"color": GREY, "width": 2, "dash": "dot"},
            hoverinfo="skip",
        )
    )
    looks = looks_of(found)
    for trace in band_traces(found, banded, looks):
        figure.add_trace(trace)
    kept = np.flatnonzero(limits.kept)
    for epsilon, (colour, symbol) in looks.items():
        rows = kept[found.epsilon[kept] == epsilon]
        name = name_of(found, epsilon)
        if not len(rows):
            continue
        # The legend shows the mark in full, whatever is faded in the picture.
        legend = {"color": colour, "size": 10, "symbol": symbol}
        figure.add_trace(
            go.Scatter(x=[None], y=[None], mode="markers", marker=legend, name=name,
                       legendgroup=name, hoverinfo="skip")
        )  # fmt: skip
        figure.add_trace(_front_line(found, rows[limits.front[rows]], colour, name))
        style = legend | {"opacity": [FADED[marks.status[row]] for row in rows]}
        trace = _points(found, rows, marks, style, name)
        trace.update(_named(rows, texts) | {"legendgroup": name, "showlegend": False})
        figure.add_trace(trace)
    best = f"no significant difference from the best {lower(found.names[0])}"
    looked = [] if marks.selected is None else [marks.selected]
    figure.add_trace(_rings(found, marks.tied, "circle-open", 17, best))
    figure.add_trace(_rings(found, looked, "square-open", 23, "looked at"))
    for limit in limits.limits:
        if limit.axis in found.axes[:2]:
            add = figure.add_hline if limit.axis is found.axes[0] else figure.add_vline
            add(limit.worst, line={"color": GREY, "width": 1})
    figure.update_xaxes(title=axis_title(found.axes[1]), range=x)
    figure.update_yaxes(title=axis_title(found.axes[0]), range=y)
    frame(figure, 520)
    annotate_finding(figure, label)
    return figure


def looks_of(found: ParetoAnalysis) -> dict[float, tuple[str, str]]:
    """Colour and symbol of each ε, the smallest first; no two alike up to 36 of them."""
    finite = [float(e) for e in np.unique(found.epsilon[np.isfinite(found.epsilon)])]
    looks = {
        epsilon: (PALETTE[n % len(PALETTE)], SYMBOLS[(n + n // len(PALETTE)) % len(SYMBOLS)])
        for n, epsilon in enumerate(finite)
    }
    return looks | ({np.inf: NO_PRIVACY} if np.isinf(found.epsilon).any() else {})


def rows_with_bands(limits: Filtered, marks: Marks, line: Ints) -> list[int]:
    """Pick the rows that get bands: of a large front only those that the line joins."""
    if marks.bands == "none":
        return []
    if marks.bands == "all":
        return [int(row) for row in np.flatnonzero(limits.kept)]
    front = np.flatnonzero(limits.front)
    named = front if len(front) <= MOST_BANDS else line
    extra = [row for row in (*marks.pins, marks.selected) if row is not None]
    return list(dict.fromkeys([*map(int, named), *extra]))


def _front_line(found: ParetoAnalysis, rows: Ints, colour: str, name: str) -> go.Scatter:
    """Join the members of the front that have one ε."""
    line = rows[np.argsort(found.losses[rows, 1], kind="stable")]
    return go.Scatter(
        x=found.tables[1].mean[line],
        y=found.tables[0].mean[line],
        mode="lines",
        line={"color": colour, "width": 1.5},
        legendgroup=name,
        showlegend=False,
        hoverinfo="skip",
    )


def _texts(
    found: ParetoAnalysis, limits: Filtered, marks: Marks, line: Ints, ends: tuple[Ends, Ends]
) -> dict[int, tuple[str, str]]:
    """Write ε beside what was picked and the front, where there is room: the hover tells the rest.

    Returns
    -------
    dict
        Text and side by row; colour tells not everyone which ε a mark has.
    """
    front = np.flatnonzero(limits.front)
    if len(front) > MOST_TEXTS:
        # Its edge, or some of it, evenly from the fairest to the best.
        front = line[np.unique(np.linspace(0, len(line) - 1, MOST_TEXTS).astype(int))]
    looked = [] if marks.selected is None else [marks.selected]
    edge_first = [row for row in line if row in set(front.tolist())]
    rows = list(dict.fromkeys(map(int, [*marks.pins, *looked, *edge_first, *front])))
    rows = [row for row in rows if not limits.undefined[row]]
    pinned = {row: f"<b>{PINS[n]}</b> " for n, row in enumerate(marks.pins)}
    if not np.isfinite(found.epsilon).any():
        rows = [row for row in rows if row in pinned]
    if not rows:
        return {}
    texts = [
        pinned.get(row, "") + ("∞" if np.isinf(found.epsilon[row]) else f"ε {found.epsilon[row]:g}")
        for row in rows
    ]
    across, up = (
        (table.mean[rows] - low) / (high - low)
        for table, (low, high) in zip(reversed(found.tables), ends, strict=True)
    )
    at = list(zip(across.tolist(), up.tolist(), strict=True))
    return {
        row: (text, side)
        for row, text, side in zip(rows, texts, sides(at, texts), strict=True)
        if side is not None
    }


def _rings(
    found: ParetoAnalysis, rows: Sequence[int], symbol: str, size: int, name: str
) -> go.Scatter:
    return go.Scatter(
        x=found.tables[1].mean[list(rows)],
        y=found.tables[0].mean[list(rows)],
        mode="markers",
        name=name,
        showlegend=len(rows) > 0,
        hoverinfo="skip",
        marker={"symbol": symbol, "size": size, "color": GREY, "line": {"width": size / 9}},
    )


def _named(rows: Ints, texts: dict[int, tuple[str, str]]) -> dict[str, object]:
    """Write beside marks what is to be written there."""
    parts = [texts.get(int(row), ("", "top center")) for row in rows]
    return {
        "mode": "markers+text",
        "text": [text for text, _ in parts],
        "textposition": [side for _, side in parts],
    }


def _points(
    found: ParetoAnalysis, rows: Ints, marks: Marks, style: dict[str, object], name: str
) -> go.Scatter:
    return go.Scatter(
        x=found.tables[1].mean[rows],
        y=found.tables[0].mean[rows],
        mode="markers",
        name=name,
        marker=style,
        customdata=[_hover(found, int(row), marks) for row in rows],
        hovertemplate="<b>%{customdata[1]}</b><br>ε: %{customdata[2]}<br>%{customdata[3]}<br>"
        "%{customdata[4]}<br>%{customdata[5]}<extra></extra>",
    )


def _hover(found: ParetoAnalysis, row: int, marks: Marks) -> list[object]:
    setting: Setting = found.settings[row]
    pair = found.performance[row], found.unfairness[row]
    parts = [
        wrapped(f"{axis.title}: {format_spread(spread)}", 60)
        for axis, spread in zip(found.axes[:2], pair, strict=True)
    ]
    runs = f"{pair[0].runs} run{'s' if pair[0].runs != 1 else ''}; {STATUS[marks.status[row]]}"
    words = setting_label(setting)
    # The last is not shown: it tells a click which setting it meant.
    return [row, wrapped(words, 50), epsilon_label(setting), *parts, runs, words]
