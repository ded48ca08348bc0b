"""Tables of fairness: every group with its figures, and every disparity in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from core.fairness.disparities import DISPARITIES
from core.fairness.metrics import METRICS

if TYPE_CHECKING:
    from core.fairness.assessment import Assessment, Disparity, Figure

SHOWN = (
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "false_negative_rate",
    "precision",
    "accuracy",
    "roc_auc",
)
"""Metrics of the group table; the chart offers all."""


def written(figure: Figure, digits: int = 3) -> str:
    """Write a figure with its interval, or why it is not defined."""
    if figure.estimate is None:
        return f"not defined: {figure.reason}"
    if figure.low is None or figure.high is None:
        why = f" ({figure.reason})" if figure.reason else ""
        return f"{figure.estimate:.{digits}f}{why}"
    return f"{figure.estimate:.{digits}f} ({figure.low:.{digits}f} to {figure.high:.{digits}f})"


def group_table(assessment: Assessment) -> pd.DataFrame:
    """One row for everyone and for each group: count, figures with intervals, whether it counts.

    Returns
    -------
    DataFrame
        Text but for the counts.
    """
    return pd.DataFrame(
        [
            {
                "Group": group.name,
                "Rows": group.count,
                **{METRICS[name].title: written(group.figures[name]) for name in SHOWN},
                "Large enough to judge?": group.too_small or "yes",
            }
            for group in (assessment.overall, *assessment.groups)
        ]
    )


def disparity_table(assessment: Assessment) -> pd.DataFrame:
    """One row for each disparity: its figure, the two groups that make it, and how to read it."""
    return pd.DataFrame(
        [
            {
                "Comparison": DISPARITIES[item.name].title,
                "Value (95 % interval)": written(item.figure)
                if item.among_defined is None
                else f"{written(item.among_defined)} among the groups where it is defined",
                "Between": " and ".join(item.between) or "–",
                "In words": in_words(item),
            }
            for item in assessment.disparities
        ]
    )


def in_words(item: Disparity) -> str:
    """Say whether a disparity is surely there, and over all groups or only some."""
    figure = item.figure if item.among_defined is None else item.among_defined
    partly = "" if item.among_defined is None else f" Over all groups: {written(item.figure)}."
    if figure.estimate is None:
        return f"Can't be compared: {figure.reason}."
    if figure.low is None or figure.high is None:
        return f"How sure it is can't be said: {figure.reason}.{partly}"
    if DISPARITIES[item.name].comparison == "difference":
        if figure.low <= 0:
            return f"May be chance: the interval holds 0, which is parity.{partly}"
        return f"Surely there: at least {figure.low:.3f} apart, with 95 % confidence.{partly}"
    if figure.high >= 1:
        return f"May be chance: the interval holds 1, which is parity.{partly}"
    return (
        f"Surely there: the lowest rate is at most {figure.high:.3f} times the highest, with 95 % "
        f"confidence.{partly}"
    )
