"""A table as it was read: the frame, where it came from, and what was done to it on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

MISSING = "(missing)"
"""The visible group or category of rows in which a value is missing."""

Source = Literal["sample", "upload", "path", "openml", "made_up", "frame"]


class Kind(StrEnum):
    """What a column holds; inferred on reading, and correctable by a person."""

    NUMBER = "number"
    CATEGORY = "category"
    BOOLEAN = "boolean"
    DATE = "date"
    TEXT = "text"
    EMPTY = "empty"


class Notation(StrEnum):
    """How the values of a column of text are written, where a person says it."""

    DECIMAL_POINT = "decimal-point"
    DECIMAL_COMMA = "decimal-comma"
    PERCENT_SHARE = "percent-share"
    PERCENT_POINTS = "percent-points"
    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"

    @property
    def is_of_dates(self) -> bool:
        """Whether it is about dates and not about numbers."""
        return self in (Notation.DAY_FIRST, Notation.MONTH_FIRST)


@dataclass(frozen=True)
class Provenance:
    """Where a table came from.

    Attributes
    ----------
    name : str
        File name, sample name or OpenML id, as shown to a person.
    source : {"sample", "upload", "path", "openml", "made_up", "frame"}
        The way it came in.
    sha256 : str
        SHA-256 of the bytes that were read, 64 hexadecimal digits: the data's fingerprint.
    size_bytes : int
        Length of those bytes.
    format : str
        "csv", "tsv", "excel", "parquet" or "feather".
    encoding, delimiter, sheet : str or None
        How text or a workbook was read; None where it does not apply.
    header_line : int or None
        Line of the column names, where a person said it.
    notations : tuple of (str, Notation)
        How columns are written, where a person said it.
    one_hot : tuple of (str, tuple of str)
        Attributes that were put together, and the columns of 0 and 1 that held them.
    """

    name: str
    source: Source
    sha256: str
    size_bytes: int
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_line: int | None = None
    notations: tuple[tuple[str, Notation], ...] = ()
    one_hot: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Repair:
    """Something that was dropped, filled, recoded or renamed, counted so that it can be shown.

    Attributes
    ----------
    what : str
        One sentence in plain words.
    count : int
        How many rows, cells or columns it touched.
    column : str or None
        The column concerned, None for the whole table.
    """

    what: str
    count: int
    column: str | None = None


@dataclass(frozen=True)
class Column:
    """What is known of a column.

    Attributes
    ----------
    name : str
    kind : Kind
    distinct : int
        Number of distinct values, missing not counted.
    missing : int
        Number of rows without a value.
    examples : tuple of str
        Up to five values, most frequent first.
    """

    name: str
    kind: Kind
    distinct: int
    missing: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table as it was read. The frame is shared, so treat it as read-only.

    Attributes
    ----------
    frame : pandas.DataFrame
        Unique, non-empty string column names; a plain range index.
    provenance : Provenance
    columns : tuple of Column
        One for each column of ``frame``, in order.
    repairs : tuple of Repair
        All that was changed while reading.
    source_hashes : mapping of str to ndarray of uint64, shape (n,)
        Hash of what was written in each cell (:mod:`core.data.content`), for the columns of which
        the frame holds less, because most of the other rows' cells are of another kind.
    """

    frame: pd.DataFrame
    provenance: Provenance
    columns: tuple[Column, ...]
    repairs: tuple[Repair, ...] = ()
    source_hashes: Mapping[str, npt.NDArray[np.uint64]] = field(default_factory=dict)

    def column(self, name: str) -> Column:
        """Look a column up by its name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
