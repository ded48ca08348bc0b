"""Charts of attribute inference and of singling out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

from components.widgets.charts import GREY, PALETTE, Chart, cut, frame, whiskers
from components.widgets.dot_rows import Row, dot_rows, scaled
from components.widgets.tables import format_figure

if TYPE_CHECKING:
    from core.attacks.attribute import AttributeAttack, Guessed
    from core.attacks.released import Both
    from core.attacks.singling_out import SinglingOut


def guess_chart(found: AttributeAttack) -> Chart:
    """Draw how much better a column is guessed with the model, for whom."""
    rows: list[tuple[str, Guessed, float]] = [
        ("All members", found.members, 0.95),
        ("All non-members", found.non_members, 0.95),
        *((f"{name}: {group.name}", group, found.joint_level) for name, group in found.groups),
    ]
    table = pd.DataFrame(
        [
            {
                "Who": name,
                "People": item.people,
                "Guessed rightly with the model": _share(item.with_model),
                "Without": _share(item.without_model),
                "Gain": format_figure(item.gain),
            }
            for name, item, _ in rows
        ]
    )
    figure = dot_rows(
        [
            Row(
                name,
                scaled(item.gain, 100),
                f"{item.people:,} people",
                int(item.gain.low > 0),
                level,
            )
            for name, item, level in rows
            if item.gain.low is not None
        ],
        ("interval holds 0, or is below it", "significantly above 0"),
        "Points guessed rightly with the model, less without",
        signed=True,
        parity=0.0,
    )
    return Chart(_finding(found), figure, table, _notes(found))


def _finding(found: AttributeAttack) -> str:
    gain = found.members.gain
    plain = found.members.without_model
    base = "" if plain is None else f" (without it {100 * plain:.1f}% are right)"
    if gain.low is not None and gain.low > 0:
        return (
            f"With the model {found.column} is guessed rightly for "
            f"{100 * (gain.estimate or 0.0):.1f}% more of the members{base}"
        )
    return f"The model adds nothing significant to guessing {found.column}{base}" if (
        gain.high is not None and gain.high <= 0
    ) else f"The model does not significantly help to guess {found.column}{base}"  # fmt: skip


def _notes(found: AttributeAttack) -> tuple[str, ...]:
    remembered = found.remembered
    kind = "It is a feature of the model" if found.in_model else "The model does not see it"
    return (
        f"{kind}. Always naming the most frequent value is right for {100 * found.majority:.1f}%.",
        f"Gain among members less gain among others: {format_figure(remembered)}. Above 0, the "
        "model remembers single members; else it tells what holds for the population.",
        f"Intervals of groups at {100 * found.joint_level:.2f}% each, so that all hold together "
        "with 95%.",
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}%"


def singling_out_chart(found: Both) -> Chart:
    """Draw how often conditions single someone out, raw and k-anonymous."""
    rows: list[tuple[str, SinglingOut]] = [
        *(("as it is", item) for item in found.raw),
        *((f"{found.k}-anonymous", item) for item in found.anonymised),
    ]
    figure = go.Figure()
    for number, (label, pick) in enumerate(
        (("released table", "isolated"), ("rows outside it (chance)", "control"))
    ):
        kept = [(name, item, getattr(item, pick)) for name, item in rows]
        shown = [(n, i, f) for n, i, f in kept if f is not None and f.estimate is not None]
        figure.add_trace(
            go.Bar(
                x=[f.estimate for _, _, f in shown],
                y=[f"{name}, {item.kind}" for name, item, _ in shown],
                orientation="h",
                name=label,
                marker={"color": PALETTE[number], "pattern": {"shape": ["", "/"][number]}},
                error_x=whiskers((f for _, _, f in shown), color=GREY),
                hovertemplate="%{y}: %{x:.1%}<extra>" + label + "</extra>",
            )
        )
    figure.update_xaxes(title="share of conditions that fit exactly one row", tickformat=".0%",
                        range=[0, 1.02])  # fmt: skip
    figure.update_yaxes(autorange="reversed")
    figure.update_layout(barmode="group")
    several = found.raw[-1]
    title = (
        f"Conditions on several columns single someone out in "
        f"{100 * (several.isolated.estimate or 0.0):.0f}% of trials on the table as it is"
        if several.isolated.estimate is not None
        else f"Of {several.kind} there is no condition to try"
    )
    after = found.anonymised[-1].isolated.estimate
    if after is not None:
        title += f", in {100 * after:.0f}% once it is {found.k}-anonymous"
    return Chart(title, frame(figure, 320), _singling_table(rows), _singling_notes(found))


def _singling_table(rows: list[tuple[str, SinglingOut]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Table": name,
                "Conditions on": item.kind,
                "Tried": item.predicates,
                "Single out": format_figure(item.isolated),
                "By chance": "no rows to compare with" if item.control is None
                else format_figure(item.control),
                "Risk: what having the table adds": "–" if item.risk is None
                else format_figure(item.risk),
            }
            for name, item in rows
        ]
    )  # fmt: skip


def _singling_notes(found: Both) -> tuple[str, ...]:
    examples = [item.example for item in found.raw if item.example]
    parts = [f"One that fits exactly one person: {cut(examples[-1], 120)}."] if examples else []
    return (
        *parts,
        f"Half of the table ({found.rows:,} rows) is taken for the released one. "
        "Conditions use the chosen columns alone: of a k-anonymous table they single out nobody, "
        "but what its other columns tell is not covered by that.",
    )
