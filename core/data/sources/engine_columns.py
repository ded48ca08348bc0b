"""Values that came out of an engine, typed as a file's would be; every count is one of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.arrays import Ints, Objects
from core.data.labels import canonical_series
from core.data.reading.kinds import infer_kind
from core.data.reading.sandbox.isolated_rules import RefusedError
from core.data.reading.sandbox.isolated_types import plain
from core.data.reading.typed import Reading, from_arrow, string_kind
from core.data.sources.engine_source import Source
from core.data.table import Column, Kind, Provenance, Repair, Table
from core.data.text_normalisation import normalise_text
from core.data.texts import MISSING_TOKENS
from core.errors import InputError


@dataclass(frozen=True, eq=False)
class Typed:
    """A column of cells.

    Attributes
    ----------
    column : Column
        Its kind and what is known of it.
    values : Series, shape (cells,)
        As a file's reading would give them.
    labels : ndarray of object, shape (cells,)
        Canonical text, None where missing.
    repairs : tuple of Repair
    """

    column: Column
    values: pd.Series
    labels: Objects
    repairs: tuple[Repair, ...]


def described(columns: dict[str, Column], source: Source) -> Table:
    """Describe a table that stays where it is, for the checks of roles."""
    provenance = Provenance(source.table or source.location, "path", "", 0, "parquet")
    return Table(pd.DataFrame(), provenance, tuple(columns.values()))


def typed(name: str, cells: pa.ChunkedArray, count: Ints) -> Typed:
    """Type one column of cells by its distinct values, as reading does by rows.

    Parameters
    ----------
    name : str
    cells : pyarrow.ChunkedArray, shape (cells,)
    count : ndarray of int64, shape (cells,)
        Rows that each cell stands for.

    Raises
    ------
    InputError
        If the column holds bytes that are not text.
    """
    array = cells.combine_chunks()
    if not pa.types.is_dictionary(array.type):
        array = pc.dictionary_encode(array, null_encoding="mask")
    distinct = array.dictionary
    # The last position answers for missing values.
    codes = array.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False).astype(np.int64)
    rows = np.bincount(codes, count, minlength=len(distinct) + 1).astype(np.int64)
    with_missing = pa.chunked_array(
        [distinct, pa.nulls(1, distinct.type)] if rows[-1] else [distinct]
    )
    notes: list[dict[str, Any]] = []
    try:
        read = plain(name, with_missing, notes)
    except RefusedError as error:
        raise InputError(error.problem, where=f"column {name!r}", remedy=error.remedy) from None
    present = int(rows[:-1].sum())
    repairs = [Repair(note["what"], present, name) for note in notes]
    repairs += _repairs(name, read.to_pylist(), rows)
    one = read.combine_chunks() if isinstance(read, pa.ChunkedArray) else read
    found = from_arrow(name, one, Reading(), infer=False)
    values = pd.Series(found.values, dtype=found.values.dtype, name=name)
    labels = canonical_series(values)
    weight = rows[: len(values)]
    kind = found.kind
    if kind in (Kind.CATEGORY, Kind.TEXT):
        counted = pd.Series(weight).groupby(labels.to_numpy(), sort=False).sum()
        kind = string_kind(tuple(map(str, counted.index)), counted.to_numpy().astype(np.int64))
    elif kind is not Kind.EMPTY and values.dtype.kind != "O":
        kind = infer_kind(values)
    missing = int(weight[labels.isna().to_numpy()].sum())
    column = Column(name, kind, labels.nunique(), missing)
    return Typed(
        column,
        values.iloc[codes].reset_index(drop=True),
        labels.to_numpy(dtype=object)[codes],
        tuple(repairs),
    )


def _repairs(name: str, distinct: list[Any], rows: Ints) -> list[Repair]:
    """Count what typing changes: tokens read as missing, spaces, infinities."""
    tokens: dict[str, int] = {}
    merged_spellings = stripped = infinite = 0
    for value, count in zip(distinct, rows.tolist(), strict=False):
        if isinstance(value, str):
            text = normalise_text(value)
            merged_spellings += count * (text != value.strip())
            if text in MISSING_TOKENS:
                if text:
                    tokens[text] = tokens.get(text, 0) + count
            elif text == value.strip() != value:
                stripped += count
        elif isinstance(value, float) and np.isinf(value):
            infinite += count
    out = [
        Repair(f"{token!r} was read as missing.", count, name)
        for token, count in sorted(tokens.items())
    ]
    if stripped:
        out.append(Repair("Spaces around values were removed.", stripped, name))
    if merged_spellings:
        what = "Values that look alike were merged: characters that are not seen, other "
        what += "spaces or other compositions of the same letters."
        out.append(Repair(what, merged_spellings, name))
    if infinite:
        out.append(Repair("Infinite values were read as missing.", infinite, name))
    return out
