from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.reading.reading import read_bytes
from core.data.row_overlap import Overlap, overlap
from core.data.row_sketch import RowSketch, sketch
from core.data.table import Table
from core.storage.json_format import from_json, to_json

KEY = bytes(range(32))
ROWS = 900


def world(seed: int, rows: int = ROWS) -> pd.DataFrame:
    """Applicants: numbers, categories, a truth value, blanks, and a row number."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": np.arange(1, rows + 1),
            "age": rng.integers(18, 90, rows),
            "amount": np.round(rng.lognormal(8, 1, rows), 2),
            "rate": rng.normal(0, 1, rows).round(4),
            "zeros": np.where(rng.random(rows) < 0.8, 0, rng.integers(1, 9000, rows)),
            "sex": rng.choice(["f", "m"], rows),
            "job": rng.choice(["Clerk", "Cook", "Driver", "Nurse", None], rows),
            "good": rng.random(rows) < 0.6,
        }
    )


def table(frame: pd.DataFrame, how: str = "csv") -> Table:
    if how == "parquet":
        content = io.BytesIO()
        frame.to_parquet(content, index=False)
        return read_bytes(content.getvalue(), "t.parquet", source="upload")
    return read_bytes(frame.to_csv(index=False).encode(), "t.csv", source="upload")


def compared(a: pd.DataFrame, b: pd.DataFrame) -> Overlap:
    return overlap(sketch(table(a), KEY), sketch(table(b), KEY))


def numbers(frame: pd.DataFrame) -> list[str]:
    return list(frame.select_dtypes("number").columns)


def with_noise(frame: pd.DataFrame) -> pd.DataFrame:
    noise = np.random.default_rng(9).normal(0, 1e-9, (len(frame), len(numbers(frame))))
    return frame.assign(**{c: frame[c] + noise[:, i] for i, c in enumerate(numbers(frame))})


def one_cell(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.copy()
    frame.loc[3, "age"] += 1
    return frame


NEAR: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "the same": lambda f: f,
    "one cell": one_cell,
    "a text among numbers": lambda f: f.astype({"age": object}).replace({"age": {30: "thirty"}}),
    "one row less": lambda f: f.iloc[1:],
    "one row more": lambda f: pd.concat([f, world(5, 1)]),
    "one column less": lambda f: f.drop(columns="amount"),
    "one column more": lambda f: f.assign(more=np.random.default_rng(1).random(len(f))),
    "noise of a billionth": with_noise,
    "a factor close to one": lambda f: f.assign(**{c: f[c] * (1 + 1e-9) for c in numbers(f)}),
    "upper-case headers": lambda f: f.rename(columns=str.upper),
    "spaces and case in texts": lambda f: f.assign(job=f["job"].str.upper() + " "),
    "rows in another order": lambda f: f.sample(frac=1, random_state=1),
    "columns in another order": lambda f: f[f.columns[::-1]],
    "half of the columns": lambda f: f[["age", "amount", "sex", "job"]],
    "one column renamed": lambda f: f.rename(columns={"rate": "quota"}),
    "every row twice": lambda f: pd.concat([f, f]),
}


@pytest.mark.parametrize("how", NEAR)
def test_near_copies_share_nearly_all_rows(how: str) -> None:
    found = compared(world(0), NEAR[how](world(0)))
    assert found.of_first > 0.95
    assert found.of_second > 0.95


def test_parquet_of_single_precision_is_the_same_table() -> None:
    frame = world(0)
    single = frame.astype(dict.fromkeys(numbers(frame), "float32"))
    found = overlap(sketch(table(frame), KEY), sketch(table(single, "parquet"), KEY))
    assert min(found.of_first, found.of_second) > 0.95


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("rows", [400, 6000])
def test_parts_and_wholes_are_told_with_their_shares(share: float, rows: int) -> None:
    whole = world(0, rows)
    part = whole.sample(frac=share, random_state=2)
    found = compared(whole, part)
    assert found.of_second > 0.9
    assert found.of_first == pytest.approx(share, abs=0.06)
    assert found.most > 0.9
    back = compared(part, whole)
    assert (back.of_second, back.of_first) == pytest.approx((share, found.of_second), abs=0.06)


@pytest.mark.parametrize("common", [0.3, 0.45, 0.55, 0.7])
def test_a_share_of_common_rows_is_estimated_on_both_sides_of_a_half(common: float) -> None:
    whole = world(0, 4000)
    kept = whole.sample(frac=common, random_state=3)
    other = pd.concat([kept, world(1, 4000 - len(kept))])
    found = compared(whole, other)
    assert found.of_first == pytest.approx(common, abs=0.05)
    assert (found.most >= 0.5) == (common >= 0.5)


@pytest.mark.parametrize("rows", [60, ROWS, 6000])
def test_unrelated_tables_of_the_same_columns_share_nothing(rows: int) -> None:
    for seed in range(4):
        assert compared(world(seed, rows), world(seed + 100, rows)).most < 0.1


def repeating(seed: int, rows: int, values: tuple[int, ...]) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame({f"c{i}": rng.integers(0, k, rows) for i, k in enumerate(values)})


@pytest.mark.parametrize("rows", [300, 2000, 20_000])
@pytest.mark.parametrize("values", [(2, 3, 4), (8, 9, 2), (2, 2, 3, 3, 4, 2)])
def test_where_rows_repeat_near_copies_are_told_and_unrelated_tables_are_not(
    rows: int, values: tuple[int, ...]
) -> None:
    frame = repeating(0, rows, values)
    assert compared(frame, frame.iloc[1:]).most > 0.95
    for seed in range(3):
        assert (
            compared(repeating(seed, rows, values), repeating(seed + 50, rows, values)).most < 0.1
        )


def test_hashes_hold_under_one_key_only_and_a_sketch_holds_no_cell() -> None:
    one, other = (sketch(table(world(0)), key) for key in (KEY, bytes(32)))
    assert overlap(one, other).most == 0
    text = json.dumps(to_json(one))
    for word in ("Clerk", "Nurse", "amount", "job"):
        assert word not in text


def test_a_sketch_is_read_back_as_it_was_written() -> None:
    found = sketch(table(world(0)), KEY)
    assert from_json(RowSketch, json.loads(json.dumps(to_json(found))), "it") == found


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1.5]}),
        pd.DataFrame({"a": [None, None], "b": ["x", None]}),
        pd.DataFrame({"id": [1, 2, 3]}),
        pd.DataFrame({"a": [1e308, -1e308, 5e-324], "b": ["ß", "é", ""]}),
    ],
)
def test_odd_tables_are_sketched(frame: pd.DataFrame) -> None:
    found = sketch(replace(table(world(0)), frame=frame), KEY)
    assert isinstance(found, RowSketch)
    assert 0 <= overlap(found, found).most <= 1


@settings(max_examples=20)
@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_shares_lie_between_nothing_and_all(a: int, b: int) -> None:
    found = compared(world(a % 50, 40 + a % 60), world(b % 50, 40 + b % 60))
    assert 0 <= found.of_first <= 1
    assert 0 <= found.of_second <= 1
