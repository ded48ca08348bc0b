"""Performance of a model beside its baseline and the majority class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from core.fairness.metrics import METRICS

if TYPE_CHECKING:
    from core.fairness.assessment import Figure
    from core.learning.training import Trained

BRIER = "Brier score: mean squared distance of the score from the outcome; smaller is better."


def performance_table(trained: Trained) -> pd.DataFrame:
    """One row for each figure, with its interval, the baseline's, and what it means."""
    rows = []
    for name, figure in trained.performance.figures.items():
        row = {
            "figure": METRICS[name].title if name in METRICS else "Brier score",
            "this model": shown(figure),
        }
        if trained.baseline is not None:
            row[f"{trained.baseline_learner}, no privacy"] = shown(trained.baseline.figures[name])
        row["what it means"] = METRICS[name].sentence if name in METRICS else BRIER
        rows.append(row)
    return pd.DataFrame(rows)


def shown(figure: Figure) -> str:
    """Write a figure with its interval, or why it is not defined."""
    if figure.estimate is None:
        return f"not defined: {figure.reason}"
    if figure.low is None or figure.high is None:
        return f"{figure.estimate:.3f}"
    return f"{figure.estimate:.3f} ({figure.low:.3f} – {figure.high:.3f})"
