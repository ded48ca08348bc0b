"""Broken and awkward files, made here, each with what must come of it.

Browser tests use them too: a file that is refused shows its sentence, one that is repaired shows
its counted repair, one that is read shows neither an error nor a loss.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True)
class BrokenFile:
    """A file and what must come of it.

    Attributes
    ----------
    name : str
        File name.
    data : bytes
    outcome : {"refused", "refused as roles", "repaired", "read"}
        "refused": reading raises. "refused as roles": it is read, but target ``approved`` with
        label ``yes`` and sensitive ``sex`` can't be assigned. "repaired": a repair is counted.
    says : str
        Words that the message or the repair contains.
    count : int or None
        Of the repair.
    """

    name: str
    data: bytes
    outcome: Literal["refused", "refused as roles", "repaired", "read"]
    says: str = ""
    count: int | None = None


BROKEN_FILES: dict[str, Callable[[], BrokenFile]] = {}
"""Makers by case; some take a moment, so they are made only when asked for."""


def _case(make: Callable[[], BrokenFile]) -> Callable[[], BrokenFile]:
    BROKEN_FILES[make.__name__] = make
    return make


ROWS = [
    (sex, age, income, "yes" if income > 2500 else "no")
    for sex, age, income in (
        ("f", 23, 2100), ("m", 35, 3200), ("f", 41, 2800), ("m", 52, 1900), ("f", 37, 3000),
        ("m", 29, 2400), ("f", 61, 2600), ("m", 45, 3900), ("f", 33, 2000), ("m", 58, 2700),
    )
]  # fmt: skip


def good(delimiter: str = ",", end: str = "\n") -> str:
    """Ten rows with nothing wrong."""
    lines = [delimiter.join(("sex", "age", "income", "approved"))]
    lines += [delimiter.join(map(str, row)) for row in ROWS]
    return end.join(lines) + end


def with_column(name: str, cells: list[str]) -> bytes:
    """The good table with one more column in front."""
    head, *rows = good().splitlines()
    lines = [f"{name},{head}"] + [f"{cell},{row}" for cell, row in zip(cells, rows, strict=True)]
    return ("\n".join(lines) + "\n").encode()


@_case
def empty() -> BrokenFile:
    return BrokenFile("empty.csv", b"", "refused", "empty")


@_case
def only_blank_lines() -> BrokenFile:
    return BrokenFile("blank.csv", b"\n\n  \n", "refused", "empty")


@_case
def header_only() -> BrokenFile:
    return BrokenFile("header.csv", b"sex,age,approved\n", "refused", "no row below")


@_case
def one_class() -> BrokenFile:
    data = good().replace(",no\n", ",yes\n").encode()
    return BrokenFile("one_class.csv", data, "refused as roles", "only one class")


@_case
def one_group() -> BrokenFile:
    data = good().replace("\nm,", "\nf,").encode()
    return BrokenFile("one_group.csv", data, "refused as roles", "only one group")


@_case
def all_missing() -> BrokenFile:
    lines = good().splitlines()
    data = "\n".join([lines[0], *(f"{line.rsplit(',', 1)[0]}," for line in lines[1:])]).encode()
    return BrokenFile("all_missing.csv", data, "refused as roles", "holds no value")


@_case
def only_missing_cells() -> BrokenFile:
    data = b"sex,age,approved\n" + b",,\n" * 4 + b",1,\n"
    return BrokenFile("missing.csv", data, "refused as roles", "holds no value")


@_case
def duplicate_columns() -> BrokenFile:
    data = good().replace("age,income", "age,age").encode()
    return BrokenFile("duplicate.csv", data, "refused", "'age' occurs 2 times")


@_case
def nameless_column() -> BrokenFile:
    data = good().replace("age,income", "age,").encode()
    return BrokenFile("nameless.csv", data, "repaired", "called 'column 3'", 1)


@_case
def row_too_long() -> BrokenFile:
    data = good().replace("f,41,2800,yes", "f,41,2,800,yes").encode()
    return BrokenFile("long.csv", data, "refused", "line 4 has 5 fields where the header has 4")


@_case
def row_too_short() -> BrokenFile:
    data = good().replace("m,52,1900,no", "m,52").encode()
    return BrokenFile("short.csv", data, "refused", "line 5 has 2 fields where the header has 4")


@_case
def open_quote() -> BrokenFile:
    data = good().replace("f,41", '"f,41').encode()
    return BrokenFile("quote.csv", data, "refused", "starts on line 4")


@_case
def wrong_byte_order_mark() -> BrokenFile:
    data = b"\xef\xbb\xbf" + good().replace("\nf,23", "\nfé,23").encode("latin-1")
    return BrokenFile("mark.csv", data, "refused", "not in utf-8-sig: a byte near line 2")


@_case
def nul_bytes() -> BrokenFile:
    data = good().replace("m,35", "m\0,35").encode()
    return BrokenFile("nul.csv", data, "refused", "line 3 holds a NUL")


@_case
def binary_junk() -> BrokenFile:
    data = bytes((i * 73 + i // 7) % 31 + 1 for i in range(5000))
    return BrokenFile("junk.csv", data, "refused", "not text")


@_case
def workbook_called_csv() -> BrokenFile:
    return BrokenFile("book.csv", workbook(), "refused", "an Excel workbook")


@_case
def text_called_workbook() -> BrokenFile:
    return BrokenFile("text.xlsx", good().encode(), "refused", "not xlsx")


@_case
def zip_called_workbook() -> BrokenFile:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("hello.txt", "hello")
    return BrokenFile("zip.xlsx", sink.getvalue(), "refused", "can't be read as xlsx")


@_case
def workbook_bomb() -> BrokenFile:
    """A small workbook whose directory claims 4.3 GB for each of its parts."""
    data = bytearray(workbook())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 24 : at + 28] = struct.pack("<I", 0xFFFFFFF0)
        at = data.find(b"PK\x01\x02", at + 4)
    return BrokenFile("bomb.xlsx", bytes(data), "refused", "GB when unpacked")


@_case
def parquet_bomb_rows() -> BrokenFile:
    """A few hundred bytes that claim 2^29 rows."""
    data = _footer_claims(_parquet(rows=100_003), 100_003, 1 << 29)
    return BrokenFile("rows.parquet", data, "refused", "more than 50,000,000 cells")


@_case
def parquet_bomb_size() -> BrokenFile:
    """A footer that claims 4 GB for its one column."""
    data = _parquet(rows=100)
    size = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0).total_byte_size
    return BrokenFile(
        "size.parquet", _footer_claims(data, size, 1 << 32), "refused", "4.3 GB when unpacked"
    )


@_case
def parquet_bomb_page() -> BrokenFile:
    """A page that claims 2 GB where the footer does not."""
    data = _parquet(rows=100)
    # 800 bytes of numbers and 7 that say that none is missing.
    page, claim = _varint(807), _varint((1 << 31) - 1)
    start = data.index(b"\x15" + page, 4) + 1
    longer = data[:start] + claim + data[start + len(page) :]
    column = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0).column(0)
    grown = column.total_compressed_size + len(claim) - len(page)
    data = _footer_claims(longer, column.total_compressed_size, grown)
    return BrokenFile("page.parquet", data, "refused", "more memory than it may have")


@_case
def cut_parquet() -> BrokenFile:
    return BrokenFile(
        "cut.parquet", _parquet(rows=100)[:-20], "refused", "can't be read as parquet"
    )


@_case
def bytes_column() -> BrokenFile:
    sink = io.BytesIO()
    pq.write_table(pa.table({"photo": [b"\xff\xd8\xff"], "age": [1]}), sink)
    return BrokenFile("photo.parquet", sink.getvalue(), "refused", "'photo' holds bytes")


@_case
def nested_column() -> BrokenFile:
    sink = io.BytesIO()
    pq.write_table(pa.table({"visits": [[1, 2], [], None], "age": [1, 2, 3]}), sink)
    return BrokenFile("nested.parquet", sink.getvalue(), "repaired", "became text", 2)


@_case
def cut_feather() -> BrokenFile:
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, pa.schema({"age": pa.int64()})) as writer:
        writer.write_table(pa.table({"age": list(range(1000))}))
    data = sink.getvalue()[:1000]
    return BrokenFile("cut.feather", data, "refused", "can't be read as feather")


@_case
def cut_gzip() -> BrokenFile:
    return BrokenFile("cut.csv.gz", gzip.compress(good().encode())[:-12], "refused", "cut off")


@_case
def gzip_bomb() -> BrokenFile:
    data = gzip.compress(b"a,b\n" + b"1,2\n" * 30_000_000, 1)
    return BrokenFile("bomb.csv.gz", data, "refused", "larger than 50 MB")


@_case
def unknown_ending() -> BrokenFile:
    return BrokenFile("model.pkl", b"\x80\x04N.", "refused", "tells of no format")


@_case
def ten_thousand_categories() -> BrokenFile:
    rows = (f"{'fm'[i % 2]},city {i % 10_000},{'yes' if i % 3 else 'no'}" for i in range(20_000))
    data = "\n".join(["sex,city,approved", *rows]).encode()
    return BrokenFile("categories.csv", data, "read")


@_case
def five_hundred_columns() -> BrokenFile:
    more = [f"x{i}" for i in range(497)]
    rows = (
        ",".join([row[0], str(row[1]), row[3], *(str(i * j % 7) for j in range(497))])
        for i, row in enumerate(ROWS)
    )
    data = "\n".join([",".join(["sex", "age", "approved", *more]), *rows]).encode()
    return BrokenFile("wide.csv", data, "read")


@_case
def dates() -> BrokenFile:
    cells = [f"2024-0{i}-15T10:00:00+02:00" for i in range(1, 10)] + ["2024-10-15T10:00:00+02:00"]
    return BrokenFile("dates.csv", with_column("seen", cells), "repaired", "moved to UTC", 10)


@_case
def impossible_dates() -> BrokenFile:
    cells = ["2024-02-30"] * 5 + ["2024-02-28"] * 5
    return BrokenFile("feb30.csv", with_column("seen", cells), "read")


@_case
def booleans() -> BrokenFile:
    cells = ["TRUE", "False", "true", "false", "True"] * 2
    return BrokenFile("booleans.csv", with_column("member", cells), "read")


@_case
def mixed_types() -> BrokenFile:
    cells = [*map(str, range(9)), "unknown"]
    data = with_column("children", cells)
    return BrokenFile("mixed.csv", data, "repaired", "such as 'unknown'", 1)


@_case
def infinite_values() -> BrokenFile:
    cells = ["1.5", "inf", "-Infinity", "1e999", *["2"] * 6]
    return BrokenFile("infinite.csv", with_column("debt", cells), "repaired", "Infinite values", 3)


@_case
def missing_tokens() -> BrokenFile:
    cells = ["?", "?", "?", "1", "2", "3", "4", "5", "6", "7"]
    return BrokenFile("tokens.csv", with_column("rooms", cells), "repaired", "'?' was read", 3)


@_case
def none_is_a_category() -> BrokenFile:
    cells = ["none", "None", "guarantor"] * 3 + ["none"]
    return BrokenFile("none.csv", with_column("debtors", cells), "read")


@_case
def leading_zeros() -> BrokenFile:
    cells = [f"0{i}123" for i in range(10)]
    return BrokenFile("zip.csv", with_column("postcode", cells), "repaired", "leading zeros", 10)


@_case
def formula_like_cells() -> BrokenFile:
    cells = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "=HYPERLINK(0)"] * 2
    return BrokenFile("formulas.csv", with_column("note", cells), "read")


@_case
def html_in_names_and_cells() -> BrokenFile:
    cells = ["<script>alert(1)</script>", "<b>x</b>"] * 5
    data = with_column("<img src=x onerror=alert(1)>", cells)
    return BrokenFile("html.csv", data, "read")


@_case
def spaces_everywhere() -> BrokenFile:
    data = good(", ").encode()
    return BrokenFile("spaces.csv", data, "repaired", "Spaces around values", 10)


@_case
def blank_lines_at_the_end() -> BrokenFile:
    return BrokenFile("tail.csv", good().encode() + b"\n\n \n", "repaired", "Blank lines", 3)


@_case
def no_header() -> BrokenFile:
    data = b"1,2,3\n4,5,6\n7,8,9\n"
    return BrokenFile("bare.csv", data, "repaired", "first line holds only numbers", 1)


@_case
def decimal_commas() -> BrokenFile:
    data = b"sex;rent;approved\nf;1,5;yes\nm;2,25;no\nf;3;no\n"
    return BrokenFile("commas.csv", data, "repaired", "Commas were read as decimal points", 2)


@_case
def latin_1() -> BrokenFile:
    data = with_column("name", ["Zoë", "Müller", "Größe", "Jürgen", "André"] * 2)
    return BrokenFile("latin.csv", data.decode().encode("latin-1"), "repaired", "as latin-1", 12)


@_case
def gb18030() -> BrokenFile:
    data = with_column("姓名", ["王芳", "李伟", "张敏", "刘洋", "陈静"] * 2)
    return BrokenFile("chinese.csv", data.decode().encode("gb18030"), "repaired", "as gb18030", 22)


@_case
def utf_16() -> BrokenFile:
    return BrokenFile("wide16.csv", good("\t").encode("utf-16"), "read")


@_case
def utf_16_without_mark() -> BrokenFile:
    return BrokenFile("nomark.csv", good().encode("utf-16-be"), "repaired", "as utf-16-be", 0)


@_case
def utf_8_with_mark() -> BrokenFile:
    return BrokenFile("mark8.csv", b"\xef\xbb\xbf" + good().encode(), "read")


@_case
def old_mac_line_ends() -> BrokenFile:
    return BrokenFile("mac.csv", good(end="\r").encode(), "read")


def workbook() -> bytes:
    """The good table as an Excel workbook."""
    sink = io.BytesIO()
    names = ["sex", "age", "income", "approved"]
    pd.DataFrame(ROWS, columns=names).to_excel(sink, index=False)
    return sink.getvalue()


def _parquet(rows: int) -> bytes:
    """One column of zeros, in as few bytes as they take."""
    sink = io.BytesIO()
    pq.write_table(
        pa.table({"x": pa.array([0] * rows, pa.int64())}),
        sink,
        compression="zstd",
        use_dictionary=rows > 1000,
        write_statistics=False,
        store_schema=False,
    )
    return sink.getvalue()


def _footer_claims(data: bytes, true: int, claimed: int) -> bytes:
    """Put another number in a Parquet footer wherever the true one stands."""
    length = struct.unpack("<I", data[-8:-4])[0]
    body, footer = data[: -8 - length], data[-8 - length : -8]
    assert _varint(true) in footer
    footer = footer.replace(_varint(true), _varint(claimed))
    return body + footer + struct.pack("<I", len(footer)) + b"PAR1"


def _varint(number: int) -> bytes:
    """A non-negative number as the footer's compact Thrift writes it: zigzag, then base 128."""
    number <<= 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
