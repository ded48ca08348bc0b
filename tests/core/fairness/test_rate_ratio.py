"""Ratios of rates to the highest one, and the gap among groups that are large enough."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats.contingency import relative_risk

from core.fairness.assessment.assess import assess
from core.fairness.disparities.judged_gap import judged_gap
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.rate_ratio import katz, rate_ratios
from tests.core.fairness.test_disparities import table


@pytest.mark.parametrize(
    ("hits", "size", "others", "total"), [(660, 1000, 920, 1000), (3, 50, 40, 60), (10, 10, 7, 9)]
)
def test_katz_agrees_with_scipy(hits: int, size: int, others: int, total: int) -> None:
    found = katz(hits / size, size, others / total, total, 0.95)
    other = relative_risk(hits, size, others, total)
    ends = other.confidence_interval(0.95)
    assert found.estimate == pytest.approx(other.relative_risk)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high))


def test_no_hit_runs_from_zero_to_a_cautious_end() -> None:
    found = katz(0.0, 100, 0.5, 100, 0.95)
    assert (found.estimate, found.low) == (0.0, 0.0)
    # The rule of three: at most about 3.7 in 100 at two-sided 95 %, over at least 0.4.
    assert found.high == pytest.approx((1 - 0.025 ** (1 / 100)) / 0.3983, rel=1e-3)


def test_ratios_are_to_the_highest_and_leave_small_groups_out() -> None:
    rows = {"a": (50, 0, 0, 50), "b": (20, 0, 0, 80), "c": (90, 0, 0, 10), "few": (29, 0, 0, 0)}
    cube = assess(*table(**rows)).cube
    metric = METRICS["selection_rate"]
    found = rate_ratios(cube, metric)
    assert [(item.group, item.highest) for item in found] == [("c", "b"), ("a", "b")]
    assert [item.ratio.estimate for item in found] == pytest.approx([1 / 8, 5 / 8])
    # Two ratios told together: each at the square root of 0.95.
    assert found[1].ratio == katz(0.5, 100, 0.8, 100, 0.95**0.5)
    assert "few" in {item.group for item in rate_ratios(cube, metric, minimum_count=29)}
    nobody = assess(*table(a=(50, 0, 0, 0), b=(60, 0, 0, 0))).cube
    assert rate_ratios(nobody, metric) == ()
    assert rate_ratios(assess(*table(a=(50, 0, 0, 9))).cube, metric) == ()


def test_a_judged_gap_is_that_of_the_large_groups_alone() -> None:
    rows = {"a": (300, 100, 50, 250), "b": (300, 100, 150, 150), "few": (10, 0, 9, 0)}
    every, large = assess(*table(**rows)), {name: rows[name] for name in ("a", "b")}
    found = judged_gap(every, "equalized_odds_difference")
    alone = assess(*table(**large)).disparity("equalized_odds_difference")
    assert found.left_out == ("few",)
    assert found.figure.estimate == pytest.approx(250 / 300 - 150 / 300)
    assert found.figure == alone.figure
    assert set(found.disparity.between) == {"a", "b"}
    assert every.disparity("equalized_odds_difference").between == found.disparity.between
    same = judged_gap(assess(*table(**large)), "equalized_odds_difference")
    assert (same.disparity, same.left_out) == (alone, ())


def test_without_two_large_groups_no_gap_is_judged() -> None:
    found = judged_gap(
        assess(*table(a=(300, 100, 50, 250), few=(10, 0, 9, 0))), "equalized_odds_difference"
    )
    assert found.figure.estimate is None
    assert found.figure.reason == "fewer than two groups are large enough to judge"
    assert np.isfinite(found.disparity.figure.estimate or 0)


def test_rows_of_unknown_group_enter_neither_ratios_nor_gaps() -> None:
    rows = {"a": (300, 100, 50, 250), "b": (300, 100, 150, 150), "few": (10, 0, 9, 0)}
    unknown = {"(missing)": (0, 300, 0, 300)}
    with_them, without = assess(*table(**rows, **unknown)), assess(*table(**rows))
    metric = METRICS["selection_rate"]
    assert rate_ratios(with_them.cube, metric) == rate_ratios(without.cube, metric)
    name = "equalized_odds_difference"
    assert judged_gap(with_them, name) == judged_gap(without, name)


def test_next_to_nothing_behind_a_rate_leaves_the_range_of_a_ratio() -> None:
    found = katz(1e-9, 1e-3, 0.5, 100, 0.95)
    assert (found.low, found.high) == (0.0, 2.0)
    near = katz(1e-4, 50.0, 0.5, 100, 0.95)
    assert near.low is not None
    assert 0 < near.low < 1e-4 / 0.5 < (near.high or 0)
