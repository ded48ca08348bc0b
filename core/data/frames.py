"""A table from a data frame in memory, read as the same rows in a Feather file would be."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from core.data.reading.delimited import CELL_LIMIT
from core.data.reading.header import column_names
from core.data.reading.one_hot import OneHot
from core.data.reading.reading import typed_table
from core.data.reading.sandbox.isolated_rules import RefusedError, check_size
from core.data.reading.sandbox.isolated_types import plain
from core.data.table import Kind, Provenance, Repair, Table
from core.errors import InputError


def table_of(
    frame: pd.DataFrame,
    name: str = "DataFrame",
    *,
    kinds: Mapping[str, Kind] | None = None,
    one_hot: OneHot = (),
) -> Table:
    """Read a data frame; its index is left out.

    Parameters
    ----------
    frame : DataFrame
        Columns of numbers, texts, truth values, dates or categories.
    name : str
        By which reports call it.
    kinds : mapping of str to Kind, optional
        Where a person corrects what a column holds.
    one_hot : tuple, optional
        Attributes to put together, as in :class:`core.data.reading.reading.ReadOptions`.

    Raises
    ------
    InputError
        If it has no rows or columns, two columns of one name, or a column of mixed types.
    """
    if not isinstance(frame, pd.DataFrame):
        raise InputError(
            f"this is a {type(frame).__name__}, not a pandas DataFrame",
            where="data",
            remedy="Give a DataFrame with one row for each decision",
        )
    notes: list[dict[str, Any]] = []
    try:
        if not frame.shape[0] or not frame.shape[1]:
            missing = "row" if frame.shape[1] else "column"
            raise RefusedError(f"the table has no {missing}", "Give a table with rows in it")
        check_size(*frame.shape, CELL_LIMIT)
        names, renamed = column_names([str(column) for column in frame.columns], name)
        columns = tuple(
            plain(each, _arrow(each, frame.iloc[:, position]), notes)
            for position, each in enumerate(names)
        )
    except RefusedError as refusal:
        raise InputError(refusal.problem, where=name, remedy=refusal.remedy) from None
    data = _bytes(names, columns)
    provenance = Provenance(
        name=name,
        source="frame",
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        format="feather",
        one_hot=one_hot,
    )
    repairs = tuple(Repair(note["what"], note["count"], note["column"]) for note in notes)
    return typed_table(names, columns, provenance, renamed + repairs, dict(kinds or {}))


def _arrow(name: str, series: pd.Series) -> pa.ChunkedArray:
    try:
        made = pa.Array.from_pandas(series)
    except OverflowError:
        raise InputError(
            "it holds a whole number that does not fit into 64 bits",
            where=f"column {name!r}",
            remedy="Make it text with .astype(str), or numbers with .astype(float)",
        ) from None
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        types = sorted(
            {
                type(value).__name__
                for value in series
                if not pd.api.types.is_scalar(value) or pd.notna(value)
            }
        )
        raise InputError(
            f"it holds values of different types ({', '.join(types[:5])})",
            where=f"column {name!r}",
            remedy="Make them all of one type first, for example with .astype(str)",
        ) from None
    return made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])


def _bytes(names: tuple[str, ...], columns: tuple[pa.ChunkedArray, ...]) -> bytes:
    sink = pa.BufferOutputStream()
    whole = pa.table([column.combine_chunks() for column in columns], names=list(names))
    with pa.ipc.new_file(sink, whole.schema) as writer:
        writer.write_table(whole)
    return bytes(sink.getvalue())
