"""Noise at the source, drawn: models side by side, and one column as it is sent and estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.widgets.charts import (
    GREY,
    PALETTE,
    SYMBOLS,
    Chart,
    cut,
    frame,
    marks,
    plain,
    short,
    show,
    whiskers,
)
from components.widgets.pickers import pick_registered
from components.widgets.tables import format_figure
from core.data.domains import CategoryDomain, NumberDomain
from core.numerals import with_minus
from core.privacy.local_dp.categories import better_for_frequencies
from core.privacy.local_dp.mechanisms import LOCAL_MECHANISMS
from core.privacy.local_dp.preview import ColumnPreview, preview
from core.tradeoff.price.noise_at_source import TREATMENTS, mean_difference, mean_over_seeds

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.tradeoff.price.noise_at_source import LocalPoint, LocalSpec

FIGURES = {"roc_auc": "ROC AUC", "accuracy": "accuracy"}


def comparison(points: list[LocalPoint], epsilon: float, figure: str) -> Chart:
    """Draw a figure of all three treatments, mean and interval over the seeds."""
    picture = go.Figure()
    found = {name: mean_over_seeds(points, name, figure) for name in TREATMENTS}
    for number, (name, mean) in enumerate(found.items()):
        single = [
            value
            for p in points
            if p.treatment == name and (value := getattr(p, figure)) is not None
        ]
        row = [TREATMENTS[name]]
        seeds = {"symbol": "line-ns-open", "size": 14}
        hover = "one seed: %{x:.3f}"
        picture.add_trace(marks(single, row * len(single), "", GREY, hover, **seeds))
        if mean.estimate is not None:
            picture.add_trace(
                marks([mean.estimate], row, "", PALETTE[number], f"mean {format_figure(mean)}",
                      symbol=SYMBOLS[number], size=12, error_x=whiskers([mean]))
            )  # fmt: skip
    chance = 0.5
    if figure == "accuracy":
        chance = mean_over_seeds(points, "local", "majority").estimate or 0.5
    picture.add_vline(x=chance, line={"color": GREY, "dash": "dot"})
    picture.update_xaxes(title=f"{_name(figure)} on true test records", range=[0.3, 1.02])
    picture.update_yaxes(categoryorder="array", categoryarray=list(TREATMENTS.values())[::-1])
    table = pd.DataFrame(
        {
            "Treatment": [TREATMENTS[name] for name in found],
            f"{_name(figure)}, mean (95% interval)": [
                format_figure(mean) for mean in found.values()
            ],
            "Models": [
                sum(p.treatment == n and getattr(p, figure) is not None for p in points)
                for n in found
            ],
        }
    )
    dotted = "guessing" if figure == "roc_auc" else "always deciding for the more frequent label"
    notes = (
        f"Grey: one seed each. Dotted: {dotted}, {chance:.3f}. Intervals are Student's over the "
        "seeds, which change the split and the noise.",
    )
    return Chart(_finding(points, epsilon, figure), frame(picture, 260), table, notes)


def _name(figure: str) -> str:
    return FIGURES[figure][0].upper() + FIGURES[figure][1:]


def _finding(points: list[LocalPoint], epsilon: float, figure: str) -> str:
    label = FIGURES[figure]
    gap = mean_difference(points, "central", "local", figure)
    if gap.estimate is None:
        return f"{_name(figure)}: the two kinds of noise can't be compared yet"
    text = f"At ε = {epsilon:g}, local noise costs {abs(gap.estimate):.3f} of {label} "
    text += "more" if gap.estimate >= 0 else "less"
    text += " than noise in training"
    if gap.low is None or gap.high is None:
        return f"{text}; with one seed the spread is not known"
    low, high = (gap.low, gap.high) if gap.estimate >= 0 else (-gap.high, -gap.low)
    text += with_minus(f" (95% interval {low:.3f} to {high:.3f})")
    return text if gap.low > 0 or gap.high < 0 else f"{text}, so either may be the better"


def column_preview(dataset: Dataset, spec: LocalSpec, audit: str) -> None:
    """Let a person choose a column and its ε, and show what becomes of it."""
    by_name = {column.domain.name: column for column in spec.plan.columns}
    left, middle, right = st.columns(3)
    name = left.selectbox("Column", list(by_name), key=f"local column {audit}")
    plan = by_name[name]
    wanted = "numbers" if isinstance(plan.domain, NumberDomain) else "categories"
    offered = [item.name for item in LOCAL_MECHANISMS if item.takes == wanted]
    preset = plan.mechanism
    if isinstance(plan.domain, CategoryDomain):
        preset = better_for_frequencies(plan.epsilon, len(plan.domain.categories) + 1)
    key = f"local noise {audit} {name} {preset}"
    mechanism = pick_registered("Noise", LOCAL_MECHANISMS, offered, key, first=preset, where=middle)
    epsilon = right.number_input(
        "ε of this column", 0.01, 20.0, min(20.0, max(0.01, round(plan.epsilon, 2))),
        key=f"local column epsilon {audit} {name} {plan.epsilon:g}",
    )  # fmt: skip
    st.caption(LOCAL_MECHANISMS[mechanism].sentence)
    found = preview(dataset.features[name], plan.domain, mechanism, epsilon)
    show(previewed(found, name, len(dataset)), f"local preview {audit}")


def previewed(found: ColumnPreview, name: str, rows: int) -> Chart:
    """Draw true, sent and estimated values of one column."""
    x = [short(label, 18) for label in found.labels]
    number = found.labels == ("mean",)
    figure = go.Figure()
    labels = [plain(label) for label in found.labels]
    for position, (title, values, colour) in enumerate(
        (("true", found.true, GREY), ("as sent", found.sent, PALETTE[1]))
    ):
        figure.add_trace(
            marks(x, values, title, colour, f"%{{customdata}}<br>{title}: %{{y:.3f}}",
                  symbol=SYMBOLS[position], size=11, customdata=labels)
        )  # fmt: skip
    figure.add_trace(
        marks(
            x,
            [item.estimate for item in found.estimates],
            "estimated from what is sent",
            PALETTE[0],
            "estimate: %{customdata}",
            symbol=SYMBOLS[2],
            size=11,
            error_y=whiskers(found.estimates),
            customdata=[plain(format_figure(item)) for item in found.estimates],
        )
    )
    figure.update_xaxes(title=plain(name), type="category")
    figure.update_yaxes(title="Mean" if number else "Share of records")
    table = pd.DataFrame(
        {
            name: found.labels,
            "True": [f"{value:.3f}" for value in found.true],
            "As sent": [f"{value:.3f}" for value in found.sent],
            "Estimate (95% interval)": [format_figure(item) for item in found.estimates],
        }
    )
    widest = max(
        (f.high - f.low for f in found.estimates if f.low is not None and f.high is not None),
        default=0.0,
    )
    title = (
        f"From {rows:,} noisy reports at ε = {found.epsilon:g}, {cut(name, 30)} is known to within "
        f"{widest / 2:.3g}"
    )
    notes = (
        "One simulated collection with noise from a seed. Estimates take the bias of the noise "
        "off, and can fall outside what is possible; their intervals include noise and sampling. "
        "True values are shown for comparison and are covered by no guarantee.",
    )
    return Chart(title, frame(figure, 340), table, notes)
