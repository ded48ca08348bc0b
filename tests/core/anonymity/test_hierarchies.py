"""Hierarchies: what each level says, what is refused, and JSON both ways."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.anonymity.equivalence_classes import code
from core.anonymity.hierarchies import (
    Dates,
    Digits,
    Hierarchy,
    Ranges,
    Tree,
    climb,
    range_ends,
)
from core.anonymity.inferred import infer
from core.data.samples import SAMPLES, load_sample
from core.errors import InputError
from core.storage.json_format import from_json, to_json


def levels_of(values, hierarchy):
    """Label of each given value, level by level."""
    coded = code(pd.DataFrame({"c": values}), "c")
    ladder = climb(hierarchy, coded)
    return [
        [ladder.labels[level][ladder.groups[level][c]] for c in coded.codes]
        for level in range(ladder.height)
    ], ladder


def test_ranges_widen_and_cost_their_width():
    result, ladder = levels_of([0, 3, 7, 10], Ranges("c", (5.0, 10.0)))
    assert result[1] == ["[0, 5)", "[0, 5)", "[5, 10)", "[10, 15)"]
    assert result[2] == ["[0, 10)", "[0, 10)", "[0, 10)", "[10, 20)"]
    assert result[3] == ["*"] * 4
    # Cut to the data: [10, 20) holds 10 alone, and [0, 10) is all of the range.
    assert ladder.loss.tolist() == [[0] * 4, [0.5, 0.5, 0.5, 0], [1, 1, 1, 0], [1] * 4]
    assert ladder.middle is not None
    assert ladder.middle[1].tolist() == [2.5, 2.5, 7.5, 10.0]
    assert np.isnan(ladder.middle[3]).all()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 2)), min_size=2, max_size=30),
    st.sampled_from([0.1, 0.25, 1.0, 3.0, 1e3]),
)
def test_each_number_is_in_its_range(values, width):
    result, ladder = levels_of(values, Ranges("c", (width, 2 * width, 8 * width)))
    for level in result[1:-1]:
        for value, label in zip(values, level, strict=True):
            ends = range_ends(label) or (float(label), float(label))
            assert ends[0] - 1e-9 * width <= value <= ends[1] * (1 + 1e-15) + 1e-9 * width
    assert ((ladder.loss >= 0) & (ladder.loss <= 1)).all()


def test_an_edge_is_in_the_range_that_it_begins():
    result, _ = levels_of([0.1, 0.2, 0.3, 0.7], Ranges("c", (0.1,)))
    assert result[1] == ["[0.1, 0.2)", "[0.2, 0.3)", "[0.3, 0.4)", "[0.7, 0.8)"]


def test_dates_and_postcodes():
    days = pd.to_datetime(["2020-01-05", "2020-01-09", None, "2021-03-01"])
    result, _ = levels_of(days, Dates("c"))
    assert result[1:] == [
        ["2020-01", "2020-01", "(missing)", "2021-03"],
        ["2020", "2020", "(missing)", "2021"],
        ["*"] * 4,
    ]
    result, ladder = levels_of([1234, 12345, 12399], Digits("c", 5))
    assert [row[0] for row in result[1:]] == ["01234", "0123*", "012**", "01***", "0****", "*"]
    assert result[3] == ["012**", "123**", "123**"]
    assert ladder.loss[3].tolist() == [0, 0.5, 0.5]


def test_a_tree_costs_its_leaves():
    tree = Tree("c", ((("a", "ab"), ("b", "ab")), (("a", "abc"), ("b", "abc"), ("c", "abc"))))
    result, ladder = levels_of(list("abcd"), tree)
    assert result[1] == ["ab", "ab", "c", "d"]
    assert result[2] == ["abc", "abc", "abc", "d"]
    assert ladder.loss[1].tolist() == pytest.approx([1 / 3, 1 / 3, 0, 0])


@pytest.mark.parametrize(
    ("values", "hierarchy", "says"),
    [
        (list("abc"), Tree("c", ((("a", "g"), ("b", "g")), (("a", "g"), ("b", "h")))), "parts"),
        (list("abc"), Tree("c", ((("a", "c"),),)), None),
        (list("abc"), Tree("c", ((("a", "c"), ("c", "g")),)), "bears the name"),
        (list("abc"), Tree("c", ((("a", " "),),)), "no name"),
        (list("abc"), Ranges("c", (1.0,)), "no numbers"),
        ([1, 2], Ranges("c", (2.0, 3.0)), "whole multiple"),
        ([1, 2], Ranges("c", (0.0,)), "not above 0"),
        ([1, 2], Dates("c"), "no dates"),
        ([1, 200], Digits("c", 2), "more than the length"),
        ([1, 2], Ranges("d", (2.0,)), "that of column 'd'"),
    ],
)
def test_what_does_not_fit_is_refused(values, hierarchy, says):
    if says is None:
        levels_of(values, hierarchy)
        return
    with pytest.raises(InputError, match=says):
        levels_of(values, hierarchy)


@pytest.mark.parametrize("name", [sample.name for sample in SAMPLES])
def test_inferred_hierarchies_fit_every_sample_and_survive_json(name):
    frame = load_sample(name).frame
    for column in frame.columns:
        coded = code(frame, column)
        if len(coded.labels) > 2000:
            continue  # Census weights: as the others, only slower.
        hierarchy = infer(coded)
        assert from_json(Hierarchy, json.loads(json.dumps(to_json(hierarchy))), "it") == _sorted(
            hierarchy
        )
        ladder = climb(hierarchy, coded)
        assert len(ladder.labels[-1]) == 1
        assert (np.diff(ladder.loss.mean(axis=1)) >= -1e-12).all()


def _sorted(hierarchy):
    """JSON groups a level's values by their group."""
    if not isinstance(hierarchy, Tree):
        return hierarchy
    levels = []
    for level in hierarchy.levels:
        groups = list(dict.fromkeys(group for _, group in level))
        levels.append(tuple(p for g in groups for p in level if p[1] == g))
    return Tree(hierarchy.column, tuple(levels))


@pytest.mark.parametrize("content", [{}, {"column": "c", "kind": "tree", "levels": 3}, []])
def test_broken_json_is_refused(content):
    with pytest.raises(InputError, match=r"no hierarchy|not what is written"):
        from_json(Hierarchy, content, "it")


def test_a_recipe_cannot_ask_for_what_no_machine_holds():
    column = code(pd.DataFrame({"zip": ["10115", "20095"], "age": [20.0, 30.0]}), "zip")
    with pytest.raises(InputError, match="length: inf is no whole number"):
        from_json(Hierarchy, {"column": "zip", "kind": "digits", "length": float("inf")}, "it")
    with pytest.raises(InputError, match="from 1 to 100"):
        climb(
            from_json(Hierarchy, {"column": "zip", "kind": "digits", "length": 10**9}, "it"), column
        )
    ages = code(pd.DataFrame({"age": [20.0, 30.0]}), "age")
    with pytest.raises(InputError, match="too narrow"):
        climb(
            from_json(Hierarchy, {"column": "age", "kind": "ranges", "widths": [1e-320]}, "it"),
            ages,
        )
