"""Small charts as SVG markup: dots with whiskers, and bars.

A chart is 360 units wide and scales with the page, so that it reads on a phone and on paper; each
category's name stands above its mark, where a long one has room. Series differ by shape as well as
by colour (Okabe and Ito's palette, in the report's style sheet), so that colour is never the only
sign. All text is escaped here.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from core.reporting.svg_marks import (
    CHARACTER,
    LEFT,
    RIGHT,
    WIDTH,
    ChartAxis,
    ChartPoint,
    Row,
    across_axis,
    digits,
    drawing,
    fit,
    line,
    mark,
    text_mark,
    tick_text,
    ticks,
)


def dots(
    name: str,
    title: str,
    description: str,
    rows: Sequence[Row],
    axis: ChartAxis,
    series: Sequence[str],
) -> Markup:
    """Draw dots with whiskers, one line for each series of each row.

    Parameters
    ----------
    name : str
        Identifier, unique in the page.
    title, description : str
        For those who can't see the chart.
    rows : sequence of Row
    axis : ChartAxis
        Horizontal.
    series : sequence of str
        Names, as many as each row has points; a legend is drawn if there are two or more.
    """
    parts, top = _legend(series if len(series) > 1 else ())
    if any(row.faint for row in rows):
        parts.append(mark(LEFT + 5, top + 7, 0, True))
        parts.append(text_mark(LEFT + 16, top + 11, "hollow: too small to judge", "label"))
        top += 20
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
    return drawing(name, title, description, y + 32, parts)


def bars(name: str, title: str, description: str, rows: Sequence[Row], axis: ChartAxis) -> Markup:
    """Draw bars from zero, to the left where negative, each with a whisker for its spread.

    Parameters are those of :func:`dots`; a row has one point.
    """
    body: list[Markup] = []
    y = 4.0
    zero = across_axis(0.0, axis)
    for row in rows:
        body.append(_row_text(row, y + 11))
        point = row.points[0]
        if point is not None:
            end = across_axis(point.value, axis)
            series = 0 if point.value >= 0 else 1
            body.append(
                Markup('<rect class="fill s{}" x="{}" y="{}" width="{}" height="9"/>').format(
                    series,
                    digits(min(zero, end)),
                    digits(y + 16),
                    digits(max(abs(end - zero), 0.5)),
                )
            )
            if point.low is not None and point.high is not None:
                low, high = across_axis(point.low, axis), across_axis(point.high, axis)
                body.append(line(low, y + 20.5, high, y + 20.5, "spread"))
        y += 32
    parts = [_horizontal_axis(axis, 4.0, y), line(zero, 4, zero, y, "zero"), *body]
    return drawing(name, title, description, y + 32, parts)


def _row_text(row: Row, y: float) -> Markup:
    room = RIGHT - LEFT - (len(row.value) + 2) * CHARACTER
    label = text_mark(LEFT, y, fit(row.label, room), "label", row.label)
    return label + text_mark(RIGHT, y, row.value, "value end")


def _whisker(point: ChartPoint, axis: ChartAxis, y: float, series: int, faint: bool) -> Markup:
    out = Markup("")
    if point.low is not None and point.high is not None:
        low, high = across_axis(point.low, axis), across_axis(point.high, axis)
        out += line(low, y, high, y, f"whisker s{series % 6}")
    return out + mark(across_axis(point.value, axis), y, series, faint)


def _legend(names: Sequence[str]) -> tuple[list[Markup], float]:
    parts: list[Markup] = []
    y = 4.0
    for index, label in enumerate(names):
        parts.append(mark(LEFT + 5, y + 7, index, False))
        parts.append(text_mark(LEFT + 16, y + 11, fit(label, RIGHT - LEFT - 16), "label", label))
        y += 16
    return parts, y + (4 if names else 0)


def _horizontal_axis(axis: ChartAxis, top: float, bottom: float) -> Markup:
    out = Markup("")
    for tick in ticks(axis.low, axis.high):
        x = across_axis(tick, axis)
        out += line(x, top, x, bottom, "grid")
        anchor = "start" if x < LEFT + 9 else "end" if x > RIGHT - 9 else "middle"
        out += text_mark(x, bottom + 12, tick_text(tick), f"tick {anchor}")
    return out + text_mark(
        (LEFT + RIGHT) / 2, bottom + 27, fit(axis.label, WIDTH), "axis middle", axis.label
    )
