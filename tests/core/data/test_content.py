"""What a row says, whatever the other rows are."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.data.assign import assign
from core.data.content import cell_hashes, cell_texts, row_hashes, text_hashes
from core.data.dataset import Dataset
from core.data.reading.reading import read_bytes
from core.data.roles.roles import Roles
from core.data.table import Kind

N = 40
COLUMNS: dict[str, list[str]] = {
    "whole": [str(i % 23) for i in range(N)],
    "decimal": [f"{i / 8}" for i in range(N)],
    "truth": [("true", "false")[i % 2] for i in range(N)],
    "category": [("red", "green", "blue")[i % 3] for i in range(N)],
    "code": [f"{i:04d}" for i in range(N)],
    "day": [f"2020-01-{i % 28 + 1:02d}" for i in range(N)],
    "note": [f"word {i}" for i in range(N)],
    "empty": [""] * N,
    "same": ["5"] * N,
    "percent": [f"{i} %" for i in range(N)],
    "amount": [f"1,{i + 100}" for i in range(N)],
    "slashed": [f"{i % 28 + 1}/01/2020" for i in range(N)],
    "person": [str(i // 2) for i in range(N)],
    "sex": [("f", "m")[i % 2] for i in range(N)],
    "y": [("yes", "no")[i % 4 // 2] for i in range(N)],
}
AWKWARD = (
    "", "NA", "0.5", "-0.0", "0", "1e3", "inf", "-Infinity", "1e999", "7.0", "word", "true",
    "FALSE",
    "2021-02-03", "2021-02-03T04:05:06", "007", "12345678901234567890", "1,5", " 3 ", "None",
)  # fmt: skip
ROLES = Roles(
    target="y", positive_label="yes", sensitive=("sex",), identifiers=("person",),
    features=("whole", "decimal", "truth", "category", "code", "day"),
)  # fmt: skip


def csv(columns: dict[str, list[str]]) -> bytes:
    return pd.DataFrame(columns).to_csv(index=False).encode()


def dataset(columns: dict[str, list[str]]) -> Dataset:
    return assign(read_bytes(csv(columns), "t.csv"), ROLES)


def content_of(data: Dataset) -> dict[int, tuple[int, str | None]]:
    assert data.identifiers is not None
    persons = data.identifiers["person"]
    return {
        int(row): (int(content), person)
        for row, content, person in zip(data.rows, data.content, persons, strict=True)
    }


WHOLE = content_of(dataset(COLUMNS))
cells = st.sampled_from(AWKWARD)


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries({name: cells for name in COLUMNS if name not in ("sex", "y")}),
       st.sampled_from(["yes", "no", "", "perhaps"]),
       st.sampled_from(["add", "change"]))  # fmt: skip
@example({name: "word" for name in COLUMNS if name not in ("sex", "y")}, "", "add")
@example({name: "" for name in COLUMNS if name not in ("sex", "y")}, "", "change")
def test_no_row_changes_what_another_one_says(odd: dict[str, str], label: str, how: str) -> None:
    at = N if how == "add" else 11
    row = odd | {"sex": "f", "y": label}
    changed = {name: [*values[:at], row[name], *values[at + 1 :]]
               for name, values in COLUMNS.items()}  # fmt: skip
    found = content_of(dataset(changed))
    assert {r: expected for r, expected in found.items() if r != at} == {
        r: expected for r, expected in WHOLE.items() if r != at
    }


@pytest.mark.parametrize("gone", [0, 17, N - 1])
def test_a_row_less_changes_nothing_either(gone: int) -> None:
    less = {n: values[:gone] + values[gone + 1 :] for n, values in COLUMNS.items()}
    found = content_of(dataset(less))
    assert {r + (r >= gone): expected for r, expected in found.items()} == {
        r: expected for r, expected in WHOLE.items() if r != gone
    }


def test_csv_and_parquet_say_the_same_whatever_a_column_gains() -> None:
    """A file of typed columns against the same rows as text; rows beyond the first say more."""
    typed = pa.table(
        {
            "whole": pa.array([*range(N)], pa.int64()),
            "gains a blank": pa.array([*range(N - 1), None], pa.int64()),
            "decimal": pa.array([i / 8 for i in range(N)], pa.float64()),
            "truth": pa.array([i % 2 == 0 for i in range(N - 1)] + [None], pa.bool_()),
            "day": pa.array(pd.date_range("2020-01-01", periods=N).to_list(), pa.timestamp("us")),
            "category": pa.array(COLUMNS["category"]),
        }
    )
    buffer = io.BytesIO()
    pq.write_table(typed, buffer)
    parquet = read_bytes(buffer.getvalue(), "t.parquet")
    text = read_bytes(typed.to_pandas().to_csv(index=False).encode(), "t.csv")
    assert np.array_equal(row_hashes(parquet.frame), row_hashes(text.frame))
    less = read_bytes(typed.slice(0, N - 1).to_pandas().to_csv(index=False).encode(), "t.csv")
    assert np.array_equal(row_hashes(less.frame), row_hashes(parquet.frame)[:-1])


def test_dates_that_almost_all_are_do_not_hide_what_was_written() -> None:
    """One more word turns the column from dates into categories; what each cell says stays."""
    days = [f"2020-01-{i % 28 + 1:02d}" for i in range(39)]
    dates = read_bytes(csv({"d": [*days, "soon"], "z": [*"ab" * 20]}), "t.csv")
    assert dates.column("d").kind is Kind.DATE
    words = read_bytes(csv({"d": [*days, "soon", "soon", "late"], "z": [*"ab" * 21]}), "t.csv")
    assert words.column("d").kind is not Kind.DATE
    first = row_hashes(dates.frame, dates.source_hashes)
    assert np.array_equal(first, row_hashes(words.frame, words.source_hashes)[:40])
    assert not np.array_equal(first, row_hashes(dates.frame))


SAME = [
    ["1", "1.0", "+1", "1e0", "1,0", 1, 1.0, np.int64(1)],
    ["0", "-0.0", 0.0, -0.0],
    [None, "", "NA", np.nan, np.inf, "inf", "1e999", pd.NaT],
    ["true", "True", "TRUE", True, np.True_],
    ["2020-01-02", "2020-01-02 00:00", "2020-01-02T01:00+01:00", pd.Timestamp("2020-01-02")],
    ["001"],
    ["01"],
    ["one"],
    ["One"],
]


def test_cells_say_the_same_or_not() -> None:
    """Each list says one thing, and no two lists the same."""
    hashes = [{int(cell_hashes(pd.Series([c], dtype=object))[0]) for c in cells} for cells in SAME]
    assert [len(found) for found in hashes] == [1] * len(SAME)
    assert len(set.union(*hashes)) == len(SAME)
    texts = [{cell_texts(pd.Series([c], dtype=object))[0] for c in cells} for cells in SAME]
    assert [len(found) for found in texts] == [1] * len(SAME)
    assert len(set.union(*texts)) == len(SAME)


@given(st.lists(st.sampled_from(AWKWARD), min_size=1, max_size=8))
def test_a_column_is_hashed_cell_by_cell(column: list[str]) -> None:
    alone = [int(cell_hashes(pd.Series([cell], dtype=object))[0]) for cell in column]
    assert cell_hashes(pd.Series(column, dtype=object)).tolist() == alone
    assert text_hashes(column).tolist() == alone


def test_typed_columns_hash_as_their_texts() -> None:
    numbers = pd.Series([3, 0, -7])
    assert np.array_equal(cell_hashes(numbers), text_hashes(["3", "0.0", "-7"]))
    assert np.array_equal(cell_hashes(pd.Series([True, False])), text_hashes(["true", "false"]))
    days = pd.Series(pd.to_datetime(["2020-01-02", None]))
    assert np.array_equal(cell_hashes(days), text_hashes(["2020-01-02", ""]))


def test_a_row_is_not_the_order_of_its_columns_and_cells_do_not_swap() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [2, 1]})
    rows = row_hashes(frame)
    assert np.array_equal(rows, row_hashes(frame[["b", "a"]]))
    assert rows[0] != rows[1]
    assert len(set(row_hashes(pd.DataFrame(index=range(3))))) == 1


@pytest.mark.parametrize("more", [[], ["word"], ["inf"], ["true"]])
def test_a_forced_category_names_a_cell_whatever_the_others_are(more: list[str]) -> None:
    """Declared categories would else fit all rows or none, as one row decides."""
    labels = ["5.0", "3.00", "1,5", "007", "TRUE"]
    table = read_bytes(csv({"c": labels + more, "z": [*"abcdef"[: 5 + len(more)]]}), "t.csv",
                       kinds={"c": Kind.CATEGORY})  # fmt: skip
    assert table.frame["c"].tolist()[:5] == ["5", "3", "1,5", "007", "true"]
    numbers = read_bytes(csv({"c": ["5.0", "3.00", *more], "z": [*"abc"[: 2 + len(more)]]}),
                         "t.csv", kinds={"c": Kind.CATEGORY})  # fmt: skip
    assert numbers.frame["c"].tolist()[:2] == ["5", "3"]


@pytest.mark.parametrize(
    ("cells", "kind", "more"),
    [
        ([f"1,{i + 100}" for i in range(N)], Kind.NUMBER, "1,5"),
        ([str(i % 2) for i in range(N)], Kind.BOOLEAN, "word"),
    ],
)
def test_a_kind_that_a_person_chose_hashes_what_was_written(
    cells: list[str], kind: Kind, more: str
) -> None:
    def hashes(column: list[str]) -> list[int]:
        content = csv({"a": column, "k": [f"r{i}" for i in range(len(column))]})
        table = read_bytes(content, "t.csv", kinds={"a": kind})
        return row_hashes(table.frame, table.source_hashes).tolist()

    assert hashes([*cells, more])[:N] == hashes(cells)
