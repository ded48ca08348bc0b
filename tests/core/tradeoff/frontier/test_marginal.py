"""Marginal prices on sweeps whose prices are planted."""

from __future__ import annotations

import numpy as np
import pytest

from core.tradeoff.frontier.marginal import epsilon_prices, gap_prices
from core.tradeoff.frontier.pareto_analysis import pareto_analysis
from core.tradeoff.sweep.grid import Setting
from tests.core.tradeoff.planted import ACCURACY, PARITY, planted

SPLITS = (0, 1, 2, 3)
LADDER = [
    Setting("dp_naive_bayes", e, m) for m in ("none", "reweighing") for e in (4.0, 0.5, 1.0)
] + [Setting("naive_bayes")]


def rising(setting: Setting, split: int, noise: int) -> tuple[float, float]:
    doublings = np.log2((setting.epsilon or 64.0) / 0.5)
    wobble = 0.001 * (split - 1.5) * (noise - 0.5) + 0.02 * split
    return 0.6 + 0.03 * doublings + wobble, 0.05 + 0.01 * doublings + wobble


def test_what_a_unit_and_a_doubling_of_epsilon_buy() -> None:
    found = epsilon_prices(pareto_analysis(planted(LADDER, rising, SPLITS), ACCURACY, PARITY))
    steps = [
        (p.axis.kind, p.smaller.mitigation, p.smaller.epsilon, p.larger.epsilon) for p in found
    ]
    assert steps == [
        (kind, mitigation, low, high)
        for kind in ("performance", "disparity")
        for mitigation in ("none", "reweighing")
        for low, high in ((0.5, 1.0), (1.0, 4.0))
    ]
    for price in found:
        assert price.smaller.epsilon is not None
        assert price.larger.epsilon is not None
        worth = 0.03 if price.axis is ACCURACY else -0.01  # a wider gap is a loss
        step, doublings = (
            price.larger.epsilon - price.smaller.epsilon,
            1 + (price.smaller.epsilon == 1),
        )
        assert price.gain.value == pytest.approx(worth * doublings)
        assert price.for_doubling.value == pytest.approx(worth)
        assert price.for_one.value == pytest.approx(worth * doublings / step)
        for one in (price.gain, price.for_one, price.for_doubling):
            assert one.low is not None
            assert one.high is not None
            assert one.value is not None
            assert one.low <= one.value <= one.high
        assert price.on_front == (True, True)


def test_an_undefined_end_leaves_the_step_undefined_with_a_reason() -> None:
    points = planted(LADDER[:3], lambda s, j, k: (None if s.epsilon == 1 else 0.7, 0.1))
    accuracy = [
        p for p in epsilon_prices(pareto_analysis(points, ACCURACY, PARITY)) if p.axis is ACCURACY
    ]
    assert [p.gain.value for p in accuracy] == [None, None]
    assert accuracy[0].for_one.reason == "no rows in group x"


CHOICES = [
    Setting(name, e, m)
    for name, e in (("naive_bayes", None), ("dp_naive_bayes", 1.0))
    for m in ("none", "reweighing", "massaging", "correlation_remover")
]


def traded(setting: Setting, split: int, noise: int) -> tuple[float, float]:
    base = 0.8 if setting.epsilon is None else 0.7
    wobble = 0.0003 * (split - 1.5) + 0.0001 * noise
    accuracy, gap = {
        "none": (base, 0.20),
        "reweighing": (base - 0.02, 0.10),
        "massaging": (base - 0.05, 0.15),  # dominated
        "correlation_remover": (base - 0.06, 0.02),
    }[setting.mitigation]
    return accuracy + wobble + 0.01 * split, gap - wobble * (setting.mitigation != "none")


def test_what_a_point_of_the_gap_costs_along_the_front_at_one_epsilon() -> None:
    found = gap_prices(pareto_analysis(planted(CHOICES, traded, SPLITS), ACCURACY, PARITY))
    assert [(p.epsilon, p.fairer.mitigation, p.better.mitigation) for p in found] == [
        (e, *pair)
        for e in (1.0, None)
        for pair in (("correlation_remover", "reweighing"), ("reweighing", "none"))
    ]
    for price, expected in zip(found, (0.005, 0.002) * 2, strict=True):
        assert price.price.estimate == pytest.approx(expected, rel=0.02)
        assert price.price.low is not None
        assert price.price.high is not None
        assert price.price.low <= price.price.estimate <= price.price.high


def test_a_gap_that_may_be_chance_has_a_price_without_an_interval() -> None:
    gaps = {"none": 0.11, "reweighing": 0.10}
    points = planted(
        CHOICES[:2], lambda s, j, k: (0.7 + gaps[s.mitigation], gaps[s.mitigation]), (0,)
    )
    (price,) = gap_prices(pareto_analysis(points, ACCURACY, PARITY))
    assert price.price.estimate == pytest.approx(0.01)
    assert (price.price.low, price.price.high) == (None, None)
    assert price.price.reason == "no interval: the two do not differ significantly in unfairness"


def test_twins_have_no_price() -> None:
    (price,) = gap_prices(
        pareto_analysis(planted(CHOICES[:2], lambda s, j, k: (0.7, 0.1)), ACCURACY, PARITY)
    )
    assert price.price.estimate is None
    assert price.price.reason is not None
