"""Tables that stay in an engine: Parquet through DuckDB, or any Ibis backend by URL."""

from __future__ import annotations

import glob
import os
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from core.data.reading.header import column_names
from core.data.sources.connections import scrubbed, without_secrets
from core.errors import InputError

MEMORY_LIMIT = "700MB"
"""Of DuckDB, so that the whole process stays under 1 GB; it spills to disk beyond."""

LARGE_FILE = 200_000_000
"""Bytes from which a single Parquet file is counted in the engine rather than read."""


@dataclass(frozen=True)
class Source:
    """Where the rows are.

    Attributes
    ----------
    location : str
        Parquet file, folder or glob; or, with ``table``, the URL of a backend.
    table : str or None
        Name of the table in that backend.
    """

    location: str
    table: str | None = None


def stays_in_engine(location: str) -> bool:
    """Whether a path is one that is counted in the engine: a folder, a glob, or large Parquet."""
    path = Path(location)
    if path.is_dir():
        return True
    if path.is_file():
        return _is_parquet(path) and path.stat().st_size > LARGE_FILE
    return any(sign in location for sign in "*?[")


def parquet_files(location: str) -> list[str]:
    """List the Parquet files that a file, a folder (with its subfolders) or a glob stands for.

    Raises
    ------
    InputError
        If there are none.
    """
    path = Path(location)
    if path.is_dir():
        found = [str(file) for file in path.rglob("*") if file.is_file() and _is_parquet(file)]
    elif path.is_file():
        found = [str(path)]
    else:
        found = [name for name in glob.glob(location, recursive=True) if os.path.isfile(name)]
    if not found:
        raise InputError(
            "there is no Parquet file here",
            where=location,
            remedy="Give a .parquet file, a folder of them, or a pattern such as data/*.parquet",
        )
    return sorted(found)


@contextmanager
def opened(source: Source) -> Iterator[Any]:
    """Open a source as an Ibis table; the connection is closed at the end.

    Raises
    ------
    InputError
        If there is no such file, backend, driver or table.
    """
    import ibis

    if source.table is None:
        files = parquet_files(source.location)
        connection = ibis.duckdb.connect(":memory:", memory_limit=MEMORY_LIMIT)
        close = connection.disconnect
        connection.raw_sql("SET preserve_insertion_order = false")
        connection.raw_sql("SET enable_progress_bar = false")
        # Parquet's statistics leave NaN out, and DuckDB takes them as proof that there is none.
        connection.raw_sql("SET disabled_optimizers = 'statistics_propagation'")
    else:
        connection, close = _connected(source.location)
    try:
        if source.table is None:
            # Escaped: DuckDB would read * and [ in a file's own name as a pattern.
            table = _tried(
                lambda: connection.read_parquet([glob.escape(name) for name in files]),
                source.location,
                "it can't be read as Parquet",
            )
        else:
            table = _table(connection, source)
        yield table
    finally:
        close()


def executed(expression: Any, source: Source) -> Any:
    """Run an expression in its engine; the answer as an Arrow table.

    Raises
    ------
    InputError
        If the engine fails, with the first line of what it says.
    """
    return _tried(lambda: _arrow(expression), source.table or source.location, "the engine gave up")


def _arrow(expression: Any) -> Any:
    backend = expression.get_backend()
    if backend.name == "pyspark":
        # By way of pandas, as Ibis goes, whole numbers beyond 2**53 lose their last digit where
        # one is missing.
        return backend.raw_sql(backend.compile(expression)).toArrow()
    return expression.to_pyarrow()


def columns_of(source: Source) -> tuple[str, ...]:
    """List the columns by the names that people see: trimmed, unique, none empty."""
    with opened(source) as table:
        return column_names(tuple(table.columns))[0]


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() in (".parquet", ".pq")


def _connected(url: str) -> tuple[Any, Callable[[], None]]:
    import ibis

    shown = without_secrets(url)
    if "://" not in url:
        raise InputError(
            "it is not the URL of a backend",
            # Not the whole: what is no URL may hold a password all the same.
            where=f"--connect {re.split('[:@/?#]', url)[0][:20]}",
            remedy="Write it as duckdb://file.db or postgres://user@host/database",
        )
    try:
        if url.startswith("pyspark://"):
            return _spark(url)
        connection = ibis.connect(url)
        return connection, connection.disconnect
    except (ImportError, AttributeError, ValueError):
        scheme = url.split("://")[0]
        raise InputError(
            f"the backend {scheme!r} is not known or not installed",
            where=f"--connect {shown}",
            remedy=f"Install ibis-framework[{scheme}]",
        ) from None
    except Exception as error:  # Every backend has exceptions of its own.
        raise InputError(
            f"the backend can't be reached ({_first_line(error, url)})",
            where=f"--connect {shown}",
            remedy="Check the URL, and that the server is running",
        ) from None


def _spark(url: str) -> tuple[Any, Callable[[], None]]:
    """Start Spark as ``pyspark:///warehouse/folder?spark.master=local[2]&...`` says.

    Ibis would set the options on a session that runs, where Spark refuses most of them. A session
    that was there before is used as it is and not stopped.
    """
    import ibis
    from pyspark.sql import SparkSession

    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if folder := unquote(parts.path.rstrip("/")):
        options["spark.sql.warehouse.dir"] = folder
    running = SparkSession.getActiveSession()
    if running is not None:
        return ibis.pyspark.connect(running), lambda: None
    builder = SparkSession.builder
    for name, value in options.items():
        builder = builder.config(name, value)
    connection = ibis.pyspark.connect(builder.getOrCreate())
    return connection, connection.disconnect


def _table(connection: Any, source: Source) -> Any:
    from ibis.common.exceptions import TableNotFound

    def found() -> Any:
        # DuckDB takes the path of a file for the name of a table, so it is asked for its own.
        if connection.name == "duckdb" and source.table not in {
            name for (name,) in connection.raw_sql("SHOW TABLES").fetchall()
        }:
            raise TableNotFound(source.table)
        return connection.table(source.table)

    try:
        return _tried(found, source.location, "it can't be opened")
    except InputError as error:
        if not isinstance(error.__cause__, TableNotFound):
            raise InputError(error.problem, where=error.where) from None
    raise InputError(
        "there is no table of that name",
        where=repr(source.table),
        remedy="Check its spelling, capital letters included",
    )


def _tried(work: Any, where: str, problem: str) -> Any:
    try:
        with warnings.catch_warnings():
            # ibis 12 calls DuckDB by a name that DuckDB 2 is about to drop.
            warnings.filterwarnings("ignore", "fetch_arrow_table", DeprecationWarning)
            return work()
    except InputError:
        raise
    except Exception as error:  # Every backend has exceptions of its own.
        message = _first_line(error, where)
        raise InputError(f"{problem} ({message})", where=without_secrets(where)) from error


def _first_line(error: Exception, url: str) -> str:
    """Shorten what an engine says to one line without any secret of the URL."""
    lines = str(error).strip().splitlines()
    text = lines[0] if lines else type(error).__name__
    text = text.replace(url, without_secrets(url))
    return (scrubbed(text, url) if "://" in url else text)[:200].rstrip(".")
