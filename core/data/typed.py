"""From text or Arrow columns to plain numpy columns, each with its kind and its repairs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from core.data.labels import canonical, canonical_series
from core.data.table import Kind, Repair
from core.data.texts import (
    Texts,
    as_boolean,
    as_date,
    has_decimal_commas,
    is_code,
    is_infinite,
    is_number,
    is_whole,
    texts,
)
from core.errors import InputError

ISO_SHARE = 0.95
"""Share of a column's rows that must be ISO dates before it is read as dates."""

_NEARLY_NUMERIC = 0.8


@dataclass(frozen=True)
class Typed:
    """A column as it goes into the frame: float64, int64, bool, datetime64 or object of str."""

    values: npt.NDArray[np.generic] | npt.NDArray[np.object_]
    kind: Kind
    repairs: tuple[Repair, ...]


def from_arrow(
    name: str, array: pa.Array, forced: Kind | None, *, read_numbers: bool, decimal_comma: bool
) -> Typed:
    """Type a column.

    Parameters
    ----------
    name : str
    array : pyarrow.Array
        Of text, int64, float64, bool or timestamp without zone.
    forced : Kind or None
        The kind a person chose, None to infer it.
    read_numbers : bool
        Whether text may turn out to be numbers, booleans or dates (CSV and Excel), or is text
        because its file says so (Parquet and Feather).
    decimal_comma : bool
        Whether 1,5 may be a number.
    """
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return _from_text(name, array, forced, read_numbers, decimal_comma)
    natural = _natural(name, array)
    if forced is None or forced is natural.kind:
        return natural
    series = canonical_series(pd.Series(natural.values))
    text = pa.array(series.tolist(), pa.large_string())
    converted = _from_text(name, text, forced, False, False)
    return Typed(converted.values, converted.kind, natural.repairs + converted.repairs)


def _natural(name: str, array: pa.Array) -> Typed:
    empty = array.null_count == len(array)
    if pa.types.is_boolean(array.type):
        if empty:
            return Typed(np.full(len(array), None, dtype=object), Kind.EMPTY, ())
        if array.null_count == 0:
            return Typed(array.to_numpy(zero_copy_only=False), Kind.BOOLEAN, ())
        words = {True: "true", False: "false", None: None}
        values = np.array([words[cell] for cell in array.to_pylist()], dtype=object)
        return Typed(values, Kind.BOOLEAN, ())
    if pa.types.is_timestamp(array.type):
        moments = array.to_numpy(zero_copy_only=False).astype("datetime64[us]")
        return Typed(moments, Kind.EMPTY if empty else Kind.DATE, ())
    if pa.types.is_integer(array.type) and array.null_count == 0:
        return Typed(array.to_numpy(zero_copy_only=False).copy(), Kind.NUMBER, ())
    numbers = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False).copy()
    infinite = np.isinf(numbers)
    numbers[infinite] = np.nan
    kind = Kind.EMPTY if np.isnan(numbers).all() else Kind.NUMBER
    return Typed(numbers, kind, _infinities(name, int(infinite.sum())))


def _from_text(
    name: str, array: pa.Array, forced: Kind | None, read_numbers: bool, decimal_comma: bool
) -> Typed:
    column = texts(array)
    repairs = [
        Repair(f"{token!r} was read as missing.", count, name)
        for token, count in sorted(column.recoded.items())
    ]
    if column.stripped:
        repairs.append(Repair("Spaces around values were removed.", column.stripped, name))
    if forced is Kind.EMPTY:
        raise InputError(
            "a column can't be declared empty",
            where=f"column {name!r}",
            remedy="Leave it out of the features instead",
        )
    if not column.values:
        values = np.full(len(column.codes), None, dtype=object)
        return Typed(values, forced or Kind.EMPTY, tuple(repairs))
    if decimal_comma and has_decimal_commas(column.values):
        repairs.append(
            Repair("Commas were read as decimal points.", int(column.counts.sum()), name)
        )
        points = tuple(value.replace(",", ".") for value in column.values)
        column = Texts(column.codes, points, column.counts, 0, {})
    inferred = _infer(column, read_numbers)
    if forced in (Kind.CATEGORY, Kind.TEXT):
        if inferred in (Kind.NUMBER, Kind.BOOLEAN):
            series = canonical_series(pd.Series(_build(name, column, inferred).values))
            return Typed(series.to_numpy(), forced, tuple(repairs))
        return Typed(column.objects(), forced, tuple(repairs))
    built = _build(name, column, forced or inferred)
    if forced is None and read_numbers and inferred in (Kind.CATEGORY, Kind.TEXT):
        repairs.extend(_nearly_numeric(name, column))
    return Typed(built.values, built.kind, tuple(repairs) + built.repairs)


def _infer(column: Texts, read_numbers: bool) -> Kind:
    if all(value.casefold() in ("true", "false") for value in column.values):
        return Kind.BOOLEAN
    if read_numbers:
        numeric = all(is_number(value) or is_infinite(value) for value in column.values)
        finite = not all(is_infinite(value) for value in column.values)
        if numeric and finite and not any(is_code(value) for value in column.values):
            return Kind.NUMBER
        dates = sum(
            int(count)
            for value, count in zip(column.values, column.counts, strict=True)
            if as_date(value) is not None
        )
        if dates >= ISO_SHARE * column.counts.sum():
            return Kind.DATE
    return string_kind(column.values, column.counts)


def string_kind(values: tuple[str, ...], counts: npt.NDArray[np.int64]) -> Kind:
    """Text if mostly unique (over 50 values, over half the rows) or long, else category.

    Long means over 60 characters on average, in more than ten different values: a few long
    answers are categories still.
    """
    rows = int(counts.sum())
    if len(values) > 50 and len(values) > 0.5 * rows:
        return Kind.TEXT
    length = sum(len(value) * int(n) for value, n in zip(values, counts, strict=True)) / rows
    return Kind.TEXT if len(values) > 10 and length > 60 else Kind.CATEGORY


def _build(name: str, column: Texts, kind: Kind) -> Typed:
    if kind is Kind.NUMBER:
        return _numbers(name, column)
    if kind is Kind.BOOLEAN:
        parsed = [as_boolean(value) for value in column.values]
        words = {True: "true", False: "false", None: None}
        values = np.array([*(words[answer] for answer in parsed), None], dtype=object)[column.codes]
        if not any(value is None for value in values):
            values = np.asarray(values == "true", dtype=np.bool_)
        failed = [i for i, answer in enumerate(parsed) if answer is None]
        return Typed(values, kind, _unread(name, column, failed, "yes or no"))
    if kind is Kind.DATE:
        moments = [as_date(value) for value in column.values]
        stamps: list[datetime | None] = [*(m[0] if m else None for m in moments), None]
        lookup = np.array(stamps, dtype="datetime64[us]")
        zoned = sum(
            int(count)
            for moment, count in zip(moments, column.counts, strict=True)
            if moment and moment[1]
        )
        failed = [i for i, moment in enumerate(moments) if moment is None]
        repairs = _unread(name, column, failed, "an ISO date")
        if zoned:
            repairs += (Repair("Times with an offset were moved to UTC.", zoned, name),)
        return Typed(lookup[column.codes], kind, repairs)
    return Typed(column.objects(), kind, ())


def _numbers(name: str, column: Texts) -> Typed:
    lookup = np.full(len(column.values) + 1, np.nan)
    infinite = 0
    failed: list[int] = []
    whole = True
    for position, value in enumerate(column.values):
        whole = whole and is_whole(value) and not is_code(value)
        if is_infinite(value):
            infinite += int(column.counts[position])
        elif is_number(value):
            lookup[position] = float(value)
        elif value.casefold() in ("true", "false"):
            lookup[position] = value.casefold() == "true"
        else:
            failed.append(position)
    values = lookup[column.codes]
    if whole and not np.isnan(values).any():
        values = values.astype(np.int64)
    repairs = _unread(name, column, failed, "a number") + _infinities(name, infinite)
    return Typed(values, Kind.NUMBER, repairs)


def _infinities(name: str, count: int) -> tuple[Repair, ...]:
    if not count:
        return ()
    return (Repair("Infinite values were read as missing.", count, name),)


def _unread(name: str, column: Texts, failed: list[int], wanted: str) -> tuple[Repair, ...]:
    if not failed:
        return ()
    examples = ", ".join(repr(_short(column.values[i])) for i in failed[:3])
    what = f"Values that are not {wanted} were read as missing, such as {examples}."
    return (Repair(what, int(column.counts[failed].sum()), name),)


def _nearly_numeric(name: str, column: Texts) -> tuple[Repair, ...]:
    odd = [i for i, value in enumerate(column.values) if not is_number(value)]
    total, others = int(column.counts.sum()), int(column.counts[odd].sum())
    if not odd:
        what = (
            "All values are digits but with leading zeros or too many of them to be quantities, "
            "so they were kept as text; choose number as its kind if they are."
        )
        return (Repair(what, total, name),)
    if total - others < _NEARLY_NUMERIC * total:
        return ()
    what = (
        f"Most values are numbers but some are not, such as {_short(column.values[odd[0]])!r}, so "
        "the column was kept as text; choose number as its kind to read those as missing."
    )
    return (Repair(what, others, name),)


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:39] + "…"


def label_of(value: object) -> str:
    """Canonical text, shortened for display."""
    return _short(canonical(value))
