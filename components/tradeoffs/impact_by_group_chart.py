"""Small multiples of impact by group: one panel for each group, a rate against ε or a strength."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from components.app.sweep_numbers import format_spread
from components.tradeoffs.impact_along import PRIVACY, Along
from components.widgets.charts import GREY, PALETTE, band, line, plain, short
from components.widgets.panels import panels
from core.fairness.metrics.metric_registry import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.tradeoff.frontier.group_rates import GroupRate, ImpactByGroup
    from core.tradeoff.frontier.spread import Spread

MOST_PANELS = 12
PAD = 0.03


def impact_by_group_figure(
    parts: Sequence[ImpactByGroup], rate: str, label: str, along: Along = PRIVACY, title: str = ""
) -> go.Figure | None:
    """Draw a rate of each group against ε or a strength; None where it is defined nowhere.

    Parameters
    ----------
    parts : sequence of ImpactByGroup
        One for each setting of a family, the smallest value first.
    rate : str
        That each holds.
    label : str
        Said within the picture.
    along : Along
    title : str
        What the rate is called, where not by its own title.
    """
    groups = list(dict.fromkeys(group for item in parts for group in item.groups))[:MOST_PANELS]
    cells = {
        group: [
            (along.value(item.setting), item.cell(group, rate))
            for item in parts
            if group in item.groups and item.cell(group, rate).spread.mean is not None
        ]
        for group in groups
    }
    if not any(cells.values()):
        return None
    values = [along.value(item.setting) for item in parts]
    ends = (values[0] / 1.4, values[-1] * 1.4) if along.log else (0.0, 1.05)
    return panels(
        [
            (_title(parts[0].label(group), own), _traces(parts[0].label(group), own, ends, along))
            for group, own in cells.items()
        ],
        (along.axis, title or METRICS[rate].title),
        {value: f"{value:g}" for value in values},
        (ends, _range(cells)),
        label,
        "log" if along.log else "linear",
    )


def _traces(
    group: str, own: list[tuple[float, GroupRate]], ends: tuple[float, float], along: Along
) -> list[go.Scatter]:
    if not own:
        return []
    colour = GREY if any(cell.too_small for _, cell in own) else PALETTE[0]
    return [*_bands(own, colour), *_lines(group, own, colour, ends, along)]


def _title(group: str, own: list[tuple[float, GroupRate]]) -> str:
    small = any(cell.too_small for _, cell in own)
    return short(group, 26) + ("<br>too small to judge" if small else "")


def _bands(own: list[tuple[float, GroupRate]], colour: str) -> list[go.Scatter]:
    out = []
    parts: tuple[tuple[Callable[[Spread], float | None], float], ...] = (
        (lambda spread: spread.sd_outer, 0.16),
        (lambda spread: spread.sd_noise, 0.3),
    )
    for half, opacity in parts:
        found = [
            (value, cell.spread.mean, width)
            for value, cell in own
            if cell.spread.mean is not None and (width := half(cell.spread)) is not None
        ]
        if not found:
            continue
        x = [value for value, _, _ in found]
        low = [max(0.0, mean - width) for _, mean, width in found]
        high = [min(1.0, mean + width) for _, mean, width in found]
        out.append(band(x, low, high, colour, opacity))
    return out


def _lines(
    group: str,
    own: list[tuple[float, GroupRate]],
    colour: str,
    ends: tuple[float, float],
    along: Along,
) -> list[go.Scatter]:
    out = []
    beside = next((cell.beside for _, cell in own if cell.beside is not None), None)
    if beside is not None and beside.mean is not None:
        hover = f"{plain(group)}<br>{along.beside} {format_spread(beside)}"
        out.append(line([*ends], [beside.mean] * 2, "", colour, hover, dash="dash", width=1.5))
    out.append(
        line(
            [value for value, _ in own],
            [cell.spread.mean for _, cell in own],
            "",
            colour,
            f"{plain(group)}<br>{along.column} %{{customdata[0]}}<br>%{{customdata[1]}}"
            "<br>%{customdata[2]} runs",
            mode="lines+markers",
            marker={"size": 8},
            customdata=[
                [f"{value:g}", format_spread(cell.spread), cell.spread.runs] for value, cell in own
            ],
        )
    )
    return out


def _range(cells: dict[str, list[tuple[float, GroupRate]]]) -> tuple[float, float]:
    """Reach over all means and bands, within 0 and 1 but for a margin."""
    found = []
    for own in cells.values():
        for _, cell in own:
            for spread in (cell.spread, cell.beside):
                if spread is not None and spread.mean is not None:
                    half = spread.sd_outer or spread.sd_noise or 0.0
                    found += [max(0.0, spread.mean - half), min(1.0, spread.mean + half)]
    return min(found) - PAD, max(found) + PAD
