"""What a table that stays where it is has to offer: columns, their kinds, labels, rows."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.reading.header import column_names
from core.data.sources.engine_columns import typed
from core.data.sources.engine_source import executed, opened
from core.data.sources.locations import SourceLocation, checked_files, source_of
from core.data.table import Column, Provenance, Table
from core.errors import InputError
from core.fairness.engine.engine_query import schema_kinds

MOST_LABELS = 200
"""A column of more distinct values holds no labels."""


@dataclass(frozen=True)
class OutOfCoreTable:
    """A table as its engine describes it, without its rows.

    Attributes
    ----------
    schema : Table
        Columns and their kinds, as far as the engine's types tell; no rows.
    rows : int or None
        None for a table of a database, which may be slow to say.
    files : int
        Parquet files; 0 for a table of a database.
    size_bytes : int
        Of these files together.
    """

    schema: Table
    rows: int | None = None
    files: int = 0
    size_bytes: int = 0


def out_of_core_table(location: SourceLocation) -> OutOfCoreTable:
    """Describe a table by its schema; no row is read.

    Raises
    ------
    InputError
        If the place may not be opened, or can't be.
    """
    with source_of(location) as source, opened(source) as table:
        kinds = schema_kinds(table)
        names = column_names(tuple(table.columns))[0]
        columns = tuple(
            Column(name, kinds[raw], 0, 0) for name, raw in zip(names, table.columns, strict=True)
        )
        schema = Table(
            pd.DataFrame(), Provenance(location.title, "path", "", 0, "parquet"), columns
        )
        if location.table is not None:
            return OutOfCoreTable(schema)
        files = checked_files(location)
        # Parquet files say in their footers how many rows they hold.
        rows = int(executed(table.aggregate(n=table.count()), source).column("n")[0].as_py())
        return OutOfCoreTable(schema, rows, len(files), sum(map(os.path.getsize, files)))


def out_of_core_labels(location: SourceLocation, column: str) -> tuple[str, ...]:
    """List the labels of a column in canonical text, sorted; its distinct values are counted.

    Raises
    ------
    InputError
        If there is no such column, or it holds no labels or too many.
    """
    where = f"column {column!r}"
    with source_of(location) as source, opened(source) as table:
        names = column_names(tuple(table.columns))[0]
        if column not in names:
            raise InputError("there is no such column", where=where, remedy="Choose another")
        chosen = table.select(value=table[table.columns[names.index(column)]])
        grouped = chosen.group_by("value").agg(count=chosen.count())
        found = executed(grouped.limit(MOST_LABELS + 2), source)
    if found.num_rows > MOST_LABELS + 1:  # One of them may be the missing value.
        raise InputError(
            f"it holds more than {MOST_LABELS} different values, which are no labels",
            where=where,
            remedy="Choose a column of a few labels",
        )
    count = found.column("count").to_numpy().astype(np.int64)
    labels = typed(column, found.column("value"), count).labels
    return tuple(sorted({str(label) for label in labels if label is not None}))
