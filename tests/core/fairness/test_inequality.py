from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from core.fairness.assessment.assess import assess
from core.fairness.assessment.record import to_json
from core.fairness.metrics.inequality import INEQUALITIES
from tests.core.fairness.tables import tables


def entropy_index(benefits, weights, alpha):
    """aif360's generalized_entropy_index, written out, with weights."""
    mean = np.average(benefits, weights=weights)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ratio = benefits / mean
        if alpha == 1:
            terms = np.where(benefits > 0, ratio * np.log(np.where(ratio > 0, ratio, 1)), 0.0)
        else:
            terms = (ratio**alpha - 1) / (alpha * (alpha - 1))
    return np.average(terms, weights=weights)


@settings(max_examples=15, deadline=None)
@given(tables(columns=1, largest=30))
@pytest.mark.parametrize("favourable", [True, False])
def test_indices_equal_the_formulas_of_aif360(favourable, rows):
    weights = np.ones(len(rows)) if rows.weights is None else rows.weights
    sign = 1 if favourable else -1
    benefits = 1.0 + sign * (rows.prediction.astype(int) - rows.target.astype(int))
    result = assess(
        rows.target,
        rows.prediction,
        rows.sensitive,
        weights=rows.weights,
        positive_is_favourable=favourable,
        draws=100,
    )
    averages = np.zeros(len(rows))
    for mask in rows.masks().values():
        if weights[mask].any():
            averages[mask] = np.average(benefits[mask], weights=weights[mask])
    for item in result.inequality:
        alpha = INEQUALITIES[item.name].alpha
        if np.average(benefits, weights=weights) == 0:
            assert item.individual.estimate is None
            assert "nobody benefits" in item.individual.reason
            continue
        expected = entropy_index(benefits, weights, alpha)
        assert item.individual.estimate == pytest.approx(expected, abs=1e-9)
        assert item.individual.low <= item.individual.estimate <= item.individual.high
        between = entropy_index(averages, weights, alpha)
        assert item.between_groups.estimate == pytest.approx(between, abs=1e-9)
        assert item.between_groups.estimate <= item.individual.estimate + 1e-9


def test_the_individual_part_s_interval_holds_the_truth():
    rng = np.random.default_rng(1)
    cells = np.array([0.4, 0.1, 0.15, 0.35])
    benefits = np.array([1.0, 2.0, 0.0, 1.0])
    truth = {i.name: entropy_index(benefits, cells, i.alpha) for i in INEQUALITIES}
    held = dict.fromkeys(truth, 0)
    for _ in range(80):
        rows = rng.choice(4, size=150, p=cells)
        found = assess(
            rows >= 2, rows % 2 == 1, pd.DataFrame({"g": rng.choice(["a", "b"], 150)}), draws=300
        )
        for item in found.inequality:
            held[item.name] += item.individual.low <= truth[item.name] <= item.individual.high
    assert all(count >= 70 for count in held.values())
    assert set(to_json(found)["inequality"]) == set(truth)
