"""The chart of proxies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from components.explanation.explanation_charts import middle_cut
from components.widgets.charts import Chart, plain
from components.widgets.dot_rows import Row, dot_rows
from core.explanation.proxies.proxies import STRONG
from core.fairness.metrics.assessment import Figure

if TYPE_CHECKING:
    from core.explanation.attribution.explain import GlobalExplanation
    from core.explanation.proxies.proxies import Proxies

SHOWN = 12


def proxy_chart(found: Proxies, explained: GlobalExplanation) -> Chart:
    """Draw how well each feature alone, and all together, tell an attribute."""
    if found.reason is not None:
        return Chart(f"Proxies of {found.attribute}: {found.reason}", None, pd.DataFrame())
    every = [*([found.together] if found.together else []), *found.features]
    figure = dot_rows(
        [
            Row(one.feature or "all together", Figure(one.auc, *one.interval), kind=int(one.strong))
            for one in every[:SHOWN]
        ],
        ("no strong proxy", f"strong proxy: significantly above {STRONG:g}"),
        f"ROC AUC of telling {plain(middle_cut(found.attribute, 30))} (0.5 = guessing)",
        parity=0.5,
    )
    left_out = len(every) - SHOWN
    notes = (f"{left_out} more features are in the table.",) if left_out > 0 else ()
    return Chart(_title(found), figure, _table(found, explained), notes)


def _table(found: Proxies, explained: GlobalExplanation) -> pd.DataFrame:
    total = float(explained.mean_absolute.sum()) or 1.0
    carries = dict(zip(explained.features, explained.mean_absolute / total, strict=True))
    return pd.DataFrame(
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
            for one in (*([found.together] if found.together else []), *found.features)
        ]
    )


def _title(found: Proxies) -> str:
    strong = [one.feature for one in found.features if one.strong and one.feature]
    names = " · ".join(middle_cut(name, 40) for name in strong[:3]) or "No single feature"
    more = f" and {len(strong) - 3} more" if len(strong) > 3 else ""
    verb = "give" if len(strong) > 1 else "gives"
    title = f"{names}{more} significantly {verb} {found.attribute} away"
    if found.together is not None:
        title += f"; all together tell it with a ROC AUC of {found.together.auc:.2f}"
    return title
