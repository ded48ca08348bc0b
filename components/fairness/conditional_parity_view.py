"""Conditional parity: gaps within strata, and what stays of a gap among people who are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from components.widgets.charts import Chart, cut, short
from components.widgets.dot_rows import Row, dot_rows
from components.widgets.fairness_charts import named
from components.widgets.tables import format_figure, significant
from core.fairness.disparities.disparities import lower
from core.numerals import signed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.fairness.disparities.conditional import ConditionalParity, Stratum

MOST_DRAWN = 12


def strata_chart(found: ConditionalParity) -> Chart:
    """Draw the pair's gap without regard to the controls, among likes, and in each stratum."""
    table = strata_table(found)
    if found.pair is None:
        return Chart(found.sentence, None, table)
    first, second = map(found.label, found.pair)
    pair = set(found.pair)
    controls_text = " and ".join(found.controls)
    rows = [
        Row("All, whatever their mix", found.unconditional_difference, f"{found.rows:,} rows", 2),
        Row(f"Alike in {controls_text}, together", found.difference, f"{found.rows:,} rows", 2),
    ]
    drawn = [item for item in found.strata if item.difference.estimate is not None]
    rows += [
        Row(item.name, item.difference, f"{item.rows:,} rows", int(bool({*item.too_small} & pair)))
        for item in drawn[:MOST_DRAWN]
    ]
    notes = _notes(found)
    if len(drawn) > MOST_DRAWN:
        notes.insert(
            0, f"The {MOST_DRAWN} largest of {len(drawn)} strata are drawn; the table has all."
        )
    figure = dot_rows(
        rows,
        ("stratum, with its 95% interval", "stratum with a group too small to judge", "all rows"),
        f"{found.title}: {short(first, 20)} minus {short(second, 20)}",
        signed=True,
        parity=0.0,
    )
    return Chart(found.sentence, figure, table, tuple(notes))


def strata_table(found: ConditionalParity) -> pd.DataFrame:
    """One row for each stratum: the rate of every group, the pair's gap, and who is too few."""
    return pd.DataFrame([_row(found, item) for item in found.strata])


def _row(found: ConditionalParity, item: Stratum) -> dict[str, object]:
    notes = []
    if item.too_small:
        notes.append(f"too small to judge: {named(list(map(found.label, item.too_small)))}")
    if not item.compared:
        notes.append("not in the gap of all strata: some group has no such figure here")
    row: dict[str, object] = {"Stratum": item.name, "Rows": item.rows}
    if found.pair is not None:
        first, second = (cut(found.label(name)) for name in found.pair)
        row[f"{first} minus {second}"] = format_figure(item.difference)
        row["Significant?"] = significant(item.difference)
    row |= {
        cut(found.label(name), 60): format_figure(figure) for name, figure in item.figures.items()
    }
    row["Note"] = "; ".join(notes)
    return row


def groups_table(found: ConditionalParity) -> pd.DataFrame:
    """One row for each group: its rate as it is, and given everyone's mix of strata."""
    return pd.DataFrame(
        [
            {
                "Group": found.label(name),
                "As they are (95% interval)": format_figure(found.unconditional[name]),
                "With everyone's mix (95% interval)": format_figure(figure),
            }
            for name, figure in found.standardised.items()
        ]
    )


def describe_change(found: ConditionalParity) -> str:
    """Say what comparing within strata changes, with its interval."""
    if found.pair is None or found.change.estimate is None:
        return ""
    first, second = map(found.label, found.pair)
    title = lower(found.title)
    return (
        f"In numbers: {title} of {first} minus {second} is "
        f"{_signed(found.unconditional_difference)} as people are, and "
        f"{_signed(found.difference)} among people alike in {' and '.join(found.controls)}; the "
        f"change is {_signed(found.change)}. The largest gap between any two groups, given "
        f"everyone's mix, is {format_figure(found.gap)}."
    )


def _signed(figure: object) -> str:
    estimate, low, high = (getattr(figure, name) for name in ("estimate", "low", "high"))
    if low is None:
        return signed(estimate, 3)
    return f"{signed(estimate, 3)} ({signed(low, 3)} to {signed(high, 3)})"


def _notes(found: ConditionalParity) -> list[str]:
    notes = []
    if found.left_out:
        share = found.rows_left_out / (found.rows + found.rows_left_out)
        notes.append(
            f"Not in the gap of all strata: {found.rows_left_out:,} rows ({share:.1%}) in "
            f"{_strata(found.left_out)} where some group has no such figure: "
            f"{named(list(found.left_out))}."
        )
    small = [item.name for item in found.strata if item.too_small and item.compared]
    if small:
        notes.append(
            f"In {_strata(small)} a group has fewer than 30 rows: the gap there says little, but "
            f"counts by size in the gap of all strata: {named(small)}."
        )
    if found.of_unknown:
        notes.append(f"Left out as of unknown group: {found.of_unknown:,} rows.")
    if found.groups_left_out:
        notes.append(
            "Left out, with fewer than 30 rows in all: "
            f"{named(list(map(found.label, found.groups_left_out)))}."
        )
    return notes


def _strata(names: Sequence[str]) -> str:
    return "1 stratum" if len(names) == 1 else f"{len(names)} strata"
