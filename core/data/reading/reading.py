"""Reading a table from bytes: CSV, TSV, Excel, Parquet, Feather.

Reading is deterministic: the same bytes, options and kinds give the same table, so a table is
kept as its original bytes and read again when needed.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from core.data.reading.delimited import CELL_LIMIT, parse
from core.data.reading.encoding import decode
from core.data.reading.formats import check_magic, check_text, form_of
from core.data.reading.header import column_names
from core.data.reading.kinds import check_names, describe
from core.data.reading.one_hot import OneHot, put_together
from core.data.reading.sandbox.isolated import read_binary
from core.data.reading.typed import Reading, from_arrow
from core.data.table import Kind, Notation, Provenance, Repair, Source, Table
from core.errors import InputError
from core.storage.json_format import fields_json, json_form, to_json

PATH_FACTOR = 20
"""A file given by path may be this many times larger than an upload."""


def upload_limit() -> int:
    """Bytes an upload may have: EQUIPOISE_MAX_UPLOAD_MB millions, or 50.

    Raises
    ------
    InputError
        If the environment variable is not a positive number.
    """
    text = os.environ.get("EQUIPOISE_MAX_UPLOAD_MB", "50")
    try:
        megabytes = float(text)
    except ValueError:
        megabytes = 0.0
    if not 0 < megabytes < 1e6:
        raise InputError(
            f"{text!r} is not a positive number of megabytes",
            where="EQUIPOISE_MAX_UPLOAD_MB",
            remedy="Set it to a number such as 50",
        )
    return int(megabytes * 1_000_000)


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file where a person knows better than detection.

    Attributes
    ----------
    encoding : str or None
        Python name of the text encoding; None to detect it.
    delimiter : str or None
        A single character; None to detect it.
    sheet : str or None
        Worksheet of a workbook; None for the first.
    header_line : int or None
        Line of a text file, or row of a worksheet, that holds the column names, counted from 1;
        None to find it.
    notations : tuple of (str, Notation)
        How columns of text are written, by column: a decimal comma, percentage points, the day
        first.
    one_hot : tuple of (str, tuple of str)
        Attributes that are put together of columns of 0 and 1, and those columns; see
        :mod:`core.data.reading.one_hot`.
    max_bytes : int
        Most bytes, before and after decompression.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    max_bytes: int = field(default_factory=upload_limit)
    # Came later: keys of options without it are what they were before.
    header_line: int | None = field(default=None, metadata={"absent_at_default": True})
    notations: tuple[tuple[str, Notation], ...] = field(
        default=(), metadata={"absent_at_default": True}
    )
    one_hot: OneHot = field(default=(), metadata={"absent_at_default": True})

    def as_first_read(self) -> ReadOptions:
        """Leave out what changes the table and makes no other data set of it."""
        return replace(self, notations=(), one_hot=())


def _notations_by_column(options: ReadOptions) -> dict[str, Any]:
    return fields_json(options) | {"notations": to_json(dict(options.notations))}


json_form(
    ReadOptions,
    write=_notations_by_column,
    read=lambda record: {**record, "notations": [*record.get("notations", {}).items()]},
)


def read_path(
    path: str | os.PathLike[str],
    *,
    source: Source = "path",
    options: ReadOptions | None = None,
    kinds: Mapping[str, Kind] | None = None,
) -> Table:
    """Read a file; without options it may be ``PATH_FACTOR`` times as large as an upload.

    Raises
    ------
    InputError
        As :func:`read_bytes`, and if there is no such file.
    """
    file = Path(path)
    if options is None:
        options = ReadOptions(max_bytes=PATH_FACTOR * upload_limit())
    try:
        _check_size(file.stat().st_size, options.max_bytes, file.name)
        data = file.read_bytes()
    except OSError as error:
        raise InputError(
            f"the file can't be opened ({error.strerror or error})",
            where=str(path),
            remedy="Check the path",
        ) from None
    return read_bytes(data, file.name, source=source, options=options, kinds=kinds)


def read_bytes(
    data: bytes,
    name: str,
    *,
    source: Source = "upload",
    options: ReadOptions | None = None,
    kinds: Mapping[str, Kind] | None = None,
) -> Table:
    """Read a table from the bytes of a file.

    Parameters
    ----------
    data : bytes
        As given; the provenance's SHA-256 is theirs.
    name : str
        File name; its end tells the format.
    source : {"sample", "upload", "path", "openml"}
    options : ReadOptions, optional
    kinds : mapping of str to Kind, optional
        Kinds of columns, by name, where a person corrects what is inferred. Values that do not
        fit become missing and are counted.

    Returns
    -------
    Table
        Whose frame holds only float64, int64, bool, datetime64[us] and object columns of text
        (None where missing).

    Raises
    ------
    InputError
        If the bytes are no table that can be read without losing something.
    """
    options = options or ReadOptions()
    where = PurePath(name).name or "file"
    form, packed = form_of(where)
    _check_size(len(data), options.max_bytes, where)
    if not data:
        raise InputError("the file is empty", where=where, remedy="Choose a file with rows in it")
    content = _unpacked(data, options.max_bytes, where) if packed else data
    check_magic(content, form, where)
    encoding = delimiter = sheet = None
    repairs: tuple[Repair, ...]
    columns: tuple[pa.Array | pa.ChunkedArray, ...]
    if form in ("csv", "tsv"):
        text, encoding, repairs = decode(content, options.encoding, where)
        check_text(text, where)
        wanted = options.delimiter
        if wanted is None and form == "tsv" and "\t" in text.split("\n", 1)[0]:
            wanted = "\t"
        cells = parse(text, wanted, where, options.header_line)
        names, columns, delimiter = cells.names, cells.columns, cells.delimiter
        repairs += cells.repairs
    else:
        binary = read_binary(
            content,
            form,
            where,
            sheet=options.sheet,
            header_line=options.header_line,
            cells=CELL_LIMIT,
        )
        names, renamed = column_names(binary.names, where)
        columns, sheet, repairs = binary.columns, binary.sheet, binary.repairs + renamed
    provenance = Provenance(
        name=where,
        source=source,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        format="excel" if form in ("xlsx", "xls") else form,
        encoding=encoding,
        delimiter=delimiter,
        sheet=sheet,
        header_line=options.header_line,
        notations=options.notations,
        one_hot=options.one_hot,
    )
    return typed_table(
        names, columns, provenance, repairs, {n: Kind(k) for n, k in (kinds or {}).items()}
    )


def typed_table(
    names: tuple[str, ...],
    columns: tuple[pa.Array | pa.ChunkedArray, ...],
    provenance: Provenance,
    repairs: tuple[Repair, ...],
    kinds: dict[str, Kind],
) -> Table:
    """Type the columns that a file held, and describe them.

    Raises
    ------
    InputError
        If a kind or a notation is chosen for no column, or can't be one of it.
    """
    notations = dict(provenance.notations)
    check_names([*kinds, *notations], names)
    typed_text = provenance.format in ("parquet", "feather")
    decimal_comma = provenance.delimiter in (";", "\t")
    series: dict[str, pd.Series] = {}
    found: dict[str, Kind] = {}
    source_hashes: dict[str, npt.NDArray[np.uint64]] = {}
    for name, column in zip(names, columns, strict=True):
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        reading = Reading(kinds.get(name), notations.get(name), decimal_comma)
        typed = from_arrow(name, array, reading, infer=not typed_text)
        series[name] = pd.Series(typed.values, dtype=typed.values.dtype)
        found[name] = typed.kind
        repairs += typed.repairs
        if typed.source_hashes is not None:
            source_hashes[name] = typed.source_hashes
    frame = pd.DataFrame(series)
    table = Table(frame, provenance, describe(frame, found), repairs, source_hashes)
    return put_together(table, provenance.one_hot)


def _check_size(size: int, most: int, where: str) -> None:
    if size > most:
        raise InputError(
            f"the file is larger than {most / 1e6:g} MB",
            where=where,
            remedy="Take a sample of the rows, or raise EQUIPOISE_MAX_UPLOAD_MB",
        )


def _unpacked(data: bytes, most: int, where: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            content = stream.read(most + 1)
    except (EOFError, OSError, zlib.error):
        raise InputError(
            "the gzip file is damaged or cut off", where=where, remedy="Make or download it again"
        ) from None
    _check_size(len(content), most, where)
    if not content:
        raise InputError("the file is empty", where=where, remedy="Choose a file with rows in it")
    return content
