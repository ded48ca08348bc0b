"""Arrays of trees that came out of an untrusted file are checked before anything walks them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import InputError
from core.external_models.tree_arrays import (
    GrownTree,
    TreeArrays,
    check,
    joined,
    packed,
    unpacked,
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


def test_what_is_packed_comes_back() -> None:
    told, raw = packed(two())
    found = unpacked(told, raw, 2, "m.txt")
    assert found.roots.tolist() == [0, 3]
    assert found.left.tolist() == [1, -1, -1, 4, -1, -1]
    assert found.missing_left.tolist() == [True, False, False, True, False, False]
    assert (found.choice[3], found.members.tolist()) == (0, [2, 5])
    assert (found.log_odds, found.single, found.constant) == (True, False, 0.0)


def changed(name: str, place: int, value: float) -> TreeArrays:
    array = getattr(two(), name).copy()
    array[place] = value
    return replace(two(), **{name: array})


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
