"""A comparison in use, person by person: the estimate, its band, and when it was decided."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

from components.widgets.charts import GREY, PALETTE, Chart, frame, rgba, short
from components.widgets.difference_charts import unit_of
from core.comparison.wording import in_points
from core.fairness.intervals.p_values import format_p

if TYPE_CHECKING:
    from core.comparison.monitoring.sequential_test import SequentialTest


def path_chart(found: SequentialTest) -> Chart:
    """Draw the estimate with its confidence sequence person by person."""
    scale = 100 if in_points(found.figure) else 1
    table = pd.DataFrame(
        [
            {
                "People counted": m.count,
                "Row": m.row + 1,
                "Difference": "" if m.estimate is None else f"{scale * m.estimate:+.2f}",
                "Low": "" if m.low is None else f"{scale * m.low:+.2f}",
                "High": "" if m.high is None else f"{scale * m.high:+.2f}",
                "e-value": f"{math.exp(min(m.log_e, 700)):.3g}",
                "p, valid at any time": format_p(m.p_value),
            }
            for m in found.path
        ]
    )
    return Chart(found.finding(), _path(found, scale) if found.path else None, table)


def _path(found: SequentialTest, scale: int) -> go.Figure:
    out = go.Figure()
    banded = [m for m in found.path if m.low is not None and m.high is not None]
    x = [m.count for m in banded]
    out.add_trace(
        go.Scatter(
            x=[*x, *reversed(x)],
            y=[scale * (m.low or 0.0) for m in banded]
            + [scale * (m.high or 0.0) for m in reversed(banded)],
            fill="toself", fillcolor=rgba(PALETTE[0], 0.2), mode="none", hoverinfo="skip",
            name=f"{100 * found.level:g}% at all moments together",
        )
    )  # fmt: skip
    there = [m for m in found.path if m.estimate is not None]
    out.add_trace(
        go.Scatter(
            x=[m.count for m in there],
            y=[scale * (m.estimate or 0.0) for m in there],
            mode="lines", line={"color": PALETTE[0], "width": 2}, name="difference so far",
            customdata=[
                "none" if m.low is None or m.high is None
                else f"{scale * m.low:+.2f} to {scale * m.high:+.2f}"
                for m in there
            ],
            hovertemplate="after %{x:,} people<br>%{y:+.2f}<br>%{customdata}<extra></extra>",
        )
    )  # fmt: skip
    lines = [scale * end for end in sorted(set(found.allowed))]
    called = "the limit" if len(lines) > 1 else "the gap before" if lines[0] else "no difference"
    for line in lines:
        out.add_hline(
            y=line, line={"color": GREY, "width": 2, "dash": "dot"}, name=called,
            showlegend=line == lines[0],
        )  # fmt: skip
    for moment, name, colour in (
        (found.decided or found.within, "decided", PALETTE[1]),
        (found.changed, "no constant difference fits", PALETTE[3]),
    ):
        if moment is not None:
            out.add_vline(x=moment.count, line={"color": colour, "width": 2, "dash": "dash"})
            out.add_trace(
                go.Scatter(
                    x=[moment.count], y=[scale * (moment.estimate or 0.0)], mode="markers",
                    marker={"color": colour, "size": 12, "symbol": "diamond"}, name=name,
                    hovertemplate=f"{name} after %{{x:,}} people<extra></extra>",
                )
            )  # fmt: skip
    out.update_xaxes(
        title="People counted so far", dtick=1 if found.people < 10 else None, tickformat=",d"
    )
    out.update_yaxes(title=f"{short(found.names[1], 14)} less {short(found.names[0], 14)}"
                     f"{unit_of(found.figure)}")  # fmt: skip
    ends = [scale * v for m in there for v in (m.estimate,) if v is not None]
    low = min([*lines, *ends[len(ends) // 10 :], *(scale * (m.low or 0) for m in banded[-1:])])
    high = max([*lines, *ends[len(ends) // 10 :], *(scale * (m.high or 0) for m in banded[-1:])])
    # The first intervals span everything and would flatten the rest.
    pad = 0.6 * (high - low) or 1.0
    out.update_yaxes(range=[max(-scale, low - pad), min(scale, high + pad)])
    return frame(out, 420)
