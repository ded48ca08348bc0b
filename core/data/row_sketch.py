"""A sketch of a table's rows, by which near copies of it are recognised.

Definition
----------
Cells are made alike first: header names and texts without case and outer spaces, numbers on a scale
that is linear near 0 and logarithmic beyond, cut at about four digits (so that noise of a billionth
and single precision change nothing), whatever kind a column has. For all columns together, each one
alone and some fixed random groups of their names, the rows are projected on the group, each row
numbered among its equals, and hashed; the smallest hashes are kept (bottom-k sketch: Broder 1997,
"On the resemblance and containment of documents"; Cohen and Kaplan 2007). Two tables are compared
on the groups that hold the same columns in both, so that a column more or less spoils some groups
and not all.

Rows of unrelated tables coincide by chance where columns hold few values. How often is told by
each table itself: the share of rows that occur once in it estimates the chance that a new row is
none of its rows (Good and Turing: Good 1953), and the share that is found is corrected by it as
Cohen's kappa is. Where hardly any row occurs once, only copies that are nearly whole can be told:
they differ in far fewer rows than two samples of one population would.

Hashes are HMACs under a key: without it no row can be looked up. With it one can ask whether a
guessed row is among those kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.table import Table
from core.storage.json_format import from_list, json_form, list_json

KEPT = {True: 512, False: 256}
"""Hashes of a group that are kept at most, by whether it holds half of the columns or more."""

_DENSITIES = (1.0, *(0.5,) * 16, *(0.25,) * 24, *(0.125,) * 16)
"""Of each group: the chance that a column name is in it."""

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class GroupSketch:
    """Rows projected on some columns.

    Attributes
    ----------
    columns : str
        HMAC of the columns' names; equal in two tables if the names are.
    width : int
        How many columns they are.
    once : float
        Share of rows that occur once, in [0, 1].
    spread : float
        Share of rows in which two samples of this distribution and size are expected to differ.
    limit : int
        Rows whose rank lies below it are kept, all of them.
    rows : dict of str to int
        HMAC of each kept row to its rank, in [0, 2³²).
    """

    columns: str
    width: int
    once: float
    spread: float
    limit: int
    rows: dict[str, int]


@dataclass(frozen=True)
class RowSketch:
    """What is kept of a table's rows.

    Attributes
    ----------
    rows : int
        How many the table has.
    groups : tuple of GroupSketch
    """

    rows: int
    groups: tuple[GroupSketch, ...]


def sketch(table: Table, key: bytes) -> RowSketch:
    """Sketch a table's rows under a key."""
    frame = table.frame
    columns = {
        str(name).strip().casefold(): _codes(frame.iloc[:, position])
        for position, name in enumerate(frame.columns)
        if not _numbers_rows(frame.iloc[:, position])
    }
    columns, rows = _once_each(columns, len(frame))
    groups = [
        _group(names, columns, rows, key, kept) for names, kept in _name_groups(sorted(columns))
    ]
    return RowSketch(rows, tuple(groups))


def _once_each(columns: dict[str, Hashes], rows: int) -> tuple[dict[str, Hashes], int]:
    """Undo a repetition of all rows: keep each once that is there as often as every other."""
    whole = pd.Series(_projected(list(columns), columns, rows))
    times = int(np.gcd.reduce(whole.value_counts(sort=False).to_numpy())) if rows else 1
    if times < 2:
        return columns, rows
    kept = (whole.groupby(whole).cumcount() % times == 0).to_numpy()
    return {name: codes[kept] for name, codes in columns.items()}, int(kept.sum())


def _codes(column: pd.Series) -> Hashes:
    """Hash each cell as it is made alike; 0 where it is missing."""
    missing = column.isna().to_numpy()
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        column = column.dt.strftime("%Y-%m-%d %H:%M:%S")
    values = column.astype(object).where(~missing, None)
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    finite = np.isfinite(numbers)
    # Cut where no decimal number lies: an irrational step away from zero.
    near = np.clip(np.where(finite, numbers, 0.0), -1e300, 1e300)
    scaled = np.arcsinh(near * 1e3) * 1e4 + (np.sqrt(5) - 1) / 2
    codes = pd.util.hash_array(np.floor(scaled))
    if not (finite | missing).all():
        texts = values.astype(str).str.strip().str.casefold().to_numpy(dtype=object)
        codes = np.where(finite, codes, pd.util.hash_array(texts, categorize=True))
    return np.where(missing, np.uint64(0), codes)


def _numbers_rows(column: pd.Series) -> bool:
    """Whether a column counts the rows: whole numbers, all different, hardly any left out.

    They recur in unrelated tables, from 1 on, and say nothing of the rest of the row.
    """
    values = pd.to_numeric(column.astype(object), errors="coerce").to_numpy(
        dtype=np.float64, na_value=np.nan
    )
    if len(values) < 2 or not np.isfinite(values).all() or (values != np.floor(values)).any():
        return False
    return len(np.unique(values)) == len(values) and np.ptp(values) < 3 * len(values)


def _name_groups(names: list[str]) -> Iterator[tuple[list[str], int]]:
    """Draw groups of names, each with how many rows are kept of it.

    Whether a name is in a group depends on it alone, so that other columns change nothing.
    """
    for number, density in enumerate(_DENSITIES):
        found = [
            name
            for name in names
            if hashlib.blake2b(f"{number} {name}".encode("utf-8", "surrogatepass")).digest()[0]
            < 256 * density
        ]
        if len(found) > 1:
            yield found, KEPT[density >= 0.5]
    for name in names:
        yield [name], KEPT[False]


def _group(
    names: list[str], columns: dict[str, Hashes], rows: int, key: bytes, most: int
) -> GroupSketch:
    projected = _projected(names, columns, rows)
    counts = pd.Series(projected).value_counts(sort=False).to_numpy()
    once = float((counts == 1).sum() / rows) if rows else 0.0
    # Of two Poisson counts of mean c the expected difference is about 2 √(c / π).
    spread = float(np.sqrt(counts / np.pi).sum() / rows) if rows else 0.0
    among_equals = pd.Series(projected).groupby(projected).cumcount().to_numpy().astype(np.uint64)
    elements = _mixed(projected + _mixed(np.asarray(among_equals + 1, dtype=np.uint64)))
    ranks = (_mixed(elements ^ _keyed_word(key, "rank")) >> np.uint64(32)).astype(np.int64)
    limit = 2**32
    if rows > most:
        limit = int(np.partition(ranks, most)[most])
    columns_hash = _keyed_hash(key, "columns", "\x00".join(names).encode("utf-8", "surrogatepass"))
    kept = np.flatnonzero(ranks < limit)
    hashed = {
        _keyed_hash(key, columns_hash, elements[position].tobytes()): int(ranks[position])
        for position in kept
    }
    return GroupSketch(columns_hash, len(names), once, spread, limit, hashed)


def _projected(names: list[str], columns: dict[str, Hashes], rows: int) -> Hashes:
    """Hash each row's cells in some columns."""
    found = np.zeros(rows, dtype=np.uint64)
    for name in names:
        seed = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        found += _mixed(columns[name] ^ np.uint64(int.from_bytes(seed, "big")))
    return found


def _mixed(values: Hashes) -> Hashes:
    """Mix bits: the finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _keyed_word(key: bytes, purpose: str) -> np.uint64:
    return np.uint64(int.from_bytes(hmac.digest(key, purpose.encode(), "sha256")[:8], "big"))


def _keyed_hash(key: bytes, purpose: str, content: bytes) -> str:
    digest = hmac.digest(key, purpose.encode() + b"\x00" + content, "sha256")
    return base64.b64encode(digest[:6]).decode("ascii")


def _as_list(group: GroupSketch) -> list[Any]:
    return [*list_json(group)[:-1], "".join(group.rows), list(group.rows.values())]


def _as_fields(record: Any) -> dict[str, Any]:
    *figures, hashes, ranks = record
    rows = {hashes[8 * i : 8 * i + 8]: rank for i, rank in enumerate(ranks)}
    return from_list(GroupSketch, [*figures, rows])


json_form(GroupSketch, write=_as_list, read=_as_fields)
