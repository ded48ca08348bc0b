"""Tables from OpenML, kept as Parquet bytes so that they can be read again without a network."""

from __future__ import annotations

import io
import re
import urllib.error
import warnings
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn import datasets

from core.data.labels import canonical_series
from core.data.reading.reading import ReadOptions, read_bytes
from core.data.table import Repair, Table
from core.errors import InputError


@dataclass(frozen=True)
class Fetched:
    """A table from OpenML and what is needed to read it again.

    Attributes
    ----------
    table : Table
        Its SHA-256 is that of ``data``.
    data : bytes
        Parquet.
    file_name : str
        Name under which :func:`core.data.reading.reading.read_bytes` reads ``data`` as the same
        table.
    title : str
        Name and version on OpenML.
    """

    table: Table
    data: bytes
    file_name: str
    title: str


def fetch_openml(
    id_or_name: int | str, version: int | None = None, *, options: ReadOptions | None = None
) -> Fetched:
    """Fetch a data set from openml.org through scikit-learn.

    Parameters
    ----------
    id_or_name : int or str
        Number of the data set, or its name.
    version : int, optional
        Of a data set given by name; the oldest active one if not given.
    options : ReadOptions, optional
        For the limit of size.

    Raises
    ------
    InputError
        If OpenML can't be reached, has no such data set, or the data are not a table.
    """
    asked = str(id_or_name).strip()
    where = f"OpenML data set {asked!r}"
    wanted: dict[str, Any]
    if asked.isdecimal():
        if version is not None:
            raise InputError(
                "a number already says which version",
                where=where,
                remedy="Give a name with a version, or a number alone",
            )
        wanted = {"data_id": int(asked)}
    elif asked:
        wanted = {"name": asked, "version": "active" if version is None else version}
    else:
        raise InputError("no data set is named", where="OpenML", remedy="Give a number or a name")
    bunch, notes = _fetch(wanted, where)
    frame = bunch.frame
    if not isinstance(frame, pd.DataFrame) or frame.empty:
        raise InputError(
            "the data set is not a table with rows", where=where, remedy="Choose another one"
        )
    details = bunch.details
    data = _parquet(frame)
    file_name = f"openml-{re.sub(r'[^0-9A-Za-z-]', '', str(details.get('id', asked)))}.parquet"
    table = read_bytes(data, file_name, source="openml", options=options)
    table = replace(table, repairs=(*notes, *table.repairs))
    title = f"{details.get('name', asked)}, version {details.get('version', version or '?')}"
    return Fetched(table, data, file_name, title)


def _fetch(wanted: dict[str, Any], where: str) -> tuple[Any, tuple[Repair, ...]]:
    remedy = "Download the file from openml.org on another machine and upload it here"
    # scikit-learn warns of several active versions and the like: a person should read it too.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            bunch = datasets.fetch_openml(as_frame=True, parser="auto", **wanted)
        except urllib.error.HTTPError as error:
            raise InputError(
                f"OpenML answered with error {error.code}", where=where, remedy=remedy
            ) from None
        except (OSError, EOFError):
            raise InputError("OpenML could not be reached", where=where, remedy=remedy) from None
        except (ValueError, KeyError) as error:
            message = " ".join(str(error).split())[:200].rstrip(".")
            raise InputError(
                f"OpenML has no such table ({message})",
                where=where,
                remedy="Look the data set up on openml.org and give its number",
            ) from None
    messages = (" ".join(str(warning.message).split()) for warning in caught)
    return bunch, tuple(Repair(f"OpenML: {sentence}", 1) for sentence in dict.fromkeys(messages))


def _parquet(frame: pd.DataFrame) -> bytes:
    arrays = []
    for position in range(frame.shape[1]):
        column = frame.iloc[:, position]
        # Object columns may mix types, which Arrow does not; categories become their text.
        if column.dtype == object or isinstance(column.dtype, pd.CategoricalDtype):
            column = canonical_series(column.astype(object))
        arrays.append(pa.array(column, from_pandas=True))
    table = pa.Table.from_arrays(arrays, names=[str(name) for name in frame.columns])
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="none")
    return sink.getvalue()
