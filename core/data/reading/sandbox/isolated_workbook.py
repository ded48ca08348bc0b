"""Excel workbooks, read in the child process of :mod:`core.data.reading.sandbox.isolated`."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any

import pyarrow as pa

from core.data.reading.header_row import SAMPLED, names_position
from core.data.reading.sandbox.isolated_rules import (
    EXACT,
    UNPACKED,
    RefusedError,
    cell_text,
    check_size,
    note,
)
from core.errors import InputError


def open_workbook(path: str, form: str) -> tuple[list[str], Any]:
    """Names of the worksheets, and a function from a name to its rows of Python values."""
    if form == "xls":
        import xlrd  # type: ignore[import-untyped]

        old = xlrd.open_workbook(path, on_demand=True, logfile=io.StringIO())

        def old_rows(name: str) -> Iterator[tuple[Any, ...]]:
            sheet = old.sheet_by_name(name)
            for index in range(sheet.nrows):
                yield tuple(_old_cell(cell, old.datemode, xlrd) for cell in sheet.row(index))

        return old.sheet_names(), old_rows
    import openpyxl

    with zipfile.ZipFile(path) as archive:
        claimed = sum(item.file_size for item in archive.infolist())
    if claimed > UNPACKED:
        raise RefusedError(
            f"the workbook says it holds {claimed / 1e9:.1f} GB when unpacked",
            "Take a sample of the rows, or save the sheet as CSV",
        )
    # As a stream: a path would have to end in .xlsx.
    new = openpyxl.load_workbook(stream(path), read_only=True, data_only=True, keep_links=False)

    def new_rows(name: str) -> Iterator[tuple[Any, ...]]:
        sheet = new[name]
        sheet.reset_dimensions()  # What a workbook says of its own size may be wrong.
        yield from sheet.iter_rows(values_only=True)

    return [sheet.title for sheet in new.worksheets], new_rows


def _old_cell(cell: Any, datemode: int, xlrd: Any) -> object:
    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    if cell.ctype == xlrd.XL_CELL_DATE:
        return xlrd.xldate_as_datetime(cell.value, datemode)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#N/A")
    return cell.value


def read_workbook(
    path: str,
    form: str,
    wanted: str | None,
    cells: int,
    notes: list[dict[str, Any]],
    header_line: int | None = None,
) -> tuple[pa.Table, str]:
    """Read one worksheet; its first row that is neither blank nor a title holds the names."""
    sheets, rows_of = open_workbook(path, form)
    if not sheets:
        raise RefusedError("the workbook has no worksheet", "Choose a workbook with a table in it")
    if wanted is not None and wanted not in sheets:
        there = ", ".join(repr(name) for name in sheets[:10])
        raise RefusedError(f"there is no sheet {wanted!r}", f"Choose one of: {there}")
    sheet = wanted if wanted is not None else sheets[0]
    if wanted is None and len(sheets) > 1:
        others = ", ".join(repr(name) for name in sheets[1:11])
        notes.append(note(f"Sheet {sheet!r} was read; others were not: {others}.", len(sheets) - 1))
    header, below = _header(rows_of(sheet), sheet, header_line, notes)
    columns: list[list[object]] = [[] for _ in header]
    rows = blank = pending = 0
    for row in below:
        if _is_blank(row):
            pending += 1
            continue
        blank, pending = blank + pending, 0
        if any(cell not in (None, "") for cell in row[len(header) :]):
            raise RefusedError(
                f"row {rows + 1} below the header has a value beyond the last named column",
                "Give that column a name or remove the value",
            )
        rows += 1
        check_size(rows, len(header), cells)
        for index, column in enumerate(columns):
            column.append(row[index] if index < len(row) else None)
    if blank:
        notes.append(note("Blank rows between others were skipped.", blank))
    if form == "xlsx" and any(None in column for column in columns):
        lost = uncalculated(path, sheet)
        if lost:
            notes.append(note("Formulas without a saved value were read as missing.", lost))
    names = ["" if name is None else cell_text(name) for name in header]
    arrays = [workbook_column(column) for column in columns]
    return pa.Table.from_arrays(arrays, names=names), sheet


def _header(
    rows: Iterator[tuple[Any, ...]],
    sheet: str,
    header_line: int | None,
    notes: list[dict[str, Any]],
) -> tuple[list[object], Iterator[tuple[Any, ...]]]:
    """Take the row of column names, and the rows below it."""
    first = (header_line or 1) - 1
    above = [row for row in islice(rows, max(first, 0)) if not _is_blank(row)]
    sample = list(islice(rows, SAMPLED))
    while sample and header_line is None and _is_blank(sample[0]):
        sample.pop(0)
        sample.extend(islice(rows, 1))
    if not sample or _is_blank(sample[0]):
        if header_line is not None:
            raise RefusedError(
                f"row {header_line} of sheet {sheet!r}, said to hold the column names, is blank",
                "Name the row on which the column names stand, counted from 1",
            )
        raise RefusedError(f"sheet {sheet!r} is empty", "Choose a sheet with a table in it")
    at = 0 if header_line is not None else _names_position(sample, sheet)
    above += [row for row in sample[:at] if not _is_blank(row)]
    if above:
        title = next(cell_text(cell) for row in above for cell in row if cell not in (None, ""))
        shown = title if len(title) <= 40 else title[:39] + "…"
        what = f"Lines above the column names were skipped, such as {shown!r}."
        notes.append(note(what, len(above)))
    header: list[object] = list(sample[at])
    while header[-1] in (None, ""):
        header.pop()
    return header, chain(sample[at + 1 :], rows)


def _names_position(sample: list[tuple[Any, ...]], sheet: str) -> int:
    filled = [at for row in sample for at, cell in enumerate(row) if cell not in (None, "")]
    width = max(filled) + 1
    texts = [
        ["" if cell is None else cell_text(cell) for cell in row[:width]]
        + [""] * (width - len(row[:width]))
        for row in sample
    ]
    try:
        return names_position(texts, f"sheet {sheet!r}")
    except InputError as refusal:
        raise RefusedError(refusal.problem, refusal.remedy or "") from None


def _is_blank(row: tuple[Any, ...]) -> bool:
    return all(cell is None or cell == "" for cell in row)


def uncalculated(path: str, name: str) -> int:
    """Count the formulas of a worksheet whose value was never calculated and saved."""
    import openpyxl

    values = openpyxl.load_workbook(stream(path), read_only=True, data_only=True)[name]
    formulas = openpyxl.load_workbook(stream(path), read_only=True, data_only=False)[name]
    values.reset_dimensions()
    formulas.reset_dimensions()
    return sum(
        formula.data_type == "f" and value.value is None
        for row, formulas_of_row in zip(values.iter_rows(), formulas.iter_rows(), strict=True)
        for value, formula in zip(row, formulas_of_row, strict=True)
    )


def stream(path: str) -> io.BytesIO:
    """Read a file into memory, where it needs no closing."""
    with open(path, "rb") as file:
        return io.BytesIO(file.read())


def workbook_column(cells: list[object]) -> pa.Array:
    """Make a column of one type, or of text where a worksheet mixes them."""
    present = [cell for cell in cells if cell is not None]
    if present and all(isinstance(cell, bool) for cell in present):
        return pa.array(cells, pa.bool_())
    if present and all(isinstance(cell, datetime) for cell in present):
        return pa.array(cells, pa.timestamp("us"))
    numeric = all(isinstance(c, (int, float)) and not isinstance(c, bool) for c in present)
    if present and numeric:
        numbers = [float(cell) if isinstance(cell, (int, float)) else None for cell in cells]
        known = [n for n in numbers if n is not None]
        counted = all(n.is_integer() and abs(n) <= EXACT for n in known)
        if counted and len(known) == len(cells):
            return pa.array([int(n) for n in known], pa.int64())
        return pa.array(numbers, pa.float64())
    return pa.array(
        [None if cell is None else cell_text(cell) for cell in cells], pa.large_string()
    )
