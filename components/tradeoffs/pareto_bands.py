"""Bands around marks of the Pareto chart, and how far the picture reaches for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from components.widgets.charts import rgba

if TYPE_CHECKING:
    from core.arrays import Flags
    from core.tradeoff.frontier.pareto_analysis import ParetoAnalysis

MARGIN = 0.07
"""Of the range, at either end, for the marks at its ends and their texts."""
LEAST = 0.01
"""Margin where all is at one place."""

MEANING = (
    "Thick bars reach one standard deviation by privacy noise either way: what training again "
    "with other noise would do. Thin bars reach one by noise and by another split of the rows "
    "together."
)


def name_of(found: ParetoAnalysis, epsilon: float) -> str:
    """Name the settings of one ε; where none is private, ε is not spoken of."""
    if np.isfinite(epsilon):
        return f"ε = {epsilon:g}"
    return "no privacy" if np.isfinite(found.epsilon).any() else "settings"


def band_traces(
    found: ParetoAnalysis, rows: Sequence[int], looks: Mapping[float, tuple[str, str]]
) -> list[go.Scatter]:
    """Draw the outer and inner bars of some rows, an ε at a time; undefined ones are left out."""
    out = []
    for epsilon, (colour, _) in looks.items():
        own = [row for row in rows if found.epsilon[row] == epsilon]
        for inner, opacity, thick, cap in ((False, 0.9, 1.2, 5), (True, 0.45, 5, 0)):
            bars = [
                _bar(found, objective, own, inner)
                | {"color": rgba(colour, opacity), "thickness": thick, "width": cap}
                for objective in (1, 0)
            ]
            if not any(half for bar in bars for half in bar["array"]):
                continue
            out.append(
                go.Scatter(
                    x=found.tables[1].mean[own],
                    y=found.tables[0].mean[own],
                    mode="markers",
                    marker={"opacity": 0, "color": colour},
                    error_x=bars[0],
                    error_y=bars[1],
                    hoverinfo="skip",
                    showlegend=False,
                    legendgroup=name_of(found, epsilon),
                )
            )
    return out


def reach(
    found: ParetoAnalysis, objective: int, drawn: Flags, rows: list[int]
) -> tuple[float, float]:
    """Return the ends of an axis that holds all marks and bands, with a margin.

    Parameters
    ----------
    found : ParetoAnalysis
    objective : {0, 1}
        Performance or unfairness.
    drawn : ndarray of bool, shape (n,)
        At least one, with the figure defined.
    rows : list of int
        Those with bands.
    """
    mean = found.tables[objective].mean
    ends = [mean[drawn]]
    for inner in (False, True):
        bar = _bar(found, objective, rows, inner)
        for sign, halves in ((1, bar["array"]), (-1, bar["arrayminus"])):
            ends.append(mean[rows] + sign * np.array(halves, dtype=np.float64))
    bounds = np.hstack(ends)
    low, high = float(np.nanmin(bounds)), float(np.nanmax(bounds))
    margin = MARGIN * (high - low) or LEAST
    return low - margin, high + margin


def without_bands(found: ParetoAnalysis, rows: Sequence[int]) -> str:
    """Say for how many of the rows the outer band is not defined, and why; empty if none."""
    lacking = [
        spread
        for row in rows
        for spread in (found.performance[row],)
        if spread.mean is not None and spread.sd_outer is None
    ]
    if not lacking:
        return ""
    why = lacking[0].noise_reason or lacking[0].sampling_reason
    return f"{len(lacking)} of {len(rows)} have no outer band: {why}."


def _bar(found: ParetoAnalysis, objective: int, rows: list[int], inner: bool) -> dict[str, Any]:
    """Reach of bars either way, cut at the bounds of the figure as its intervals are."""
    column = (found.performance, found.unfairness)[objective]
    axis = found.axes[objective]
    least = -np.inf if axis.low is None else axis.low
    most = np.inf if axis.high is None else axis.high
    up: list[float | None] = []
    down: list[float | None] = []
    for row in rows:
        spread = column[row]
        mean, half = spread.mean, spread.sd_noise if inner else spread.sd_outer
        if mean is None or half is None:
            up.append(None)
            down.append(None)
        else:
            up.append(min(half, most - mean))
            down.append(min(half, mean - least))
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down}
