"""Games of single trees, against the definition over all orders of players."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from core.errors import InputError
from core.explanation.attribution import mixed_trees
from core.explanation.attribution.mixed_trees import MixedTrees, coalitions, mixed_values
from core.explanation.attribution.tree_ensembles import Tree
from core.external_models.city_hash import combined_hash
from core.external_models.tree_arrays import Mix


@pytest.mark.parametrize("players", [1, 2, 3, 5])
def test_weights_of_coalitions_are_those_of_all_orders(players: int) -> None:
    known, weight = coalitions(players)
    rng = np.random.default_rng(players)
    worth = rng.normal(size=2**players)
    expected = np.zeros(players)
    orders = list(permutations(range(players)))
    for order in orders:
        had = 0
        for player in order:
            expected[player] += worth[had | 1 << player] - worth[had]
            had |= 1 << player
    assert worth @ weight == pytest.approx(expected / len(orders), abs=1e-12)
    assert known[:, 0].sum() == 0
    assert known[:, -1].tolist() == [1] * players


def made(owner: list[int], features: int) -> MixedTrees:
    """One tree over a number, a mix of three columns of two players, and the number again."""
    rng = np.random.default_rng(0)
    grid = np.stack(np.meshgrid([1, 2, 3], [-5, 7], [0, 1], indexing="ij"), -1).reshape(-1, 3)
    keys = np.sort(combined_hash([grid[:8, k] for k in range(3)]))
    mix = Mix(np.array([1, 2, 3]), keys, rng.normal(size=8), 0.05)
    tree = Tree(
        np.array([1, 3, 5, -1, -1, -1, -1]),
        np.array([2, 4, 6, -1, -1, -1, -1]),
        np.array([True, False, False, False, False, False, False]),
        np.array([0, 4, 4, 0, 0, 0, 0]),
        np.array([0.5, 0.1, -0.2, 0, 0, 0, 0]),
        np.array([0, 0, 0, 1.0, -2.0, 4.0, 0.5]),
    )
    return MixedTrees((tree, tree), (mix,), 4, False, np.array(owner), features)


@pytest.mark.parametrize("owner", [[0, 1, 2, 1], [0, 1, 2, 3], [0, 0, 1, 1], [0, 1, 4, 2]])
def test_values_are_those_of_all_coalitions_of_owners(owner: list[int]) -> None:
    trees = made(owner, 4)
    rng = np.random.default_rng(1)

    def rows(count: int) -> np.ndarray:
        number = rng.choice([np.nan, 0.0, 0.5, 1.0], count)
        of_nobody = np.full(count, 7) if 4 in owner else rng.choice([-5, 7, 8], count)
        return np.column_stack(
            [number, rng.integers(1, 5, count), of_nobody, rng.integers(0, 2, count)]
        )

    X, Z = rows(60), rows(9)
    found = trees.values(X, Z)
    players = np.array(owner)
    for x, values in zip(X[:12], found, strict=False):
        known, weight = coalitions(4)
        worth = [
            trees.output(np.where(np.isin(players, np.flatnonzero(has)), x, Z)).mean()
            for has in known.T
        ]
        assert values == pytest.approx(np.array(worth) @ weight, abs=1e-12)
    assert np.abs(found).max() > 0.1
    total = trees.output(X) - trees.output(Z).mean()
    assert found.sum(axis=1) == pytest.approx(total, abs=1e-12)


def test_what_was_never_counted_has_a_number_of_its_own() -> None:
    (mix,) = made([0, 1, 2, 1], 3).mixes
    grid = np.array([[1, -5, 0], [3, 7, 1], [9, 9, 9]])
    values = mixed_values(mix, [grid[:, k] for k in range(3)])
    assert values[0] != 0.05
    assert values[1:].tolist() == [0.05, 0.05]
    empty = Mix(mix.columns, np.zeros(0, np.int64), np.zeros(0), 0.7)
    assert mixed_values(empty, [grid[:, k] for k in range(3)]).tolist() == [0.7] * 3


def of_all_columns(count: int) -> MixedTrees:
    """One tree that answers 1 where all columns are 0, else 2."""
    zeros = [np.zeros(1, np.int64)] * count
    mix = Mix(np.arange(count), combined_hash(zeros), np.array([0.0]), 1.0)
    tree = Tree(
        np.array([1, -1, -1]), np.array([2, -1, -1]), np.zeros(3, bool), np.array([count, 0, 0]),
        np.array([0.5, 0, 0]), np.array([0, 1.0, 2.0]),
    )  # fmt: skip
    return MixedTrees((tree,), (mix,), count, False, np.arange(count), count)


def test_as_many_players_as_can_be_walked_share_alike_and_one_more_is_refused() -> None:
    most = mixed_trees._MOST_PLAYERS
    values = of_all_columns(most).values(np.zeros((1, most)), np.ones((2, most)))
    assert values[0] == pytest.approx([-1 / most] * most, abs=1e-12)
    with pytest.raises(InputError, match=f"{most + 1} columns at once"):
        of_all_columns(most + 1).values(np.zeros((1, most + 1)), np.ones((2, most + 1)))


def test_more_combinations_than_are_looked_up_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = of_all_columns(3)
    rows, behind = np.array([[0, 0, 0], [5, 0, 0]]), np.array([[1, 1, 1]])
    combinations = 3 * 2 * 2
    monkeypatch.setattr(mixed_trees, "_MOST_CELLS", combinations)
    assert trees.values(rows, behind).sum(axis=1) == pytest.approx([-1, 0], abs=1e-12)
    monkeypatch.setattr(mixed_trees, "_MOST_CELLS", combinations - 1)
    with pytest.raises(InputError, match="tells 12 combinations of values apart"):
        trees.values(rows, behind)
