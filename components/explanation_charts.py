"""Charts and tables of explanations."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

if TYPE_CHECKING:
    from core.explanation.explain import GlobalExplanation, PersonExplanation

TOWARDS, AGAINST = "#0072B2", "#D55E00"
SHOWN = 15
UNITS = {
    "log-odds": "log-odds of the positive label",
    "probability": "probability of the positive label",
}


def _short(name: str, length: int = 28) -> str:
    """Cut a long name; plotly takes some HTML, so what is left is escaped."""
    return html.escape(name if len(name) <= length else name[: length - 1] + "…")


def importance_chart(explained: GlobalExplanation) -> go.Figure:
    """Draw the mean absolute contribution of the most important features."""
    names = explained.features[:SHOWN]
    values = explained.mean_absolute[:SHOWN]
    errors = 1.96 * explained.standard_error[:SHOWN]
    total = float(explained.mean_absolute.sum())
    share = float(values[:3].sum()) / total if total else 0.0
    figure = go.Figure(
        go.Bar(
            x=values,
            y=list(range(len(names))),
            orientation="h",
            marker_color=TOWARDS,
            error_x={"type": "data", "array": errors},
            customdata=[html.escape(n) for n in names],
            hovertemplate="%{customdata}: %{x:.3f}<extra></extra>",
        )
    )
    top = ", ".join(_short(name, 20) for name in names[:3])
    figure.update_layout(
        title={"text": f"{top} carry {share:.0%}<br>of what moves the scores"},
        xaxis_title=f"mean |contribution| to the {explained.explains}",
        yaxis={
            "tickvals": list(range(len(names))),
            "ticktext": [_short(n) for n in names],
            "autorange": "reversed",
        },
        height=140 + 26 * len(names),
        margin={"l": 10, "r": 10},
    )
    return figure


def importance_table(explained: GlobalExplanation) -> pd.DataFrame:
    """All features with their mean absolute contribution and its sampling error."""
    return pd.DataFrame(
        {
            "feature": explained.features,
            "mean |contribution|": explained.mean_absolute,
            "± (95 %)": 1.96 * explained.standard_error,
            "mean contribution": explained.mean,
        }
    )


def person_chart(explained: PersonExplanation) -> go.Figure:
    """Draw the contributions that moved one person's score."""
    table = person_table(explained).head(SHOWN)
    labels = [
        _short(f"{f} = {v}", 36) for f, v in zip(table["feature"], table["value"], strict=True)
    ]
    full = [
        html.escape(f"{f} = {v}") for f, v in zip(table["feature"], table["value"], strict=True)
    ]
    values = table["SHAP"]
    for_it = table[values > 0].head(1)["feature"].tolist()
    against = table[values < 0].head(1)["feature"].tolist()
    finding = " and ".join(
        [f"{_short(n, 20)} speaks most for it" for n in for_it]
        + [f"{_short(n, 20)} most against" for n in against]
    )
    figure = go.Figure(
        go.Bar(
            x=values,
            y=list(range(len(table))),
            orientation="h",
            marker_color=[TOWARDS if v > 0 else AGAINST for v in values],
            customdata=full,
            hovertemplate="%{customdata}: %{x:+.3f}<extra></extra>",
        )
    )
    figure.update_layout(
        title={"text": f"Score {explained.score:.2f}:<br>{finding or 'nothing moves it'}"},
        xaxis_title=f"contribution to the {UNITS[explained.shap.explains]}",
        yaxis={
            "tickvals": list(range(len(table))),
            "ticktext": labels,
            "autorange": "reversed",
        },
        height=140 + 26 * len(table),
        margin={"l": 10, "r": 10},
    )
    return figure


def person_table(explained: PersonExplanation) -> pd.DataFrame:
    """One person's features with SHAP contribution and LIME weight, largest first."""
    shap, lime = explained.shap, explained.lime
    table = pd.DataFrame(
        {
            "feature": shap.features,
            "value": [_value(explained.values[name]) for name in shap.features],
            "SHAP": shap.values[0],
            "LIME": lime.weights,
            "LIME spread": lime.spread,
        }
    )
    order = table["SHAP"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _value(value: float | str | None) -> str:
    if value is None:
        return "(missing)"
    return value if isinstance(value, str) else f"{value:g}"
