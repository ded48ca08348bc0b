"""Ties with the best, and who is surely off the front."""

from __future__ import annotations

import numpy as np
import pytest

from core.tradeoff.frontier.differences import SplitTable, difference, side_by_side
from core.tradeoff.frontier.spread import Observation, Spread, spread_of
from core.tradeoff.frontier.ties import judge_front, tied_with_best


def made(values: list[float], error: float = 0.01) -> Spread:
    found = [Observation(j, v, error, 0.0) for j, v in enumerate(values)]
    return spread_of(found, noisy=False)


def table(*means: float | None, error: float = 0.01) -> SplitTable:
    return side_by_side([made([] if mean is None else [mean], error) for mean in means])


def test_what_is_near_the_best_is_tied() -> None:
    # 0.01 · √2 · z at a one-sided 0.05 / 3: 0.0301.
    found = tied_with_best(table(0.90, 0.871, 0.869, None, 0.5), -1)
    assert found.best == 0
    assert found.tied == (True, True, False, None, False)
    assert found.compared == 3
    assert found.sentence.startswith("1 of 3 other settings do not differ significantly")
    assert "Of 1 it is not known" in found.sentence


def test_where_less_is_better() -> None:
    found = tied_with_best(table(0.30, 0.10, 0.12), 1)
    assert (found.best, found.tied) == (1, (False, True, True))


def test_a_single_setting_and_none() -> None:
    assert tied_with_best(table(0.3), 1).tied == (True,)
    nothing = tied_with_best(table(None, None), 1)
    assert (nothing.best, nothing.tied) == (None, (None, None))
    assert nothing.sentence == (
        "No setting is the best: the figure is not defined for any setting."
    )


@pytest.mark.parametrize("splits", [1, 6])
def test_the_truly_best_is_among_the_tied_with_95_percent(splits: int) -> None:
    rng = np.random.default_rng(splits)
    worlds, missed, apart = 300, 0, 0
    for _ in range(worlds):
        # Twelve equally good settings, of which each is the truly best, and one far behind.
        noise = rng.normal(0, 0.01, (13, splits))
        means = [0.8] * 12 + [0.5]
        found = tied_with_best(
            side_by_side([made(list(m + e)) for m, e in zip(means, noise, strict=True)]), -1
        )
        missed += found.tied[0] is False
        apart += found.tied[12] is False
    assert missed / worlds <= 0.05
    assert apart == worlds


def test_where_each_setting_stands_to_the_front() -> None:
    performance = [0.90, 0.80, 0.89, 0.70, None]
    gap = [0.10, 0.02, 0.10, 0.10, 0.10]
    tables = (table(*performance), table(*gap))
    losses = np.column_stack([-tables[0].mean, tables[1].mean, [1.0, 1.0, 2.0, 2.0, 1.0]])
    found = judge_front(losses, ("performance", "gap", "ε"), [(tables[0], -1), (tables[1], 1)])
    assert found.status == (
        "front", "front", "dominated by estimates", "surely dominated", "undefined",
    )  # fmt: skip
    assert found.by[:3] == (None, None, 0)
    assert found.by[3] in (0, 1)
    assert found.by[4] is None
    assert found.reasons == (("performance is not defined", 1),)


def test_a_smaller_epsilon_alone_makes_nothing_sure() -> None:
    tables = (table(0.80, 0.80), table(0.1, 0.1))
    losses = np.column_stack([-tables[0].mean, tables[1].mean, [0.1, 10.0]])
    found = judge_front(losses, ("performance", "gap", "ε"), [(tables[0], -1), (tables[1], 1)])
    assert found.status == ("front", "dominated by estimates")


@pytest.mark.parametrize("seed", range(5))
def test_status_equals_its_definition_pair_by_pair(seed: int) -> None:
    rng = np.random.default_rng(seed)
    columns = [
        [made(list(np.round(rng.normal(mean, 0.02, 4), 2))) for mean in rng.random(25)]
        for _ in range(2)
    ]
    epsilon = rng.integers(1, 4, 25).astype(float)
    tables = [side_by_side(column) for column in columns]
    losses = np.column_stack([-tables[0].mean, tables[1].mean, epsilon])
    found = judge_front(losses, "abc", [(tables[0], -1), (tables[1], 1)])
    level = 1 - 2 * 0.05 / (24 * 2)
    for i in range(25):
        above = [
            j
            for j in range(25)
            if found.front[j] and (losses[j] <= losses[i]).all() and (losses[j] < losses[i]).any()
        ]
        if found.front[i]:
            assert not above
            continue
        sure = any(
            (difference(columns[0][i], columns[0][j], level=level).high or 0) < 0
            or (difference(columns[1][i], columns[1][j], level=level).low or 0) > 0
            for j in above
        )
        assert found.status[i] == ("surely dominated" if sure else "dominated by estimates")
        assert found.by[i] in above
