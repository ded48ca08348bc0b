"""The score cube against computations row by row."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from core.errors import InputError
from core.fairness.counts.grouping import group_rows
from core.fairness.counts.ranking import roc_auc
from core.fairness.counts.score_cube import BINS, binned_auc, count_scores, score_edges
from core.fairness.metrics import score_quality
from core.fairness.metrics.score_calibration import brier_score, expected_calibration_error
from tests.core.fairness.tables import tables


def cube_of(rows, edges=None):
    return count_scores(group_rows(rows.sensitive), rows.target, rows.scores, rows.weights, edges)


@settings(max_examples=60, deadline=None)
@given(tables())
def test_few_scores_give_the_exact_area_and_its_exact_error(rows):
    grouping = group_rows(rows.sensitive)
    cube = cube_of(rows)
    assert cube.single.all()
    found, errors = binned_auc(cube)
    exact = roc_auc(grouping.codes, len(grouping.groups), rows.target, rows.scores, rows.weights)
    for ours, theirs, error in zip(found, exact, errors, strict=True):
        assert ours.reason == theirs.reason
        if theirs.estimate is not None:
            assert ours.estimate == pytest.approx(theirs.estimate, abs=1e-12)
            assert error == 0
        if theirs.standard_error is not None:
            assert ours.standard_error == pytest.approx(theirs.standard_error, abs=1e-7)


@settings(max_examples=60, deadline=None)
@given(tables(), st.lists(st.floats(-2, 2), min_size=1, max_size=4, unique=True))
def test_coarse_bins_hold_the_exact_area_within_their_error(rows, edges):
    grouping = group_rows(rows.sensitive)
    found, errors = binned_auc(cube_of(rows, np.sort(edges)))
    exact = roc_auc(grouping.codes, len(grouping.groups), rows.target, rows.scores, rows.weights)
    for ours, theirs, error in zip(found, exact, errors, strict=True):
        assert (ours.estimate is None) == (theirs.estimate is None)
        if theirs.estimate is not None:
            assert abs(ours.estimate - theirs.estimate) <= error + 1e-12


@settings(max_examples=60, deadline=None)
@given(tables())
def test_counts_above_every_edge_are_those_of_the_rows(rows):
    cube = cube_of(rows)
    weights = np.ones(len(rows)) if rows.weights is None else rows.weights
    masks = rows.masks()
    for i, edge in enumerate(cube.edges):
        for g, group in enumerate(cube.groups):
            for label in (0, 1):
                held = masks[group] & (rows.target == bool(label)) & (rows.scores >= edge)
                assert cube.count[g, label, i + 1 :].sum() == held.sum()
                for cells, each in (
                    (cube.weight, weights),
                    (cube.weight_squared, weights**2),
                    (cube.score_weight, weights * rows.scores),
                ):
                    np.testing.assert_allclose(
                        cells[g, label, i + 1 :].sum(), each[held].sum(), rtol=1e-9, atol=1e-9
                    )


@settings(max_examples=40, deadline=None)
@given(tables())
def test_marginals_are_cubes_of_the_marginal_rows(rows):
    whole = cube_of(rows)
    first = str(rows.sensitive.columns[0])
    alone = count_scores(
        group_rows(rows.sensitive[[first]]), rows.target, rows.scores, rows.weights, whole.edges
    )
    merged = whole.marginal((first,))
    assert merged.groups == alone.groups
    np.testing.assert_array_equal(merged.count, alone.count)
    np.testing.assert_allclose(merged.score_weight, alone.score_weight, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(whole.overall().count.sum(axis=0), alone.count.sum(axis=0))


@pytest.mark.parametrize("weighted", [False, True])
def test_calibration_is_that_of_the_rows(weighted):
    rng = np.random.default_rng(1)
    n = 5000
    groups = rng.choice(["a", "b"], n)
    scores = rng.random(n)
    target = rng.random(n) < np.where(groups == "a", scores, scores**2)
    weights = rng.random(n) + 0.5 if weighted else None
    w = np.ones(n) if weights is None else weights
    cube = count_scores(group_rows(pd.DataFrame({"g": groups})), target, scores, weights)
    a, b = expected_calibration_error(cube)
    for found, held in ((a, groups == "a"), (b, groups == "b")):
        error = 0.0
        for k in range(10):
            rows = held & (np.minimum((scores * 10).astype(int), 9) == k)
            share = w[rows].sum() / w[held].sum()
            gap = np.average(target[rows], weights=w[rows]) - np.average(
                scores[rows], weights=w[rows]
            )
            error += share * abs(gap)
        assert found.estimate == pytest.approx(error, abs=1e-9)
        low, high = found.interval(0.95)
        assert low <= found.estimate <= high
    # Where scores are right the error may be 0; the other group's true one is 1/6.
    assert a.interval(0.95)[0] < 0.01
    low, high = b.interval(0.95)
    assert low < 1 / 6 < high


@settings(max_examples=60, deadline=None)
@given(tables())
def test_figures_of_probabilities_are_those_of_the_rows(rows):
    grouping = group_rows(rows.sensitive)
    cube = cube_of(rows)
    parts = (grouping.codes, len(grouping.groups), rows.target, rows.scores, rows.weights)
    brier, errors = brier_score(cube)
    pairs = [(brier, score_quality.brier_score(*parts))]
    pairs.append(
        (expected_calibration_error(cube), score_quality.expected_calibration_error(*parts))
    )
    for found, exact in pairs:
        for ours, theirs in zip(found, exact, strict=True):
            assert ours.reason == theirs.reason
            assert (ours.estimate is None) == (theirs.estimate is None)
            if theirs.estimate is not None:
                assert ours.estimate == pytest.approx(theirs.estimate, abs=1e-9)
            if theirs.standard_error is not None:
                assert ours.standard_error == pytest.approx(theirs.standard_error, abs=1e-7)
    assert not np.nan_to_num(errors).any()


def test_brier_from_a_grid_holds_the_exact_one_within_its_error():
    rng = np.random.default_rng(3)
    scores = rng.random(4000)
    target = rng.random(4000) < scores
    cube = count_scores(group_rows(pd.DataFrame({"g": ["a"] * 4000})), target, scores)
    found, errors = brier_score(cube)
    exact = np.mean((scores - target) ** 2)
    assert 0 <= exact - found[0].estimate <= errors[0] < 1e-6


def test_scores_that_are_no_probabilities_have_no_calibration():
    grouping = group_rows(pd.DataFrame({"g": list("aabb")}))
    for scores in ([1, 2, 3, 10], [-0.1, 0.2, 0.3, 0.4], [0.5, 1.5, 1.0, 0.1]):
        cube = count_scores(grouping, np.array([True, False] * 2), np.array(scores, dtype=float))
        figure = expected_calibration_error(cube)[0]
        assert figure.estimate is None
        assert "between 0 and 1" in figure.reason
    cube = count_scores(grouping, np.array([True, False] * 2), np.array([0.0, 1.0, 1.0, 0.5]))
    assert expected_calibration_error(cube)[0].estimate == 1.0


def test_edges_are_distinct_scores_or_a_grid_and_hold_the_threshold():
    np.testing.assert_array_equal(score_edges(np.array([3.0, 1, 3, 2]), (2.5,)), [1, 2, 2.5, 3])
    many = np.random.default_rng(0).random(5000)
    edges = score_edges(many, (0.33333,))
    assert len(edges) == BINS + 2
    assert {0.0, 0.1, 0.5, 1.0, 0.33333} <= set(edges.tolist())
    wide = score_edges(many * 10 - 5)
    assert wide[0] == (many * 10 - 5).min()
    # Few distinct scores among the first rows do not mislead.
    late = np.r_[np.zeros(60_000), many]
    assert len(score_edges(late)) == BINS + 1


def test_bad_input_is_named():
    grouping = group_rows(pd.DataFrame({"g": list("ab")}))
    good = np.array([True, False])
    with pytest.raises(InputError, match="finite"):
        count_scores(grouping, good, np.array([0.1, np.nan]))
    with pytest.raises(InputError, match="ascend"):
        count_scores(grouping, good, np.array([0.1, 0.2]), edges=np.array([0.2, 0.1]))
    with pytest.raises(InputError, match="too far"):
        score_edges(np.r_[-1.7e308, np.linspace(0, 1.7e308, 2000)])


def test_a_million_rows_take_well_under_a_second():
    rng = np.random.default_rng(0)
    n = 1_000_000
    scores, target = rng.random(n), rng.random(n) < 0.4
    grouping = group_rows(pd.DataFrame({"g": rng.integers(0, 10, n)}))
    start = time.process_time()
    cube = count_scores(grouping, target, scores)
    assert time.process_time() - start < 1.5  # Loose: the machine is shared.
    found, errors = binned_auc(cube.overall())
    assert abs(found[0].estimate - roc_auc_score(target, scores)) <= errors[0] < 0.001
