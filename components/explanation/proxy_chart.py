"""The chart of proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

from components.explanation.explanation_charts import middle_cut
from components.widgets.charts import GREY, PALETTE, Chart, frame, plain
from core.explanation.proxies.proxies import STRONG

if TYPE_CHECKING:
    from core.explanation.attribution.explain import GlobalExplanation
    from core.explanation.proxies.proxies import Proxies

SHOWN = 12


def proxy_chart(found: Proxies, explained: GlobalExplanation) -> Chart:
    """Draw how well each feature alone, and all together, tell an attribute."""
    if found.reason is not None:
        return Chart(f"Proxies of {found.attribute}: {found.reason}", None, pd.DataFrame())
    every = [*([found.together] if found.together else []), *found.features]
    drawn = every[:SHOWN]
    total = float(explained.mean_absolute.sum()) or 1.0
    carries = dict(zip(explained.features, explained.mean_absolute / total, strict=True))
    names = [one.feature or "all together" for one in drawn]
    figure = go.Figure(
        go.Scatter(
            x=[one.auc for one in drawn],
            y=list(range(len(drawn))),
            mode="markers",
            marker={
                "size": 9,
                "color": [PALETTE[1] if one.strong else PALETTE[0] for one in drawn],
                "symbol": ["square" if one.strong else "circle" for one in drawn],
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [one.interval[1] - one.auc for one in drawn],
                "arrayminus": [one.auc - one.interval[0] for one in drawn],
                "color": GREY,
            },
            customdata=[plain(name) for name in names],
            hovertemplate="%{customdata}: %{x:.3f}<extra></extra>",
        )
    )
    frame(figure, 90 + 28 * len(drawn))
    figure.update_layout(
        xaxis_title=f"ROC AUC of telling {plain(middle_cut(found.attribute, 30))}",
        yaxis={
            "tickvals": list(range(len(drawn))),
            "ticktext": [plain(middle_cut(name, 22)) for name in names],
            "range": [len(drawn) - 0.5, -0.5],
        },
    )
    figure.add_vline(x=0.5, line_dash="dot", line_color=GREY)
    table = pd.DataFrame(
        [
            {
                "feature": one.feature or "(all together)",
                "ROC AUC": one.auc,
                "from": one.interval[0],
                "to": one.interval[1],
                "strong proxy": "yes" if one.strong else "no",
                "part of what moves scores": carries.get(one.feature or ""),
                "groups": ", ".join(f"{g}: {auc:.2f}" for g, auc in one.by_group.items()),
            }
            for one in every
        ]
    )
    strong = [one.feature for one in found.features if one.strong and one.feature]
    told = " · ".join(middle_cut(name, 40) for name in strong[:3])
    more = f" and {len(strong) - 3} more" if len(strong) > 3 else ""
    title = (
        f"{told}{more} significantly give {found.attribute} away"
        if len(strong) > 1
        else f"{told} significantly gives {found.attribute} away"
        if strong
        else f"No single feature significantly gives {found.attribute} away"
    )
    if found.together is not None:
        title += f"; all together tell it with a ROC AUC of {found.together.auc:.2f}"
    notes = (
        [f"Orange squares are strong proxies: significantly above {STRONG:g}."] if strong else []
    )
    if len(every) > SHOWN:
        notes.append(f"{len(every) - SHOWN} more features are in the table.")
    return Chart(title, figure, table, tuple(notes))
