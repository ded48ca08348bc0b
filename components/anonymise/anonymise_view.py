"""How anonymous a table is in plain words, and a release before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.app import session
from components.widgets.charts import PALETTE, Chart, frame, plain, short

if TYPE_CHECKING:
    from core.anonymity.measure import Anonymity
    from core.anonymity.release import Released


def people(count: int) -> str:
    """Write a number of people."""
    return f"{count:,} {'person' if count == 1 else 'people'}"


def risks(found: Anonymity) -> None:
    """Say in plain words how anonymous a table is."""
    if found.unique:
        st.warning(
            f"{people(found.unique)} of {found.rows:,} ({found.unique / found.rows:.1%}) are "
            "unique: whoever knows their quasi-identifiers finds their row for sure.",
            icon=":material/person_search:",
        )
    else:
        st.success(
            f"Nobody is unique: each of the {found.rows:,} people shares their quasi-identifiers "
            f"with at least {found.k - 1:,} others.",
            icon=":material/groups:",
        )
    st.table(
        pd.DataFrame(
            [
                {"Measure": name, "Value": value, "Meaning": text}
                for name, value, text in lines(found)
            ]
        ).map(session.literal),
        hide_index=True,
    )


def lines(found: Anonymity) -> list[tuple[str, str, str]]:
    """Each measure with its value and one sentence."""
    out = [
        ("k", f"{found.k:,}", "Size of the smallest class of rows that are alike."),
        ("Classes", f"{found.classes:,}", "Groups of rows with the same quasi-identifiers."),
        ("Unique rows", f"{found.unique:,}", "Rows that are alone in their class."),
        (
            "Prosecutor risk, highest",
            f"{found.prosecutor_highest:.1%}",
            "Chance of picking the row of a person who is known to be in the table: 1 / k.",
        ),
        (
            "Prosecutor risk, mean",
            f"{found.prosecutor_mean:.1%}",
            "The same chance, averaged over all rows.",
        ),
    ]
    if found.journalist is not None:
        out.append(
            (
                "Journalist risk, highest",
                f"{found.journalist.highest:.2%}",
                "Chance where it isn't known who is in the table: one over the class's size in "
                f"the population. Sizes come from {found.journalist.basis}.",
            )
        )
    if found.sensitive is not None:
        out += [
            (
                "l, distinct",
                f"{found.distinct_l}",
                f"Fewest different values of {found.sensitive} in a class; 1 gives it away.",
            ),
            (
                "l, entropy",
                f"{found.entropy_l:.2f}",
                "The same, where rare values count for little.",
            ),
            (
                "t",
                "not defined" if found.t is None else f"{found.t:.3f}",
                "How far a class's sensitive values are from the whole table's at most, from 0 "
                f"(alike) to 1. Distance: {found.t_distance}.",
            ),
        ]
    return out


def before_and_after(released: Released) -> None:
    """Show measures side by side, what was done, and what it cost in information."""
    before, after = lines(released.before), {n: v for n, v, _ in lines(released.after)}
    loss = released.loss
    rows = [("Rows", f"{released.before.rows:,}", f"{released.after.rows:,}")]
    rows += [(name, value, after.get(name, "–")) for name, value, _ in before]
    rows.append(("Information lost", "0.0%", f"{loss.information:.1%}"))
    rows.append(("Discernibility", "–", f"{loss.discernibility:,.0f}"))
    average = "–" if loss.average_class is None else f"{loss.average_class:.2f}"
    rows.append(("Average class size over k", "–", average))
    st.table(
        pd.DataFrame(rows, columns=["Measure", "Before", "After"]).map(session.literal),
        hide_index=True,
    )
    st.caption(
        "Information lost: the share of a column's range, or of its other values, that a cell may "
        "now have been, averaged over the quasi-identifiers; 0% is untouched, 100% says nothing, "
        "and a row left out counts as 100%. Discernibility: for each row the size of its class, "
        "summed; smaller is better. Average class size over k: 1 is best."
    )
    if released.note:
        st.caption(session.literal(released.note))


def loss_chart(released: Released) -> Chart:
    """Draw how much of each quasi-identifier is lost."""
    parts = sorted(released.loss.by_column, key=lambda item: item[1])
    how = dict(released.how)
    changed = {r.column: r.count for r in released.repairs if r.column is not None}
    table = pd.DataFrame(
        [
            {
                "Column": name,
                "Lost": f"{value:.1%}",
                "What was done": how[name],
                "Cells changed": changed.get(name, 0),
            }
            for name, value in reversed(parts)
        ]
    )
    worst = parts[-1]
    title = (
        f"{worst[0]} loses most: {worst[1]:.0%} of what it told"
        if worst[1] > 0
        else "Nothing is lost from any quasi-identifier"
    )
    figure = go.Figure(
        go.Bar(
            x=[100 * value for _, value in parts],
            y=[short(name, 24) for name, _ in parts],
            orientation="h",
            marker={"color": PALETTE[0]},
            customdata=[[plain(name), plain(how[name])] for name, _ in parts],
            hovertemplate="%{customdata[0]}: %{x:.1f}% lost<br>%{customdata[1]}<extra></extra>",
        )
    )
    figure.update_xaxes(title="Information lost, %", rangemode="tozero")
    return Chart(title, frame(figure, 90 + 36 * len(parts)), table)


def repairs(released: Released) -> None:
    """Show what was left out, changed or hashed, with counts."""
    if not released.repairs:
        st.caption("Nothing was changed.")
        return
    parts = [
        {"What": item.what, "Column": item.column or "whole table", "Count": f"{item.count:,}"}
        for item in released.repairs
    ]
    st.table(pd.DataFrame(parts).map(session.literal), hide_index=True)
