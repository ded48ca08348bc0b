"""What an ε means: to an attacker, to a histogram, and beside what others have chosen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.app import session
from components.budget.budget_guidance import guidance
from components.widgets.charts import GREY, PALETTE, Chart, frame, marks, plain, short, show
from core.privacy.guidance.deployed import DEPLOYED
from core.privacy.guidance.meaning import membership_advantage, posterior
from core.privacy.release.synthetic_histogram import make_synthetic_histogram

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.data.domains import Domains
    from core.privacy.release.synthetic_histogram import SyntheticHistogram

PANELS = ("What it does to a histogram", "What others chose", "Which ε is enough?")


def attacker(epsilon: float, delta: float) -> None:
    """Say what someone could gain who knows everything else."""
    st.info(
        f"At ε = {epsilon:g}, someone who knows everything but whether one row was in the training "
        f"data, and who gave it even odds, can raise that belief from 50% to at most "
        f"{_percent(posterior(epsilon))}%. No attack can have a true positive rate more than "
        f"{_percent(membership_advantage(epsilon, delta))} points above its false positive rate.",
        icon=":material/shield:",
    )


def _percent(share: float) -> str:
    """Write a share in percent, never rounded up to certainty."""
    percent = 100 * share
    if percent < 99:
        return f"{percent:.0f}"
    return f"{percent:.2f}" if percent < 99.99 else "99.99 or more, practically 100"


def panels(dataset: Dataset, domains: Domains | None, epsilon: float, audit: str) -> None:
    """Let a person look at one way of judging ε at a time; none of them spends anything."""
    st.caption(
        "Three ways to judge an ε. None of them looks at your rows (only their number is preset) "
        "or spends anything."
    )
    chosen = st.segmented_control(
        "Judge ε by", PANELS, **session.lasting(f"judge {audit}"),
        label_visibility="collapsed",
    )  # fmt: skip
    if chosen == PANELS[0]:
        _histogram(dataset, domains, epsilon, audit)
    elif chosen == PANELS[1]:
        show(others(epsilon), f"others {audit}")
    elif chosen == PANELS[2]:
        guidance(len(dataset), audit)


def _histogram(dataset: Dataset, domains: Domains | None, epsilon: float, audit: str) -> None:
    items = [item for item in domains.items if item.name in dataset.features] if domains else []
    if not items:
        st.info("Declare bounds or categories below and save first: they are what is drawn here.")
        return
    by_name = {item.name: item for item in items}
    left, right = st.columns(2)
    column = left.selectbox("Column", list(by_name), key=f"stand-in column {audit}")
    rows = right.number_input(
        "About how many rows", 1, 10**9, 10 ** round(math.log10(len(dataset))),
        key=f"stand-in rows {audit}",
        help="The order of size is enough. Preset to the power of ten nearest to this table.",
    )  # fmt: skip
    nearest = min(SLIDER, key=lambda value: abs(math.log(value / epsilon)))
    looked = st.select_slider(
        "ε to look at (left: more private)", SLIDER, nearest, key=f"stand-in epsilon {audit}"
    )
    show(
        before_and_after(make_synthetic_histogram(by_name[column], int(rows), looked), column),
        f"hist {audit}",
    )


SLIDER = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


def before_and_after(found: SyntheticHistogram, column: str) -> Chart:
    """Draw made-up counts without and with noise of ε side by side."""
    figure = go.Figure()
    for name, counts, colour, pattern in (
        ("synthetic, before noise", found.before, GREY, ""),
        (f"after noise of ε = {found.epsilon:g}", found.after, PALETTE[0], "/"),
    ):
        figure.add_bar(
            x=[short(label, 18) for label in found.labels],
            y=counts,
            name=name,
            marker={"color": colour, "pattern": {"shape": pattern}},
            customdata=[plain(label) for label in found.labels],
            hovertemplate="%{customdata}<br>%{y:,} rows<extra>" + name + "</extra>",
        )
    figure.update_xaxes(title=plain(column), type="category")
    # Room above the bars for the words that say it is a stand-in.
    ends = (min(0, *found.after), max(1, *found.before, *found.after))
    figure.update_yaxes(title="Rows (synthetic)", range=[1.1 * ends[0], 1.2 * ends[1]])
    figure.add_annotation(
        text="Synthetic counts, spends nothing", showarrow=False, x=1, y=1,
        xref="paper", yref="paper", xanchor="right", yanchor="top", font={"color": GREY},
    )  # fmt: skip
    table = pd.DataFrame(
        {column: found.labels, "Before (synthetic)": found.before, "After noise": found.after}
    )
    worst = max(abs(a - b) for a, b in zip(found.before, found.after, strict=True))
    title = (
        f"At ε = {found.epsilon:g} each count is off by at most {found.reach:,} rows in 95 of 100 "
        f"releases; here the worst is off by {worst:,}"
    )
    notes = (
        "A simulation on synthetic counts: declared categories or bins, about so many rows, noise "
        "from a fixed seed. Your rows are not looked at, so moving the slider spends nothing. "
        "Counts below 0 are the noise's doing.",
    )
    return Chart(title, frame(figure, 360), table, notes)


def _uses(where: str) -> list[tuple[str, float]]:
    return [(item.who, item.epsilon) for item in DEPLOYED if item.where == where]


def others(epsilon: float) -> Chart:
    """Draw published values of ε beside the one asked for."""
    kinds = [
        ("noise added by who holds the data", PALETTE[0], "circle", _uses("central")),
        ("noise added locally, by each person", PALETTE[2], "diamond", _uses("local")),
        ("this cap", PALETTE[1], "square", [("This cap", epsilon)]),
    ]
    figure = go.Figure()
    for name, colour, symbol, uses in kinds:
        figure.add_trace(
            marks([value for _, value in uses], [short(who, 26) for who, _ in uses], name, colour,
                  "%{customdata}<br>ε = %{x:g}", symbol=symbol, size=12,
                  customdata=[plain(who) for who, _ in uses])
        )  # fmt: skip
    rows = sorted((use for *_, uses in kinds for use in uses), key=lambda use: -use[1])
    figure.update_xaxes(
        title="ε (left: more private)",
        type="log",
        tickvals=[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100],
    )
    figure.update_yaxes(
        categoryorder="array", categoryarray=[short(who, 26) for who, _ in rows], automargin=True
    )
    table = pd.DataFrame(
        {
            "Who": [item.who for item in DEPLOYED],
            "ε": [f"{item.epsilon:g}" for item in DEPLOYED],
            "δ": [f"{item.delta:g}" for item in DEPLOYED],
            "Hides": [item.hides for item in DEPLOYED],
            "Neighbours": [item.relation for item in DEPLOYED],
            "Noise added": ["locally" if i.where == "local" else "centrally" for i in DEPLOYED],
            "Source": [item.source for item in DEPLOYED],
        }
    )
    smaller = sum(item.epsilon < epsilon for item in DEPLOYED)
    title = f"{smaller} of {len(DEPLOYED)} published uses chose an ε smaller than this cap"
    notes = (
        "Circles: noise added by who holds the data; diamonds: locally; square: this cap.",
        "Smaller is more private, but units differ: an ε for one day of a person adds up over "
        "days, one for a person's census answers doesn't. Local noise protects from the "
        "collector too, so the same ε guarantees more there. The table names unit and source of "
        "each; only values found in a published source are listed.",
    )
    return Chart(title, frame(figure, 320).update_layout(showlegend=False), table, notes)
