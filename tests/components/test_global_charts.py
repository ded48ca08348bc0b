"""Charts of contributions: titles, and how values are written."""

from __future__ import annotations

import numpy as np
import pandas as pd

from components.explanation.global_charts import _reach, dependence_chart, swarm_chart
from core.explanation.attribution.explain import GlobalExplanation


def test_a_negative_end_has_the_minus_of_other_texts() -> None:
    assert _reach(np.array([0.1, -0.95, 0.94])) == "−0.95 to 0.94"
    assert _reach(np.array([0.1, 0.94])) == "0.1 to 0.94"


ROWS = pd.DataFrame(
    {
        "since": [18671.0, 18672.25, np.nan, 18700.0],
        "income": [1234567.0, 2.0, 3.0, 4.0],
    }
)


def explained() -> GlobalExplanation:
    values = np.array([[0.1, -0.2], [0.3, 0.0], [0.0, 0.1], [-0.2, 0.2]])
    mean = np.abs(values).mean(axis=0)
    return GlobalExplanation(
        "trees", "log-odds", ("since", "income"), mean, mean, mean, 4, 4, 0.0, np.arange(4), values
    )


def test_dates_are_written_as_such_in_hovers_axes_tables_and_names_of_parts() -> None:
    swarm = swarm_chart(explained(), ROWS, ("since",)).figure
    assert swarm is not None
    assert list(swarm.data[0].customdata) == [
        "since = 2021-02-13", "since = 2021-02-14 06:00:00", "since = (missing)",
        "since = 2021-03-14",
    ]  # fmt: skip
    own = dependence_chart(explained(), ROWS, "since", None, 0.0, ("since",))
    assert own.figure is not None
    assert list(own.figure.data[0].x) == ["2021-02-13", "2021-02-14 06:00:00", None, "2021-03-14"]
    assert own.table["since"].tolist()[0] == "2021-02-13"
    beside = dependence_chart(explained(), ROWS, "income", "since", 0.5, ("since",))
    assert beside.figure is not None
    assert [part.name for part in beside.figure.data] == [
        "since ≤ 2021-02-14 06:00:00", "since &gt; 2021-02-14 06:00:00", "since missing",
    ]  # fmt: skip


def test_numbers_that_are_no_dates_stay_numbers() -> None:
    chart = dependence_chart(explained(), ROWS, "since", "income", 0.5)
    assert chart.figure is not None
    assert all(isinstance(x, float) for part in chart.figure.data for x in part.x)
    assert chart.table["since"].tolist()[0] == 18671.0
