"""Charts on how far explanations can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.widgets.charts import PALETTE, Chart, frame, line, short
from components.widgets.dot_rows import Row, dot_rows
from core.data.roles.group_labels import beside_column
from core.explanation.trust.verdict import STEADY, format_figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.explanation.trust.agreement import Agreement
    from core.explanation.trust.by_group import GroupGap
    from core.explanation.trust.complexity import Complexity
    from core.explanation.trust.fidelity import Fidelity
    from core.explanation.trust.off_distribution import OffDistribution
    from core.explanation.trust.stability import Stability

SHOWN = 8
"""Features drawn, most important first; the table holds all."""
EXPLAINERS = ("SHAP", "LIME")


def curve_chart(found: Fidelity) -> Chart:
    """Draw deletion and insertion curves beside those of a random order."""
    share = np.linspace(0, 100, len(found.deletion))
    lines = (
        ("Deleted, as explained", found.deletion, 0, "solid"),
        ("Deleted at random", found.random_deletion, 0, "dot"),
        ("Inserted, as explained", found.insertion, 1, "solid"),
        ("Inserted at random", found.random_insertion, 1, "dot"),
    )
    figure = go.Figure()
    for name, values, colour, dash in lines:
        hover = f"{name}<br>%{{x:.0f}}% of features: %{{y:.3f}}"
        figure.add_trace(line(share, values, name, PALETTE[colour], hover, dash=dash, width=2.5))
    figure.update_xaxes(title="Features deleted or inserted, %", range=[0, 100])
    figure.update_yaxes(title="Score of the decision, 0 to 1", rangemode="tozero")
    figure = frame(figure, 380)
    table = pd.DataFrame(
        {"Features": range(len(share)), **{name: values.round(4) for name, values, _, _ in lines}}
    )
    low = found.gain.low
    better = "significantly" if low is not None and low > 0 else "not significantly"
    title = (
        f"{found.explainer}'s order of reasons is {better} better than chance: "
        f"gain {format_figure(found.gain, 3)}"
    )
    notes = (
        f"Area between the curves and those of a random order: deletion "
        f"{format_figure(found.deletion_gain, 3)}, insertion "
        f"{format_figure(found.insertion_gain, 3)}; {found.people} people, {found.background_rows} "
        "background rows",
    )
    return Chart(title, figure, table, notes)


def stability_chart(found: Sequence[Stability]) -> Chart:
    """Draw the rank correlation before and after each change."""
    rows = [
        Row(
            f"{s.explainer}: {s.change}",
            s.agreement.spearman,
            f"{s.agreement.people} people",
            EXPLAINERS.index(s.explainer),
        )
        for s in found
    ]
    table = pd.DataFrame(
        [
            {
                "Explanation": s.explainer,
                "Change": s.change,
                "Rank correlation": format_figure(s.agreement.spearman),
                "Kendall's τ": format_figure(s.agreement.kendall),
                f"Top {s.agreement.top} in common": format_figure(s.agreement.overlap),
                "With the same sign": format_figure(s.agreement.signs),
                "Largest change per standard deviation": ""
                if s.lipschitz is None
                else format_figure(s.lipschitz, 3),
                "People": s.agreement.people,
                "Remark": s.caveat,
            }
            for s in found
        ]
    )
    known = [s for s in found if s.agreement.spearman.estimate is not None]
    least = min(known, key=lambda s: s.agreement.spearman.estimate or 0.0, default=None)
    title = "No stability is defined"
    if least is not None:
        title = (
            f"Least steady is {least.explainer} ({least.change}): rank correlation "
            f"{format_figure(least.agreement.spearman)}"
        )
    figure = dot_rows(rows, EXPLAINERS, "Mean rank correlation, at most 1", parity=STEADY)
    notes = (f"Dotted line: {STEADY}, above which we call an explanation steady",)
    return Chart(title, figure, table, notes)


def agreement_chart(found: Sequence[Agreement]) -> Chart:
    """Draw how far pairs of explanations agree, in three ways."""
    kinds = ("Rank correlation", f"Top {found[0].top} in common", "With the same sign")
    rows = [
        Row(f"{a.first} and {a.second}", figure, f"{a.people} people", kind)
        for a in found
        for kind, figure in enumerate((a.spearman, a.overlap, a.signs))
    ]
    table = pd.DataFrame(
        [
            {
                "Explanations": f"{a.first} and {a.second}",
                **{
                    name: format_figure(figure)
                    for name, figure in zip(kinds, (a.spearman, a.overlap, a.signs), strict=True)
                },
                "Kendall's τ": format_figure(a.kendall),
                "People": a.people,
            }
            for a in found
        ]
    )
    pair = found[0]
    title = (
        f"Of the top {pair.top} reasons, {pair.first} and {pair.second} have on average a share "
        f"of {format_figure(pair.overlap)} in common"
    )
    figure = dot_rows(rows, kinds, "Mean over people, at most 1")
    return Chart(title, figure, table)


def off_chart(found: OffDistribution) -> Chart:
    """Draw what matters for people beside what matters on synthetic rows."""
    worst = found.worst
    assert worst is not None
    order = np.argsort(-np.maximum(worst.within, worst.off), kind="stable")
    shown = order[:SHOWN][::-1]
    figure = go.Figure()
    for name, shares, colour in (
        (f"On {worst.kind}'s synthetic rows", worst.off, 1),
        ("For people", worst.within, 0),
    ):
        figure.add_trace(
            go.Bar(
                y=[short(found.features[j], 24) for j in shown],
                x=100 * shares[shown],
                orientation="h",
                name=name,
                marker={"color": PALETTE[colour], "pattern": {"shape": "/" if colour else ""}},
                hovertemplate=f"%{{y}}<br>{name}: %{{x:.1f}}%<extra></extra>",
            )
        )
    figure.update_layout(barmode="group", legend_traceorder="reversed")
    figure.update_xaxes(title="Share of importance, %")
    figure = frame(figure, 140 + 40 * len(shown))
    table = pd.DataFrame(
        [
            {
                "Feature": found.features[j],
                "For people, %": round(100 * float(worst.within[j]), 1),
                **{
                    f"{k.kind}'s synthetic rows, %": round(100 * float(k.off[j]), 1)
                    for k in found.kinds
                },
            }
            for j in order
        ]
    )
    text = "much differently from" if found.verdict == "alarm" else "much like"
    title = (
        f"On {worst.kind}'s synthetic rows the model behaves {text} on people: share of importance "
        f"moved {format_figure(worst.moved)}"
    )
    return Chart(title, figure, table)


def complexity_table(found: Sequence[Complexity]) -> pd.DataFrame:
    """Tabulate how many features explanations need."""
    return pd.DataFrame(
        [
            {
                "Explanation": c.explainer,
                "Features that make 90%": format_figure(c.needed, 1),
                "Of": c.features,
                "Entropy, nats": format_figure(c.entropy),
                "As hard as so many equal ones": "not defined"
                if c.entropy.estimate is None
                else f"{np.exp(c.entropy.estimate):.1f}",
            }
            for c in found
        ]
    )


def group_chart(found: Sequence[GroupGap], measure: str) -> Chart:
    """Draw one measure by group."""
    rows = [gap for gap in found if gap.measure == measure]
    judged = [gap for gap in rows if gap.too_small is None]
    small = [gap for gap in rows if gap.too_small is not None]
    worse = [beside_column(gap.attribute, gap.group) for gap in rows if gap.significantly_worse]
    title = f"{measure}: significantly worse for " + (", ".join(worse) if worse else "no group")
    figure = dot_rows(
        [
            Row(beside_column(gap.attribute, gap.group), gap.mean, f"{gap.people} people")
            for gap in judged
        ],
        (measure,), "Mean over people, higher is better"
    )  # fmt: skip
    table = pd.DataFrame(
        [
            {
                "Group": beside_column(gap.attribute, gap.group),
                "People": gap.people,
                "Mean": format_figure(gap.mean, 3),
                "Beside everyone else": format_figure(gap.gap, 3).replace(
                    "95% interval", "interval"
                ),
                "Significantly worse?": "can't be judged"
                if gap.too_small
                else ("yes" if gap.significantly_worse else "no"),
                "Remark": gap.too_small or "",
            }
            for gap in rows
        ]
    )
    notes = tuple(
        f"Too few to judge {beside_column(gap.attribute, gap.group)}: {gap.too_small}"
        for gap in small
    )
    return Chart(title, figure, table, notes)
