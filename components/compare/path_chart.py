"""A comparison in use, person by person: the estimate, its band, and when it was decided."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

from components.widgets.charts import GREY, PALETTE, Chart, band, frame, line, marks, short
from components.widgets.difference_charts import unit_of
from core.comparison.wording import in_points
from core.fairness.intervals.p_values import format_p
from core.numerals import signed

if TYPE_CHECKING:
    from core.comparison.monitoring.moments import Moment
    from core.comparison.monitoring.sequential_test import SequentialTest


Interval = tuple[int, float, float]
"""People counted, and the ends of the band there."""


def path_chart(found: SequentialTest) -> Chart:
    """Draw the estimate with its confidence sequence person by person."""
    scale = 100 if in_points(found.figure) else 1
    table = pd.DataFrame(
        [
            {
                "People counted": m.count,
                "Row": m.row + 1,
                "Difference": "" if m.estimate is None else signed(scale * m.estimate, 2),
                "Low": "" if m.low is None else signed(scale * m.low, 2),
                "High": "" if m.high is None else signed(scale * m.high, 2),
                "e-value": f"{math.exp(min(m.log_e, 700)):.3g}",
                "p, valid at any time": format_p(m.p_value),
            }
            for m in found.path
        ]
    )
    return Chart(found.finding(), _path(found, scale) if found.path else None, table)


def _path(found: SequentialTest, scale: int) -> go.Figure:
    banded = [
        (m.count, scale * m.low, scale * m.high)
        for m in found.path
        if m.low is not None and m.high is not None
    ]
    known = [(m.count, scale * m.estimate) for m in found.path if m.estimate is not None]
    lines = [scale * end for end in sorted(set(found.allowed))]
    out = go.Figure([_band(found, banded), _estimates(known, banded)])
    called = "the limit" if len(lines) > 1 else "the gap before" if lines[0] else "no difference"
    for end in lines:
        out.add_hline(
            y=end, line={"color": GREY, "width": 2, "dash": "dot"}, name=called,
            showlegend=end == lines[0],
        )  # fmt: skip
    _mark(out, found.decided or found.within, scale, "decided", PALETTE[1])
    _mark(out, found.changed, scale, "no constant difference fits", PALETTE[3])
    out.update_xaxes(
        title="People counted so far", dtick=1 if found.people < 10 else None, tickformat=",d"
    )
    first, second = (short(name, 14) for name in found.names)
    out.update_yaxes(
        title=f"{second} less {first}{unit_of(found.figure)}",
        range=_reach(lines, known, banded, scale),
    )
    return frame(out, 420)


def _band(found: SequentialTest, banded: list[Interval]) -> go.Scatter:
    x, low, high = ([item[n] for item in banded] for n in range(3))
    name = f"{100 * found.level:g}% at all moments together"
    return band(x, low, high, PALETTE[0], name=name, showlegend=None)


def _estimates(known: list[tuple[int, float]], banded: list[Interval]) -> go.Scatter:
    fields = {count: f"{signed(low, 2)} to {signed(high, 2)}" for count, low, high in banded}
    return line(
        [count for count, _ in known],
        [value for _, value in known],
        "difference so far",
        PALETTE[0],
        "after %{x:,} people<br>%{y:+.2f}<br>%{customdata}",
        customdata=[fields.get(count, "none") for count, _ in known],
    )


def _mark(out: go.Figure, moment: Moment | None, scale: int, name: str, colour: str) -> None:
    """Mark the moment at which something was found, if it was."""
    if moment is None:
        return
    out.add_vline(x=moment.count, line={"color": colour, "width": 2, "dash": "dash"})
    at = [moment.count], [scale * (moment.estimate or 0.0)]
    hover = f"{name} after %{{x:,}} people"
    out.add_trace(marks(*at, name, colour, hover, size=12, symbol="diamond"))


def _reach(
    lines: list[float], known: list[tuple[int, float]], banded: list[Interval], scale: int
) -> list[float]:
    """Leave out the first intervals, which span everything and would flatten the rest."""
    last = [value for _, value in known[len(known) // 10 :]]
    ends = [*lines, *last, *(end for item in banded[-1:] for end in item[1:])]
    low, high = min(ends), max(ends)
    pad = 0.6 * (high - low) or 1.0
    return [max(-scale, low - pad), min(scale, high + pad)]
