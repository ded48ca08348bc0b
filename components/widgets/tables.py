"""Tables of fairness: every group with its figures, and every disparity in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from components.widgets.charts import cut
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.disparities.gap_significance import is_significant
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import title_in
from core.numerals import with_minus

if TYPE_CHECKING:
    from core.fairness.metrics.assessment import Assessment, Disparity, Figure

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


def format_figure(figure: Figure, digits: int = 3) -> str:
    """Write a figure with its interval, or why it is not defined."""
    if figure.estimate is None:
        return f"not defined: {figure.reason}"
    if figure.low is None or figure.high is None:
        why = f" ({figure.reason})" if figure.reason else ""
        return with_minus(f"{figure.estimate:.{digits}f}") + why
    return with_minus(
        f"{figure.estimate:.{digits}f} ({figure.low:.{digits}f} to {figure.high:.{digits}f})"
    )


def shown(assessment: Assessment) -> tuple[str, ...]:
    """Name the metrics of the group table; without outcomes only those that need none."""
    if assessment.cube is None or assessment.cube.has_outcome:
        return SHOWN
    return tuple(name for name in SHOWN if not METRICS[name].needs_outcome)


def defined(assessment: Assessment) -> frozenset[str]:
    """Name the disparities to list; without outcomes only those that need none."""
    names = frozenset(item.name for item in assessment.disparities)
    if assessment.cube is None or assessment.cube.has_outcome:
        return names
    return frozenset(
        name
        for name in names
        if not any(METRICS[metric].needs_outcome for metric in DISPARITIES[name].metrics)
    )


def group_table(assessment: Assessment) -> pd.DataFrame:
    """One row for everyone and for each group: figures with intervals, count, whether it counts.

    Figures come first: a phone shows two columns.

    Returns
    -------
    DataFrame
        Text but for the counts.
    """
    names = shown(assessment)
    return pd.DataFrame(
        [
            {
                "Group": group.label,
                **{
                    title_in(assessment, name): format_figure(group.figures[name]) for name in names
                },
                "Rows": group.count,
                "Large enough?": "no" if group.too_small else "yes",
                "Why too small": group.too_small or "",
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
                "Value (95% interval)": format_figure(item.figure)
                if item.among_defined is None
                else f"{format_figure(item.among_defined)} among the groups where it is defined",
                "Between": between(assessment, item) or "–",
                "Significant?": describe_disparity(item),
            }
            for item in assessment.disparities
            if item.name in defined(assessment)
        ]
    )


def between(assessment: Assessment, item: Disparity, most: int = 60) -> str:
    """Name the two groups that make a disparity, the worse treated first; say which is small."""
    metrics = DISPARITIES[item.name].metrics
    small = {g.name for g in assessment.groups if not all(map(g.is_judged_by, metrics))}
    return " and ".join(
        cut(assessment.label(name), most) + (" (too small to judge)" if name in small else "")
        for name in item.between
    )


def describe_disparity(item: Disparity) -> str:
    """Say whether a disparity is significant: its interval leaves parity (0, or 1) out."""
    figure = item.figure if item.among_defined is None else item.among_defined
    partly = (
        "" if item.among_defined is None else f" Over all groups: {format_figure(item.figure)}."
    )
    if figure.estimate is None:
        return "Can't be compared."
    if figure.low is None or figure.high is None:
        return f"Can't be said: {figure.reason}.{partly}"
    if DISPARITIES[item.name].comparison == "difference":
        sure, bound = is_significant(figure.low), f"at least {figure.low:.3f}"
    else:
        sure, bound = is_significant(figure.high, parity=1.0), f"at most {figure.high:.3f}"
    return f"{f'Yes: {bound}.' if sure else 'No: may be chance.'}{partly}"


def significant(difference: Figure) -> str:
    """Say whether a difference is there: its interval leaves 0 out."""
    if difference.estimate is None:
        return "Can't be compared."
    if difference.low is None or difference.high is None:
        return "Can't be said."
    bound = gap_bound(difference)
    return f"Yes: at least {bound:.3f}." if is_significant(bound) else "No: may be chance."


def gap_bound(difference: Figure) -> float:
    """How far from 0 a difference is at the least, either way; negative if it may be 0."""
    low, high = difference.low, difference.high
    return 0.0 if low is None or high is None else max(low, -high)
