"""What privacy costs: a measure against ε over the seeds, beside the learners without privacy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
import plotly.graph_objects as go

from components.charts import PALETTE, SYMBOLS, Chart, frame, plain, rgba
from core.fairness.disparities import lower
from core.learning.learners import LEARNERS
from core.tradeoff.sweep import summarise

if TYPE_CHECKING:
    from core.tradeoff.sweep import Point, Summary

AXES = {
    "roc_auc": "AUROC (0.5 = chance, 1 = perfect)",
    "equalized_odds_difference": "Equalized-odds gap (0 = parity, at most 1)",
}


ALIKE = 0.005
"""A gap below this at every seed is taken for one of nearly constant decisions, or of luck."""
DASHES = ("dash", "dot", "dashdot", "longdash")


class Pair(NamedTuple):
    """A private learner at one ε beside its baseline without privacy."""

    private: Summary
    baseline: Summary


def measure_by_epsilon(points: list[Point], measure: str, epsilons: tuple[float, ...]) -> Chart:
    """Draw a measure's mean and its spread over the seeds against ε.

    Parameters
    ----------
    points : list of Point
        At least one.
    measure : {"roc_auc", "equalized_odds_difference"}
    epsilons : tuple of float
        All that are swept, so that the axis keeps still while points come in.
    """
    cells = summarise(points, measure)
    table = pd.DataFrame(
        [
            {
                "Learner": LEARNERS[cell.learner].title,
                "ε": "no privacy" if cell.epsilon is None else f"{cell.epsilon:g}",
                "Seeds": cell.count,
                "Mean": f"{cell.mean:.4f}",
                "Lowest": f"{cell.low:.4f}",
                "Highest": f"{cell.high:.4f}",
            }
            for cell in cells
        ]
    )
    return Chart(finding(points, measure), _figure(cells, measure, sorted(epsilons)), table)


def finding(points: list[Point], measure: str) -> str:
    """State what privacy costs at the ε nearest to 1, for the private learner of most AUROC."""
    label = "AUROC" if measure == "roc_auc" else "Equalized-odds gap"
    cells = {(cell.learner, cell.epsilon): cell for cell in summarise(points, measure)}
    if not cells:
        return f"{label} is not defined for any of these models"
    best = leading(points)
    if best is None:
        low = f"{min(c.low for c in cells.values()):.2f}"
        high = f"{max(c.high for c in cells.values()):.2f}"
        reach = f"is about {low}" if low == high else f"lies between {low} and {high}"
        return f"{label} {reach} in the models that have one"
    name, epsilon = best.private.learner, best.private.epsilon
    own, plainly = lower(LEARNERS[name].title), lower(LEARNERS[best.baseline.learner].title)
    if measure == "roc_auc":
        kept = 100 * best.private.mean / best.baseline.mean
        # Never rounded up to "all of it".
        digits = 1 if 99 <= kept < 100 else 0
        kept = min(kept, 99.9) if kept < 100 else kept
        return f"At ε = {epsilon:g}, {own} keeps {kept:.{digits}f} % of the AUROC of {plainly}"
    private = cells.get((name, epsilon))
    baseline = cells.get((best.baseline.learner, None))
    if private is None or baseline is None:
        return f"{label} of {own} can't be compared with {plainly} at ε = {epsilon:g}"
    text = (
        f"At ε = {epsilon:g}, {own} has an equalized-odds gap of {private.mean:.2f}, and {plainly} "
        f"without privacy {baseline.mean:.2f}"
    )
    if private.high < ALIKE:
        text += ", because it decides nearly alike for everyone or errs alike"
    elif private.low <= baseline.high and baseline.low <= private.high:
        text += "; the seeds overlap, so privacy may not be why"
    return text


def leading(points: list[Point]) -> Pair | None:
    """Pick what a title speaks of: the ε nearest to 1, and there the most AUROC."""
    cells = {(cell.learner, cell.epsilon): cell for cell in summarise(points, "roc_auc")}
    pairs = []
    for (name, epsilon), cell in cells.items():
        baseline = cells.get((LEARNERS[name].baseline or "", None))
        if epsilon is not None and baseline is not None:
            pairs.append(Pair(cell, baseline))
    if not pairs:
        return None

    def rank(pair: Pair) -> tuple[float, float]:
        assert pair.private.epsilon is not None
        return abs(math.log(pair.private.epsilon)), -pair.private.mean

    return min(pairs, key=rank)


def missing(points: list[Point]) -> pd.DataFrame:
    """List the points with a reason: models not trained, and figures not defined."""
    return pd.DataFrame(
        [
            {
                "Learner": LEARNERS[point.learner].title,
                "ε": "no privacy" if point.epsilon is None else f"{point.epsilon:g}",
                "Seed": point.seed,
                "What is missing": "the model" if point.accuracy is None else "the gap",
                "Reason": point.reason,
            }
            for point in points
            if point.reason is not None
        ]
    )


def _figure(cells: list[Summary], measure: str, epsilons: list[float]) -> go.Figure | None:
    if not cells:
        return None
    ends = (epsilons[0] / 1.5, epsilons[-1] * 1.5)
    figure = go.Figure()
    for cell in cells:
        if cell.epsilon is None:
            _add_baseline(figure, cell, ends)
    for name in dict.fromkeys(cell.learner for cell in cells if cell.epsilon is not None):
        _add_learner(figure, [c for c in cells if c.learner == name and c.epsilon is not None])
    figure.update_xaxes(
        title="ε, log scale (smaller = more private)",
        type="log",
        range=[math.log10(end) for end in ends],
        tickvals=epsilons,
        ticktext=[f"{epsilon:g}" for epsilon in epsilons],
    )
    low, high = min(cell.low for cell in cells), max(cell.high for cell in cells)
    pad = max(0.08 * (high - low), 0.01)
    floor = low - pad if measure == "roc_auc" else -0.01
    figure.update_yaxes(title=AXES[measure], range=[floor, high + pad])
    return frame(figure, 460)


def _number(learner: str) -> int:
    """Place of a private learner in the registry, so that it always looks the same.

    A baseline takes the place, and so the colour, of the first private learner it belongs to.
    """
    private = [item for item in LEARNERS if item.private]
    own = [n for n, item in enumerate(private) if learner in (item.name, item.baseline)]
    return own[0] if own else len(private)


def _add_baseline(figure: go.Figure, cell: Summary, ends: tuple[float, float]) -> None:
    """Draw a learner without privacy: a dashed line for its mean, a band for its spread."""
    number = _number(cell.learner)
    colour = PALETTE[number % len(PALETTE)]
    figure.add_trace(
        go.Scatter(
            x=[*ends, *reversed(ends)],
            y=[cell.low, cell.low, cell.high, cell.high],
            fill="toself",
            fillcolor=rgba(colour, 0.15),
            mode="none",
            hoverinfo="skip",
            showlegend=False,
        )
    )
    title = plain(LEARNERS[cell.learner].title)
    figure.add_trace(
        go.Scatter(
            x=[ends[0], math.sqrt(ends[0] * ends[1]), ends[1]],
            y=[cell.mean] * 3,
            mode="lines",
            line={"color": colour, "dash": DASHES[number % len(DASHES)], "width": 2},
            name=f"{title}, no privacy",
            hovertemplate=f"{title}, no privacy<br>mean {cell.mean:.4f}<br>seeds {cell.low:.4f} to "
            f"{cell.high:.4f} (n = {cell.count})<extra></extra>",
        )
    )


def _add_learner(figure: go.Figure, cells: list[Summary]) -> None:
    """Draw a private learner: means joined by a line, whiskers from lowest to highest seed."""
    number = _number(cells[0].learner)
    # Side by side, or whiskers at one ε would hide each other.
    shift = 1.03**number
    title = plain(LEARNERS[cells[0].learner].title)
    figure.add_trace(
        go.Scatter(
            x=[(cell.epsilon or 1.0) * shift for cell in cells],
            y=[cell.mean for cell in cells],
            mode="lines+markers",
            name=title,
            line={"color": PALETTE[number % len(PALETTE)], "width": 2},
            marker={"symbol": SYMBOLS[number % len(SYMBOLS)], "size": 10},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [cell.high - cell.mean for cell in cells],
                "arrayminus": [cell.mean - cell.low for cell in cells],
                "thickness": 2,
            },
            customdata=[
                [f"{cell.epsilon:g}", f"{cell.low:.4f} to {cell.high:.4f}", cell.count]
                for cell in cells
            ],
            hovertemplate=f"{title}, ε = %{{customdata[0]}}<br>mean %{{y:.4f}}<br>seeds "
            "%{customdata[1]} (n = %{customdata[2]})<extra></extra>",
        )
    )
