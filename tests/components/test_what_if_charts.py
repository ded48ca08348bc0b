import numpy as np

from components.explanation.what_if_charts import reasons_chart
from core.explanation.attribution.contributions import Contributions


def sampled(values: list[float]) -> Contributions:
    return Contributions(
        "any", "probability", ("age", "income"), np.array([values]), 0.5, np.array([0.7]), 100,
        np.array([[0.01, 0.02]]), "it has parts that can't be read",
    )  # fmt: skip


def test_sampled_values_say_why_they_are_sampled_and_how_far_they_are_off() -> None:
    chart = reasons_chart(sampled([0.1, 0.1]), sampled([0.05, 0.15]), edited=True)
    note = " ".join(chart.notes)
    assert "it has parts that can't be read" in note
    assert "0.0" in note
    assert set(chart.table["feature"]) == {"age", "income"}
