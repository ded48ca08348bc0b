from __future__ import annotations

import numpy as np
import pytest

from core.comparison.paired.joint_cells import JointCells, tables
from core.comparison.paired.paired_figures import (
    decision_differences,
    disparity_interval,
    draw_tables,
)
from core.fairness.disparities.contrasts import gap, ratio
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.metric_registry import METRICS, GroupMetric
from tests.core.comparison.worlds import Floats, population, sample

GAP, NONE = [(0.8, 0.4), (0.6, 0.2)], [(0.7, 0.3)] * 2
WORLDS = {
    "no gap in either": ([0.5, 0.5], NONE, NONE),
    "only A has a gap": ([0.5, 0.5], GAP, NONE),
    "the same gap": ([0.5, 0.5], GAP, GAP),
    "opposite gaps": ([0.5, 0.5], GAP, GAP[::-1]),
    "other pairs of three": (
        [0.4, 0.3, 0.3],
        [(0.8, 0.4), (0.5, 0.2), (0.75, 0.35)],
        [(0.8, 0.4), (0.75, 0.3), (0.5, 0.2)],
    ),
    "a small group": ([0.95, 0.05], [(0.7, 0.3), (0.6, 0.2)], NONE),
}


def truth(name: str, table: Floats) -> float:
    definition, found = DISPARITIES[name], []
    for metric in definition.metrics:
        item = METRICS[metric]
        assert isinstance(item, GroupMetric)
        values = item.value(table)
        extreme = gap(values) if definition.comparison == "difference" else ratio(values)
        assert extreme is not None
        found.append(extreme.value)
    return max(found) if definition.comparison == "difference" else min(found)


def interval(name: str, cells: JointCells, rng: np.random.Generator) -> tuple[float, float]:
    drawn = draw_tables(cells, 500, rng, 0.5)
    ends, _ = disparity_interval(DISPARITIES[name], drawn, "no scores were given", 0.95)
    assert not isinstance(ends, str)
    return ends


def test_where_one_pair_is_clearly_furthest_it_is_the_interval_of_that_contrast() -> None:
    cells = sample(population([0.5, 0.5], GAP, [(0.8, 0.4), (0.55, 0.1)]), 4000,
                   np.random.default_rng(0))  # fmt: skip
    drawn = draw_tables(cells, 4000, np.random.default_rng(1), 0.5)
    ends, _ = disparity_interval(DISPARITIES["demographic_parity_difference"], drawn, "", 0.95)
    metric = METRICS["selection_rate"]
    assert isinstance(metric, GroupMetric)
    a, b = (metric.value(side) for side in drawn.draws)
    d = (b[:, 0] - b[:, 1]) - (a[:, 0] - a[:, 1])
    x, y = (metric.value(side) for side in drawn.seen)
    middle = (y[0] - y[1]) - (x[0] - x[1])
    assert ends == pytest.approx((middle - 1.96 * d.std(), middle + 1.96 * d.std()), abs=1e-4)


def test_equal_models_are_not_told_apart_where_percentiles_of_the_gap_would_shift() -> None:
    """B has no gap and A a large one: draws of B's gap all lie above the true 0."""
    pop = population([0.5, 0.5], GAP, NONE)
    name, rng, held, shifted, worlds = (
        "demographic_parity_difference",
        np.random.default_rng(3),
        0,
        0,
        60,
    )
    true = truth(name, tables(pop)[1]) - truth(name, tables(pop)[0])
    metric = METRICS["selection_rate"]
    assert isinstance(metric, GroupMetric)
    for _ in range(worlds):
        cells = sample(pop, 400, rng)
        low, high = interval(name, cells, rng)
        held += low <= true <= high
        drawn = draw_tables(cells, 300, rng, 0.0)
        a, b = (np.ptp(metric.value(side), axis=1) for side in drawn.draws)
        x, y = (np.ptp(metric.value(side)) for side in drawn.seen)
        shifted += (b - a).mean() > y - x
    assert held >= 0.9 * worlds
    assert shifted > 0.8 * worlds  # the bias that this interval avoids


def test_too_many_groups_have_no_interval_but_a_reason() -> None:
    count = np.full((31, 2, 2, 2), 5)
    drawn = draw_tables(JointCells(count), 100, np.random.default_rng(0), 0.5)
    ends, _ = disparity_interval(DISPARITIES["accuracy_difference"], drawn, "", 0.95)
    assert "31 groups" in str(ends)


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("n", [300, 2000])
def test_intervals_hold_the_true_difference(world: str, n: int) -> None:
    pop = population(*WORLDS[world])
    names = (
        "demographic_parity_difference",
        "demographic_parity_ratio",
        "equalized_odds_difference",
        "equal_opportunity_difference",
        "equal_opportunity_ratio",
    )
    rng, worlds = np.random.default_rng(4), 200
    a, b = tables(pop)
    held, accuracy = dict.fromkeys(names, 0), 0
    metric = METRICS["accuracy"]
    assert isinstance(metric, GroupMetric)
    true_accuracy = float(metric.value(b.sum(axis=0)) - metric.value(a.sum(axis=0)))
    for _ in range(worlds):
        cells = sample(pop, n, rng)
        for name in names:
            low, high = interval(name, cells, rng)
            held[name] += low - 1e-12 <= truth(name, b) - truth(name, a) <= high + 1e-12
        ((figure, _),) = decision_differences(
            metric, draw_tables(cells.overall(), 1000, rng, 0.5), 0.95
        )
        assert figure.low is not None
        assert figure.high is not None
        accuracy += figure.low <= true_accuracy <= figure.high
    # The standard error of a share of 200 worlds is 1.5 points.
    assert min(held.values()) >= 0.91 * worlds, held
    assert accuracy >= 0.91 * worlds
