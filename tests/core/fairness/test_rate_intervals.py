from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binomtest

from core.errors import InputError
from core.fairness.assessment.assess import assess, fairness_json
from core.fairness.intervals.intervals import beta_limits
from core.fairness.intervals.rate_intervals import RATE_INTERVALS, near_exact
from core.fairness.metrics.metric_definition import Cells
from core.fairness.metrics.metric_registry import METRICS
from tests.core.fairness.tables import tables

PEERS = {"wilson": "wilson", "clopper_pearson": "exact"}


def test_every_registered_interval_explains_itself_and_has_a_peer():
    assert [item.name for item in RATE_INTERVALS] == list(PEERS)
    for item in RATE_INTERVALS:
        assert item.sentence.endswith(".")
        assert any(year in item.source for year in ("1927", "1934"))


@settings(max_examples=25, deadline=None)
@given(tables(columns=1), st.sampled_from(list(PEERS)), st.sampled_from([0.8, 0.95]))
def test_rates_of_an_assessment_have_scipy_s_intervals(rows, kind, level):
    found = assess(
        rows.target, rows.prediction, rows.sensitive, level=level, rate_interval=kind, draws=100
    )
    assert found.rate_interval == kind
    for group in found.groups:
        mask = (rows.sensitive["s0"].astype(object) == group.group[0][1]).to_numpy()
        table = np.zeros((2, 2))
        np.add.at(table, (rows.target[mask].astype(int), rows.prediction[mask].astype(int)), 1)
        for metric in METRICS:
            if metric.kind != "rate" or group.figures[metric.name].estimate is None:
                continue
            hits, trials = (int(cells(table)) for cells in metric.rate)
            peer = binomtest(hits, trials).proportion_ci(level, method=PEERS[kind])
            figure = group.figures[metric.name]
            assert figure.low == pytest.approx(peer.low, abs=1e-9), metric.name
            assert figure.high == pytest.approx(peer.high, abs=1e-9), metric.name


def test_exact_limits_carry_over_to_what_is_made_of_rates():
    target = np.repeat([True, False], 20)
    prediction = np.r_[np.arange(20) < 15, np.arange(20) < 4]
    sensitive = pd.DataFrame({"g": ["a", "b"] * 20})
    wilson, exact = (
        assess(target, prediction, sensitive, rate_interval=kind).overall.figures for kind in PEERS
    )
    for name in ("selection_rate", "f1", "balanced_accuracy"):
        assert exact[name].low < wilson[name].low < wilson[name].high < exact[name].high
    peer = binomtest(15, 24).proportion_ci(method="exact")
    assert exact["f1"].low == pytest.approx(2 * peer.low / (1 + peer.low), abs=1e-9)
    assert isinstance(METRICS["f1"].needs[0], Cells)


def test_the_kind_stands_in_the_record_and_leaves_disparities_alone():
    rng = np.random.default_rng(0)
    rows = rng.random(60) < 0.5, rng.random(60) < 0.5, pd.DataFrame({"g": ["a", "b"] * 30})
    wilson, exact = (fairness_json(*rows, rate_interval=kind) for kind in PEERS)
    assert (wilson["rate_interval"], exact["rate_interval"]) == tuple(PEERS)
    assert wilson["disparities"] == exact["disparities"]
    with pytest.raises(InputError, match="interval of a rate"):
        assess(*rows, rate_interval="wald")


@given(st.integers(1, 300), st.data(), st.sampled_from([0.5, 0.95, 0.9999]))
def test_limits_for_contrasts_lie_between_jeffreys_and_exact_ones(n, data, level):
    k = data.draw(st.integers(0, n))
    low, high = near_exact(np.array(k / n), np.array(float(n)), level)
    exact = beta_limits(np.array(k), np.array(n), level, 0.0)
    tail = (1 - level) / 2
    jeffreys = (
        0.0 if k == 0 else beta.ppf(tail, k + 0.5, n - k + 0.5),
        1.0 if k == n else beta.ppf(1 - tail, k + 0.5, n - k + 0.5),
    )
    assert exact[0] - 1e-12 <= low <= jeffreys[0] + 1e-9
    assert jeffreys[1] - 1e-9 <= high <= exact[1] + 1e-12
    if 0 < k < n:
        assert low == pytest.approx(beta.ppf(tail, k + 0.25, n - k + 0.75), abs=1e-9)


def test_limits_of_nothing_are_undefined():
    for limits in (near_exact, *(item.limits for item in RATE_INTERVALS)):
        low, high = limits(np.array([np.nan, 0.5]), np.array([0.0, 4.0]), 0.95)
        assert np.isnan(low[0])
        assert np.isnan(high[0])
        assert 0 < low[1] < 0.5 < high[1] < 1
