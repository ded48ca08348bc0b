"""Charts and tables of several classes and of amounts: gaps, and each class."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import pandas as pd

from components.widgets.charts import Chart, cut
from components.widgets.dot_rows import Row, dot_rows
from components.widgets.tables import format_figure, significant
from core.data.roles.group_labels import label_of_name
from core.fairness.metrics.metric_registry import METRICS

if TYPE_CHECKING:
    from core.fairness.assessment.multiclass import ClassAssessment, ClassGap
    from core.fairness.assessment.regression import RegressionGap


def gap_table(
    gaps: Iterable[tuple[str, RegressionGap | ClassGap]],
    attributes: tuple[str, ...],
    names: Collection[str],
) -> pd.DataFrame:
    """One row for each figure: the largest difference between two groups, and between whom."""

    def called(name: str) -> str:
        return cut(label_of_name(attributes, name, names))

    rows = []
    for title, gap in gaps:
        figure = gap.figure if hasattr(gap, "figure") else gap.difference
        row = {
            "Figure": title,
            "Largest difference (95% interval)": format_figure(figure),
            "Lowest and highest": " and ".join(called(name) for name in gap.between) or "–",
            "Significant?": significant(figure),
        }
        if hasattr(gap, "ratio"):
            row["Lowest over highest"] = format_figure(gap.ratio)
        row["Not defined for"] = ", ".join(called(name) for name in gap.left_out) or "–"
        rows.append(row)
    return pd.DataFrame(rows)


def class_gaps(found: ClassAssessment, metric: str) -> Chart:
    """Draw the largest gap between groups in each class, the largest first."""
    names = [group.name for group in found.groups]
    gaps = [gap for gap in found.class_gaps if gap.metric == metric]
    gaps.sort(key=lambda gap: -(gap.figure.estimate if gap.figure.estimate is not None else -1.0))
    rows = [
        Row(
            str(gap.label),
            gap.figure,
            " and ".join(cut(label_of_name(found.attributes, name, names)) for name in gap.between),
            0,
        )
        for gap in gaps
    ]
    title = METRICS[metric].title
    figure = dot_rows(
        rows, ("largest gap in this class",), f"{title}: largest gap between two groups (share)"
    )  # fmt: skip
    table = gap_table(((str(gap.label), gap) for gap in gaps), found.attributes, names)
    table = table.rename(columns={"Figure": "Class"})
    worst = gaps[0]
    if worst.figure.estimate is None:
        return Chart(f"{title} can't be compared in any class", None, table)
    sure = "" if (worst.figure.low or 0) > 0 else "; a gap this size may be chance"
    text = f"{title} differs most in class {worst.label}: by {worst.figure.estimate:.2f}{sure}"
    notes = [
        f"{gap.label}: not compared, {gap.figure.reason}."
        for gap in gaps
        if gap.figure.estimate is None
    ]
    return Chart(text, figure, table, tuple(notes))
