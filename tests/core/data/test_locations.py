"""Only what whoever runs the server has named is opened, by whatever way one asks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from core.data.sources.connections import connection_names, connection_url, shielded, table_names
from core.data.sources.engine_source import Source, executed, opened
from core.data.sources.locations import (
    SourceLocation,
    checked_files,
    file_location,
    offered_locations,
    source_of,
)
from core.errors import InputError
from core.fairness.engine.out_of_core import out_of_core_labels, out_of_core_table

OUTSIDE = "not inside a folder that this server opens"


def parquet(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame({"paid": ["yes", "no", None], "sex": ["a", "b", "b"]}).to_parquet(path)
    return path


def rows(table: Any, source: Source) -> int:
    return int(executed(table.aggregate(n=table.count()), source).column("n")[0].as_py())


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder that may be opened, and a secret beside it."""
    parquet(tmp_path / "inside" / "loans" / "one.parquet")
    parquet(tmp_path / "inside" / "loans" / "two.parquet")
    parquet(tmp_path / "secret" / "other.parquet")
    # A sibling whose name begins alike is no part of the folder.
    parquet(tmp_path / "inside2" / "other.parquet")
    monkeypatch.setenv("EQUIPOISE_SOURCES", str(tmp_path / "inside"))
    monkeypatch.chdir(tmp_path / "secret")
    return tmp_path / "inside"


@pytest.mark.parametrize(
    ("typed", "files"),
    [
        ("loans", 2),
        ("{inside}/loans", 2),
        ("loans/one.parquet", 1),
        ("loans/o*.parquet", 1),
        ("*/*.parquet", 2),
        ("**/*.parquet", 2),
        ("{inside}/**/t?o.parquet", 1),
        ("loans/../loans", 2),
        ("  loans  ", 2),
        (".", 2),
    ],
)
def test_what_lies_inside_is_opened(inside: Path, typed: str, files: int) -> None:
    location = file_location(typed.format(inside=inside))
    assert os.path.isabs(location.where)
    assert len(checked_files(location)) == files
    with source_of(location) as source, opened(source) as table:
        assert rows(table, source) == 3 * files


@pytest.mark.parametrize(
    "typed",
    [
        "/etc",
        "/",
        "/etc/*",
        "/*/*",
        "{top}/secret",
        "{top}/secret/other.parquet",
        "{top}/secret/*.parquet",
        "{top}/inside2",
        "{top}/inside2/*",
        "{top}/nothing/here",
        "../secret",
        "../secret/other.parquet",
        "../secret/*.parquet",
        "loans/../../secret",
        "loans/*/../../../secret/*.parquet",
        "*/../../secret/*.parquet",
        "l[o]ans/../../secret/other.parquet",
        "{top}/[i]nside/loans/one.parquet",
        "[.][.]/secret/other.parquet",
        "..",
    ],
)
def test_what_lies_outside_is_refused_in_the_same_words(inside: Path, typed: str) -> None:
    with pytest.raises(InputError) as refused:
        file_location(typed.format(top=inside.parent))
    text = str(refused.value)
    assert OUTSIDE in text or "no Parquet file here" in text
    assert text.count("other.parquet") == typed.count("other.parquet")


@pytest.mark.parametrize(
    "typed", ["{top}/secret/other.parquet", "{top}/secret/absent.parquet", "{top}/absent/x*"]
)
def test_outside_nobody_learns_what_is_there(inside: Path, typed: str) -> None:
    with pytest.raises(InputError, match=OUTSIDE):
        file_location(typed.format(top=inside.parent))


@pytest.mark.parametrize(
    "typed",
    [
        "file:///etc/passwd",
        "file:/etc/passwd",
        "FILE:///etc/passwd",
        "s3://bucket/x.parquet",
        "s3://user:password@bucket/*.parquet",
        "https://example.org/x.parquet",
        "duckdb:///etc/x.db",
        "duckdb://x.db",
        "postgres://user:password@host/db",
    ],
)
def test_urls_are_refused_without_repeating_them(inside: Path, typed: str) -> None:
    with pytest.raises(InputError, match="URL") as refused:
        file_location(typed)
    assert "password" not in str(refused.value)


@pytest.mark.parametrize("typed", ["%2e%2e/secret", "..%2fsecret", "%2Fetc%2Fpasswd", "~", "~root"])
def test_nothing_is_decoded_or_expanded(inside: Path, typed: str) -> None:
    with pytest.raises(InputError, match="no Parquet file"):
        file_location(typed)


@pytest.mark.parametrize("typed", ["", "  ", "a\0b", "/etc\0", "x" * 5000, "a/" * 3000])
def test_awkward_text_is_answered(inside: Path, typed: str) -> None:
    with pytest.raises(InputError):
        file_location(typed)


@pytest.mark.parametrize("typed", ["link", "link/other.parquet", "link/*.parquet", "file.parquet"])
def test_links_that_lead_out_are_refused(inside: Path, typed: str) -> None:
    (inside / "link").symlink_to(inside.parent / "secret")
    (inside / "file.parquet").symlink_to(inside.parent / "secret" / "other.parquet")
    with pytest.raises(InputError, match=OUTSIDE):
        file_location(typed)


@pytest.mark.parametrize("typed", ["mixed", "mixed/*.parquet", "*/*.parquet", "**"])
def test_one_link_that_leads_out_spoils_a_folder_or_a_pattern(inside: Path, typed: str) -> None:
    parquet(inside / "mixed" / "own.parquet")
    (inside / "mixed" / "linked.parquet").symlink_to(inside.parent / "secret" / "other.parquet")
    with pytest.raises(InputError, match="a link that leads out") as refused:
        file_location(typed)
    assert "secret" not in str(refused.value)


def test_a_pattern_that_reaches_through_a_linked_folder_is_refused(inside: Path) -> None:
    (inside / "link").symlink_to(inside.parent / "secret")
    with pytest.raises(InputError, match="a link that leads out"):
        file_location("*/other.parquet")
    with pytest.raises(InputError, match="a link that leads out"):
        file_location("li*/*.parquet")


def test_links_within_are_followed(inside: Path) -> None:
    (inside / "again").symlink_to(inside / "loans")
    assert file_location("again").where == str(inside / "loans")


def test_a_loop_of_links_is_answered(inside: Path) -> None:
    (inside / "a").symlink_to(inside / "b")
    (inside / "b").symlink_to(inside / "a")
    with pytest.raises(InputError):
        file_location("a")


def test_a_place_is_checked_again_when_it_is_opened(inside: Path) -> None:
    location = file_location("loans")
    (inside / "loans" / "new.parquet").symlink_to(inside.parent / "secret" / "other.parquet")
    with pytest.raises(InputError, match="a link"), source_of(location):
        pytest.fail("it was opened")
    # A forged place, as from a tampered file, is checked too.
    with pytest.raises(InputError, match=OUTSIDE), source_of(SourceLocation("/etc")):
        pytest.fail("it was opened")


def test_signs_of_patterns_in_names_stand_for_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / "data[1]*"
    parquet(odd / "x.parquet")
    parquet(odd / "[y].parquet")
    parquet(tmp_path / "data1" / "x.parquet")
    monkeypatch.setenv("EQUIPOISE_SOURCES", str(odd))
    location = file_location("*.parquet")
    assert checked_files(location) == (str(odd / "[y].parquet"), str(odd / "x.parquet"))
    assert checked_files(file_location("[y].parquet")) == (str(odd / "[y].parquet"),)
    with source_of(location) as source, opened(source) as table:
        assert rows(table, source) == 6


def test_several_folders_and_the_default(
    inside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet(tmp_path / "more" / "third.parquet")
    both = os.pathsep.join([str(inside), str(tmp_path / "more")])
    monkeypatch.setenv("EQUIPOISE_SOURCES", both)
    assert file_location("third.parquet").where == str(tmp_path / "more" / "third.parquet")
    assert set(offered_locations()) == {
        str(inside / "loans"),
        str(inside / "loans" / "one.parquet"),
        str(inside / "loans" / "two.parquet"),
        str(tmp_path / "more" / "third.parquet"),
    }
    monkeypatch.delenv("EQUIPOISE_SOURCES")
    with pytest.raises(InputError, match=OUTSIDE):
        file_location(str(inside))
    parquet(tmp_path / "secret" / "data" / "own.parquet")  # The working directory's data.
    assert file_location("own.parquet").where.endswith("secret/data/own.parquet")


def test_links_are_not_offered(inside: Path) -> None:
    (inside / "file.parquet").symlink_to(inside.parent / "secret" / "other.parquet")
    (inside / "link").symlink_to(inside.parent / "secret")
    offered = [Path(location).relative_to(inside).parts[0] for location in offered_locations()]
    assert set(offered) == {"loans"}


def test_what_a_table_offers(inside: Path) -> None:
    location = file_location("loans")
    found = out_of_core_table(location)
    assert [column.name for column in found.schema.columns] == ["paid", "sex"]
    sizes = [f.stat().st_size for f in (inside / "loans").iterdir()]
    assert (found.rows, found.files, found.size_bytes) == (6, 2, sum(sizes))
    assert out_of_core_labels(location, "paid") == ("no", "yes")
    with pytest.raises(InputError, match="no such column"):
        out_of_core_labels(location, "absent")


def test_many_different_values_are_no_labels(inside: Path) -> None:
    for many, ok in ((200, True), (201, False)):
        frame = pd.DataFrame({"n": [*range(many), None]}, dtype="Int64")
        frame.to_parquet(inside / "many.parquet")
        if ok:
            assert len(out_of_core_labels(file_location("many.parquet"), "n")) == many
        else:
            with pytest.raises(InputError, match="no labels"):
                out_of_core_labels(file_location("many.parquet"), "n")


def test_a_file_that_is_not_parquet_is_answered(inside: Path) -> None:
    (inside / "notes.txt").write_text("not Parquet")
    with pytest.raises(InputError, match="read as Parquet"):
        out_of_core_table(file_location("notes.txt"))


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a DuckDB file with a table and a view, named as a connection."""
    path = tmp_path / "w.db"
    with duckdb.connect(str(path)) as made:
        made.execute("create table loans as select 'yes' as paid, 1 as n")
        made.execute("create view recent as select * from loans")
    url = f"duckdb://{path}?read_only=True"
    monkeypatch.setenv("EQUIPOISE_CONNECTIONS", f"ware house={url}, b=postgres://u:pw@h/db")
    return path


def test_named_connections_offer_their_tables(warehouse: Path) -> None:
    assert connection_names() == ("ware house", "b")
    assert connection_url("b") == "postgres://u:pw@h/db"
    assert table_names("ware house") == ("loans", "recent")
    found = out_of_core_table(SourceLocation("ware house", "recent"))
    assert [column.name for column in found.schema.columns] == ["paid", "n"]
    assert found.rows is None
    assert out_of_core_labels(SourceLocation("ware house", "loans"), "paid") == ("yes",)


def test_the_name_of_a_table_can_be_no_file(warehouse: Path, inside: Path) -> None:
    secret = inside.parent / "secret" / "other.parquet"
    names = [str(secret), f"read_parquet('{secret}')", "../secret/other.parquet", "LOANS", ""]
    for name in (*names, 'loans"; drop table loans; --', "information_schema.tables"):
        with pytest.raises(InputError, match="no table of that name"):
            out_of_core_table(SourceLocation("ware house", name))
    assert table_names("ware house") == ("loans", "recent")


@pytest.mark.parametrize("name", ["", "c", "duckdb://x.db", "postgres://u:pw@h/db", "B"])
def test_a_connection_that_is_not_named_is_refused(warehouse: Path, name: str) -> None:
    with pytest.raises(InputError, match="no connection of that name"):
        table_names(name)
    with (
        pytest.raises(InputError, match="no connection of that name"),
        source_of(SourceLocation(name, "t")),
    ):
        pytest.fail("it was opened")


@pytest.mark.parametrize(
    "text",
    [
        "postgres://u:hush@h/db",
        "a=hush",
        "a=x://h,hush",
        "=x://hush",
        "a=x://h,a=x://hush",
        "a/b=x://hush",
    ],
)
def test_a_setting_that_cannot_be_read_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("EQUIPOISE_CONNECTIONS", text)
    with pytest.raises(InputError, match=r"entry \d is not") as refused:
        connection_names()
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgres://me:hush!hush@host/db",
        "postgres://me:hush%21hush@host/db",
        "postgres://me:hush!hush/?x@host/db",
        "postgres://host/db?password=hush!hush",
        "mysql://host/db?user=me&access_token=hush!hush",
    ],
)
@pytest.mark.parametrize("own", [True, False])
def test_no_error_tells_a_secret(monkeypatch: pytest.MonkeyPatch, url: str, own: bool) -> None:
    monkeypatch.setenv("EQUIPOISE_CONNECTIONS", f"w={url}")
    text = f"failed at {url} with hush!hush and hush%21hush"
    errors: list[Exception] = [ValueError(text)]
    if own:
        errors = [
            InputError(text, where="'t'", remedy=text),
            InputError(f"the backend can't be reached ({text})", where=f"--connect {url}"),
            InputError(f"it can't be opened ({text})", where=url),
        ]
    for error in errors:
        with pytest.raises(InputError) as shown, shielded("w"):
            raise error
        assert "hush" not in str(shown.value)
        assert shown.value.__cause__ is None


def test_a_database_that_is_not_there_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EQUIPOISE_CONNECTIONS", "w=postgres://me:hush!hush@127.0.0.1:9/db")
    with pytest.raises(InputError, match="connection 'w'") as shown:
        table_names("w")
    assert "hush" not in str(shown.value)
    assert "127" not in str(shown.value)
