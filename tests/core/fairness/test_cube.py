from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from core.errors import InputError
from core.fairness.counts.cube import build_cube
from core.fairness.counts.grouping import group_rows
from tests.core.fairness.tables import tables

T = np.array([True, True, False, False, True])
P = np.array([True, False, True, False, True])
S = pd.DataFrame({"sex": ["f", "m", "f", "m", "m"], "race": ["x", "x", "y", "y", "x"]})


@settings(max_examples=80, deadline=None)
@given(tables())
def test_cells_are_counted_as_row_by_row(rows):
    cube = build_cube(rows.target, rows.prediction, rows.sensitive, rows.weights)
    w = np.ones(len(rows)) if rows.weights is None else rows.weights
    masks = rows.masks()
    assert cube.groups == tuple(sorted(masks))
    for position, group in enumerate(cube.groups):
        for y in (0, 1):
            for p in (0, 1):
                cell = masks[group] & (rows.target == y) & (rows.prediction == p)
                assert cube.count[position, y, p] == cell.sum()
                assert cube.weight[position, y, p] == pytest.approx(w[cell].sum(), abs=1e-12)
                squares = (w[cell] ** 2).sum()
                assert cube.weight_squared[position, y, p] == pytest.approx(squares, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(tables(columns=3))
def test_a_marginal_equals_a_cube_of_fewer_columns(rows):
    whole = build_cube(rows.target, rows.prediction, rows.sensitive, rows.weights)
    for kept in (["s1"], ["s2", "s0"], ["s0", "s1", "s2"]):
        direct = build_cube(rows.target, rows.prediction, rows.sensitive[kept], rows.weights)
        marginal = whole.marginal(kept)
        assert marginal.attributes == tuple(kept)
        assert marginal.groups == direct.groups
        np.testing.assert_array_equal(marginal.count, direct.count)
        np.testing.assert_allclose(marginal.weight, direct.weight, atol=1e-12)
        np.testing.assert_allclose(marginal.weight_squared, direct.weight_squared, atol=1e-12)
    assert whole.overall().groups == ((),)
    assert whole.overall().count.sum() == len(rows)


def test_axes_are_label_then_prediction():
    cube = build_cube(
        np.array([True] * 3 + [False]),
        np.array([False] * 3 + [True]),
        pd.DataFrame({"g": ["a"] * 4}),
    )
    np.testing.assert_array_equal(cube.count[0], [[0, 1], [3, 0]])


@pytest.mark.parametrize("dtype", ["object", "string", "str", "category", "string[pyarrow]"])
def test_column_types_give_the_same_groups(dtype):
    values = pd.Series(["b", None, "a", "b", "(missing)"], dtype=dtype)
    grouping = group_rows(pd.DataFrame({"g": values}))
    assert grouping.groups == (("(missing)",), ("a",), ("b",))
    np.testing.assert_array_equal(grouping.codes, [2, 0, 1, 2, 0])


def test_numbers_booleans_and_unused_categories():
    frame = pd.DataFrame(
        {
            "n": [2.0, np.nan, 2.0],
            "b": [True, False, True],
            "c": pd.Categorical(["x", "x", "y"], categories=["z", "y", "x"]),
        }
    )
    assert group_rows(frame).groups == (
        ("(missing)", "False", "x"),
        ("2.0", "True", "x"),
        ("2.0", "True", "y"),
    )


def test_values_with_the_same_text_are_one_group():
    grouping = group_rows(pd.DataFrame({"g": pd.Series([1, "1", 2], dtype=object)}))
    assert grouping.groups == (("1",), ("2",))
    np.testing.assert_array_equal(grouping.codes, [0, 0, 1])


def test_many_columns_of_many_values_do_not_overflow():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.integers(0, 5000, size=(5000, 8)).astype(str))
    grouping = group_rows(frame)
    assert len(grouping.groups) == len(set(map(tuple, frame.to_numpy())))
    for row in (0, 17, 4999):
        assert grouping.groups[grouping.codes[row]] == tuple(frame.iloc[row])


def test_rows_are_matched_by_position_not_by_index():
    shuffled = S.set_axis([4, 3, 2, 1, 0])
    target = pd.Series(T, index=[9, 8, 7, 6, 5])
    np.testing.assert_array_equal(build_cube(target, P, shuffled).count, build_cube(T, P, S).count)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"target": T[:4]}, "target.*(4,).*5 rows"),
        ({"prediction": np.append(P, True)}, "prediction.*(6,)"),
        ({"target": T.astype(int) + 1}, "target.*int64.*not true and false"),
        ({"prediction": np.linspace(0, 1, 5)}, "prediction.*float64"),
        ({"target": np.array(["yes"] * 5)}, "target.*not true and false"),
        ({"target": pd.Series([True, None, True, True, False], dtype="boolean")}, "no value"),
        ({"weights": np.array([1, 1, -2.0, 1, 1])}, "row 2 has the negative weight -2"),
        ({"weights": np.array([1, np.nan, 1, 1, 1])}, "row 1 holds no finite number"),
        ({"weights": np.array([1, 1, 1, np.inf, 1])}, "row 3 holds no finite number"),
        ({"weights": np.zeros(5)}, "all weights are zero"),
        ({"weights": np.ones(4)}, "weights.*(4,)"),
        ({"weights": np.array(["a"] * 5)}, "weights.*not all numbers"),
        ({"weights": np.array([1, 1, 1, 1e-200, 1])}, "Rescale"),
        ({"sensitive": S[[]]}, "no sensitive column"),
        ({"sensitive": S[["sex", "sex"]]}, "sex.*twice"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(change, words):
    given_ = {"target": T, "prediction": P, "sensitive": S, "weights": None} | change
    with pytest.raises(InputError, match=words.replace("(", r"\(").replace(",)", r",\)")):
        build_cube(**given_)


def test_no_rows():
    none = np.array([], dtype=bool)
    with pytest.raises(InputError, match="sex, race: there are no rows"):
        build_cube(none, none, S.iloc[:0])


def test_an_unknown_attribute_is_refused():
    with pytest.raises(InputError, match=r"age.*Choose among: sex, race"):
        build_cube(T, P, S).marginal(["age"])


def test_nullable_booleans_are_accepted():
    cube = build_cube(pd.Series(T, dtype="boolean"), pd.Series(P, dtype="bool[pyarrow]"), S)
    np.testing.assert_array_equal(cube.count, build_cube(T, P, S).count)
