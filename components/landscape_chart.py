"""The landscape of a sweep drawn: one mark a setting, performance against unfairness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import plotly.graph_objects as go

from components.charts import GREY, PALETTE, SYMBOLS, frame, plain
from components.landscape_bands import band_traces
from components.landscape_label import say_in_picture, wrapped
from components.landscape_numbers import STATUS, epsilon_words, spread_words
from core.fairness.disparities import lower
from core.tradeoff.chosen import setting_words
from core.tradeoff.frontier import pareto_front

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.tradeoff.axes import Axis
    from core.tradeoff.explore import Filtered, Landscape
    from core.tradeoff.frontier import Positions
    from core.tradeoff.grid import Setting

NO_PRIVACY = (GREY, "star")
FADED = {"front": 1.0, "dominated by estimates": 0.55, "surely dominated": 0.25}
MOST_BANDS = 25
MOST_TEXTS = 15
PINS = "ABCD"


@dataclass(frozen=True)
class Marks:
    """What is marked in the picture besides the settings themselves.

    Attributes
    ----------
    status : sequence of str, length n
        Where each setting stands, a key of :data:`components.landscape_numbers.STATUS`.
    tied : sequence of int
        Rows that can't be told from the best.
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


def edge(found: Landscape, limits: Filtered) -> Positions:
    """Rows within the limits that no other there beats in both figures, ε left aside, in order."""
    rows = np.flatnonzero(limits.kept)
    member = pareto_front(found.losses[rows, :2], found.names[:2]).member
    on = rows[member]
    return on[np.lexsort((found.losses[on, 0], found.losses[on, 1]))]


def landscape_figure(
    found: Landscape, limits: Filtered, marks: Marks, label: str
) -> go.Figure | None:
    """Draw the settings that have both figures; None without any.

    Parameters
    ----------
    found : Landscape
    limits : Filtered
    marks : Marks
    label : str
        Said within the picture, since a picture is passed on without its page.
    """
    if limits.undefined.all():
        return None
    x, y = found.tables[1].mean, found.tables[0].mean
    figure = go.Figure()
    outside = np.flatnonzero(~limits.undefined & ~limits.kept)
    if len(outside):
        style = {"color": GREY, "size": 5, "symbol": "circle-open", "opacity": 0.5}
        figure.add_trace(_points(found, outside, marks, style, "outside the limits"))
    line = edge(found, limits)
    figure.add_trace(
        go.Scatter(
            x=x[line], y=y[line], mode="lines", name="best pairs, ε left aside",
            line={"color": GREY, "width": 2, "dash": "dot"}, hoverinfo="skip",
        )
    )  # fmt: skip
    looks = looks_of(found)
    for trace in band_traces(found, rows_with_bands(limits, marks, line), looks):
        figure.add_trace(trace)
    kept = np.flatnonzero(limits.kept)
    texts = _texts(found, marks, line)
    for epsilon, (colour, symbol) in looks.items():
        rows = kept[found.epsilon[kept] == epsilon]
        name = "no privacy" if np.isinf(epsilon) else f"ε = {epsilon:g}"
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
        trace.update(
            mode="markers+text", text=[texts.get(int(row), "") for row in rows],
            textposition="top right", legendgroup=name, showlegend=False,
        )  # fmt: skip
        figure.add_trace(trace)
    for rows, size, mark, name in (
        (
            list(marks.tied),
            17,
            "circle-open",
            f"can't be told from the best {lower(found.names[0])}",
        ),
        ([] if marks.selected is None else [marks.selected], 23, "square-open", "looked at"),
    ):
        if rows:
            figure.add_trace(
                go.Scatter(
                    x=x[rows], y=y[rows], mode="markers", name=name, hoverinfo="skip",
                    marker={"symbol": mark, "size": size, "color": GREY,
                            "line": {"width": 3 if mark == "square-open" else 1.5}},
                )
            )  # fmt: skip
    for limit in limits.limits:
        if limit.axis in found.axes[:2]:
            add = figure.add_hline if limit.axis is found.axes[0] else figure.add_vline
            add(limit.worst, line={"color": GREY, "width": 1})
    figure.update_xaxes(title=axis_title(found.axes[1]))
    figure.update_yaxes(title=axis_title(found.axes[0]))
    frame(figure, 520)
    say_in_picture(figure, label)
    return figure


def looks_of(found: Landscape) -> dict[float, tuple[str, str]]:
    """Colour and symbol of each ε, the smallest first; no two alike up to 36 of them."""
    finite = [float(e) for e in np.unique(found.epsilon[np.isfinite(found.epsilon)])]
    looks = {
        epsilon: (PALETTE[n % len(PALETTE)], SYMBOLS[(n + n // len(PALETTE)) % len(SYMBOLS)])
        for n, epsilon in enumerate(finite)
    }
    return looks | ({np.inf: NO_PRIVACY} if np.isinf(found.epsilon).any() else {})


def axis_title(axis: Axis) -> str:
    """Title of an axis with its unit and its better end, on two lines for a phone."""
    if axis.kind == "disparity":
        ideal = "0" if axis.direction == "lower" else "1"
        return f"{plain(axis.title)}<br>({ideal} = parity; {axis.direction} is fairer)"
    reach = "0 to 1; " if (axis.low, axis.high) == (0.0, 1.0) else ""
    return f"{plain(axis.title)}<br>({reach}{axis.direction} is better)"


def finding(found: Landscape, limits: Filtered, tied: int | None = None) -> str:
    """State what can be had: the best performance, and what the fairest gives up for it."""
    line = edge(found, limits)
    performance, unfairness = (lower(axis.title) for axis in found.axes[:2])
    if not len(line):
        return "No setting with both figures is within the limits"
    best, fairest = int(line[-1]), int(line[0])
    y, x = found.tables[0].mean, found.tables[1].mean
    text = (
        f"{found.names[0]} of {y[best]:.3f} is the best of {limits.left} "
        f"setting{'s' if limits.left != 1 else ''} ({setting_words(found.settings[best])}), at "
        f"{unfairness} of {x[best]:.3f}"
    )
    if fairest != best:
        text += (
            f"; the fairest has {x[fairest]:.3f} at {performance} of {y[fairest]:.3f} "
            f"({setting_words(found.settings[fairest])})"
        )
    if tied:
        text += f"; {tied} other{'s' if tied > 1 else ''} can't be told from the best"
    return text


def rows_with_bands(limits: Filtered, marks: Marks, line: Positions) -> list[int]:
    """Pick the rows that get bands: of a large front only those that the line joins."""
    if marks.bands == "none":
        return []
    if marks.bands == "all":
        return [int(row) for row in np.flatnonzero(limits.kept)]
    front = np.flatnonzero(limits.front)
    named = front if len(front) <= MOST_BANDS else line
    extra = [row for row in (*marks.pins, marks.selected) if row is not None]
    return list(dict.fromkeys([*map(int, named), *extra]))


def _front_line(found: Landscape, rows: Positions, colour: str, name: str) -> go.Scatter:
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


def _texts(found: Landscape, marks: Marks, line: Positions) -> dict[int, str]:
    """Write ε beside marks that are joined or picked, since colour alone tells not everyone."""
    extra = [*marks.pins, *([] if marks.selected is None else [marks.selected])]
    rows = dict.fromkeys([*map(int, line[:MOST_TEXTS]), *extra])
    pinned = {row: f"<b>{PINS[n]}</b> " for n, row in enumerate(marks.pins)}
    return {
        row: pinned.get(row, "")
        + ("∞" if np.isinf(found.epsilon[row]) else f"ε {found.epsilon[row]:g}")
        for row in rows
    }


def _points(
    found: Landscape, rows: Positions, marks: Marks, style: dict[str, object], name: str
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


def _hover(found: Landscape, row: int, marks: Marks) -> list[object]:
    setting: Setting = found.settings[row]
    pair = found.performance[row], found.unfairness[row]
    told = [
        wrapped(f"{axis.title}: {spread_words(spread)}", 60)
        for axis, spread in zip(found.axes[:2], pair, strict=True)
    ]
    runs = f"{pair[0].runs} run{'s' if pair[0].runs != 1 else ''}; {STATUS[marks.status[row]]}"
    words = setting_words(setting)
    # The last is not shown: it tells a click which setting it meant.
    return [row, wrapped(words, 50), epsilon_words(setting), *told, runs, words]
