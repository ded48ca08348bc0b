"""Reading: formats, options, encodings, kinds, determinism."""

import csv
import datetime as dt
import decimal
import gzip
import hashlib
import io
import sys

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.reading.delimited import detect_delimiter
from core.data.reading.encoding import decode
from core.data.reading.reading import ReadOptions, read_bytes, read_path, upload_limit
from core.data.reading.sandbox import isolated
from core.data.table import Kind
from core.data.text_normalisation import normalise_text as seen
from core.data.texts import MISSING_TOKENS
from core.errors import InputError
from tests.core.data.broken_files import ROWS, good, workbook
from tests.core.data.old_excel import old_workbook

PLAIN = {"f": 8, "i": 8, "b": 1, "M": 8, "O": 8}


def read(text, name="t.csv", **kwargs):
    return read_bytes(text.encode() if isinstance(text, str) else text, name, **kwargs)


def whats(table, column=None):
    return [r.what for r in table.repairs if column is None or r.column == column]


# --- formats ---------------------------------------------------------------------------------


def test_provenance_tells_how_a_csv_was_read():
    data = good(";").encode()
    table = read_bytes(data, "folder/people.csv")
    result = table.provenance
    assert (result.name, result.source, result.format) == ("people.csv", "upload", "csv")
    assert result.sha256 == hashlib.sha256(data).hexdigest()
    assert (result.size_bytes, result.encoding, result.delimiter) == (len(data), "utf-8", ";")
    assert table.frame["age"].tolist() == [row[1] for row in ROWS]


def test_every_format_gives_the_same_frame():
    frame = read(good()).frame
    forms = {"t.csv": good().encode(), "t.tsv": good("\t").encode(), "t.xlsx": workbook()}
    forms["t.csv.gz"] = gzip.compress(good().encode())
    sink = io.BytesIO()
    frame.to_parquet(sink)
    forms["t.parquet"] = sink.getvalue()
    sink = io.BytesIO()
    frame.to_feather(sink)
    forms["t.feather"] = sink.getvalue()
    for name, data in forms.items():
        table = read_bytes(data, name)
        pd.testing.assert_frame_equal(table.frame, frame)
        assert table.repairs == ()
        assert table.provenance.sha256 == hashlib.sha256(data).hexdigest()
    assert read_bytes(forms["t.xlsx"], "t.xlsx").provenance.format == "excel"


def test_old_excel():
    rows = [["sex", "age", "Größe", "member"], ["f", 23, 1.7, True], ["m", 35, None, False]]
    table = read_bytes(old_workbook(rows, "people"), "old.xls")
    assert table.provenance.format == "excel"
    assert table.provenance.sheet == "people"
    assert table.frame["sex"].tolist() == ["f", "m"]
    assert table.frame["age"].tolist() == [23, 35]
    assert table.frame["age"].dtype == np.int64
    assert table.frame["member"].tolist() == [True, False]
    np.testing.assert_array_equal(table.frame["Größe"], [1.7, np.nan])
    with pytest.raises(InputError, match=r"old\.xls: the file can't be read as xls"):
        read_bytes(old_workbook(rows, "people")[:600], "old.xls")


def test_sheets():
    book = openpyxl.Workbook()
    book.active.title = "first"
    book.active.append(["a", "b"])
    book.active.append([1, None])
    book.active.append([])
    book.active.append([2, "=1+1"])
    second = book.create_sheet("second")
    second.append(["c"])
    second.append([True])
    sink = io.BytesIO()
    book.save(sink)
    first = read_bytes(sink.getvalue(), "t.xlsx")
    assert first.provenance.sheet == "first"
    assert first.frame["a"].tolist() == [1, 2]
    assert any("others were not: 'second'" in what for what in whats(first))
    assert [r.count for r in first.repairs if r.what.startswith("Formulas without")] == [1]
    assert [r.count for r in first.repairs if r.what.startswith("Blank rows")] == [1]
    chosen = read_bytes(sink.getvalue(), "t.xlsx", options=ReadOptions(sheet="second"))
    assert chosen.frame["c"].tolist() == [True]
    assert chosen.repairs == ()
    with pytest.raises(InputError, match=r"no sheet 'third'\. Choose one of: 'first', 'second'"):
        read_bytes(sink.getvalue(), "t.xlsx", options=ReadOptions(sheet="third"))


def test_mixed_worksheet_column_is_text():
    book = openpyxl.Workbook()
    for row in (["x", "day"], [1, dt.date(2024, 1, 2)], ["one", dt.date(2024, 1, 3)], [2.5, None]):
        book.active.append(row)
    sink = io.BytesIO()
    book.save(sink)
    table = read_bytes(sink.getvalue(), "t.xlsx")
    assert table.frame["x"].tolist() == ["1", "one", "2.5"]
    assert table.column("day").kind is Kind.DATE
    assert table.frame["day"].isna().tolist() == [False, False, True]


def test_arrow_types_become_plain_numpy():
    zoned = pd.to_datetime(["2024-01-01 12:00", "2024-06-01 12:00"]).tz_localize("Europe/Paris")
    arrow = pa.table(
        {
            "int8": pa.array([1, 2], pa.int8()),
            "nullable": pa.array([1, None], pa.int64()),
            "half": pa.array(np.array([0.5, 1.5], np.float16)),
            "decimal": pa.array([decimal.Decimal("1.10"), decimal.Decimal("2.20")]),
            "bool": pa.array([True, False]),
            "maybe": pa.array([True, None]),
            "dictionary": pa.array(["a", "b"]).dictionary_encode(),
            "view": pa.array(["a", None], pa.string_view()),
            "date": pa.array([dt.date(2024, 1, 1), None]),
            "zoned": pa.array(zoned),
            "time": pa.array([dt.time(12), None]),
            "binary": pa.array([b"abc", None]),
            "struct": pa.array([{"a": 1}, None]),
            "null": pa.nulls(2),
            "huge": pa.array([2**60 + 1, 1], pa.uint64()),
            "digits": pa.array(["1", "2"]),
            "infinite": pa.array([float("inf"), 1.0]),
        }
    )
    for name, write in (
        ("t.parquet", lambda sink: pq.write_table(arrow.drop(["view"]), sink)),
        ("t.feather", lambda sink: pyarrow.feather.write_feather(arrow, sink)),
    ):
        sink = io.BytesIO()
        write(sink)
        table = read_bytes(sink.getvalue(), name)
        frame = table.frame
        for column in frame:
            assert isinstance(frame[column].dtype, np.dtype)
            assert frame[column].dtype.itemsize == PLAIN[frame[column].dtype.kind]
            if frame[column].dtype == object:
                assert all(cell is None or type(cell) is str for cell in frame[column])
        assert frame["int8"].tolist() == [1, 2]
        assert frame["nullable"].isna().tolist() == [False, True]
        assert frame["decimal"].tolist() == [1.1, 2.2]
        assert frame["maybe"].tolist() == ["true", None]
        assert table.column("maybe").kind is Kind.BOOLEAN
        assert frame["zoned"].tolist() == zoned.tz_convert("UTC").tz_localize(None).tolist()
        assert frame["struct"][0] == '{"a": 1}'
        assert table.column("null").kind is Kind.EMPTY
        assert frame["huge"].tolist() == [str(2**60 + 1), "1"]
        assert table.column("digits").kind is Kind.CATEGORY
        assert "Infinite values were read as missing." in whats(table, "infinite")
        repaired = {repair.column for repair in table.repairs}
        assert {"decimal", "zoned", "time", "struct", "huge", "infinite"} <= repaired


@pytest.mark.parametrize("dtype", ["object", "str", "category", "string[pyarrow]"])
def test_pandas_string_types(dtype):
    frame = pd.DataFrame({"a": pd.Series(["x", None, "y"], dtype=dtype), "b": [1, 2, 3]})
    sink = io.BytesIO()
    frame.to_parquet(sink)
    table = read_bytes(sink.getvalue(), "t.parquet")
    assert table.frame["a"].tolist() == ["x", None, "y"]
    assert table.frame["a"].dtype == object


# --- limits ----------------------------------------------------------------------------------


def test_size_limits(monkeypatch, tmp_path):
    data = good().encode()
    with pytest.raises(InputError, match="larger than 5e-05 MB"):
        read_bytes(data, "t.csv", options=ReadOptions(max_bytes=50))
    with pytest.raises(InputError, match="larger than"):
        read_bytes(gzip.compress(data * 9), "t.csv.gz", options=ReadOptions(max_bytes=len(data)))
    monkeypatch.setenv("EQUIPOISE_MAX_UPLOAD_MB", "0.0001")
    with pytest.raises(InputError, match=r"larger than 0\.0001 MB"):
        read_bytes(data, "t.csv")
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    assert len(read_path(path).frame) == 10
    for wrong in ("many", "0", "-1", "nan", "inf"):
        monkeypatch.setenv("EQUIPOISE_MAX_UPLOAD_MB", wrong)
        with pytest.raises(InputError, match="EQUIPOISE_MAX_UPLOAD_MB"):
            upload_limit()


def test_path_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="can't be opened"):
        read_path(tmp_path / "gone.csv")
    with pytest.raises(InputError, match="can't be opened"):
        read_path(tmp_path)


def test_cell_limit(monkeypatch):
    monkeypatch.setattr("core.data.reading.delimited.CELL_LIMIT", 39)
    with pytest.raises(InputError, match="more than 39 cells"):
        read(good())


def test_child_may_not_take_more_memory_than_its_limit(monkeypatch):
    sink = io.BytesIO()
    pq.write_table(pa.table({"x": pa.array(np.zeros(4_000_000))}), sink)
    assert len(read_bytes(sink.getvalue(), "t.parquet").frame) == 4_000_000
    monkeypatch.setattr(isolated, "MEMORY", 16 << 20)
    with pytest.raises(InputError, match="more memory than it may have"):
        read_bytes(sink.getvalue(), "t.parquet")


def test_child_may_not_take_more_time_than_its_limit(monkeypatch):
    monkeypatch.setattr(isolated, "SECONDS", 0.01)
    with pytest.raises(InputError, match=r"took more than 0\.01 seconds"):
        read_bytes(workbook(), "t.xlsx")


def test_child_that_dies_is_an_answer(monkeypatch):
    monkeypatch.setattr(isolated, "_CHILD", (sys.executable, "-c", "import os; os.abort()"))
    with pytest.raises(InputError, match="damaged or asks for more memory"):
        read_bytes(workbook(), "t.xlsx")


# --- encodings and delimiters ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message", "found"),
    [
        ("plain", "ascii", "utf-8"),
        ("Zoë, Müller", "utf-8", "utf-8"),
        ("Zoë, Müller", "utf-8-sig", "utf-8-sig"),
        ("Zoë, Müller", "utf-16", "utf-16"),
        ("Zoë, Müller\n1,2\n3,4", "utf-16-le", "utf-16-le"),
        ("Zoë, Müller", "utf-32", "utf-32"),
        ("Zoë, Müller", "latin-1", "latin-1"),
        ("Größe", "latin-1", "latin-1"),
        ("Müller", "latin-1", "latin-1"),
        ("crème brûlée, Éric, Ångström, naïve", "latin-1", "latin-1"),
        ("cost in €: “ten”", "cp1252", "cp1252"),
        ("姓名,年龄\n王芳,三十", "gb18030", "gb18030"),
        ("北京市朝阳区；收入：高", "gb18030", "gb18030"),
        ("姓名,年龄\n王芳,三十", "utf-8", "utf-8"),
    ],
)
def test_encodings(text, message, found):
    decoded, encoding, repairs = decode(text.encode(message), None, "t.csv")
    assert (decoded, encoding) == (text, found)
    certain = {"utf-8", "utf-8-sig", "utf-16", "utf-32"}
    assert bool(repairs) == (found not in certain)


def test_chosen_encoding():
    data = "name,sex\nZoë,f\n".encode("latin-1")
    table = read_bytes(data, "t.csv", options=ReadOptions(encoding="latin-1"))
    assert table.frame["name"][0] == "Zoë"
    assert table.repairs == ()
    with pytest.raises(InputError, match="not in utf-8: a byte near line 2"):
        read_bytes(data, "t.csv", options=ReadOptions(encoding="utf-8"))
    for wrong in ("klingon", "hex"):
        with pytest.raises(InputError, match="no text encoding named"):
            read_bytes(data, "t.csv", options=ReadOptions(encoding=wrong))
    with pytest.raises(InputError, match="not in unicode_escape"):
        read_bytes(b"a\n\\ud800\n", "t.csv", options=ReadOptions(encoding="unicode_escape"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter):
    assert detect_delimiter(good(delimiter)) == delimiter
    quoted = f'a{delimiter}b\n"x,y;z\t|"{delimiter}1\n"p,q;r\t|\nnew line"{delimiter}2\n'
    table = read(quoted)
    assert table.provenance.delimiter == delimiter
    assert table.frame["b"].tolist() == [1, 2]


def test_delimiter_of_decimal_commas_and_chosen():
    assert detect_delimiter("a;b\n1,5;2,5\n3,5;4,5\n") == ";"
    table = read("a|b;c\n1|2;3\n", options=ReadOptions(delimiter=";"))
    assert table.frame.columns.tolist() == ["a|b", "c"]
    with pytest.raises(InputError, match="can't be a delimiter"):
        read("a,b\n1,2\n", options=ReadOptions(delimiter=",,"))


def test_line_numbers_count_lines_within_quotes():
    with pytest.raises(InputError, match="line 5 has 1 field where"):
        read('a,b\n"x\ny",1\nz,2\nw\n')


# --- values ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "2", "-3"], [1, 2, -3]),
        (["1.50", "+2", ".5", "1e3"], [1.5, 2.0, 0.5, 1000.0]),
        (["1_000", "2"], ["1_000", "2"]),
        (["1,234", "2,345"], ["1,234", "2,345"]),
        (["12345678901234567890", "1"], ["12345678901234567890", "1"]),
        (["９", "1"], [9, 1]),
        (["0x10", "1"], ["0x10", "1"]),
        (["0", "0.5"], [0.0, 0.5]),
        (["00", "1"], ["00", "1"]),
    ],
)
def test_numbers_or_not(cells, expected):
    sink = io.StringIO()
    csv.writer(sink, delimiter=";").writerows([["x", "y"], *((c, "k") for c in cells)])
    assert read(sink.getvalue()).frame["x"].tolist() == expected


def test_each_missing_token_is_counted():
    tokens = sorted(MISSING_TOKENS - {""})
    table = read("x,k\n" + "".join(f"{t},k\n" for t in [*tokens, "", "1", "none", "None", "NULL"]))
    assert table.frame["x"].isna().sum() == len(tokens) + 2
    counts = {r.what.split("'")[1]: r.count for r in table.repairs if r.column == "x"}
    assert counts == {token: 2 if token == "NULL" else 1 for token in tokens}


def test_kinds_given_by_a_person():
    text = "n,c,b,d,z\n1,2,yes,2024-01-01,01\n2,x,no,never,02\n3.0,4,maybe,,03\n"
    kinds = {
        "n": Kind.CATEGORY,
        "c": Kind.NUMBER,
        "b": Kind.BOOLEAN,
        "d": Kind.DATE,
        "z": Kind.NUMBER,
    }
    table = read(text, kinds=kinds)
    assert {c.name: c.kind for c in table.columns} == kinds
    assert table.frame["n"].tolist() == ["1", "2", "3"]
    np.testing.assert_array_equal(table.frame["c"], [2, np.nan, 4])
    assert table.frame["b"].tolist() == ["true", "false", None]
    assert table.frame["d"].isna().tolist() == [False, True, True]
    assert table.frame["z"].tolist() == [1, 2, 3]
    result = {(r.column, r.count) for r in table.repairs}
    assert result == {("c", 1), ("b", 1), ("d", 1)}
    assert any("such as 'never'" in what for what in whats(table, "d"))
    with pytest.raises(InputError, match="no such column"):
        read(text, kinds={"age": Kind.NUMBER})
    with pytest.raises(InputError, match="can't be declared empty"):
        read(text, kinds={"n": Kind.EMPTY})


def test_kinds_given_for_typed_columns():
    sink = io.BytesIO()
    frame = pd.DataFrame({"n": [1.0, 2.5, None], "b": [True, False, True], "t": ["1", "x", "3"]})
    frame.to_parquet(sink)
    kinds = {"n": Kind.CATEGORY, "b": Kind.NUMBER, "t": Kind.NUMBER}
    table = read_bytes(sink.getvalue(), "t.parquet", kinds=kinds)
    assert table.frame["n"].tolist() == ["1", "2.5", None]
    assert table.frame["b"].tolist() == [1.0, 0.0, 1.0]
    assert table.frame["t"].isna().tolist() == [False, True, False]


def test_dates_that_do_not_parse_are_counted():
    days = [f"2024-01-{i:02d}" for i in range(1, 29)] + ["later"]
    table = read("d,k\n" + "".join(f"{d},k\n" for d in days))
    assert table.column("d").kind is Kind.DATE
    assert [r.count for r in table.repairs if r.column == "d"] == [1]


# --- properties ------------------------------------------------------------------------------

CELLS = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12
).filter(lambda text: sum(ord(c) < 32 for c in text) == 0)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1)
    ),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_text_survives_a_round_trip(rows, delimiter, end):
    """Whatever text was written is read back as it is seen, but for missing tokens."""
    names = [f"column {chr(97 + i)}" for i in range(len(rows[0]))]
    options = ReadOptions(encoding="utf-8", delimiter=delimiter)
    kinds = dict.fromkeys(names, Kind.TEXT)
    # A letter more, since numbers and booleans come back as their canonical text.
    rows = [
        [f"{cell}x" if seen(cell) and seen(cell) not in MISSING_TOKENS else cell for cell in row]
        for row in rows
    ]
    sink = io.StringIO()
    csv.writer(sink, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        [names, *rows]
    )
    data = sink.getvalue().encode()
    expected = [
        [None if seen(cell) in MISSING_TOKENS else seen(cell) for cell in row] for row in rows
    ]
    table = read_bytes(data, "t.csv", options=options, kinds=kinds)
    assert table.frame.to_numpy().tolist() == expected


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(-(2**53), 2**53),
            st.floats(allow_nan=True, allow_infinity=True),
            st.booleans(),
            st.dates(dt.date(1000, 1, 1)),
        ),
        min_size=1,
        max_size=30,
    )
)
def test_typed_values_survive_a_round_trip(rows):
    """Integers, floats, booleans and dates come back exactly; infinities are counted."""
    frame = pd.DataFrame(rows, columns=["i", "f", "b", "d"])
    data = frame.to_csv(index=False).encode()
    table = read_bytes(data, "t.csv", kinds={"f": Kind.NUMBER})
    assert table.frame["i"].tolist() == frame["i"].tolist()
    assert table.frame["b"].tolist() == frame["b"].tolist()
    assert [moment.date() for moment in table.frame["d"]] == frame["d"].tolist()
    infinite = np.isinf(frame["f"])
    expected = frame["f"].mask(infinite).to_numpy(float)
    np.testing.assert_array_equal(table.frame["f"].to_numpy(float), expected)
    counted = sum(r.count for r in table.repairs if r.what.startswith("Infinite"))
    assert counted == infinite.sum()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["t.csv", "t.tsv", "t.csv.gz", "t.txt"]))
def test_any_bytes_are_read_or_refused_and_always_alike(data, name):
    """No bytes at all make anything but a table or an InputError, the same each time."""

    def outcome():
        try:
            return read_bytes(data, name)
        except InputError as error:
            return str(error)

    first, second = outcome(), outcome()
    if isinstance(first, str):
        assert first == second
        return
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert (first.columns, first.repairs) == (second.columns, second.repairs)
    assert len(first.frame) > 0
    assert first.frame.columns.is_unique
    assert all(isinstance(name, str) and name for name in first.frame)


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from('ab1,;"\n\r\t| .é'), max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        table = read(text)
    except InputError:
        return
    assert len(table.columns) == table.frame.shape[1]
    assert len(table.frame) <= text.count("\n") + text.count("\r")
