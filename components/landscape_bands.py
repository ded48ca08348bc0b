"""Bands around marks of the landscape: noise inside, noise and another split outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from components.charts import rgba

if TYPE_CHECKING:
    from core.tradeoff.explore import Landscape
    from core.tradeoff.spread import Spread

MEANING = (
    "Thick bars reach one standard deviation by privacy noise either way: what training again "
    "with other noise would do. Thin bars reach one by noise and by another split of the rows "
    "together."
)


def band_traces(
    found: Landscape, rows: Sequence[int], looks: Mapping[float, tuple[str, str]]
) -> list[go.Scatter]:
    """Draw the outer and inner bars of some rows, an ε at a time; undefined ones are left out."""
    out = []
    for epsilon, (colour, _) in looks.items():
        own = [row for row in rows if found.epsilon[row] == epsilon]
        for inner, opacity, thick, cap in ((False, 0.5, 1.5, 4), (True, 0.85, 4, 0)):
            sides = [
                [_half(column[row], inner) for row in own]
                for column in (found.unfairness, found.performance)
            ]
            if not any(half for side in sides for half in side):
                continue
            bars = [
                {"type": "data", "array": side, "color": rgba(colour, opacity),
                 "thickness": thick, "width": cap}
                for side in sides
            ]  # fmt: skip
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
                    legendgroup="no privacy" if np.isinf(epsilon) else f"ε = {epsilon:g}",
                )
            )
    return out


def without_bands(found: Landscape, rows: Sequence[int]) -> str:
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


def _half(spread: Spread, inner: bool) -> float | None:
    return spread.sd_noise if inner else spread.sd_outer
