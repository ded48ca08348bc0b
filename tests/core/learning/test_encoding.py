from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.domains import CategoryDomain, Domains, NumberDomain
from core.errors import InputError
from core.learning.encoding import DeclaredCodes, DeclaredOneHot, OneHot, Ordinal
from tests.core.worlds import DOMAINS, dataset

numbers = st.floats(allow_nan=True, allow_infinity=False, width=64)
cities = st.sampled_from(["north", "south", "elsewhere", "(missing)", ""])


@given(st.lists(st.tuples(numbers, numbers, cities), min_size=1, max_size=20))
def test_declared_rows_stay_in_the_unit_ball_whatever_the_data(rows: list) -> None:
    X = pd.DataFrame(rows, columns=["income", "age", "city"])
    X["city"] = X["city"].astype(object)
    encoder = DeclaredOneHot(DOMAINS)
    encoder.fit(X)
    encoded = encoder.transform(X)
    assert np.isfinite(encoded).all()
    assert np.linalg.norm(encoded, axis=1).max() <= 1 + 1e-12
    codes = DeclaredCodes(DOMAINS)
    codes.fit(X)
    low, high = codes.bounds.T
    coded = codes.transform(X)
    assert (coded >= low).all()
    assert (coded <= high).all()


def test_declared_encoding_does_not_depend_on_other_rows() -> None:
    X = dataset(50).features[["income", "age", "city"]]
    encoder = DeclaredOneHot(DOMAINS)
    encoder.fit(X)
    whole = encoder.transform(X)
    encoder.fit(X.iloc[:1])
    assert np.array_equal(encoder.transform(X), whole)


def test_missing_domains_are_named() -> None:
    X = pd.DataFrame({"income": [1.0], "height": [2.0]})
    with pytest.raises(InputError, match="'height'"):
        DeclaredOneHot(DOMAINS).fit(X)


def test_a_domain_of_the_wrong_kind_is_named() -> None:
    X = pd.DataFrame({"income": pd.Series(["a"], dtype=object)})
    with pytest.raises(InputError, match=r"column 'income'.*declared as numbers"):
        DeclaredOneHot(DOMAINS).fit(X)


def test_owners_say_which_feature_each_column_came_from() -> None:
    X = dataset(200).features
    encoder = OneHot()
    encoder.fit(X)
    # Income and age, an indicator for age, three cities.
    assert [X.columns[j] for j in encoder.owner] == ["income", "age", "age"] + ["city"] * 3
    assert encoder.transform(X).shape == (200, 6)


def test_rare_categories_share_a_column() -> None:
    X = pd.DataFrame({"c": pd.Series([f"v{i}" for i in range(500)] * 2, dtype=object)})
    encoder = OneHot()
    encoder.fit(X)
    assert encoder.transform(X).shape[1] == len(encoder.owner) == 60


def test_unseen_categories_are_answered_quietly() -> None:
    X = dataset(200).features
    other = X.copy()
    other["city"] = pd.Series(["nowhere"] * 200, dtype=object)
    for encoder in (OneHot(), Ordinal()):
        encoder.fit(X)
        assert np.isfinite(encoder.transform(other)[:, -1]).all()


def test_ordinal_keeps_or_fills_missing_numbers() -> None:
    X = dataset(200).features
    keeping, filling = Ordinal(), Ordinal(fill_missing=True)
    keeping.fit(X)
    filling.fit(X)
    missing = X["age"].isna().to_numpy()
    assert missing.any()
    assert np.isnan(keeping.transform(X)[missing, 1]).all()
    assert (filling.transform(X)[missing, 1] == X["age"].median()).all()


def test_missing_numbers_have_a_place_of_their_own_in_declared_codes() -> None:
    X = pd.DataFrame({"x": [np.nan, 0.0, 1.0]})
    codes = DeclaredCodes(Domains((NumberDomain("x", 0, 1), CategoryDomain("c", ("a",)))))
    codes.fit(X)
    assert codes.transform(X)[:, 0].tolist() == [-1.05, -1.0, 1.0]


named = st.sampled_from(["a", "b", "c", ""])


@given(
    st.lists(st.tuples(numbers, numbers, named, named), min_size=2, max_size=12),
    st.lists(st.tuples(numbers, numbers, st.text(max_size=2), named), min_size=1, max_size=6),
    st.sampled_from([list("xycd"), list("xy"), list("cd"), ["x"], ["c"]]),
)
def test_one_hot_columns_are_those_of_scikit_learn_to_the_last_bit(learned, others, order):
    kinds = {"x": float, "y": float, "c": object, "d": object}
    seen, new = (
        pd.DataFrame(rows, columns=list("xycd")).astype(kinds) for rows in (learned, others)
    )
    encoder = OneHot()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        encoder.fit(seen[order])
        for rows in (seen, new):
            expected = np.asarray(encoder._columns.transform(rows[order]), dtype=np.float64)
            found = encoder.transform(rows[order[::-1]])
            np.testing.assert_array_equal(found, expected)


def test_an_infinite_number_is_refused_as_scikit_learn_refuses_it():
    encoder = OneHot()
    encoder.fit(pd.DataFrame({"x": [1.0, 2.0]}))
    with pytest.raises(ValueError, match="infinity"):
        encoder.transform(pd.DataFrame({"x": [np.inf]}))
