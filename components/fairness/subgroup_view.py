"""Where is it worst: the rows that are searched, and the chart of what was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from components.widgets.charts import Chart
from components.widgets.dot_rows import Row, dot_rows
from core.fairness.disparities.subgroups import SubgroupSearch, search_subgroups
from core.fairness.disparities.sure_gap import surely_there
from core.fairness.metrics.assessment import Figure
from core.fairness.metrics.metrics import METRICS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.data.dataset import Dataset
    from core.training.trained import Trained

MOST_DRAWN = 12


@dataclass(frozen=True, eq=False)
class JudgedRows:
    """The rows whose decisions are audited, with every column that may describe a subgroup."""

    target: npt.NDArray[np.bool_] | None
    decisions: npt.NDArray[np.bool_]
    columns: pd.DataFrame
    weights: npt.NDArray[np.float64] | None
    persons: npt.NDArray[np.int64] | None = None

    @property
    def names(self) -> list[str]:
        """Names of the columns, the sensitive ones first."""
        return [str(name) for name in self.columns.columns]

    def search(
        self, metric: str, columns: list[str], depth: int
    ) -> Iterator[tuple[float, SubgroupSearch]]:
        """Search subgroups of some of the columns."""
        return search_subgroups(
            self.target,
            self.decisions,
            self.columns[columns],
            metric,
            weights=self.weights,
            persons=self.persons,
            depth=depth,
        )


def judged_rows(dataset: Dataset, trained: Trained | None) -> JudgedRows:
    """Take the test rows of a trained model, or all rows of existing predictions."""
    others = [name for name in dataset.features.columns if name not in dataset.sensitive.columns]
    columns = pd.concat(
        [dataset.sensitive.reset_index(drop=True), dataset.features[others].reset_index(drop=True)],
        axis=1,
    )
    if trained is None:
        assert dataset.predictions is not None
        return JudgedRows(
            dataset.outcome, dataset.predictions, columns, dataset.weights, dataset.persons
        )
    rows = trained.split.test
    weights = None if dataset.weights is None else dataset.weights[rows]
    return JudgedRows(
        dataset.target[rows],
        trained.decisions,
        columns.iloc[rows].reset_index(drop=True),
        weights,
        dataset.persons_at(rows),
    )


def subgroup_chart(found: SubgroupSearch) -> Chart:
    """Draw the worst subgroups' gaps with intervals, the surest first."""
    drawn = found.subgroups[:MOST_DRAWN]
    table = pd.DataFrame(
        [
            {
                "Subgroup": item.name,
                "Rows": item.rows,
                METRICS[found.metric].title: f"{item.rate:.3f}",
                "Everyone else": f"{item.rest_rate:.3f}",
                "Gap": f"{item.gap:+.3f} ({item.low:+.3f} to {item.high:+.3f})",
                "Significant?": f"Yes: at least {item.bound:.3f}."
                if surely_there(item.bound)
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
            0 if surely_there(item.bound) else 1,
        )
        for item in drawn
    ]
    axis = f"{METRICS[found.metric].title}: subgroup minus everyone else"
    kinds = ("statistically significant", "may be chance")
    figure = dot_rows(rows, kinds, axis, signed=True, parity=0.0, level=found.each_level)
    notes = []
    if len(found.subgroups) > MOST_DRAWN:
        notes.append(f"The {MOST_DRAWN} surest are drawn; the table has {len(found.subgroups)}.")
    listed = sum(surely_there(item.bound) for item in found.subgroups)
    if found.sure > listed:
        notes.append(
            f"{found.sure - listed:,} more significantly differ too, but less "
            "significantly than these."
        )
    return Chart(found.sentence, figure, table, tuple(notes))


def price(found: SubgroupSearch) -> str:
    """Say how many subgroups were looked at, and what that costs."""
    return (
        f"{found.looked_at:,} subgroups of at least {found.minimum_rows} rows were looked at, "
        f"{found.sure:,} significantly differ; {found.too_small:,} smaller ones, or all but so "
        "few rows, were not. Looking at many finds some gap by chance: each interval is widened "
        f"(to {100 * found.each_level:.7g}%, Bonferroni) so that all hold together with "
        f"{found.level:.0%}. "
        "Ranked by the end of the interval nearest to 0, not by the gap seen."
    )
