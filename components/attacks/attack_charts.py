"""Charts and tables of attacks on a trained model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.widgets.charts import GREY, PALETTE, SYMBOLS, Chart, frame, line
from components.widgets.dot_rows import Row, dot_rows
from components.widgets.tables import format_figure
from core.data.roles.group_labels import beside_column, group_label
from core.fairness.intervals.p_values import format_p

if TYPE_CHECKING:
    from core.attacks.membership import Membership
    from core.attacks.one_run import OneRun

DASHES = ("solid", "dash")
MOST_GROUPS = 16


def roc_chart(found: tuple[Membership, ...], claimed: tuple[float, float] | None) -> Chart:
    """Draw how many members are found at each rate of false accusations, on log axes.

    Parameters
    ----------
    found : tuple of Membership
    claimed : tuple of (float, float) or None
        ε and δ for adding or removing a row, or replacing one: the most an attack can reach.
    """
    strongest = max(found, key=lambda item: item.at[0].true_rate.estimate or 0.0)
    first = 1 / max(item.non_members for item in found)
    figure = go.Figure()
    ends = np.geomspace(first, 1, 60)
    hover = "guessing: %{y:.2%}"
    figure.add_trace(line(ends, ends, "guessing", GREY, hover, dash="dot"))
    if claimed is not None:
        figure.add_trace(_guarantee_line(ends, claimed))
    for number, item in enumerate(found):
        figure.add_trace(_curve(item, number, first))
    low = min(first, *(float(item.true_positives[1:].min(initial=1.0)) or 1.0 for item in found))
    ticks = [10.0**power for power in range(math.floor(math.log10(first)), 1)]
    for update, title, start in (
        (figure.update_xaxes, "false positive rate: non-members accused (log scale)", first),
        (figure.update_yaxes, "true positive rate: members found (log scale)", low),
    ):
        update(
            title=title,
            type="log",
            range=[math.log10(max(start, first / 3)), 0.03],
            tickvals=ticks,
            ticktext=[f"{100 * tick:g}%" for tick in ticks],
        )
    notes = tuple(
        f"{item.title}, at {100 * at.limit:g}% false positives: {at.note or at.true_rate.reason}."
        for item in found
        for at in item.at
        if at.note or at.true_rate.reason
    )
    return Chart(_finding(strongest), frame(figure, 460), roc_table(found), notes)


def _finding(item: Membership) -> str:
    at, auc = item.at[0], item.auc
    name = item.title
    area = f"ROC AUC {format_figure(auc)}, guessing has 0.5"
    if at.true_rate.estimate is None or at.note:
        return f"{name}: {area}"
    sure = at.true_rate.low is not None and at.true_rate.low > at.limit
    return (
        f"{name} finds {100 * at.true_rate.estimate:.2g}% of members while accusing "
        f"{100 * at.limit:g}% of non-members"
        f"{'' if sure else ', not significantly more than guessing'}; {area}"
    )


def _curve(item: Membership, number: int, first: float) -> go.Scatter:
    shown = (item.false_positives > 0) & (item.true_positives > 0)
    return line(
        np.maximum(item.false_positives[shown], first),
        item.true_positives[shown],
        item.title,
        PALETTE[number],
        f"{item.title}<br>accused %{{x:.2%}} of non-members<br>found %{{y:.2%}} of members",
        mode="lines+markers",
        marker={"symbol": SYMBOLS[number], "size": 4},
        dash=DASHES[number % 2],
    )


def _guarantee_line(at: np.ndarray, claimed: tuple[float, float]) -> go.Scatter:
    epsilon, delta = claimed
    factor = math.exp(min(epsilon, 700.0))
    # Kairouz et al. 2015: both kinds of error are bounded.
    most = np.minimum(np.minimum(1, factor * at + delta), 1 - (1 - delta - at) / factor)
    hover = "guarantee: at most %{y:.2%} at %{x:.2%}"
    name = "most that the guarantee allows"
    return line(at, np.maximum(most, at), name, PALETTE[2], hover, dash="dashdot")


def roc_table(found: tuple[Membership, ...]) -> pd.DataFrame:
    """One row for each figure of each attack."""
    rows = []
    for item in found:
        name = item.title
        rows.append([name, "ROC AUC (guessing: 0.5)", format_figure(item.auc)])
        rows.append([name, "Advantage (guessing: 0)", format_figure(item.advantage)])
        for at in item.at:
            figure = f"Members found at {100 * at.limit:g}% false positives"
            note = f"; {at.note}" if at.note else ""
            rows.append([name, figure, f"{format_figure(at.true_rate, 4)}{note}"])
    return pd.DataFrame(rows, columns=["Attack", "Figure", "Value (95% interval)"])


def group_chart(item: Membership) -> Chart:
    """Draw the area under the attack's curve for each group, the most exposed first."""
    known = sorted(
        (group for group in item.groups if group.auc.low is not None),
        key=lambda group: -(group.auc.estimate or 0.0),
    )
    table = pd.DataFrame(
        [
            {
                "Attribute": group.attribute,
                "Group": group.group,
                "Members": group.members,
                "Non-members": group.non_members,
                "ROC AUC": format_figure(group.auc),
                "Less that of others": format_figure(group.gap),
                "Significantly worse?": "yes" if group.significantly_worse else "no",
            }
            for group in item.groups
        ]
    )
    worse = [
        group_label([(group.attribute, group.group)])
        for group in known
        if group.significantly_worse
    ]
    title = (
        f"Members are significantly found more easily than others in: {', '.join(worse[:4])}"
        if worse
        else "No group's members are significantly found more easily than everyone else's"
    )
    level = 100 * item.joint_level
    notes = (
        f"Intervals at {level:.2f}% each, so that all {len(item.groups)} groups hold together "
        "with 95%.",
    )
    figure = dot_rows(
        [
            Row(
                beside_column(g.attribute, g.group),
                g.auc,
                f"{g.members:,} members",
                int(g.significantly_worse),
                item.joint_level,
            )
            for g in known[:MOST_GROUPS]
        ],
        ("group, with its interval", "members significantly found more easily"),
        "ROC AUC of the attack (0.5 is guessing)",
        parity=0.5,
    )
    return Chart(title, figure, table, notes)


def audit_table(audits: tuple[OneRun, ...]) -> pd.DataFrame:
    """Claimed beside measured: one row for each audit."""
    return pd.DataFrame(
        [
            {
                "Canaries": f"{found.canaries:,} {found.what}",
                "Claimed ε": "none" if found.claimed is None else f"{found.claimed[0]:g}",
                "Measured: ε is at least": f"{found.epsilon:.2f}",
                "Verdict": found.verdict,
                "p of the claimed ε": "–" if found.p_value is None else format_p(found.p_value),
                "Right guesses": "; ".join(f"{t.correct:,} of {t.guesses:,}" for t in found.trials),
                "Made by": "simulation with noise from a seed"
                if found.simulated
                else "the audited model",
            }
            for found in audits
        ]
    )
