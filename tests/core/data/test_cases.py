"""Small files as people write them, each with its right answer, through library and commands."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from core.__main__ import main
from core.data.assign import assign, default_roles, suggest_roles
from core.data.reading.reading import ReadOptions, read_bytes, read_path
from core.data.table import Kind, Notation, Table
from core.errors import InputError
from core.training.spec import TrainingSpec
from core.training.training import train

CASES = Path(__file__).parents[2] / "cases"


def table(name: str, **options: Any) -> Table:
    return read_path(CASES / f"{name}.csv", options=ReadOptions(**options) if options else None)


def repairs_of(read: Table, column: str | None) -> dict[str, int]:
    return {repair.what: repair.count for repair in read.repairs if repair.column == column}


def fairness(name: str, out: Path, *words: str) -> tuple[int, dict[str, Any]]:
    path = out / "fairness.json"
    file = str(CASES / f"{name}.csv")
    code = main(["fairness", "--predictions", file, "--out", str(path), *words])
    return code, json.loads(path.read_text()) if path.exists() else {}


# --- the row of names ------------------------------------------------------------------------


def test_a_repeated_name_is_refused_by_name(tmp_path: Path, capsys: Any) -> None:
    with pytest.raises(InputError, match="'decided' occurs 2 times") as caught:
        table("repeated_header")
    assert caught.value.remedy
    code, _ = fairness(
        "repeated_header", tmp_path, "--label", "truth", "--prediction", "decided",
        "--favourable", "yes", "--sensitive", "decided",
    )  # fmt: skip
    assert code == 2
    assert "'decided' occurs 2 times" in capsys.readouterr().err
    # The same once spaces and what is not seen are left away, and in a workbook.
    with pytest.raises(InputError, match="'a' occurs 2 times"):
        read_bytes("a,a\u200b \n1,2\n3,4\n".encode(), "t.csv")
    book = openpyxl.Workbook()
    for row in (["a", "b", "a"], [1, 2, 3], [4, 5, 6]):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(InputError, match="'a' occurs 2 times"):
        read_bytes(file.getvalue(), "t.xlsx")


PLAIN = ("y", "p", "sex", "age", "income")


@pytest.mark.parametrize(
    ("name", "says", "count"),
    [
        ("title_rows", "such as 'Quarterly report'", 2),
        ("sep_semicolon", "'sep=;', names the delimiter", 1),
    ],
)
def test_tops_of_files_are_no_rows(name: str, says: str, count: int, tmp_path: Path) -> None:
    read = table(name)
    assert tuple(read.frame) == PLAIN
    assert len(read.frame) == 200
    assert [n for what, n in repairs_of(read, None).items() if says in what] == [count]
    code, found = fairness(
        name, tmp_path, "--label", "y", "--prediction", "p", "--favourable", "1",
        "--sensitive", "sex",
    )  # fmt: skip
    frame = pd.read_csv(
        CASES / f"{name}.csv", skiprows=count, sep=";" if name == "sep_semicolon" else ","
    )
    rates = frame.groupby("sex")["p"].mean()
    assert code == 0
    groups = {group["group"]["sex"]: group["selection_rate"] for group in found["by_group"]}
    assert groups == pytest.approx(rates.to_dict())


def test_rows_of_a_title_are_found_in_a_workbook_too() -> None:
    book = openpyxl.Workbook()
    rows = [["Quarterly report"], [None], ["sex", "hired", "age"], ["f", "yes", 30], ["m", "no", 4]]
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    read = read_bytes(file.getvalue(), "t.xlsx")
    assert tuple(read.frame) == ("sex", "hired", "age")
    assert read.frame["age"].tolist() == [30, 4]
    assert "'Quarterly report'" in read.repairs[0].what
    assert read.repairs[0].count == 1
    # A person may say the row, and a row that isn't there is refused.
    options = ReadOptions(header_line=4)
    assert tuple(read_bytes(file.getvalue(), "t.xlsx", options=options).frame) == ("f", "yes", "30")
    with pytest.raises(InputError, match="row 9 of sheet"):
        read_bytes(file.getvalue(), "t.xlsx", options=ReadOptions(header_line=9))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Report\n\na,b,c\n1,2,3\n4,5,6\n", ("a", "b", "c")),
        ("Report,2024,,,\n,,,,\na,b,c,d,e\n1,2,3,4,5\n", ("a", "b", "c", "d", "e")),
        # No titles: a name for each column, an index without a name, a column of missing values.
        ("a,b,c\n1,,\n2,,\n", ("a", "b", "c")),
        (",b,c\n1,2,3\n4,5,6\n", ("column 1", "b", "c")),
        ("a\n1\n2\n", ("a",)),
        ("a,\n1,\n2,\n", ("a", "column 2")),
        ("a,b,\n1,2,\n3,4,\n", ("a", "b", "column 3")),
    ],
)
def test_where_the_names_stand(text: str, names: tuple[str, ...]) -> None:
    assert tuple(read_bytes(text.encode(), "t.csv").frame) == names


def test_a_title_above_numbers_is_asked_about_and_the_line_can_be_told() -> None:
    text = b"Report,,\n,,\n1,2,3\n4,5,6\n"
    with pytest.raises(InputError, match="'Report' alone, as a title does") as caught:
        read_bytes(text, "t.csv")
    assert "which line holds the column names" in str(caught.value.remedy)
    read = read_bytes(text, "t.csv", options=ReadOptions(header_line=3))
    assert len(read.frame) == 1
    with pytest.raises(InputError, match="no row starts on line 7"):
        read_bytes(text, "t.csv", options=ReadOptions(header_line=7))


def test_row_names_are_taken_and_are_no_feature() -> None:
    read = table("r_rownames")
    assert tuple(read.frame) == ("rownames", *PLAIN)
    assert len(read.frame) == 200
    assert any("row names" in what for what in repairs_of(read, "rownames"))
    roles, repairs = default_roles(read, "y", "1", ["sex"])
    assert roles.identifiers == ("rownames",)
    assert "rownames" not in roles.features
    assert any("identifier" in repair.what for repair in repairs)
    # One row that is longer by one, or a delimiter at each end, is no row name.
    with pytest.raises(InputError, match="line 3 has 3 fields where the header has 2"):
        read_bytes(b"a,b\n1,2\n3,4,5\n", "t.csv")
    with pytest.raises(InputError, match="line 2 has 3 fields where the header has 2"):
        read_bytes(b"a,b\n1,2,\n3,4,\n", "t.csv")
    with pytest.raises(InputError, match="line 2 has 3 fields where the header has 2"):
        read_bytes(b"a,b\nx,1,2\nx,3,4\n", "t.csv")


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "sep=;\r"])
def test_a_line_that_names_the_delimiter_is_obeyed(line: str) -> None:
    read = read_bytes(f"{line}\na,b;c\n1,1;2\n".encode(), "t.csv")
    assert tuple(read.frame) == ("a,b", "c")
    with pytest.raises(InputError, match="line 4 has 1 field"):
        read_bytes(f"{line}\na;b\n1;2\n3\n".encode(), "t.csv")


# --- numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "column", "count"),
    [("weights_thousands", "w", 395), ("amounts_thousands", "amount", 401)],
)  # fmt: skip
def test_thousands_are_read_said_and_correctable(name: str, column: str, count: int) -> None:
    read = table(name)
    expected = pd.read_csv(CASES / f"{name}.csv", thousands=",")[column]
    assert read.frame[column].tolist() == expected.tolist()
    assert read.column(column).kind is Kind.NUMBER
    ((what, often),) = repairs_of(read, column).items()
    assert often == count
    assert "decimal-comma" in what
    kept = read_path(CASES / f"{name}.csv", kinds={column: Kind.CATEGORY})
    assert kept.column(column).kind is Kind.CATEGORY
    # A point within is no decimal comma: all that don't fit are counted as missing.
    comma = table(name, notations=((column, Notation.DECIMAL_COMMA),))
    assert any("not a number" in what for what in repairs_of(comma, column))


def test_weights_and_amounts_count_as_numbers_in_commands(tmp_path: Path) -> None:
    code, found = fairness(
        "weights_thousands", tmp_path, "--label", "truth", "--prediction", "decided",
        "--favourable", "1", "--sensitive", "grp", "--weight", "w",
    )  # fmt: skip
    assert code == 0
    frame = pd.read_csv(CASES / "weights_thousands.csv", thousands=",")
    rate = frame[frame.grp == "u"].eval("(decided * w).sum() / w.sum()")
    assert f"{rate:.9f}"[:8] in json.dumps(found)
    roles, _ = default_roles(table("amounts_thousands"), "out", "yes", ["grp"])
    data = assign(table("amounts_thousands"), roles)
    assert data.numbers == ("amount", "z")


def test_percentages_are_shares_unless_points_are_chosen() -> None:
    written = pd.read_csv(CASES / "percent.csv")["income"].str.rstrip("%").astype(float)
    read = table("percent")
    assert read.frame["income"].tolist() == pytest.approx((written / 100).tolist(), rel=1e-15)
    ((what, often),) = repairs_of(read, "income").items()
    assert (often, "'6.2%' is 0.062" in what, "percent-points" in what) == (200, True, True)
    points = table("percent", notations=(("income", Notation.PERCENT_POINTS),))
    assert points.frame["income"].tolist() == written.tolist()
    assert any("percentage points: '6.2%' is 6.2" in what for what in repairs_of(points, "income"))


def cells(delimiter: str, *values: str) -> Table:
    frame = pd.DataFrame({"x": values, "k": "k"})
    text = frame.to_csv(index=False, sep=delimiter)
    return read_bytes(text.encode(), "t.csv")


@pytest.mark.parametrize(
    ("delimiter", "values", "expected"),
    [
        (",", ("1,234", "2"), [1234, 2]),
        (",", ("1,234,567.5", "12"), [1234567.5, 12]),
        (",", ("1,00,000", "5"), [100000, 5]),  # As in India.
        (",", ("1 234", "12 345 678"), [1234, 12345678]),
        (",", ("1\u202f234", "5"), [1234, 5]),
        (",", ("1'234.50", "2"), [1234.5, 2]),
        (",", ("$1,234.50", "2"), [1234.5, 2]),
        (",", ("-€5", "€1"), [-5, 1]),
        (",", ("(5.00)", "6.50"), [-5, 6.5]),
        (",", ("\u22125", "6"), [-5, 6]),
        (";", ("1.234,5", "2"), [1234.5, 2]),
        (";", ("1.234.567", "2"), [1234567, 2]),
        (";", ("6,2 %", "7 %"), [0.062, 0.07]),
        (";", ("1,5", "0,123"), [1.5, 0.123]),
        # Kept as text: what only a person knows, or what is no number.
        (";", ("1,234", "2"), ["1,234", "2"]),
        (",", ("1,5", "2,7"), ["1,5", "2,7"]),
        (",", ("$5", "€5"), ["$5", "€5"]),
        (",", ("5%", "6"), ["5%", "6"]),
        (",", ("1,23", "4"), ["1,23", "4"]),
        (",", ("0,123", "4"), ["0,123", "4"]),
        (",", ("192.168.1.1", "4"), ["192.168.1.1", "4"]),
        (",", ("--5", "4"), ["--5", "4"]),
        (",", ("-(5)", "(-4)"), ["-(5)", "(-4)"]),
        (",", ("%", "4"), ["%", "4"]),
        (",", ("$", "4"), ["$", "4"]),
    ],
)
def test_how_numbers_are_written(delimiter: str, values: Any, expected: list[Any]) -> None:
    read = cells(delimiter, *values)
    assert read.frame["x"].tolist() == expected
    plain = all(v.replace(".", "").lstrip("-").isdigit() for v in values)
    assert plain or repairs_of(read, "x") or expected == list(values)


def test_what_only_a_person_knows_is_asked() -> None:
    ((what, count),) = repairs_of(cells(";", "1,234", "2"), "x").items()
    assert "decimal-comma or decimal-point as its notation" in what
    assert count == 2
    ((what, _),) = repairs_of(cells(";", "1.234", "12.345"), "x").items()
    assert "decimal-comma as its notation if they stand between thousands" in what
    assert repairs_of(cells(";", "1.234", "0.345"), "x") == {}
    chosen = ReadOptions(notations=(("x", Notation.DECIMAL_COMMA),))
    read = read_bytes(b"x;k\n1.234;k\n1,5;k\nmany;k\n", "t.csv", options=chosen)
    assert read.frame["x"].tolist()[:2] == [1234, 1.5]
    assert any("'many'" in what and count == 1 for what, count in repairs_of(read, "x").items())


def test_a_notation_must_fit_its_column() -> None:
    with pytest.raises(InputError, match="no such column"):
        table("percent", notations=(("incom", Notation.PERCENT_POINTS),))
    both = ReadOptions(notations=(("income", Notation.PERCENT_POINTS),))
    with pytest.raises(InputError, match="to hold category and to be written as percent-points"):
        read_path(CASES / "percent.csv", options=both, kinds={"income": Kind.CATEGORY})


def test_notations_are_told_by_options_and_repeated_by_the_printed_command(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["audit", "--data", str(CASES / "percent.csv"), "--target", "y", "--favourable", "1",
             "--sensitive", "sex", "--learner", "logistic_regression", "--explain", "0",
             "--notation", "income=percent-points", "--out", str(out)]  # fmt: skip
    assert main(words) == 0
    found = json.loads((out / "audit.json").read_text())
    assert "--notation income=percent-points" in json.dumps(found)
    assert found["dataset"]["notations"] == [["income", "percent-points"]]
    assert main([*words[:-4], "--notation", "income=points", "--out", str(out)]) == 2


# --- what looks alike ------------------------------------------------------------------------


def test_groups_that_look_alike_are_one(tmp_path: Path) -> None:
    read = table("invisible_character_group")
    assert read.column("sex").distinct == 2
    ((what, count),) = repairs_of(read, "sex").items()
    raw = (CASES / "invisible_character_group.csv").read_text()
    assert count == raw.count("\u200b")
    assert r"'M\u200b', which became 'M'" in what
    code, found = fairness(
        "invisible_character_group", tmp_path, "--label", "y", "--prediction", "p",
        "--favourable", "1", "--sensitive", "sex",
    )  # fmt: skip
    assert code == 0
    assert "\u200b" not in json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize(
    "text",
    ["\u200bNew York", "New\u00a0York", "New  York", "New\u2009York", "New York\ufeff",
     "Ｎｅｗ York", "Ne\u00adw York", "New\tYork", "New \u202eYork\u202c"],
)  # fmt: skip
def test_what_looks_alike(text: str) -> None:
    frame = pd.DataFrame({"x": ["New York", text, "Boston"], "k": "k"})
    read = read_bytes(frame.to_csv(index=False).encode(), "t.csv")
    assert read.frame["x"].tolist() == ["New York", "New York", "Boston"]
    assert list(repairs_of(read, "x").values()) == [1]
    file = io.BytesIO()
    frame.to_parquet(file)
    assert read_bytes(file.getvalue(), "t.parquet").frame["x"].nunique() == 2


def test_what_is_seen_stays_apart_and_accents_are_composed() -> None:
    values = ["m²", "m2", "e\u0301", "é", "M", "m", "می\u200cخواهم", "میخواهم"]
    read = read_bytes(pd.DataFrame({"x": values, "k": "k"}).to_csv(index=False).encode(), "t.csv")
    assert read.frame["x"].tolist() == ["m²", "m2", "é", "é", "M", "m", *values[6:]]
    assert list(repairs_of(read, "x").values()) == [1]
    assert not repairs_of(table("title_rows"), "sex")


# --- roles -----------------------------------------------------------------------------------


def test_roles_suggested_for_codes_of_statistics_packages() -> None:
    read = table("coded_groups")
    suggested = suggest_roles(read)
    assert suggested.target == "approved"
    assert set(suggested.sensitive) == {"colour", "hispan", "maritl", "citizen", "female"}
    assert set(suggested.identifiers) == {"rownames", "uid"}
    assert suggested.codes == ("purpose",)
    assert set(suggested.features) == {"appl_income", "debt_ratio", "purpose", "skin"}
    roles, repairs = default_roles(read, "approved", "1", ["colour", "female"])
    ((what, count),) = [(r.what, r.count) for r in repairs if r.column == "purpose"]
    assert "1, 2, 3, 8, 9" in what
    assert count == 900
    data = assign(read, roles)
    rates = data.sensitive.assign(y=data.target)
    by_colour = rates.groupby("colour").y.agg(["mean", "size"])
    assert round(by_colour.loc["Black", "mean"], 3) == 0.513
    assert round(by_colour.loc["White", "mean"], 3) == 0.721
    assert by_colour["size"].to_dict() == {"Black": 193, "White": 707}
    by_female = rates.groupby("female").y.agg(["mean", "size"])
    assert by_female["mean"].round(3).to_dict() == {"0": 0.692, "1": 0.659}
    assert by_female["size"].to_dict() == {"0": 478, "1": 422}


def test_a_last_column_is_no_target_because_of_its_two_values() -> None:
    text = "height,female\n" + "".join(f"{150 + i},{i % 2}\n" for i in range(40))
    assert suggest_roles(read_bytes(text.encode(), "t.csv")).target is None
    text = text.replace("female", "tall")
    assert suggest_roles(read_bytes(text.encode(), "t.csv")).target == "tall"


@pytest.mark.parametrize(
    ("name", "values", "identifies"),
    [
        ("rownames", range(1, 41), True),
        ("height", range(51), True),  # A sequence without a gap, whatever it is called.
        ("height", range(50), False),
        ("height", [*range(50), 51], False),
        ("height", [3 * i for i in range(40)], False),
        ("case no", [3 * i for i in range(40)], True),
        ("height", [i / 2 for i in range(40)], False),
        ("height", [*range(50), 49], False),
    ],
)
def test_row_numbers(name: str, values: Any, identifies: bool) -> None:
    text = f"{name},k,out\n" + "".join(f"{v},{'ab'[i % 2]},{i % 2}\n" for i, v in enumerate(values))
    read = read_bytes(text.encode(), "t.csv")
    assert (name in suggest_roles(read).identifiers) is identifies
    assert (name in default_roles(read, "out", "1", ["k"])[0].features) is not identifies


@pytest.mark.parametrize(
    ("name", "values", "asked"),
    [
        ("purpose", [1, 2, 3], True),
        ("children", [0, 1, 2, 3], False),
        ("children", [0, 1, 2, 9], True),
        ("children", [0, 1, 2.5, 9], False),
        ("children", [-9, 1, 2, 3], False),
        ("children", [0, 9], False),
        ("children", range(0, 24, 2), True),
        ("children", range(0, 26, 2), False),
    ],
)
def test_numbers_that_may_be_codes(name: str, values: Any, asked: bool) -> None:
    rows = [(v, i % 2) for i, v in enumerate(list(values) * 4)]
    text = f"{name},out\n" + "".join(f"{v},{o}\n" for v, o in rows)
    suggested = suggest_roles(read_bytes(text.encode(), "t.csv"))
    assert (name in suggested.codes) is asked


def aurocs(read: Table, target: str, positive: str, by: str, *features: str) -> float:
    roles, _ = default_roles(read, target, positive, [by])
    if features:
        named = tuple(name for name in roles.identifiers if name not in features)
        roles = replace(roles, features=features, identifiers=named)
    data = assign(read, roles)
    found = []
    for seed in range(3):
        trained = train(data, TrainingSpec("gradient_boosting", seed=seed))
        test = trained.split.test
        found.append(roc_auc_score(data.target[test], trained.scores))
    return sum(found) / len(found)


def test_a_row_number_is_no_feature_unless_asked_for(tmp_path: Path) -> None:
    read = table("row_numbers_sorted")
    assert aurocs(read, "died", "1", "sex") < 0.62
    assert aurocs(read, "died", "1", "sex", "rownames", "region", "lab1", "lab2") > 0.7
    out = tmp_path / "out"
    words = ["audit", "--data", str(CASES / "row_numbers_sorted.csv"), "--target", "died",
             "--favourable", "1", "--adverse", "--sensitive", "sex", "--learner",
             "logistic_regression", "--explain", "0", "--out", str(out)]  # fmt: skip
    assert main(words) == 0
    roles = json.loads((out / "audit.json").read_text())["plan"]["roles"]
    assert "rownames" not in roles["features"]
    assert main([*words, "--features", "rownames,lab1"]) == 0
    roles = json.loads((out / "audit.json").read_text())["plan"]["roles"]
    assert set(roles["features"]) == {"rownames", "lab1"}


# --- dates -----------------------------------------------------------------------------------


def test_dates_as_people_write_them() -> None:
    read = table("dates_as_people_write")
    raw = pd.read_csv(CASES / "dates_as_people_write.csv")
    for column, form in (
        ("response_datetime", "%Y/%m/%d %H:%M:%S"), ("born", "%m/%d/%Y"), ("hired", "%d.%m.%Y"),
    ):  # fmt: skip
        assert read.column(column).kind is Kind.DATE
        expected = pd.to_datetime(raw[column], format=form)
        assert (read.frame[column].to_numpy() == expected.to_numpy()).all()
        assert list(repairs_of(read, column).values()) == [700]
    assert "month first, as '08/25/1960' shows" in next(iter(repairs_of(read, "born")))
    assert "day first, as '29.03.2010' shows" in next(iter(repairs_of(read, "hired")))
    # Correctable: the other order reads only the days that may be months, and counts the rest.
    other = table("dates_as_people_write", notations=(("born", Notation.DAY_FIRST),))
    months = raw["born"].str.slice(3, 5).astype(int)
    assert other.frame["born"].isna().sum() == (months > 12).sum()
    roles, _ = default_roles(read, "injured", "Yes", ["group"])
    data = assign(read, roles)
    assert data.numbers == ("response_datetime", "born", "hired", "load")
    assert data.categories == ()


def test_a_load_tells_nothing_of_injuries() -> None:
    read = table("dates_as_people_write")
    assert aurocs(read, "injured", "Yes", "group", "load") == pytest.approx(0.5, abs=0.08)
    assert aurocs(read, "injured", "Yes", "group") < 0.6


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("13/02/2010", "01/02/2010"), ["2010-02-13", "2010-02-01"]),
        (("02/13/2010", "01/02/2010"), ["2010-02-13", "2010-01-02"]),
        (("01.02.2010", "03.04.2010"), ["2010-02-01", "2010-04-03"]),
        (("29 Mar 2010", "1 September 2011"), ["2010-03-29", "2011-09-01"]),
        (("Mar 29, 2010", "Sept 1, 2011"), ["2010-03-29", "2011-09-01"]),
        (("29MAR2010", "01JUN2011"), ["2010-03-29", "2011-06-01"]),
        (("2016/1/6 6:42 PM", "2016/01/07 12:05 am"), ["2016-01-06T18:42", "2016-01-07T00:05"]),
    ],
)
def test_orders_of_dates(values: tuple[str, ...], expected: list[str]) -> None:
    read = cells(",", *values)
    assert read.column("x").kind is Kind.DATE
    assert read.frame["x"].tolist() == [pd.Timestamp(text) for text in expected]
    assert repairs_of(read, "x")


@pytest.mark.parametrize(
    "values",
    [("31.31.2010", "1.1.2010"), ("29 Foo 2010", "1 Mar 2010"), ("2016/13/01", "2016/01/01"),
     ("02-03-10", "02-04-10"), ("1/2.2010", "13/2/2010"), ("Ma 2, 2010", "Mar 3, 2010")],
)  # fmt: skip
def test_what_is_no_date_stays_as_it_was(values: tuple[str, ...]) -> None:
    assert cells(",", *values).frame["x"].tolist() == list(values)


def test_an_order_that_no_value_shows_is_asked_about() -> None:
    text = "when,k\n" + "".join(f"0{1 + i % 9}/0{1 + i // 9}/2010,k\n" for i in range(20))
    read = read_bytes(text.encode(), "t.csv")
    assert read.column("when").kind is Kind.TEXT
    ((what, count),) = repairs_of(read, "when").items()
    assert "day-first or month-first" in what
    assert count == 20
    with pytest.raises(InputError, match="no value shows whether '01/01/2010'"):
        read_bytes(text.encode(), "t.csv", kinds={"when": Kind.DATE})
    options = ReadOptions(notations=(("when", Notation.MONTH_FIRST),))
    chosen = read_bytes(text.encode(), "t.csv", options=options)
    assert chosen.frame["when"][1] == pd.Timestamp("2010-02-01")


def test_guesses_are_told_by_the_command_and_none_is_taken(tmp_path: Path, capsys: Any) -> None:
    words = ["audit", "--data", str(CASES / "coded_groups.csv"), "--out", str(tmp_path / "out")]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "--target approved" in said
    assert "--favourable 1 (“approved = 1” is what people hope for)" in said
    assert "--sensitive colour,hispan,maritl,citizen,female" in said
    assert main([*words, "--target", "approved"]) == 2
    assert "--favourable 1" in capsys.readouterr().err
    assert main([*words, "--target", "approved", "--favourable", "1"]) == 2
    assert "hispan: its name says race or ethnic origin" in capsys.readouterr().err
    died = [*words[:2], str(CASES / "row_numbers_sorted.csv"), *words[3:], "--target", "died"]
    assert main(died) == 2
    assert "--favourable 1 --adverse" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
