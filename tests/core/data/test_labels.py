"""Canonical labels: one text for one meaning."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.labels import canonical, canonical_series, check_predictions, match_label, recode
from core.errors import InputError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (np.False_, "false"),
        (1, "1"),
        (np.int8(-3), "-3"),
        (1.0, "1"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (np.float32(0.1), "0.1"),
        (1e300, "1e+300"),
        (2.5, "2.5"),
        ("  good ", "good"),
        ("1.0", "1.0"),
        (pd.Timestamp("2024-01-02"), "2024-01-02"),
        (np.datetime64("2024-01-02T03:04:05"), "2024-01-02 03:04:05"),
        (dt.date(2024, 1, 2), "2024-01-02"),
    ],
)
def test_canonical(value, text):
    assert canonical(value) == text


@pytest.mark.parametrize(
    "missing", [None, float("nan"), np.nan, pd.NA, pd.NaT, np.datetime64("NaT")]
)
def test_missing_has_no_label(missing):
    with pytest.raises(ValueError, match="missing"):
        canonical(missing)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_canonical_numbers_are_exact(number):
    assert float(canonical(number)) == number


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([1, 0, 1]),
        pd.Series([1.0, 0.0, 1.0]),
        pd.Series(["1", "0", " 1 "], dtype=object),
        pd.Series(["1", "0", "1"], dtype="str"),
        pd.Series(["1", "0", "1"], dtype="category"),
        pd.Series([1, 0, 1], dtype="Int64"),
        pd.Series([1, 0, 1], dtype="int64[pyarrow]"),
    ],
)
def test_recode_is_the_same_for_every_type(series):
    assert recode(series, "1").tolist() == [True, False, True]
    assert canonical_series(series).tolist() == ["1", "0", "1"]


def test_object_columns_do_not_confuse_true_with_one():
    series = pd.Series([True, 1, "true", None], dtype=object)
    assert canonical_series(series).tolist() == ["true", "1", "true", None]


def test_recode_refuses_missing():
    with pytest.raises(InputError, match="column 'x': 1 value is missing"):
        recode(pd.Series(["a", None], name="x"), "a")
    with pytest.raises(InputError, match="2 values are missing"):
        recode(pd.Series([1.0, np.nan, np.nan], name="x"), "1")


@pytest.mark.parametrize(
    ("wanted", "available", "found"),
    [
        ("good", ("bad", "good"), "good"),
        (" good ", ("bad", "good"), "good"),
        ("1.0", ("0", "1"), "1"),
        ("1", ("0.0", "1.0"), "1.0"),
        ("Good", ("bad", "good"), "good"),
        ("TRUE", ("false", "true"), "true"),
        ("Yes", ("yes", "Yes"), "Yes"),
    ],
)
def test_match_label(wanted, available, found):
    assert match_label(wanted, available) == found


def test_match_label_says_what_there_is():
    with pytest.raises(InputError, match=r"there is no label 'maybe'\. Choose one of: 'no', 'yes'"):
        match_label("maybe", ("no", "yes"))
    with pytest.raises(InputError, match="and 5 more"):
        match_label("x", tuple(map(str, range(15))))
    with pytest.raises(InputError, match="no label 'YES'"):
        match_label("YES", ("yes", "Yes"))
    with pytest.raises(InputError, match="no label 'nan'"):
        match_label("nan", ("0", "1"))


def test_predictions_must_speak_the_targets_language():
    check_predictions(("no", "yes"), ("yes",), column="p")
    with pytest.raises(InputError, match="looks like a score") as caught:
        check_predictions(("0", "1"), ("0.25", "0.75"), column="p")
    assert "threshold" in caught.value.remedy
    with pytest.raises(InputError, match="'maybe' is not a label") as caught:
        check_predictions(("no", "yes"), ("maybe", "yes"), column="p")
    assert "Recode" in caught.value.remedy
