"""ROC curves, calibration curves and the confusion matrix of every group."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.app import session
from components.fairness.threshold_charts import DASHES, MOST_LINES
from components.widgets.charts import (
    GREY,
    PALETTE,
    SYMBOLS,
    Chart,
    cut,
    frame,
    line,
    short,
    show,
    whiskers,
)
from core.fairness.metrics.assessment import Figure
from core.fairness.what_if.score_curves import calibration_curves, roc_curves

if TYPE_CHECKING:
    from core.data.roles.decision_labels import DecisionLabels
    from core.fairness.counts.score_cube import ScoreCube
    from core.fairness.metrics.assessment import Assessment
    from core.fairness.what_if.score_curves import CalibrationPoint, RocCurve


def roc_chart(cube: ScoreCube, found: Assessment) -> Chart:
    """Draw the ROC curves of the largest groups."""
    sizes = {group.name: group.count for group in found.groups}
    curves = sorted(roc_curves(cube), key=lambda item: -sizes.get(item.group, 0))
    drawn = [item for item in curves if item.is_defined][:MOST_LINES]
    figure = go.Figure()
    for number, item in enumerate(drawn):
        hover = (
            f"{short(found.label(item.group))}<br>false positive rate %{{x:.3f}}, "
            "true positive rate %{y:.3f}"
        )
        name, ends = (
            short(found.label(item.group), 28),
            (item.false_positive_rate, item.true_positive_rate),
        )
        figure.add_trace(line(*ends, name, PALETTE[number], hover, dash=DASHES[number]))
    _diagonal(figure, "A score that tells nothing")
    figure.update_xaxes(title="False positive rate (share, 0 to 1)", range=[-0.02, 1.02])
    figure.update_yaxes(title="True positive rate (share, 0 to 1)", range=[-0.02, 1.02])
    areas = {group.name: group.figures["roc_auc"].estimate for group in found.groups}
    notes = _notes(found, curves, drawn)
    if not all(cube.single.tolist()):
        notes.append("Scores are put on a grid of 1,000 steps for these curves.")
    return Chart(
        _roc_finding(found), frame(figure, 420), _roc_table(found, curves, areas), tuple(notes)
    )


def _roc_finding(found: Assessment) -> str:
    judged = [
        (group.figures["roc_auc"].estimate or 0.0, group.label)
        for group in found.groups
        if group.is_judged_by("roc_auc")
        and not group.is_unknown
        and group.figures["roc_auc"].estimate is not None
    ]
    if len(judged) < 2:
        return "Fewer than two groups are large enough to compare how well scores rank people"
    (low, worst), (high, best) = min(judged), max(judged)
    return (
        f"Scores rank people with a ROC AUC from {low:.3f} ({cut(worst)}) to {high:.3f} "
        f"({cut(best)})"
    )


def _roc_table(
    found: Assessment, curves: list[RocCurve], areas: dict[str, float | None]
) -> pd.DataFrame:
    rows = []
    for item in curves:
        area = areas.get(item.group)
        row = {"Group": found.label(item.group), "ROC AUC": "–" if area is None else f"{area:.3f}"}
        for share in (0.05, 0.1, 0.2, 0.5):
            reached = item.false_positive_rate <= share + 1e-12
            row[f"True positive rate at a false positive rate of at most {share:g}"] = (
                f"{item.true_positive_rate[reached].max():.3f}" if item.is_defined else "–"
            )
        rows.append(row)
    return pd.DataFrame(rows)


def calibration_chart(cube: ScoreCube, found: Assessment) -> Chart:
    """Draw what scores predict against what came, for the largest groups."""
    sizes = {group.name: group.count for group in found.groups}
    curves = sorted(calibration_curves(cube).items(), key=lambda item: -sizes.get(item[0], 0))
    figure = go.Figure()
    for number, (name, points) in enumerate(curves[:MOST_LINES]):
        figures = [Figure(point.rate, point.rate_low, point.rate_high) for point in points]
        figure.add_trace(
            line(
                [point.mean_score for point in points],
                [point.rate for point in points],
                short(found.label(name), 28),
                PALETTE[number],
                f"{short(found.label(name))}<br>mean score %{{x:.3f}}: %{{y:.3f}} positive "
                "(95% interval %{customdata[1]:.3f} to %{customdata[2]:.3f}), "
                "%{customdata[0]} rows",
                mode="lines+markers",
                dash=DASHES[number],
                width=1.5,
                marker={"symbol": SYMBOLS[number], "size": 8},
                error_y=whiskers(figures, thickness=1, width=3),
                customdata=[[point.rows, point.rate_low, point.rate_high] for point in points],
            )
        )
    _diagonal(figure, "Scores that can be taken at their word")
    figure.update_xaxes(title="Mean score of a bin", range=[-0.02, 1.02])
    figure.update_yaxes(title="Positive outcomes (share, 0 to 1)", range=[-0.02, 1.02])
    table = pd.DataFrame(
        [
            {
                "Group": found.label(name),
                "Scores": f"{point.low:g} to {point.high:g}",
                "Rows": point.rows,
                "Mean score": f"{point.mean_score:.3f}",
                "Positive outcomes (95% interval)": f"{point.rate:.3f} ({point.rate_low:.3f} to "
                f"{point.rate_high:.3f})",
            }
            for name, points in curves
            for point in points
        ]
    )
    notes = []
    if len(curves) > MOST_LINES:
        notes.append(f"The {MOST_LINES} largest of {len(curves)} groups are drawn.")
    few = {group.name for group in found.groups if group.too_small or group.is_unknown}
    return Chart(
        _calibration_finding([(found.label(n), points) for n, points in curves if n not in few]),
        frame(figure, 420),
        table,
        tuple(notes),
    )


def _calibration_finding(curves: list[tuple[str, tuple[CalibrationPoint, ...]]]) -> str:
    off = [
        (abs(point.rate - point.mean_score), name, point)
        for name, points in curves
        for point in points
        if not point.rate_low <= point.mean_score <= point.rate_high
    ]
    if not off:
        return "In no bin does the share of positive outcomes clearly differ from the mean score"
    _, name, point = max(off, key=lambda item: item[0])
    return (
        f"Scores of {point.low:g} to {point.high:g} mean {point.rate:.2f} in {cut(name)}, where "
        f"they say {point.mean_score:.2f} on average"
    )


def _diagonal(figure: go.Figure, name: str) -> None:
    figure.add_trace(line([0, 1], [0, 1], name, GREY, dash="dot", width=1))
    figure.update_xaxes(fixedrange=True)
    figure.update_yaxes(fixedrange=True)


def _notes(
    found: Assessment, curves: Collection[RocCurve], drawn: Collection[RocCurve]
) -> list[str]:
    without = [cut(found.label(item.group)) for item in curves if not item.is_defined]
    notes = []
    if without:
        notes.append(f"Without both outcomes there is no curve: {', '.join(without[:5])}.")
    if len(curves) - len(without) > len(drawn):
        notes.append(f"The {len(drawn)} largest of {len(curves)} groups are drawn.")
    return notes


def confusion_table(
    found: Assessment, outcomes: DecisionLabels, decisions: DecisionLabels
) -> pd.DataFrame:
    """One row for each group: rows by true outcome and decision, each with its share."""
    assert found.cube is not None
    came, decided = ((called.label(True), called.label(False)) for called in (outcomes, decisions))
    columns = (
        (f"{came[0]}, decided {decided[0]}", 1, 1),
        (f"{came[0]}, decided {decided[1]}", 1, 0),
        (f"{came[1]}, decided {decided[0]}", 0, 1),
        (f"{came[1]}, decided {decided[1]}", 0, 0),
    )
    order = {group.label: rank for rank, group in enumerate(found.groups)}
    rows: list[dict[str, str]] = []
    for name, cells in zip(found.cube.labels, found.cube.count, strict=True):
        row = {"Group": name}
        for title, label, decision in columns:
            count = int(cells[label, decision])
            row[title] = f"{count:,} ({count / cells.sum():.1%})"
        rows.append(row)
    rows.sort(key=lambda row: order[row["Group"]])
    return pd.DataFrame(rows)


def confusion_section(found: Assessment, outcomes: DecisionLabels, called: DecisionLabels) -> None:
    """Show the confusion matrix of every group."""
    st.table(confusion_table(found, outcomes, called).map(session.literal), hide_index=True)
    st.caption(
        "Rows of each group by what came and what was decided; in brackets their share of the "
        "group. Rows are counted, without weights. Decided so means: "
        + session.literal(f"{called.told(True)}, {called.told(False)}.")
    )


def curves_section(cube: ScoreCube, found: Assessment, key: str) -> None:
    """Show ROC and calibration curves of every group."""
    show(roc_chart(cube, found), f"{key} roc")
    st.caption(
        "ROC curve: as the threshold falls, the share of positives that are found against the "
        "share of negatives that are taken for positives. The dotted line is a score that tells "
        "nothing."
    )
    if cube.edges[0] < 0 or cube.edges[-1] > 1:
        st.caption("No calibration curve: these scores are no probabilities from 0 to 1.")
        return
    show(calibration_chart(cube, found), f"{key} calibration")
    st.caption(
        "Calibration curve: of people with like scores, the share whose outcome is positive, with "
        "its 95% interval. On the dotted line scores can be taken at their word."
    )
