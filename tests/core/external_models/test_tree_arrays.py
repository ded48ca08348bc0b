"""Arrays of trees that came out of an untrusted file are checked before anything walks them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import InputError
from core.external_models import tree_arrays
from core.external_models.packed_trees import packed, unpacked
from core.external_models.tree_arrays import (
    GrownTree,
    Mix,
    TreeArrays,
    check,
    joined,
)


def stump(column: int = 0) -> GrownTree:
    return GrownTree(
        np.array([1, -1, -1]),
        np.array([2, -1, -1]),
        np.array([column, 0, 0]),
        np.array([0.5, 0, 0]),
        np.array([0, -1.0, 1.0]),
        np.array([True, False, False]),
        lists={0: np.array([2, 5])} if column else {},
    )


def two() -> TreeArrays:
    return joined([stump(), stump(1)], np.array([0, 1]), log_odds=True, single=False)


def mixed() -> TreeArrays:
    mix = Mix(np.array([1, 0]), np.array([-7, 5, 9]), np.array([0.1, 0.2, 0.3]), 0.4)
    plain = replace(stump(2), lists={})
    return joined([stump(), plain], np.array([0, 1]), [mix], log_odds=True, single=False)


def test_what_is_packed_comes_back() -> None:
    told, raw = packed(two())
    found = unpacked(told, raw, 2, "m.txt")
    assert found.roots.tolist() == [0, 3]
    assert found.left.tolist() == [1, -1, -1, 4, -1, -1]
    assert found.missing_left.tolist() == [True, False, False, True, False, False]
    assert (found.choice[3], found.members.tolist()) == (0, [2, 5])
    assert (found.log_odds, found.single, found.constant) == (True, False, 0.0)


def test_columns_of_several_others_come_back() -> None:
    (mix,) = unpacked(*packed(mixed()), 2, "m.cbm").mixes
    assert mix.columns.tolist() == [1, 0]
    assert mix.keys.tolist() == [-7, 5, 9]
    assert mix.values.tolist() == [0.1, 0.2, 0.3]
    assert mix.otherwise == 0.4
    assert two().mixes == ()


@pytest.mark.parametrize(
    ("name", "place", "value", "said"),
    [
        ("column", 3, 3, "outside"),
        ("mix_columns", 1, 2, "outside"),
        ("mix_columns", 1, -1, "outside"),
        ("mix_start", 1, 1, "combined columns"),
        ("key_start", 1, 4, "keys of combined columns"),
        ("key_values", 0, np.nan, "no number"),
        ("otherwise", 0, np.inf, "no number"),
    ],
)
def test_a_column_of_several_others_that_does_not_fit_is_refused(
    name: str, place: int, value: float, said: str
) -> None:
    check(mixed(), 2, "m.cbm")
    with pytest.raises(InputError, match=said):
        check(changed(name, place, value, mixed()), 2, "m.cbm")
    for lost in ({"otherwise": np.zeros(2)}, {"key_values": np.zeros(2)}):
        with pytest.raises(InputError, match="combined columns"):
            check(replace(mixed(), **lost), 2, "m.cbm")


def changed(name: str, place: int, value: float, trees: TreeArrays | None = None) -> TreeArrays:
    of = two() if trees is None else trees
    array = getattr(of, name).copy()
    array[place] = value
    return replace(of, **{name: array})


@pytest.mark.parametrize(
    ("name", "place", "value", "said"),
    [
        ("left", 0, 6, "outside"),
        ("right", 0, -1, "outside"),
        ("left", 0, -2, "outside"),
        ("column", 0, 2, "outside"),
        ("column", 3, -1, "outside"),
        ("choice", 3, 1, "outside"),
        ("choice", 3, -2, "outside"),
        ("roots", 1, 6, "outside"),
        ("owner", 1, 2, "isn't there"),
        ("left", 0, 0, "two parents or none"),
        ("left", 0, 2, "two parents or none"),
        ("left", 3, 1, "two parents or none"),
        ("list_start", 1, 1, "categories"),
        ("list_start", 0, 1, "categories"),
        ("cut", 0, np.nan, "no number"),
        ("value", 1, np.nan, "no number"),
        ("value", 5, np.inf, "no number"),
    ],
)
def test_a_number_that_fits_nowhere_is_refused(
    name: str, place: int, value: float, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        check(changed(name, place, value), 2, "m.txt")


def test_an_infinite_threshold_is_a_threshold() -> None:
    check(changed("cut", 0, np.inf), 2, "m.txt")
    check(two(), 2, "m.txt")


def test_nodes_in_a_circle_are_refused() -> None:
    # Two nodes that are each other's children, reached from no root; every node has one parent.
    trees = joined([stump(), stump(), stump()], np.array([0]), log_odds=True, single=False)
    circle = replace(
        trees,
        roots=np.array([0]),
        left=np.array([1, -1, -1, 6, -1, -1, 3, -1, -1]),
        right=np.array([2, -1, -1, 4, -1, -1, 5, -1, -1]),
    )
    alone = {n: getattr(circle, n)[:7] for n in (
        "left", "right", "column", "cut", "value", "missing_left", "zero_missing", "choice",
    )}  # fmt: skip
    with pytest.raises(InputError, match="in a circle"):
        check(replace(circle, **alone), 1, "m.txt")


def test_a_tree_that_uses_nodes_of_another_is_refused() -> None:
    trees = two()
    left, right = trees.left.copy(), trees.right.copy()
    left[0], left[3] = 4, 1
    with pytest.raises(InputError, match="two trees"):
        check(replace(trees, left=left, right=right), 2, "m.txt")


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"lengths": [1]},
        {"lengths": [-1] * 12, "constant": 0.0},
        {"lengths": "many", "constant": 0.0},
        {"constant": None},
        {"constant": float("nan")},
    ],
)
def test_what_is_told_must_fit_the_bytes(told: dict) -> None:
    said, raw = packed(two())
    with pytest.raises(InputError, match="trees can't be read"):
        unpacked({**said, **told} if told else {}, raw, 2, "m.txt")
    with pytest.raises(InputError, match="trees can't be read"):
        unpacked(said, raw[:-1], 2, "m.txt")


def test_as_many_nodes_as_are_read_and_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = two()
    monkeypatch.setattr(tree_arrays, "MOST_NODES", len(trees.left))
    check(trees, 2, "m.txt")
    monkeypatch.setattr(tree_arrays, "MOST_NODES", len(trees.left) - 1)
    with pytest.raises(InputError, match="it has 6 nodes, more than are read"):
        check(trees, 2, "m.txt")
