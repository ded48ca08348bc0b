"""Charts of single rows' contributions: beeswarm, dependence, and groups side by side."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.explanation.explanation_charts import middle_cut
from components.explanation.feature_dots import GroupDots, feature_dots, name_features
from components.widgets.charts import GREY, PALETTE, SYMBOLS, Chart, frame, plain
from core.data.days import written_date
from core.data.roles.group_labels import label_of_name
from core.fairness.intervals.p_values import format_p
from core.fairness.metrics.assessment import Figure
from core.numerals import with_minus

if TYPE_CHECKING:
    import numpy.typing as npt

    from core.explanation.attribution.drivers import DriversByGroup
    from core.explanation.attribution.explain import GlobalExplanation

SWARM = 12
SCALE = [[0, "#0072B2"], [0.5, "#B8A9C0"], [1, "#D55E00"]]


def swarm_chart(
    explained: GlobalExplanation, rows: pd.DataFrame, dates: Collection[str] = ()
) -> Chart:
    """Draw each explained row's contribution of the most important features."""
    figure = go.Figure()
    names = explained.features[:SWARM]
    for position, name in enumerate(names):
        values = explained.values[:, position]
        column = rows[name]
        figure.add_scatter(
            x=values,
            y=position + _spread(values),
            mode="markers",
            marker={
                "size": 4,
                "color": _colour(column),
                "colorscale": SCALE,
                "cmin": 0,
                "cmax": 1,
                "opacity": 0.7,
            },
            customdata=[
                plain(f"{middle_cut(name, 40)} = {text}") for text in _texts(column, dates)
            ],
            hovertemplate="%{customdata}: %{x:.3g}<extra></extra>",
            showlegend=False,
        )
    frame(figure, 90 + 34 * len(names))
    name_features(figure, names, f"contribution, {explained.explains}")
    widest = int(np.argmax(np.ptp(explained.values[:, : len(names)], axis=0)))
    table = pd.DataFrame(
        {
            "feature": explained.features,
            "lowest": explained.values.min(axis=0),
            "median": np.median(explained.values, axis=0),
            "highest": explained.values.max(axis=0),
        }
    )
    return Chart(
        f"For single people “{middle_cut(names[widest], 40)}” moves the score furthest, from "
        f"{_reach(explained.values[:, widest])}",
        figure,
        table,
        (
            "Each dot is one row. Blue dots have a low value of the feature, orange ones a "
            "high value; grey ones a category or nothing.",
        ),
    )


def _spread(values: np.ndarray) -> np.ndarray:
    """Offsets within ±0.4 so that dots at one place stand beside each other."""
    span = float(np.ptp(values)) or 1.0
    bins = np.minimum((60 * (values - values.min()) / span).astype(int), 59)
    counts = np.bincount(bins, minlength=60)
    out = np.zeros(len(values))
    for b in np.flatnonzero(counts > 1):
        own = np.flatnonzero(bins == b)
        out[own] = np.linspace(-1, 1, len(own)) * 0.4 * counts[b] / counts.max()
    return out


def _colour(column: pd.Series) -> object:
    """Rank of a number in [0, 1]; grey for categories and missing values."""
    if column.dtype.kind != "f":
        return GREY
    return column.rank(pct=True).fillna(0.5).to_numpy()


def _texts(column: pd.Series, dates: Collection[str]) -> list[str]:
    """Write the values of a feature for people; ``dates`` names those that hold days."""
    return [_format_value(value, column.name in dates) for value in column]


def _format_value(value: str | float | None, is_date: bool = False) -> str:
    if isinstance(value, str):
        return middle_cut(value, 40)
    if value is None or pd.isna(value):
        return "(missing)"
    return written_date(value) if is_date else f"{value:g}"


def dependence_chart(
    explained: GlobalExplanation,
    rows: pd.DataFrame,
    name: str,
    partner: str | None,
    share: float,
    dates: Collection[str] = (),
) -> Chart:
    """Draw a feature's contribution against its value, coloured by what it acts together with."""
    values = explained.values[:, explained.features.index(name)]
    column = rows[name]
    across = f"contribution, {explained.explains}"
    written = _texts(column, dates)
    parts = [f"{middle_cut(name, 40)} = {text}" for text in written]
    if partner:
        others = [f"{middle_cut(partner, 30)} = {text}" for text in _texts(rows[partner], dates)]
        parts = [f"{own}, {other}" for own, other in zip(parts, others, strict=True)]
    if column.dtype.kind == "f":
        x = column.to_numpy()
        if name in dates:
            # Plotly lays days out along a calendar.
            x = pd.Series(written, dtype=object).where(column.notna().to_numpy(), None).to_numpy()
        figure = _scattered(rows, partner, (x, values), parts, "y", dates)
        frame(figure, 380)
        figure.update_layout(xaxis_title=plain(middle_cut(name, 40)), yaxis_title=across)
    else:
        # Categories lie down the side, from the lowest mean to the highest, dots spread about each.
        means = pd.Series(values).groupby(column.to_numpy()).mean().sort_values()
        at = column.map({level: row for row, level in enumerate(means.index)}).to_numpy()
        jitter = np.random.default_rng(0).uniform(-0.3, 0.3, len(column))
        figure = _scattered(rows, partner, (values, at + jitter), parts, "x", dates)
        frame(figure, 140 + 26 * len(means))
        ticks = [plain(middle_cut(str(level), 22)) for level in means.index]
        figure.update_layout(
            xaxis_title=across, yaxis={"tickvals": list(range(len(ticks))), "ticktext": ticks}
        )
    shown = f"“{middle_cut(name, 40)}” adds from {_reach(values)}"
    title = f"{shown}, at each value much the same for everybody"
    if partner:
        title = f"{shown}; how much, depends most on “{middle_cut(partner, 40)}”"
    note = f"It explains {share:.0%} of what the feature's own value leaves unexplained."
    table = pd.DataFrame({name: written if name in dates else column, "contribution": values})
    return Chart(title, figure, table, (note,) if partner else ())


def _scattered(
    rows: pd.DataFrame,
    partner: str | None,
    at: tuple[npt.NDArray[Any], npt.NDArray[Any]],
    texts: list[str],
    contribution: str,
    dates: Collection[str],
) -> go.Figure:
    """Draw a dot for each row, by the partner's values; hovering tells the named axis's value."""
    figure = go.Figure()
    for label, part, colour, symbol in _parts(rows, partner, dates):
        figure.add_scatter(
            x=at[0][part],
            y=at[1][part],
            mode="markers",
            name=plain(label),
            marker={"size": 5, "opacity": 0.7, "color": colour, "symbol": symbol},
            customdata=[plain(texts[row]) for row in np.flatnonzero(part)],
            hovertemplate="%{customdata}: %{" + contribution + ":.3g}<extra></extra>",
            showlegend=partner is not None,
        )
    return figure


def _parts(
    rows: pd.DataFrame, partner: str | None, dates: Collection[str]
) -> list[tuple[str, np.ndarray, str, str]]:
    """Rows by thirds of the partner, or by its most frequent categories."""
    if partner is None:
        return [("", np.ones(len(rows), dtype=bool), PALETTE[0], SYMBOLS[0])]
    column = rows[partner]
    short = middle_cut(partner, 18)
    out = []
    if column.dtype.kind == "f":
        middle = column.median()
        cut = _format_value(middle, partner in dates)
        out = [
            (f"{short} ≤ {cut}", (column <= middle).to_numpy()),
            (f"{short} > {cut}", (column > middle).to_numpy()),
            (f"{short} missing", column.isna().to_numpy()),
        ]
    else:
        common = [str(v) for v in column.value_counts().index[:4]]
        out = [(middle_cut(v, 24), (column == v).to_numpy()) for v in common]
        out.append(("others", (~column.isin(common)).to_numpy()))
    colours = (*PALETTE[:4], GREY)
    return [
        (label, part, colours[i], SYMBOLS[i]) for i, (label, part) in enumerate(out) if part.any()
    ]


def groups_chart(found: DriversByGroup, explained: GlobalExplanation, attribute: str) -> Chart:
    """Draw the mean |contribution| of the most important features in each group."""
    names = list(explained.features[:8])
    groups = []
    for number, group in enumerate(found.rows):
        own = {d.feature: d for d in found.drivers if d.group == group}
        figures = [Figure(own[n].mean_absolute, *own[n].absolute_interval) for n in names]
        groups.append(
            GroupDots(
                label_of_name((attribute,), str(group), found.names),
                PALETTE[number % len(PALETTE)],
                figures,
            )
        )
    figure = feature_dots(names, groups, f"mean |contribution|, {explained.explains}")
    table = pd.DataFrame(
        [
            {
                "feature": d.feature,
                "group": label_of_name((attribute,), d.group, found.names),
                "mean |contribution|": d.mean_absolute,
                "95% from": d.absolute_interval[0],
                "to": d.absolute_interval[1],
                "more than others by": d.absolute_difference,
                "p (Holm)": format_p(d.absolute_p),
                "mean contribution": d.mean,
                "mean 95% from": d.mean_interval[0],
                "mean to": d.mean_interval[1],
                "mean higher than others' by": d.mean_difference,
                "mean p (Holm)": format_p(d.mean_p),
            }
            for d in found.drivers
        ]
    )
    notes = [
        f"{label_of_name((attribute,), group, found.names)}: {why}."
        for group, why in found.left_out.items()
    ]
    return Chart(_groups_title(found, attribute), figure if groups else None, table, tuple(notes))


def _groups_title(found: DriversByGroup, attribute: str) -> str:
    sure = [d for d in found.drivers if d.mean_p < 0.05]
    if not sure:
        return f"No feature significantly drives scores differently by {attribute}"
    most = max(sure, key=lambda d: abs(d.mean_difference))
    way = "raises" if most.mean_difference > 0 else "lowers"
    count = len({d.feature for d in sure})
    return (
        f"{count} of {len({d.feature for d in found.drivers})} features significantly drive scores "
        f"differently by {attribute}: “{middle_cut(most.feature, 40)}” {way} those of "
        f"“{middle_cut(label_of_name((attribute,), most.group, found.names), 30)}” most, by "
        f"{abs(most.mean_difference):.2g} against others"
    )


def _reach(values: npt.NDArray[np.float64]) -> str:
    """Write the lowest and the highest of contributions, with the sign that texts have."""
    return with_minus(f"{values.min():.2g} to {values.max():.2g}")
