"""Delimited text (CSV, TSV): which delimiter, and strict rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from core.data.header import column_names
from core.data.table import Repair
from core.errors import InputError

CELL_LIMIT = 50_000_000
"""Most cells a table may have: beyond it a browser session would exhaust a small machine."""

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
"""What is looked for, in order of preference where two explain the file equally well."""

_BLOCK = 20_000
_NUMERIC = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


@dataclass(frozen=True)
class Cells:
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


def parse(text: str, delimiter: str | None, where: str) -> Cells:
    """Parse delimited text whose first row holds the column names.

    Parameters
    ----------
    text : str
    delimiter : str or None
        None to detect it.
    where : str
        Name of the file, for messages.

    Raises
    ------
    InputError
        If there is no header or no row, a row has more or fewer fields than the header, a quote
        is never closed, or there are more than ``CELL_LIMIT`` cells.
    """
    if delimiter is None:
        delimiter = detect_delimiter(text)
    elif len(delimiter) != 1 or delimiter in '"\r\n\0 ':
        raise InputError(
            f"{delimiter!r} can't be a delimiter",
            where=where,
            remedy="Choose a single character such as a comma, semicolon or tab",
        )
    rows = _rows(text, delimiter, where)
    header = next(rows, None)
    if header is None:
        raise InputError("the file is empty", where=where, remedy="Choose a file with rows in it")
    names, renamed = column_names(header[1])
    repairs = list(renamed)
    if all(_NUMERIC.fullmatch(name) for name in header[1]):
        what = (
            "The first line holds only numbers and was taken as column names: "
            "add a line of names above it if it is data."
        )
        repairs.append(Repair(what, 1))
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
    columns = tuple(pa.concat_arrays(arrays) for arrays in parts)
    return Cells(names, columns, delimiter, tuple(repairs))


def detect_delimiter(text: str) -> str:
    """Find the delimiter that cuts the first rows most evenly, a comma if none cuts the header.

    Quoted delimiters do not count. Of two that cut equally evenly, the one that makes more
    columns is taken.
    """
    best, best_score = ",", (0.0, 0)
    sample = text[: 1 << 17]
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        widths: list[int] = []
        with suppress(csv.Error):  # What was cut before an error still tells.
            widths.extend(len(row) for row in islice(reader, 100) if row)
        if len(sample) < len(text) and len(widths) > 2:
            widths.pop()  # The sample may end within a row.
        if not widths or widths[0] < 2:
            continue
        score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
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


def _rows(text: str, delimiter: str, where: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of the line on which it starts; leading blank lines left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    started = False
    line = 1
    try:
        for row in reader:
            started = started or any(cell.strip() for cell in row)
            if started:
                yield line, row
            line = reader.line_num + 1
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
