"""Charts and tables of explanations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

from components.widgets.charts import GREY, PALETTE, Chart, cut, plain
from core.data.days import written_date

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.explanation.attribution.explain import GlobalExplanation, PersonExplanation

TOWARDS, AGAINST = PALETTE[0], PALETTE[1]
SHOWN = 15


def middle_cut(text: str, length: int) -> str:
    """Cut a long text in its middle: names that are alike often differ at their end."""
    if len(text) <= length:
        return text
    head = (length - 1) // 2
    return f"{text[:head]}…{text[-(length - 1 - head) :]}"


def importance_chart(explained: GlobalExplanation) -> Chart:
    """Draw the mean absolute contribution of the most important features."""
    table = pd.DataFrame(
        {
            "feature": explained.features,
            "mean |contribution|": explained.mean_absolute,
            "± (95%)": 1.96 * explained.standard_error,
            "mean contribution": explained.mean,
        }
    )
    names, values = explained.features[:SHOWN], explained.mean_absolute[:SHOWN]
    total = float(explained.mean_absolute.sum())
    share = float(values[:3].sum()) / total if total else 0.0
    figure = _bars(
        values,
        list(names),
        f"mean |contribution|, {explained.explains}",
        [TOWARDS] * len(names),
        1.96 * explained.standard_error[:SHOWN],
    )
    # What rounds to 0 % drives nothing.
    parts = [n for n, v in zip(names[:3], values[:3], strict=True) if total and v / total >= 0.005]
    top = " · ".join(middle_cut(name, 40) for name in parts)
    verb = "carries" if len(parts) == 1 else "carry"
    return Chart(
        f"{top} {verb} {100 * share:.0f}% of what moves the scores"
        if parts
        else "Nothing moves the scores: they are the same for everybody",
        figure,
        table,
        _left_out(len(explained.features), explained.mean_absolute[SHOWN:].sum(), total),
    )


def _left_out(count: int, rest: float, total: float) -> tuple[str, ...]:
    if count <= SHOWN or not total:
        return ()
    return (
        f"{count - SHOWN} more features are in the table; together they carry "
        f"{100 * rest / total:.0f}%.",
    )


def person_chart(explained: PersonExplanation, dates: Collection[str] = ()) -> Chart:
    """Draw the contributions that moved one person's score, values of dates as such."""
    table = person_table(explained, dates)
    drawn = table.head(SHOWN)
    pairs = list(zip(drawn["feature"], drawn["value"], strict=True))
    values = drawn["SHAP"].to_numpy()
    speaks = [
        f"{middle_cut(name, 40)} speaks most {side} it"
        for side, found in (
            ("for", table[table["SHAP"] > 0]),
            ("against", table[table["SHAP"] < 0]),
        )
        for name in found["feature"].head(1)
    ]
    figure = _bars(
        values,
        [f"{middle_cut(name, 24)} = {cut(value, 18)}" for name, value in pairs],
        f"contribution, {explained.shap.explains}",
        [TOWARDS if value > 0 else AGAINST for value in values],
        full=[f"{name} = {value}" for name, value in pairs],
    )
    absolute = table["SHAP"].abs()
    rest = _left_out(len(table), absolute[SHOWN:].sum(), absolute.sum())
    return Chart(
        f"Score {explained.explained_score:.3f}: {' and '.join(speaks) or 'no feature moves it'}",
        figure,
        table,
        ("Blue raises the score, orange lowers it.", *rest),
    )


def person_table(explained: PersonExplanation, dates: Collection[str] = ()) -> pd.DataFrame:
    """One person's features with SHAP contribution and LIME weight, largest first."""
    shap, lime = explained.shap, explained.lime
    table = pd.DataFrame(
        {
            "feature": shap.features,
            "value": [_value(explained.values[name], name in dates) for name in shap.features],
            "SHAP": shap.values[0],
            "LIME": lime.weights,
            "LIME spread": lime.spread,
        }
    )
    order = table["SHAP"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _bars(
    values: object,
    names: list[str],
    axis: str,
    colours: list[str],
    errors: object = None,
    full: list[str] | None = None,
) -> go.Figure:
    """Draw horizontal bars, the first on top, with the name of each above it."""
    positions = list(range(len(names)))
    figure = go.Figure(
        go.Bar(
            x=values,
            y=positions,
            orientation="h",
            marker_color=colours,
            error_x=None if errors is None else {"type": "data", "array": errors, "color": GREY},
            customdata=[plain(name) for name in full or names],
            hovertemplate="%{customdata}: %{x:.3g}<extra></extra>",
        )
    )
    figure.update_layout(
        xaxis_title=axis,
        yaxis={
            "tickvals": positions,
            "ticktext": [plain(middle_cut(name, 46)) for name in names],
            "autorange": "reversed",
        },
        height=90 + 26 * len(names),
        margin={"l": 10, "r": 10, "t": 10},
    )
    return figure


def _value(value: float | str | None, is_date: bool) -> str:
    if value is None:
        return "(missing)"
    if is_date and not isinstance(value, str):
        return written_date(value)
    return value if isinstance(value, str) else f"{value:g}"
