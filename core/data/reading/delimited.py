"""Delimited text (CSV, TSV): which delimiter, and strict rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice

import pyarrow as pa

from core.data.reading.header import column_names, free_name
from core.data.reading.header_row import (
    SAMPLED,
    common_width,
    has_row_names,
    is_number,
    names_position,
)
from core.data.table import Repair
from core.errors import InputError

CELL_LIMIT = 50_000_000
"""Most cells a table may have: beyond it a browser session would exhaust a small machine."""

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
"""What is looked for, in order of preference where two explain the file equally well."""

_BLOCK = 20_000
_SEP = re.compile(r'[ \t]*"?sep=(?P<sign>[^\r\n"])"?[,;\t ]*(?:\r\n|\r|\n)', re.IGNORECASE)


@dataclass(frozen=True)
class RawCells:
    """A table of text.

    Attributes
    ----------
    names : tuple of str
        Unique and not empty.
    columns : tuple of pyarrow.Array
        One array of text for each name, all of one length.
    delimiter : str
    repairs : tuple of Repair
    """

    names: tuple[str, ...]
    columns: tuple[pa.Array, ...]
    delimiter: str
    repairs: tuple[Repair, ...]


def parse(text: str, delimiter: str | None, where: str, header_line: int | None = None) -> RawCells:
    """Parse delimited text with a row of column names.

    A first line such as ``sep=;`` names the delimiter. The names stand in the first row, or below
    a title (:func:`core.data.reading.header_row.names_position`). Where the row of names is shorter
    by one than those below it, as R writes tables, the first column holds row names.

    Parameters
    ----------
    text : str
    delimiter : str or None
        None to detect it.
    where : str
        Name of the file, for messages.
    header_line : int, optional
        Line that holds the column names, counted from 1; found by itself.

    Raises
    ------
    InputError
        If there is no header or no row, a row has more or fewer fields than the header, a quote
        is never closed, or there are more than ``CELL_LIMIT`` cells.
    """
    signed = _SEP.match(text)
    if delimiter is None:
        delimiter = signed["sign"] if signed else detect_delimiter(text)
    if len(delimiter) != 1 or delimiter in '"\r\n\0 ':
        raise InputError(
            f"{delimiter!r} can't be a delimiter",
            where=where,
            remedy="Choose a single character such as a comma, semicolon or tab",
        )
    rows = _rows(text, delimiter, where, start=signed.end() if signed else 0)
    repairs: list[Repair] = []
    if signed:
        what = f"The first line, {signed[0].strip()!r}, names the delimiter and is no row."
        repairs.append(Repair(what, 1))
    header, top, rows = _header(rows, header_line, where, repairs)
    given = list(header)
    if has_row_names(header, top):
        given = [free_name("rownames", set(header)), *header]
        what = (
            f"Rows have one field more than there are column names, as tables from R do: the "
            f"first one holds row names and is called {given[0]!r}."
        )
        repairs.append(Repair(what, 1, given[0]))
    names, renamed = column_names(given, where)
    repairs.extend(renamed)
    if all(is_number(name) for name in header):
        what = (
            "The first line holds only numbers and was taken as column names: "
            "add a line of names above it if it is data."
        )
        repairs.append(Repair(what, 1))
    columns = _columns(rows, names, delimiter, where, repairs)
    return RawCells(names, columns, delimiter, tuple(repairs))


def _header(
    rows: Iterator[tuple[int, list[str]]],
    header_line: int | None,
    where: str,
    repairs: list[Repair],
) -> tuple[list[str], list[list[str]], Iterator[tuple[int, list[str]]]]:
    """Take the row of column names; with it the rows sampled below it, and all rows below it."""
    if header_line is not None:
        rows = _from_line(rows, header_line, where, repairs)
    sample = list(islice(rows, SAMPLED))
    if not sample:
        raise InputError("the file is empty", where=where, remedy="Choose a file with rows in it")
    top = [row for _, row in sample]
    at = 0 if header_line is not None else names_position(top, where)
    if at:
        repairs.append(_skipped(top[:at]))
    return top[at], top[at + 1 :], chain(sample[at + 1 :], rows)


def _from_line(
    rows: Iterator[tuple[int, list[str]]], header_line: int, where: str, repairs: list[Repair]
) -> Iterator[tuple[int, list[str]]]:
    above: list[list[str]] = []
    for line, row in rows:
        if line == header_line:
            if above:
                repairs.append(_skipped(above))
            return chain([(line, row)], rows)
        above.append(row)
    raise InputError(
        f"no row starts on line {header_line}, which is said to hold the column names",
        where=where,
        remedy="Name the line on which the column names stand, counted from 1",
    )


def _skipped(above: list[list[str]]) -> Repair:
    first = next(cell.strip() for row in above for cell in row if cell.strip())
    shown = first if len(first) <= 40 else first[:39] + "…"
    return Repair(f"Lines above the column names were skipped, such as {shown!r}.", len(above))


def _columns(
    rows: Iterator[tuple[int, list[str]]],
    names: tuple[str, ...],
    delimiter: str,
    where: str,
    repairs: list[Repair],
) -> tuple[pa.Array, ...]:
    parts: list[list[pa.Array]] = [[] for _ in names]
    seen = blank = 0
    block: list[list[str]] = []
    for line, row in rows:
        if not row or (len(names) > 1 and len(row) == 1 and not row[0].strip()):
            blank += 1
            continue
        if len(row) != len(names):
            _ragged(line, len(row), len(names), delimiter, where)
        block.append(row)
        if len(block) == _BLOCK:
            _flush(block, parts)
            seen += _BLOCK
            check_cells(seen, len(names), where)
    seen += len(block)
    check_cells(seen, len(names), where)
    _flush(block, parts)
    if not seen:
        raise InputError(
            "there is a header but no row below it",
            where=where,
            remedy="Choose a file with rows in it",
        )
    if blank:
        repairs.append(Repair("Blank lines were skipped.", blank))
    return tuple(pa.concat_arrays(arrays) for arrays in parts)


def detect_delimiter(text: str) -> str:
    """Find the delimiter that cuts the first rows most evenly, a comma if none cuts them.

    Quoted delimiters do not count. Of two that cut equally evenly, the one that makes more
    columns is taken. Rows count, not the first of them, which may be a title.
    """
    best, best_score = ",", (0.0, 0)
    sample = text[: 1 << 17]
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        rows: list[list[str]] = []
        with suppress(csv.Error):  # What was cut before an error still tells.
            rows.extend(row for row in islice(reader, 100) if row)
        if len(sample) < len(text) and len(rows) > 2:
            rows.pop()  # The sample may end within a row.
        width = common_width(rows)
        if width < 2:
            continue
        score = (sum(len(row) == width for row in rows) / len(rows), width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def check_cells(rows: int, columns: int, where: str) -> None:
    """Refuse a table of more than ``CELL_LIMIT`` cells."""
    if rows * columns > CELL_LIMIT:
        raise InputError(
            f"the table has more than {CELL_LIMIT:,} cells",
            where=where,
            remedy="Take a sample of the rows or leave columns out",
        )


def _rows(text: str, delimiter: str, where: str, start: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of the line on which it starts; leading blank lines left out."""
    stream = io.StringIO(text, newline="")
    stream.seek(start)
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    started = False
    above = int(start > 0)
    line = 1 + above
    try:
        for row in reader:
            started = started or any(cell.strip() for cell in row)
            if started:
                yield line, row
            line = reader.line_num + 1 + above
    except csv.Error as error:
        raise InputError(
            f"the row that starts on line {line} can't be read ({error})",
            where=where,
            remedy="Check its quotation marks: each that opens must close before a delimiter",
        ) from None


def _flush(block: list[list[str]], parts: list[list[pa.Array]]) -> None:
    if block or not parts[0]:
        cells = zip(*block, strict=True) if block else [()] * len(parts)
        for part, column in zip(parts, cells, strict=True):
            part.append(pa.array(column, pa.large_string()))
    block.clear()


def _ragged(line: int, found: int, wanted: int, delimiter: str, where: str) -> None:
    name = DELIMITERS.get(delimiter, repr(delimiter))
    raise InputError(
        f"line {line} has {found} field{'s' * (found != 1)} where the header has {wanted}",
        where=where,
        remedy=f"Correct that line, or choose another delimiter than the {name}",
    )
