"""Differences of compared models as dots with intervals, and a line where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from components.widgets.charts import Chart, cut
from components.widgets.dot_rows import Row, dot_rows, scaled
from core.comparison.wording import amount, in_points, title_of
from core.data.roles.group_labels import label_of_name
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.intervals.p_values import equation_of_p

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import plotly.graph_objects as go

    from core.comparison.paired.paired_result import PairedComparison, PairedDifference
    from core.comparison.paired.pairs import JudgedPair
    from core.fairness.metrics.assessment import Figure


def pairs_chart(pairs: Sequence[JudgedPair]) -> Chart:
    """Draw the corrected difference of every pair with its interval.

    Parameters
    ----------
    pairs : sequence of JudgedPair
        Of one figure, at least one.
    """
    figure = pairs[0].comparison.figure
    title = title_of(figure, pairs[0].comparison.positive_is_favourable)
    unit = unit_of(figure)
    sure = [pair for pair in pairs if pair.differs]
    if len(pairs) == 1:
        found = "differ" if sure else "are not shown to differ"
        finding = f"The two models {found} in {title}"
    else:
        verb = "is" if len(sure) < 2 else "are"
        many = len(sure) or "None"
        finding = f"{many} of {len(pairs)} pairs {verb} shown to differ in {title}"
    rows, table = [], []
    for number, pair in enumerate(pairs, 1):
        made = pair.comparison
        first, second = made.names
        p = made.test.p_value
        text = "" if p is None else equation_of_p(p)
        name = f"{cut(second, 30)} − {cut(first, 30)}"
        rows.append(
            Row(name, _scaled(figure, made.test.difference), text, 0 if pair.differs else 1)
        )
        row = {"Pair": number, "Second": second, "less first": first}
        row |= _difference_columns(figure, made.test.difference)
        row |= {
            "Chance": text,
            "Chance, all pairs together": ""
            if pair.corrected_p is None
            else equation_of_p(pair.corrected_p),
            "Would be found with 80% power": ""
            if made.test.detectable is None
            else amount(figure, made.test.detectable),
        }
        table.append(row)
    kinds = ("shown to differ", "not shown to differ")
    drawn = _dots(rows, kinds, f"Difference in {title}{unit}")
    return Chart(finding, drawn, pd.DataFrame(table))


def differences_chart(found: Sequence[PairedDifference], titles: Sequence[str]) -> Chart:
    """Draw differences of two models on the same people, in several figures of one unit.

    Parameters
    ----------
    found : sequence of PairedDifference
        At least one.
    titles : sequence of str
        How to call each.
    """
    pairs = list(zip(titles, found, strict=True))
    sure = [title for title, item in pairs if _leaves_out_zero(item.difference)]
    judged = [item for item in found if item.difference.low is not None]
    if not judged:
        finding = "None of these differences has an interval"
    elif not sure:
        finding = f"Every interval holds 0: none of {len(judged)} differences is shown"
    else:
        finding = f"{len(sure)} of {len(judged)} intervals leave out 0: {', '.join(sure[:4])}"
        finding += f" and {len(sure) - 4} more" if len(sure) > 4 else ""
    rows = [
        Row(
            title,
            _scaled(item.figure, item.difference),
            f"A {_value(item.a)}, B {_value(item.b)}",
            0 if _leaves_out_zero(item.difference) else 1,
        )
        for title, item in pairs
    ]
    kinds = ("interval leaves out 0", "interval holds 0, or there is none")
    unit = unit_of(found[0].figure)
    axis = f"B less A{unit}"
    table = pd.DataFrame([_row(title, item) for title, item in pairs])
    reasons = [
        f"{title}: {item.difference.reason}"
        for title, item in pairs
        if item.difference.low is None and item.difference.reason
    ]
    drawn = _dots(rows, kinds, axis)
    return Chart(finding, drawn, table, tuple(reasons))


def all_differences(found: PairedComparison, title: Callable[[str], str]) -> pd.DataFrame:
    """Tabulate every figure of everyone and of each group, and every gap, with differences."""
    rows = [
        {"Whom": label_of_name(found.attributes, whom, found.groups)} | _row(title(name), item)
        for whom, items in (("everyone", found.everyone), *found.groups.items())
        for name, item in items.items()
    ]
    rows += [
        {"Whom": "between groups"} | _row(DISPARITIES[name].title, item)
        for name, item in found.disparities.items()
    ]
    return pd.DataFrame(rows)


def _dots(rows: list[Row], kinds: tuple[str, ...], axis: str) -> go.Figure | None:
    """Draw rows with 0 among them, and room at both sides for the names and the numbers."""
    figure = dot_rows(rows, kinds, axis, signed=True, parity=0.0)
    if figure is not None:
        ends = [row.figure.estimate for row in rows] + [row.figure.low for row in rows]
        ends += [row.figure.high for row in rows]
        known = [0.0, *(end for end in ends if end is not None)]
        room = 0.12 * (max(known) - min(known)) or 1.0
        figure.update_xaxes(range=[min(known) - room, max(known) + room])
    return figure


def _row(title: str, item: PairedDifference) -> dict[str, str]:
    return {"Figure": title, "A": _value(item.a), "B": _value(item.b)} | _difference_columns(
        item.figure, item.difference
    )


def _difference_columns(figure: str, difference: Figure) -> dict[str, str]:
    value, low, high = difference.estimate, difference.low, difference.high
    return {
        "Difference": "not defined" if value is None else amount(figure, value),
        "95% interval": difference.reason or "none"
        if low is None or high is None
        else f"{amount(figure, low, unit=False)} to {amount(figure, high, unit=False)}",
    }


def _scaled(figure: str, found: Figure) -> Figure:
    """In points where differences are told so."""
    return scaled(found, 100) if in_points(figure) else found


def _leaves_out_zero(found: Figure) -> bool:
    return found.low is not None and found.high is not None and not found.low <= 0 <= found.high


def unit_of(figure: str) -> str:
    """Return the unit of differences in a figure, for an axis."""
    return ", points" if in_points(figure) else ""


def _value(value: float | None) -> str:
    return "not defined" if value is None else f"{value:.4f}"
