"""A table of leaves gives what going through each leaf gives, for any trees and rows."""

from __future__ import annotations

from functools import cache
from itertools import permutations
from math import factorial

import numpy as np
import pytest

from core.explanation.attribution.explain import background
from core.explanation.attribution.leaf_table import LeafTable
from core.explanation.attribution.prepared_shapley import PreparedShapley
from core.explanation.attribution.shapley import shapley_values
from core.explanation.attribution.tree_ensembles import Tree, TreeSum, tree_sum
from core.explanation.attribution.tree_shapley import DEEPEST, tree_shapley
from core.training.spec import TrainingSpec
from core.training.trained import Trained
from core.training.training import train
from tests.core.worlds import dataset


@cache
def trained(learner: str) -> Trained:
    return train(dataset(), TrainingSpec(learner))


def grown(rng: np.random.Generator, features: int, splits: int) -> Tree:
    """A tree of random splits, of which some can't be reached and some leaves say nothing."""
    nodes = 2 * splits + 1
    left, right = np.full(nodes, -1), np.full(nodes, -1)
    ends, made = [0], 1
    for _ in range(splits):
        node = ends.pop(int(rng.integers(len(ends))))
        left[node], right[node] = made, made + 1
        ends += [made, made + 1]
        made += 2
    leaf = left < 0
    return Tree(
        left,
        right,
        rng.random(nodes) < 0.5,
        np.where(leaf, -1, rng.integers(0, features, nodes)),
        np.where(leaf, 0.0, rng.integers(-2, 3, nodes)),
        np.where(leaf, rng.choice([0.0, 1.0, -0.5, 2.25], nodes), 0.0),
    )


@pytest.mark.parametrize("seed", range(12))
def test_random_trees_agree_also_for_missing_infinite_and_equal_values(seed: int) -> None:
    rng = np.random.default_rng(seed)
    features = int(rng.integers(1, 7))
    trees = tuple(grown(rng, features, int(rng.integers(0, 12))) for _ in range(5))
    found = TreeSum(trees, 0.5, log_odds=True, single=bool(seed % 2))
    cells = np.array([-np.inf, -2.0, -1.0, 0.0, 0.3, 1.0, 2.0, np.inf, np.nan])
    behind, rows = rng.choice(cells, (20, features)), rng.choice(cells, (6, features))
    values = LeafTable(found, behind).values(rows)
    assert values == pytest.approx(tree_shapley(found, rows, behind), abs=1e-12)
    apart = found.output(rows) - found.output(behind).mean()
    assert values.sum(axis=1) == pytest.approx(apart, abs=1e-12)


def test_trees_without_a_split_move_nothing() -> None:
    alone = Tree(*(np.array([v]) for v in (-1, -1, False, -1, 0.0, 3.0)))
    behind, rows = np.zeros((4, 2)), np.ones((1, 2))
    assert LeafTable(TreeSum((alone,), 0.0, True, False), behind).values(rows).tolist() == [[0, 0]]


@pytest.mark.parametrize("features", [DEEPEST - 1, DEEPEST])
def test_a_path_over_more_features_than_there_are_bits_is_refused(features: int) -> None:
    inner = np.arange(features)
    end = np.full(features + 1, -1)
    chain = Tree(
        np.r_[inner + features, end],
        np.r_[inner[1:], 2 * features, end],
        np.zeros(2 * features + 1, dtype=bool),
        np.r_[inner, end],
        np.zeros(2 * features + 1),
        np.r_[np.zeros(features), np.arange(features + 1.0)],
    )
    found = TreeSum((chain,), 0.0, True, False)
    behind, rows = np.full((1, features), 1.0), np.full((1, features), -1.0)
    if features == DEEPEST:
        with pytest.raises(ValueError, match="63 at most"):
            LeafTable(found, behind)
        with pytest.raises(ValueError, match="63 at most"):
            tree_shapley(found, rows, behind)
        return
    apart = found.output(rows) - found.output(behind)
    one_by_one = LeafTable(found, behind).values(rows)
    assert one_by_one.sum() == pytest.approx(float(apart[0]))
    assert tree_shapley(found, rows, behind) == pytest.approx(one_by_one, abs=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_columns_of_one_player_are_known_together_as_the_definition_says(seed: int) -> None:
    """Three players of two, two and one columns, and a sixth column that is nobody's."""
    rng = np.random.default_rng(seed)
    owner, features = np.array([1, 0, 2, 0, 1, 3]), 3
    trees = tuple(grown(rng, 6, int(rng.integers(0, 14))) for _ in range(4))
    found = TreeSum(trees, 0.5, True, False, owner, features)
    cells = np.array([-2.0, -1.0, 0.3, 1.0, 2.0, np.nan])
    behind, rows = rng.choice(cells, (7, 6)), rng.choice(cells, (4, 6))
    behind[:, 5] = rows[:, 5] = 1.0
    expected = np.zeros((4, features))
    for i, row in enumerate(rows):

        def worth(*known: int, row: np.ndarray = row) -> float:
            return float(found.output(np.where(np.isin(owner, known), row, behind)).mean())

        for order in permutations(range(features)):
            for k, player in enumerate(order):
                gained = worth(*order[: k + 1]) - worth(*order[:k])
                expected[i, player] += gained / factorial(features)
    assert tree_shapley(found, rows, behind) == pytest.approx(expected, abs=1e-12)
    assert LeafTable(found, behind).values(rows) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "learner", ["gradient_boosting", "random_forest", "explainable_boosting", "logistic_regression"]
)
def test_prepared_values_are_those_of_the_rows_alone(learner: str) -> None:
    model = trained(learner)
    data = dataset()
    behind = background(data, model)
    rows = data.features.iloc[model.split.test[:3]].reset_index(drop=True)
    prepared, at_once = PreparedShapley(model.decider, behind), shapley_values
    for k in range(3):
        one = rows.iloc[[k]].reset_index(drop=True)
        found, expected = prepared.values(one), at_once(model.decider, one, behind)
        assert (found.method, found.explains) == (expected.method, expected.explains)
        assert found.values == pytest.approx(expected.values, abs=1e-12)
        assert (found.base, found.output[0]) == pytest.approx((expected.base, expected.output[0]))
        trees = tree_sum(model.decider.model.estimator)
        if trees is not None:
            encode = model.decider.model.encoder.transform
            leaf_by_leaf = tree_shapley(trees, encode(one), encode(behind))
            assert found.values == pytest.approx(leaf_by_leaf, abs=1e-12)
