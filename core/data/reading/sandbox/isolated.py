"""Untrusted binary files are read in a child process with little memory and little time.

A Parquet file of 300 bytes can ask for 4 GB, and a workbook is a zip archive: what such a file
can do to its reader, it does to a process that may die of it.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.data.table import Repair
from core.errors import InputError
from core.installation import isolated_command
from core.isolation.limits import bare_environment

SECONDS = 60
"""Wall-clock time the child may take."""

MEMORY = 2 << 30
"""Bytes of address space the child may take beyond what it starts with."""

_CHILD = isolated_command(f"{__package__}.isolated_child")


@dataclass(frozen=True)
class Binary:
    """What a binary file held.

    Attributes
    ----------
    names : tuple of str
        As they stand in the file.
    columns : tuple of pyarrow.ChunkedArray
        Of text, int64, float64, bool or timestamp[us] without zone.
    sheet : str or None
        The worksheet that was read.
    repairs : tuple of Repair
    """

    names: tuple[str, ...]
    columns: tuple[pa.ChunkedArray, ...]
    sheet: str | None
    repairs: tuple[Repair, ...]


def read_binary(
    data: bytes,
    form: str,
    where: str,
    *,
    sheet: str | None = None,
    header_line: int | None = None,
    cells: int,
) -> Binary:
    """Read Parquet, Feather or Excel bytes in a limited child process.

    Parameters
    ----------
    data : bytes
    form : {"parquet", "feather", "xlsx", "xls"}
    where : str
        Name of the file, for messages.
    sheet : str, optional
        Worksheet to read, the first one if not given.
    header_line : int, optional
        Row of the worksheet that holds the column names, counted from 1; found by itself.
    cells : int
        Most cells the table may have.

    Raises
    ------
    InputError
        If the file is broken, too large, or asks for more memory or time than the limits.
    """
    with tempfile.TemporaryDirectory(prefix="equipoise-") as folder:
        given, made = Path(folder, "given"), Path(folder, "made")
        given.write_bytes(data)
        request: dict[str, object] = {
            "given": str(given),
            "made": str(made),
            "form": form,
            "sheet": sheet,
            "header_line": header_line,
            "cells": cells,
            "memory": MEMORY,
            "seconds": SECONDS,
        }
        answer = _run(request, where)
        if "problem" in answer:
            raise InputError(answer["problem"], where=where, remedy=answer["remedy"])
        try:
            table = pa.ipc.open_file(pa.memory_map(str(made))).read_all()
            # The child handled untrusted bytes, so its answer is checked like any other.
            table.validate(full=True)
            # Out of the mapped file, which is about to be removed.
            columns = tuple(pa.chunked_array(_copied(column)) for column in table.columns)
        except (pa.ArrowInvalid, OSError):
            raise _unreadable(where) from None
    notes = tuple(Repair(n["what"], n["count"], n["column"]) for n in answer["notes"])
    return Binary(tuple(answer["names"]), columns, answer["sheet"], notes)


def _copied(column: pa.ChunkedArray) -> list[pa.Array]:
    chunks = column.chunks or [pa.array([], column.type)]
    return [pa.concat_arrays([chunk, pa.array([], column.type)]) for chunk in chunks]


def _run(request: dict[str, object], where: str) -> dict[str, Any]:
    try:
        done = subprocess.run(
            _CHILD,
            input=json.dumps(request).encode(),
            capture_output=True,
            timeout=SECONDS,
            env=bare_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise InputError(
            f"reading the file took more than {SECONDS} seconds",
            where=where,
            remedy="Save it as CSV, or take a sample of its rows",
        ) from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise _unreadable(where) from None
    if not isinstance(answer, dict):
        raise _unreadable(where)
    return answer


def _unreadable(where: str) -> InputError:
    return InputError(
        "the file is damaged or asks for more memory than it may have",
        where=where,
        remedy="Save it again from the program it came from, or save it as CSV",
    )
