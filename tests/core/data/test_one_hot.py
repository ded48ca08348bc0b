"""Columns of 0 and 1 that are put together into one attribute."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.__main__ import main
from core.data.assign import assign
from core.data.frames import table_of
from core.data.reading.one_hot import attribute_name, group_names
from core.data.reading.one_hot_text import format_one_hot, parse_one_hot
from core.data.reading.reading import ReadOptions, read_bytes
from core.data.roles.roles import Roles
from core.errors import InputError
from core.storage.json_format import from_json, to_json

RACE = (("race", ("race_white", "race_black", "race_asian")),)
CSV = b"""race_white,race_black,race_asian,income,hired
1,0,0,3,1
0,1,0,4,0
0,0,0,5,1
1,1,0,5,0
1,,0,2,1
0,0,1,4,0
"""


def read(one_hot=RACE, data=CSV):
    return read_bytes(data, "people.csv", options=ReadOptions(one_hot=one_hot))


def test_each_row_has_the_group_whose_column_holds_1_and_what_is_unknown_is_counted() -> None:
    table = read()
    assert list(table.frame) == ["race", "income", "hired"]
    assert table.frame["race"].tolist() == ["white", "black", None, None, "white", "asian"]
    told = {repair.what.split(".")[0]: repair.count for repair in table.repairs}
    assert told["Rows with 1 in none of its columns are of unknown group"] == 1
    assert told["Rows with 1 in several of its columns are of unknown group"] == 1
    data = assign(table, Roles(None, "1", ("race",), prediction="hired"))
    assert data.sensitive["race"].value_counts().to_dict() == {
        "white": 2, "(missing)": 2, "black": 1, "asian": 1,
    }  # fmt: skip
    assert data.roles.features == ()


def test_nothing_is_told_of_unknown_rows_where_there_are_none() -> None:
    table = read((("race", ("a", "b")),), b"a,b,y\n1,0,1\n0,1,0\n")
    assert [repair.count for repair in table.repairs] == [2]
    assert table.frame["race"].tolist() == ["a", "b"]


@given(st.lists(st.lists(st.integers(0, 1), min_size=3, max_size=3), min_size=1, max_size=30))
def test_rows_are_those_of_a_count_by_hand(rows) -> None:
    frame = pd.DataFrame(rows, columns=["g_a", "g_b", "g_c"]).assign(y=1)
    made = table_of(frame, one_hot=(("g", ("g_a", "g_b", "g_c")),))
    expected = ["abc"[row.index(1)] if sum(row) == 1 else None for row in rows]
    assert [None if pd.isna(v) else v for v in made.frame["g"]] == expected
    assert made.column("g").missing == sum(sum(row) != 1 for row in rows)


@pytest.mark.parametrize(
    ("one_hot", "message"),
    [
        ((("race", ("race_white", "race_blck")),), "no such column"),
        ((("race", ("race_white", "race_white")),), "named twice"),
        ((("race", ("race_white",)),), "two or more"),
        ((("income", ("race_white", "race_black")),), "a column of that name"),
        ((("money", ("race_white", "income")),), "other values than 0 and 1"),
        ((("race", ("race_white", "race_black")), ("r", ("race_white", "race_asian"))), "no such"),
    ],
)
def test_what_cannot_be_put_together_is_named(one_hot, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(one_hot)


@pytest.mark.parametrize(
    ("columns", "name", "groups"),
    [
        (("race_white", "race_black"), "race", ("white", "black")),
        (("race_african_a", "race_african_b"), "race_african", ("a", "b")),
        (("black", "blue"), "black or blue", ("black", "blue")),
        (("race", "race_white"), "race or race_white", ("race", "race_white")),
    ],
)
def test_names_come_from_what_columns_share(columns, name: str, groups) -> None:
    assert (attribute_name(columns), group_names(columns)) == (name, groups)


@given(
    st.text("ab ,=\"'_", min_size=1, max_size=6).filter(lambda text: text.strip() == text != ""),
    st.lists(st.text("ab ,=\"'_", min_size=1, max_size=6), min_size=2, max_size=4),
)
def test_a_line_of_text_is_read_back(name: str, columns: list[str]) -> None:
    assert parse_one_hot([format_one_hot(name, tuple(columns))]) == ((name, tuple(columns)),)


def test_it_is_kept_in_options_and_makes_another_fingerprint() -> None:
    options = ReadOptions(one_hot=RACE)
    assert from_json(ReadOptions, json.loads(json.dumps(to_json(options))), "options") == options
    assert "one_hot" not in to_json(ReadOptions())
    assert options.as_first_read() == ReadOptions()
    two = (("race", ("race_white", "race_black")),)
    roles = Roles(None, "1", ("race",), prediction="hired")
    assert assign(read(), roles).fingerprint != assign(read(two), roles).fingerprint


def test_the_command_counts_and_records_it(tmp_path: Path) -> None:
    place = tmp_path / "people.csv"
    header, rows = CSV.split(b"\n", 1)
    place.write_bytes(header + b"\n" + rows * 40)
    words = [
        "audit", "--data", str(place), "--target", "hired", "--favourable", "1", "--sensitive",
        "race", "--one-hot", "race=race_white,race_black,race_asian", "--learner", "naive_bayes",
        "--out", str(tmp_path / "out"),
    ]  # fmt: skip
    assert main(words) == 0
    record = json.loads((tmp_path / "out" / "audit.json").read_text())
    assert [column["name"] for column in record["dataset"]["columns"]] == [
        "race",
        "income",
        "hired",
    ]
    assert record["plan"]["roles"]["features"] == ["income"]
    assert "--one-hot race=race_white,race_black,race_asian" in record["plan"]["command"]
    unknown = [r for r in record["dataset"]["repairs"] if "of unknown group" in r["what"]]
    assert [r["count"] for r in unknown] == [40, 40]
