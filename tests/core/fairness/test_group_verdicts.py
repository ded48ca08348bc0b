"""Each group by each metric, against a computation by hand, on both sides of every edge."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from core.fairness.assessment.assess import assess
from core.fairness.disparities.group_verdicts import JUDGED, GroupVerdict, group_verdicts
from tests.core.fairness.test_disparities import table


def judged(metric: str = "selection_rate", favourable: bool = True, **cells: tuple[int, ...]):
    found = assess(*table(**cells), positive_is_favourable=favourable)
    return {item.group: item for item in group_verdicts(found) if item.metric == metric}


def rates(a: int, b: int, rows: int) -> dict[str, GroupVerdict]:
    return judged(a=(rows - a, a, 0, 0), b=(rows - b, b, 0, 0))


def test_a_gap_is_the_difference_to_all_others() -> None:
    found = judged(a=(60, 40, 30, 70), b=(50, 50, 50, 50), c=(80, 20, 80, 20))
    assert found["a"].gap.estimate == pytest.approx(110 / 200 - 140 / 400)
    assert found["a"].worse is False
    assert found["c"].worse is True
    assert found["c"].rate.estimate == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("a", "outcome"), [(400, "not met"), (449, "not met"), (450, "not enough evidence")]
)
def test_not_met_is_more_than_the_tolerance_and_significant(a: int, outcome: str) -> None:
    # At 1,000 rows a group a gap of 0.05 is significant by itself; the tolerance decides.
    found = rates(a, 500, 1000)
    pooled = (a + 500) / 2000
    z = (500 - a) / 1000 / np.sqrt(pooled * (1 - pooled) * 2 / 1000)
    assert 2 * norm.sf(z) < 0.05
    assert found["a"].outcome == outcome
    assert found["b"].outcome == "met"


@pytest.mark.parametrize(("a", "outcome"), [(40, "not enough evidence"), (36, "not met")])
def test_a_gap_that_may_be_chance_is_not_called_not_met(a: int, outcome: str) -> None:
    found = rates(a, 50, 100)
    assert found["a"].outcome == outcome
    if outcome == "not enough evidence":
        assert found["a"].reason.startswith("the gap may be as large as 0.2")


@pytest.mark.parametrize(("rows", "outcome"), [(10000, "met"), (100, "not enough evidence")])
def test_met_is_said_where_the_whole_interval_is_within(rows: int, outcome: str) -> None:
    found = rates(rows // 2, rows // 2, rows)
    assert {item.outcome for item in found.values()} == {outcome}


def test_an_adverse_decision_is_worse_where_it_is_more_frequent() -> None:
    cells = {"a": (400, 600, 0, 0), "b": (600, 400, 0, 0)}
    assert judged(favourable=True, **cells)["b"].outcome == "not met"
    adverse = judged(favourable=False, **cells)
    assert (adverse["a"].outcome, adverse["b"].outcome) == ("not met", "met")


def test_groups_too_small_and_unknown_ones_are_never_judged() -> None:
    found = judged(a=(500, 500, 0, 0), b=(500, 500, 0, 0), few=(29, 0, 0, 0))
    assert found["few"].outcome == "not enough evidence"
    assert "29" in found["few"].reason
    target, prediction, groups = table(a=(100, 100, 0, 0), b=(100, 100, 0, 0), c=(0, 90, 0, 0))
    groups = groups.replace({"c": "(missing)"})
    known = group_verdicts(assess(target, prediction, pd.DataFrame(groups)))
    assert {item.group for item in known} == {"a", "b"}
    # Rows of unknown group are not among all others either.
    assert known[0].gap.estimate == 0


def test_what_is_undefined_is_told_with_its_reason() -> None:
    found = group_verdicts(assess(*table(a=(50, 50, 0, 0), b=(50, 50, 0, 0))))
    for item in found:
        if item.metric == "true_positive_rate":
            assert (item.outcome, item.worse) == ("not defined", None)
            assert "no positive" in item.reason
    assert [item.metric for item in found[: len(JUDGED)]] == list(JUDGED)


def test_false_positive_rates_and_precision_have_their_worse_end() -> None:
    cells = {"a": (300, 700, 100, 900), "b": (700, 300, 100, 900)}
    assert judged("false_positive_rate", True, **cells)["b"].outcome == "not met"
    assert judged("false_positive_rate", False, **cells)["a"].outcome == "not met"
    assert judged("precision", True, **cells)["a"].outcome == "not met"
    assert judged("precision", False, **cells)["a"].outcome == "not met"
    assert judged("accuracy", True, **cells)["a"].outcome == "not met"
