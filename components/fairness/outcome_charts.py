"""Charts and tables of several classes and of amounts: a figure by group, gaps, each class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from components.widgets.charts import Chart, cut
from components.widgets.dot_rows import Row, dot_rows
from components.widgets.tables import written
from core.fairness.disparities.sure_gap import surely_there
from core.fairness.metrics.metrics import METRICS

if TYPE_CHECKING:
    from core.fairness.assessment.multiclass import ClassAssessment, ClassGap
    from core.fairness.assessment.regression import RegressionGap
    from core.fairness.metrics.assessment import Figure, GroupResult

MOST_DRAWN = 30
KINDS = ("group, with its 95% interval", "too small to judge", "everyone together")


def by_group(
    groups: Sequence[GroupResult], everyone: GroupResult, name: str, title: str, unit: str,
    gap: Figure,
) -> Chart:  # fmt: skip
    """Draw one figure of every group, everyone's last; undefined ones are in the table and noted.

    Parameters
    ----------
    groups : sequence of GroupResult
        Largest first.
    everyone : GroupResult
    name, title, unit : str
        Of the figure.
    gap : Figure
        Largest difference between two groups, which says whether it may be chance.
    """
    known = [g for g in groups if g.figures[name].estimate is not None]
    rows = [
        Row(g.name, g.figures[name], f"{g.count:,} rows", 1 if g.too_small else 0)
        for g in groups[:MOST_DRAWN]
    ]
    rows.append(Row(everyone.name, everyone.figures[name], f"{everyone.count:,} rows", 2))
    figure = dot_rows(rows, KINDS, f"{title} ({unit})", signed=False, parity=None)
    notes = []
    without = [g for g in groups if g.figures[name].estimate is None]
    if without:
        names = ", ".join(cut(g.name) for g in without[:5])
        more = f" and {len(without) - 5} more" if len(without) > 5 else ""
        notes.append(f"Not defined for {names}{more}: {without[0].figures[name].reason}.")
    if len(groups) > MOST_DRAWN:
        notes.append(f"The {MOST_DRAWN} largest of {len(groups)} groups are drawn.")
    table = pd.DataFrame(
        [
            {
                "Group": g.name,
                "Rows": g.count,
                f"{title} (95% interval)": written(g.figures[name]),
                "Note": g.too_small or "",
            }
            for g in (everyone, *groups)
        ]
    )
    return Chart(_finding(known, name, title, gap), figure, table, tuple(notes))


def gap_table(gaps: Iterable[tuple[str, RegressionGap | ClassGap]]) -> pd.DataFrame:
    """One row for each figure: the largest difference between two groups, and between whom."""
    rows = []
    for title, gap in gaps:
        figure = gap.figure if hasattr(gap, "figure") else gap.difference
        row = {
            "Figure": title,
            "Largest difference (95% interval)": written(figure),
            "Lowest and highest": " and ".join(cut(name) for name in gap.between) or "–",
            "Significant?": surely(figure),
        }
        if hasattr(gap, "ratio"):
            row["Lowest over highest"] = written(gap.ratio)
        row["Not defined for"] = ", ".join(cut(name) for name in gap.left_out) or "–"
        rows.append(row)
    return pd.DataFrame(rows)


def class_gaps(found: ClassAssessment, metric: str) -> Chart:
    """Draw the largest gap between groups in each class, the largest first."""
    gaps = [gap for gap in found.class_gaps if gap.metric == metric]
    gaps.sort(key=lambda gap: -(gap.figure.estimate if gap.figure.estimate is not None else -1.0))
    rows = [Row(str(gap.label), gap.figure, " and ".join(map(cut, gap.between)), 0) for gap in gaps]
    title = METRICS[metric].title
    figure = dot_rows(
        rows, ("largest gap in this class",), f"{title}: largest gap between two groups (share)",
        signed=False, parity=None,
    )  # fmt: skip
    table = gap_table((str(gap.label), gap) for gap in gaps)
    table = table.rename(columns={"Figure": "Class"})
    worst = gaps[0]
    if worst.figure.estimate is None:
        return Chart(f"{title} can't be compared in any class", None, table)
    sure = "" if (worst.figure.low or 0) > 0 else "; a gap this size may be chance"
    said = f"{title} differs most in class {worst.label}: by {worst.figure.estimate:.2f}{sure}"
    notes = [
        f"{gap.label}: not compared, {gap.figure.reason}."
        for gap in gaps
        if gap.figure.estimate is None
    ]
    return Chart(said, figure, table, tuple(notes))


def surely(figure: Figure) -> str:
    """Say whether a difference is surely there: its interval leaves 0 out."""
    if figure.estimate is None:
        return "Can't be compared."
    if figure.low is None:
        return "Can't be said."
    return f"Yes: at least {figure.low:.3f}." if surely_there(figure.low) else "No: may be chance."


def _finding(known: list[GroupResult], name: str, title: str, gap: Figure) -> str:
    def value(group: GroupResult) -> float:
        return group.figures[name].estimate or 0.0

    firm = [g for g in known if not g.too_small]
    judged = firm if len(firm) > 1 else known
    if len(judged) < 2:
        return f"{title} is not defined for two groups, so they can't be compared"
    low, high = min(judged, key=value), max(judged, key=value)
    text = (
        f"{title} ranges from {value(low):.2f} ({cut(low.name)}) to {value(high):.2f} "
        f"({cut(high.name)})"
    )
    if f"{value(low):.2f}" == f"{value(high):.2f}":
        return f"{title} is about {value(low):.2f} in all {len(judged)} groups"
    if len(judged) < len(known):
        text += " among the groups large enough to judge"
    return f"{text}; a gap this size may be chance" if gap.low == 0 else text
