"""Describing the columns of a frame."""

import numpy as np
import pandas as pd
import pytest

from core.data.reading.kinds import describe
from core.data.table import Column, Kind
from core.errors import InputError


def frame():
    return pd.DataFrame(
        {
            "n": [3.0, np.nan, 3.0, 1.0],
            "i": [1, 0, 1, 0],
            "b": [True, False, True, True],
            "maybe": pd.Series(["true", None, "false", "true"], dtype=object),
            "d": pd.to_datetime(["2024-01-02", None, "2024-01-01", "2024-01-02"]),
            "c": pd.Series(["b", "a", "a", "b"], dtype=object),
            "e": pd.Series([None] * 4, dtype=object),
        }
    )


def test_describe():
    assert describe(frame()) == (
        Column("n", Kind.NUMBER, 2, 1, ("3", "1")),
        Column("i", Kind.NUMBER, 2, 0, ("0", "1")),
        Column("b", Kind.BOOLEAN, 2, 0, ("true", "false")),
        Column("maybe", Kind.BOOLEAN, 2, 1, ("true", "false")),
        Column("d", Kind.DATE, 2, 1, ("2024-01-02", "2024-01-01")),
        Column("c", Kind.CATEGORY, 2, 0, ("a", "b")),
        Column("e", Kind.EMPTY, 0, 4, ()),
    )


def test_known_kinds_win():
    assert describe(frame(), {"i": Kind.CATEGORY})[1].kind is Kind.CATEGORY
    with pytest.raises(InputError, match=r"'I'.*Perhaps 'i' was meant"):
        describe(frame(), {"I": Kind.CATEGORY})


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([f"v{i}" for i in range(51)], Kind.TEXT),
        ([f"v{i}" for i in range(50)], Kind.CATEGORY),
        ([f"v{i}" for i in range(51)] * 2, Kind.CATEGORY),
        ([f"{i} " + "x" * 60 for i in range(11)], Kind.TEXT),
        ([f"{i} " + "x" * 60 for i in range(10)], Kind.CATEGORY),
    ],
)
def test_text_or_category(values, kind):
    made = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    assert describe(made)[0].kind is kind


def test_long_examples_are_shortened():
    column = describe(pd.DataFrame({"x": pd.Series(["y" * 100], dtype=object)}))[0]
    assert len(column.examples[0]) == 40
