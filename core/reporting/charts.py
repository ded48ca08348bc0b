"""Small charts as SVG markup: dots with whiskers, bars, lines with a spread.

A chart is 360 units wide and scales with the page, so that it reads on a phone and on paper; each
category's name stands above its mark, where a long one has room. Series differ by shape as well as
by colour (Okabe and Ito's palette, in the report's style sheet), so that colour is never the only
sign. All text is escaped here.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 360.0
_LEFT, _RIGHT = 10.0, 350.0
_CHARACTER = 6.0
"""Width of a usual character of the charts' 11 px type; wide East Asian ones take twice that."""


@dataclass(frozen=True)
class Point:
    """A value with the ends of its interval or spread, None where there is none."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Row:
    """A category: its name, what is written at its right, and a point for each series.

    ``faint`` draws hollow marks, for what is too small to judge.
    """

    label: str
    value: str
    points: tuple[Point | None, ...]
    faint: bool = False


@dataclass(frozen=True)
class Axis:
    """An axis: its label with units, and the numbers at its ends."""

    label: str
    low: float
    high: float


def dots(
    name: str, title: str, description: str, rows: Sequence[Row], axis: Axis, series: Sequence[str]
) -> Markup:
    """Draw dots with whiskers, one line for each series of each row.

    Parameters
    ----------
    name : str
        Identifier, unique in the page.
    title, description : str
        For those who can't see the chart.
    rows : sequence of Row
    axis : Axis
        Horizontal.
    series : sequence of str
        Names, as many as each row has points; a legend is drawn if there are two or more.
    """
    parts, top = _legend(series if len(series) > 1 else ())
    body: list[Markup] = []
    y = top
    for row in rows:
        body.append(_row_text(row, y + 11))
        y += 15
        for index, point in enumerate(row.points):
            y += 11
            if point is not None:
                body.append(_whisker(point, axis, y - 4, index, row.faint))
        y += 8
    parts += [_horizontal_axis(axis, top, y), *body]
    return _svg(name, title, description, y + 32, parts)


def bars(name: str, title: str, description: str, rows: Sequence[Row], axis: Axis) -> Markup:
    """Draw bars from zero, to the left where negative, each with a whisker for its spread.

    Parameters are those of :func:`dots`; a row has one point.
    """
    body: list[Markup] = []
    y = 4.0
    zero = _across(0.0, axis)
    for row in rows:
        body.append(_row_text(row, y + 11))
        point = row.points[0]
        if point is not None:
            end = _across(point.value, axis)
            series = 0 if point.value >= 0 else 1
            body.append(
                Markup('<rect class="fill s{}" x="{}" y="{}" width="{}" height="9"/>').format(
                    series, _n(min(zero, end)), _n(y + 16), _n(max(abs(end - zero), 0.5))
                )
            )
            if point.low is not None and point.high is not None:
                low, high = _across(point.low, axis), _across(point.high, axis)
                body.append(_line(low, y + 20.5, high, y + 20.5, "spread"))
        y += 32
    parts = [_horizontal_axis(axis, 4.0, y), _line(zero, 4, zero, y, "zero"), *body]
    return _svg(name, title, description, y + 32, parts)


def lines(
    name: str,
    title: str,
    description: str,
    places: Sequence[str],
    series: Sequence[tuple[str, Sequence[Point | None]]],
    across: str,
    axis: Axis,
) -> Markup:
    """Draw a line for each series over ordered places, with a whisker for the spread at each.

    Parameters
    ----------
    name, title, description : str
        As for :func:`dots`.
    places : sequence of str
        Labels along the horizontal axis, evenly spaced.
    series : sequence of (name, points)
        A point for each place, None where there is none.
    across : str
        Label of the horizontal axis.
    axis : Axis
        Vertical.
    """
    parts, top = _legend([label for label, _ in series])
    parts.append(_text(_LEFT, top + 9, axis.label, "axis"))
    top += 20
    bottom = top + 150
    left = 42.0

    def height(value: float) -> float:
        share = (value - axis.low) / (axis.high - axis.low)
        return bottom - share * (bottom - top)

    step = (_RIGHT - left) / max(len(places), 1)
    for tick in ticks(axis.low, axis.high):
        parts.append(_line(left, height(tick), _RIGHT, height(tick), "grid"))
        parts.append(_text(left - 5, height(tick) + 4, _tick(tick), "tick end"))
    for index, place in enumerate(places):
        label = fit(place, step)
        parts.append(_text(left + (index + 0.5) * step, bottom + 14, label, "tick middle", place))
    parts.append(_text((left + _RIGHT) / 2, bottom + 30, across, "axis middle"))
    for number, (_, points) in enumerate(series):
        shift = (number - (len(series) - 1) / 2) * min(4.0, step / (len(series) + 1))
        marks = [
            (left + (index + 0.5) * step + shift, point)
            for index, point in enumerate(points)
            if point is not None
        ]
        path = " ".join(f"{_n(x)},{_n(height(point.value))}" for x, point in marks)
        parts.append(Markup('<polyline class="line s{}" points="{}"/>').format(number % 6, path))
        for x, point in marks:
            if point.low is not None and point.high is not None:
                ends = height(point.low), height(point.high)
                parts.append(_line(x, ends[0], x, ends[1], f"whisker s{number % 6}"))
            parts.append(_mark(x, height(point.value), number, False))
    return _svg(name, title, description, bottom + 38, parts)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Return round numbers from ``low`` to ``high``, at most so many (steps of 1, 2 or 5)."""
    span = high - low
    raw = span / (most - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= raw * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def fit(text: str, width: float) -> str:
    """Shorten a text with an ellipsis so that it takes at most so many units of width."""
    text = " ".join(text.split())
    room = width / _CHARACTER
    if sum(map(_wide, text)) <= room:
        return text
    used, kept = 1.0, ""
    for character in text:
        used += _wide(character)
        if used > room:
            break
        kept += character
    return kept.rstrip() + "…"


def _wide(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _across(value: float, axis: Axis) -> float:
    share = (value - axis.low) / (axis.high - axis.low)
    return _LEFT + min(max(share, 0.0), 1.0) * (_RIGHT - _LEFT)


def _row_text(row: Row, y: float) -> Markup:
    room = _RIGHT - _LEFT - (len(row.value) + 2) * _CHARACTER
    label = _text(_LEFT, y, fit(row.label, room), "label", row.label)
    return label + _text(_RIGHT, y, row.value, "value end")


def _whisker(point: Point, axis: Axis, y: float, series: int, faint: bool) -> Markup:
    out = Markup("")
    if point.low is not None and point.high is not None:
        low, high = _across(point.low, axis), _across(point.high, axis)
        out += _line(low, y, high, y, f"whisker s{series % 6}")
    return out + _mark(_across(point.value, axis), y, series, faint)


def _mark(x: float, y: float, series: int, faint: bool) -> Markup:
    kind = f"mark s{series % 6}" + (" faint" if faint else "")
    if series % 3 == 0:
        return Markup('<circle class="{}" cx="{}" cy="{}" r="4"/>').format(kind, _n(x), _n(y))
    if series % 3 == 1:
        corners = [(x - 3.5, y - 3.5), (x + 3.5, y - 3.5), (x + 3.5, y + 3.5), (x - 3.5, y + 3.5)]
    else:
        corners = [(x, y - 5), (x + 4.5, y + 3.5), (x - 4.5, y + 3.5)]
    path = " ".join(f"{_n(a)},{_n(b)}" for a, b in corners)
    return Markup('<polygon class="{}" points="{}"/>').format(kind, path)


def _legend(names: Sequence[str]) -> tuple[list[Markup], float]:
    parts: list[Markup] = []
    y = 4.0
    for index, label in enumerate(names):
        parts.append(_mark(_LEFT + 5, y + 7, index, False))
        parts.append(_text(_LEFT + 16, y + 11, fit(label, _RIGHT - _LEFT - 16), "label", label))
        y += 16
    return parts, y + (4 if names else 0)


def _horizontal_axis(axis: Axis, top: float, bottom: float) -> Markup:
    out = Markup("")
    for tick in ticks(axis.low, axis.high):
        x = _across(tick, axis)
        out += _line(x, top, x, bottom, "grid")
        place = "start" if x < _LEFT + 9 else "end" if x > _RIGHT - 9 else "middle"
        out += _text(x, bottom + 12, _tick(tick), f"tick {place}")
    return out + _text(
        (_LEFT + _RIGHT) / 2, bottom + 27, fit(axis.label, WIDTH), "axis middle", axis.label
    )


def _tick(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
        kind, _n(x1), _n(y1), _n(x2), _n(y2)
    )


def _text(x: float, y: float, text: str, kind: str, full: str | None = None) -> Markup:
    tip = Markup("<title>{}</title>").format(full) if full and full != text else Markup("")
    return Markup('<text class="{}" x="{}" y="{}">{}{}</text>').format(
        kind, _n(x), _n(y), text, tip
    )


def _svg(name: str, title: str, description: str, height: float, parts: list[Markup]) -> Markup:
    return Markup(
        '<svg role="img" aria-labelledby="{0}-t {0}-d" viewBox="0 0 {1} {2}" '
        'preserveAspectRatio="xMinYMin meet"><title id="{0}-t">{3}</title>'
        '<desc id="{0}-d">{4}</desc>{5}</svg>'
    ).format(escape(name), _n(WIDTH), _n(height), title, description, Markup("").join(parts))


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
