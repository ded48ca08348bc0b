"""Subgroups whose decisions differ: the chart of what was found, and what searching costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from components.widgets.charts import Chart
from components.widgets.dot_rows import Row, dot_rows
from core.fairness.disparities.gap_significance import is_significant
from core.fairness.metrics.assessment import Figure
from core.numerals import signed

if TYPE_CHECKING:
    from core.fairness.disparities.subgroups import SubgroupSearch

MOST_DRAWN = 12


def subgroup_chart(found: SubgroupSearch) -> Chart:
    """Draw the worst subgroups' gaps with intervals, the surest first."""
    drawn = found.subgroups[:MOST_DRAWN]
    table = pd.DataFrame(
        [
            {
                "Subgroup": item.name,
                "Rows": item.rows,
                found.title: f"{item.rate:.3f}",
                "Everyone else": f"{item.rest_rate:.3f}",
                "Gap": f"{signed(item.gap, 3)} ({signed(item.low, 3)} to {signed(item.high, 3)})",
                "Significant?": f"Yes: at least {item.bound:.3f}."
                if is_significant(item.bound)
                else "No: may be chance.",
            }
            for item in found.subgroups
        ]
    )
    rows = [
        Row(
            item.name,
            Figure(item.gap, item.low, item.high),
            f"{item.rows:,} rows",
            0 if is_significant(item.bound) else 1,
            found.each_level,
        )
        for item in drawn
    ]
    # The finding above names the figure; a phone has no room for it here.
    axis = "subgroup minus everyone else"
    kinds = ("statistically significant", "may be chance")
    figure = dot_rows(rows, kinds, axis, signed=True, parity=0.0)
    notes = []
    if len(found.subgroups) > MOST_DRAWN:
        notes.append(
            f"The {MOST_DRAWN} most significant are drawn; the table has {len(found.subgroups)}."
        )
    listed = sum(is_significant(item.bound) for item in found.subgroups)
    if found.sure > listed:
        notes.append(f"{found.sure - listed:,} more differ significantly, less so than these.")
    return Chart(found.sentence, figure, table, tuple(notes))


def price(found: SubgroupSearch) -> str:
    """Say how many subgroups were looked at, and what that costs."""
    return (
        f"{found.looked_at:,} subgroups of at least {found.minimum_rows} rows were looked at, "
        f"{found.sure:,} differ significantly; {found.too_small:,} with fewer rows, inside or "
        "outside, were not. Looking at many finds some gap by chance: each interval is widened "
        f"(to {100 * found.each_level:.7g}%, Bonferroni) so that all hold together with "
        f"{found.level:.0%}. "
        "Ranked by the end of the interval nearest to 0, not by the gap seen."
    )
