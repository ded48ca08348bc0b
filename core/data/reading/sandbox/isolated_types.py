"""Arrow's many types to five plain ones, in the child process that opens untrusted files."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.data.reading.sandbox.isolated_rules import EXACT, RefusedError, cell_text, note


def plain(name: str, column: pa.ChunkedArray, notes: list[dict[str, Any]]) -> pa.ChunkedArray:
    """Cast a column to text, int64, float64, bool or timestamp[us] without zone."""
    kind = column.type
    is_ = pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return plain(name, pc.cast(column, kind.storage_type), notes)
    if is_.is_dictionary(kind):
        return plain(name, pc.cast(column, kind.value_type), notes)
    if is_.is_run_end_encoded(kind):
        decoded = [pc.run_end_decode(chunk) for chunk in column.chunks]
        return plain(name, pa.chunked_array(decoded, kind.value_type), notes)
    if is_.is_boolean(kind):
        return column
    if is_.is_null(kind):
        return pc.cast(column, pa.large_string())
    if is_.is_string(kind) or is_.is_large_string(kind) or is_.is_string_view(kind):
        return pc.cast(column, pa.large_string())
    if is_.is_integer(kind):
        return whole(name, column, notes)
    if is_.is_floating(kind):
        return pc.cast(column, pa.float64())
    if is_.is_decimal(kind):
        present = len(column) - column.null_count
        notes.append(note("Exact decimals became floating-point numbers.", present, name))
        return pc.cast(column, pa.float64(), safe=False)
    if is_.is_date(kind):
        return pc.cast(column, pa.timestamp("us"))
    if is_.is_timestamp(kind):
        if kind.tz is not None:
            present = len(column) - column.null_count
            notes.append(note(f"Times in {kind.tz} were moved to UTC.", present, name))
        return pc.cast(column, pa.timestamp("us", kind.tz), safe=False).cast(
            pa.timestamp("us"), safe=False
        )
    return as_text(name, column, notes)


def whole(name: str, column: pa.ChunkedArray, notes: list[dict[str, Any]]) -> pa.ChunkedArray:
    """Whole numbers as int64, or as float64 where some are missing; text if neither is exact."""
    extremes = pc.min_max(column).as_py()
    if max(-(extremes["min"] or 0), extremes["max"] or 0) <= EXACT:
        return pc.cast(column, pa.float64() if column.null_count else pa.int64())
    what = "Whole numbers with too many digits to be quantities were kept as text."
    notes.append(note(what, len(column) - column.null_count, name))
    return pc.cast(column, pa.large_string())


def as_text(name: str, column: pa.ChunkedArray, notes: list[dict[str, Any]]) -> pa.ChunkedArray:
    """Text of whatever else a column may hold: nested values as JSON, bytes as UTF-8, times."""
    cells: list[str | None] = []
    for value in column.to_pylist():
        if value is None:
            cells.append(None)
        elif isinstance(value, bytes):
            try:
                cells.append(value.decode("utf-8"))
            except UnicodeDecodeError:
                raise RefusedError(
                    f"column {name!r} holds bytes that are not text",
                    "Leave the column out or save it as text",
                ) from None
        elif isinstance(value, (list, tuple, dict)):
            cells.append(json.dumps(value, default=str, ensure_ascii=False))
        else:
            cells.append(cell_text(value))
    present = len(cells) - cells.count(None)
    notes.append(note(f"Values of type {column.type} became text.", present, name))
    return pa.chunked_array([pa.array(cells, pa.large_string())])
