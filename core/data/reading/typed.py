"""From text or Arrow columns to plain numpy columns, each with its kind and its repairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from core.arrays import Array, Ints, Objects
from core.data.content import Hashes, cell_hashes, text_hashes
from core.data.labels import canonical, canonical_series
from core.data.reading.typed_dates import dates_found, order_asked, read_dates
from core.data.reading.typed_numbers import holds_numbers, infinities, nearly_numeric, read_numbers
from core.data.table import Kind, Notation, Repair
from core.data.texts import (
    Texts,
    as_boolean,
    is_code,
    is_infinite,
    is_number,
    is_whole,
    shortened,
    texts,
    unread,
)
from core.errors import InputError


@dataclass(frozen=True)
class Typed:
    """A column as it goes into the frame: float64, int64, bool, datetime64 or object of str.

    Attributes
    ----------
    values : ndarray, shape (n,)
    kind : Kind
    repairs : tuple of Repair
    source_hashes : ndarray of uint64, shape (n,), or None
        Hash of what was written in each cell, where ``values`` hold something else: the column
        would have been read in another way, had some other row been another.
    """

    values: npt.NDArray[np.generic] | Objects
    kind: Kind
    repairs: tuple[Repair, ...]
    source_hashes: npt.NDArray[np.uint64] | None = None


@dataclass(frozen=True)
class Reading:
    """How a column is to be read.

    Attributes
    ----------
    kind : Kind or None
        The kind a person chose, None to infer it.
    notation : Notation or None
        How values are written, where a person says it.
    decimal_comma : bool
        Whether 1,5 may be a number.
    """

    kind: Kind | None = None
    notation: Notation | None = None
    decimal_comma: bool = False


def from_arrow(name: str, array: pa.Array, reading: Reading, *, infer: bool) -> Typed:
    """Type a column.

    Parameters
    ----------
    name : str
    array : pyarrow.Array
        Of text, int64, float64, bool or timestamp without zone.
    reading : Reading
    infer : bool
        Whether text may turn out to be numbers, booleans or dates (CSV and Excel), or is text
        because its file says so (Parquet and Feather).

    Raises
    ------
    InputError
        If the kind or the notation that was chosen can't be one of this column.
    """
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return _from_text(name, array, reading, infer=infer)
    natural = _natural(name, array)
    if reading.notation is not None:
        raise InputError(
            f"it holds {natural.kind} values already and no text, so there is no notation to "
            "choose",
            where=f"column {name!r}",
            remedy="Leave the notation out",
        )
    if reading.kind is None or reading.kind is natural.kind:
        return natural
    series = canonical_series(pd.Series(natural.values))
    text = pa.array(series.tolist(), pa.large_string())
    plain = Reading(reading.kind)
    converted = _from_text(name, text, plain, infer=False)
    hashes = _where_other(cell_hashes(pd.Series(natural.values)), converted.values)
    return Typed(converted.values, converted.kind, natural.repairs + converted.repairs, hashes)


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
    return Typed(numbers, kind, infinities(name, int(infinite.sum())))


def _from_text(name: str, array: pa.Array, reading: Reading, *, infer: bool) -> Typed:
    column = texts(array)
    repairs = [
        Repair(f"{token!r} was read as missing.", count, name)
        for token, count in sorted(column.recoded.items())
    ]
    if column.stripped:
        repairs.append(Repair("Spaces around values were removed.", column.stripped, name))
    repairs.extend(_lookalike_repairs(name, column))
    forced = _forced(name, reading)
    if not column.values:
        values = np.full(len(column.codes), None, dtype=object)
        return Typed(values, forced or Kind.EMPTY, tuple(repairs))
    if forced in (Kind.CATEGORY, Kind.TEXT):
        return Typed(_labels(column), forced, tuple(repairs))
    inferred = _infer(column, reading, infer)
    if forced is None and infer and inferred in (Kind.CATEGORY, Kind.TEXT):
        order = dates_found(column)
        if order is not None:
            # Neither a category of hundreds of levels nor a guess of the day.
            inferred = Kind.TEXT
            repairs.append(order_asked(name, order))
        else:
            repairs.extend(nearly_numeric(name, column))
    built = _build(name, column, forced or inferred, reading)
    hashes = _source_hashes(column, built)
    return Typed(built.values, built.kind, tuple(repairs) + built.repairs, hashes)


def _labels(column: Texts) -> Objects:
    """Write numbers and truth values in one way, each cell by itself, whatever the others hold."""
    labels = [_label(value) for value in column.values]
    return np.array([*labels, None], dtype=object)[column.codes]


def _label(value: str) -> str:
    if is_number(value) and not is_code(value) and not is_infinite(value):
        return canonical(int(value) if is_whole(value) else float(value))
    return value.casefold() if value.casefold() in ("true", "false") else value


def _source_hashes(column: Texts, built: Typed) -> Hashes | None:
    """Hash what was written, where the values that were made of it don't say the same."""
    if built.kind in (Kind.CATEGORY, Kind.TEXT):
        return None  # They are what was written.
    return _where_other(text_hashes([*column.values, ""])[column.codes], built.values)


def _where_other(hashes: Hashes, values: Array) -> Hashes | None:
    """Return hashes of what cells said, None where values that were made of them say the same."""
    return None if np.array_equal(hashes, cell_hashes(pd.Series(values))) else hashes


def _forced(name: str, reading: Reading) -> Kind | None:
    """Return the kind that a person chose, by itself or with a notation."""
    if reading.kind is Kind.EMPTY:
        raise InputError(
            "a column can't be declared empty",
            where=f"column {name!r}",
            remedy="Leave it out of the features instead",
        )
    if reading.notation is None:
        return reading.kind
    implied = Kind.DATE if reading.notation.is_of_dates else Kind.NUMBER
    if reading.kind not in (None, implied):
        raise InputError(
            f"it is said to hold {reading.kind} and to be written as {reading.notation}, which is "
            f"of a {implied}",
            where=f"column {name!r}",
            remedy="Leave one of the two out",
        )
    return implied


def _lookalike_repairs(name: str, column: Texts) -> tuple[Repair, ...]:
    """Say which values were written otherwise than they look."""
    if not column.merged_spellings:
        return ()
    count = sum(often for _, often in column.merged_spellings.values())
    spelling, (value, _) = min(
        column.merged_spellings.items(), key=lambda item: (-item[1][1], item[0])
    )
    what = (
        "Values that look alike were merged: characters that are not seen, other spaces or "
        f"other compositions of the same letters, such as {shortened(spelling)!a}, "
        f"which became {shortened(value)!r}."
    )
    return (Repair(what, count, name),)


def _infer(column: Texts, reading: Reading, infer: bool) -> Kind:
    if all(value.casefold() in ("true", "false") for value in column.values):
        return Kind.BOOLEAN
    if infer:
        if holds_numbers(column, decimal_comma=reading.decimal_comma):
            return Kind.NUMBER
        order = dates_found(column)
        if order is not None and not order.is_open:
            return Kind.DATE
    return string_kind(column.values, column.counts)


def string_kind(values: tuple[str, ...], counts: Ints) -> Kind:
    """Text if mostly unique (over 50 values, over half the rows) or long, else category.

    Long means over 60 characters on average, in more than ten different values: a few long
    answers are categories still.
    """
    rows = int(counts.sum())
    if len(values) > 50 and len(values) > 0.5 * rows:
        return Kind.TEXT
    length = sum(len(value) * int(n) for value, n in zip(values, counts, strict=True)) / rows
    return Kind.TEXT if len(values) > 10 and length > 60 else Kind.CATEGORY


def _build(name: str, column: Texts, kind: Kind, reading: Reading) -> Typed:
    if kind is Kind.NUMBER:
        numbers, repairs = read_numbers(
            name, column, reading.notation, decimal_comma=reading.decimal_comma
        )
        return Typed(numbers, kind, repairs)
    if kind is Kind.BOOLEAN:
        parsed = [as_boolean(value) for value in column.values]
        words = {True: "true", False: "false", None: None}
        values = np.array([*(words[answer] for answer in parsed), None], dtype=object)[column.codes]
        if not any(value is None for value in values):
            values = np.asarray(values == "true", dtype=np.bool_)
        failed = [i for i, answer in enumerate(parsed) if answer is None]
        return Typed(values, kind, unread(name, column, failed, "yes or no"))
    if kind is Kind.DATE:
        moments, repairs = read_dates(name, column, reading.notation)
        return Typed(moments, kind, repairs)
    return Typed(column.objects(), kind, ())


def label_of(value: object) -> str:
    """Canonical text, shortened for display."""
    return shortened(canonical(value))
