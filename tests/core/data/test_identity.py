from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.identity import identity
from core.data.reading.reading import read_bytes
from core.data.table import Kind

FRAME = pd.DataFrame(
    {
        "age": [31, 45, 45, 62],
        "income": [1.5, -0.0, None, 2e6],
        "zip": ["01", "10115", "0", "7"],
        "born": ["1990-01-02", "1980-12-31", "", "1961-05-05"],
        "name": ["Ann", "Bo", "Żaneta", "Ann"],
    }
)


def table_of(frame: pd.DataFrame, name: str = "t.csv", **kwargs):
    if name.endswith("csv"):
        return read_bytes(frame.to_csv(index=False).encode(), name, source="upload", **kwargs)
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return read_bytes(buffer.getvalue(), name, source="upload", **kwargs)


def test_order_format_and_kinds_make_no_other_data_set():
    first = identity(table_of(FRAME))
    assert identity(table_of(FRAME.iloc[::-1])) == first
    assert identity(table_of(FRAME[["name", "born", "zip", "income", "age"]])) == first
    assert identity(table_of(FRAME, kinds={"age": Kind.CATEGORY})) == first
    as_read = table_of(FRAME).frame
    assert identity(table_of(as_read, "t.parquet")) == first


@pytest.mark.parametrize("column", list(FRAME))
def test_another_value_makes_another(column):
    changed = FRAME.copy()
    changed[column] = changed[column].astype(object)
    changed.loc[0, column] = "99" if column in ("age", "zip") else "1999-09-09"
    assert identity(table_of(changed)) != identity(table_of(FRAME))


def test_one_row_twice_or_missing_is_another():
    first = identity(table_of(FRAME))
    assert identity(table_of(pd.concat([FRAME, FRAME.iloc[:1]]))) != first
    assert identity(table_of(FRAME.iloc[1:])) != first


@given(st.permutations(range(6)), st.integers(0, 2**32 - 1))
def test_values_swapped_between_rows_or_columns_are_seen(order, seed):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.integers(0, 50, (6, 3)), columns=["a", "b", "c"])
    mixed = frame.copy()
    mixed["a"] = frame["a"].to_numpy()[list(order)]
    same = sorted(map(tuple, frame.to_numpy())) == sorted(map(tuple, mixed.to_numpy()))
    assert (identity(table_of(frame)) == identity(table_of(mixed))) == same
    swapped = frame.rename(columns={"a": "b", "b": "a"})[["a", "b", "c"]]
    same = sorted(map(tuple, frame.to_numpy())) == sorted(map(tuple, swapped.to_numpy()))
    assert (identity(table_of(frame)) == identity(table_of(swapped))) == same
