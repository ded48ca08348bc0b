"""Results and private models as data: bytes that any version can read and that run nothing.

A value is written as MessagePack, where None, truth values, whole numbers below 2⁶³, floats, texts,
bytes and lists stand for themselves, floats bit by bit. Everything else is a map with the key
``$``, which says what it is::

    {"$": "tuple", "items": [...]}
    {"$": "map", "items": [[key, value], ...]}
    {"$": "array", "dtype": "<f8", "shape": [2, 3], "order": "C", "data": bytes}
    {"$": "object", "class": "Figure", "fields": {"estimate": 0.71, ...}}

Classes go by the names in :mod:`core.storage.names`; no other is written or read. Of a dataclass
all fields are written, by the names they had first; any other class lists what is written of it in
``kept_fields``. A field that came later takes its default where a file lacks it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Literal

import msgpack
import numpy as np
import numpy.typing as npt
import pandas as pd

from core.storage.names import class_of, field_name, name_of

_NATIVE = 2**63
_TAG = "$"


class NotDataError(TypeError):
    """A value has no form as data."""


class UnreadableError(ValueError):
    """Data are not of this version."""


def to_data(value: object) -> bytes:
    """Write a value.

    Parameters
    ----------
    value : object
        Of None, bool, int, float, str, bytes, list, tuple, dict, set, frozenset, numpy scalars and
        arrays, data frames, and recorded classes.

    Raises
    ------
    NotDataError
        Naming the class of a part that has no form as data.
    """
    packed: bytes = msgpack.packb(_plain(value), unicode_errors="surrogatepass")
    return packed


def from_data(content: bytes) -> Any:
    """Read what :func:`to_data` wrote.

    Raises
    ------
    UnreadableError
        If a class or one of its fields isn't known here, or the bytes are something else.
    """
    try:
        plain = msgpack.unpackb(
            content, unicode_errors="surrogatepass", strict_map_key=False, use_list=True
        )
        return _value(plain)
    except UnreadableError:
        raise
    except Exception as error:  # broken bytes break in many ways
        raise UnreadableError(f"it can't be read ({error})") from error


def _plain(value: Any) -> Any:
    kind = type(value)
    if value is None or kind in (bool, float, str, bytes):
        return value
    if kind is int:
        within = -_NATIVE <= value < _NATIVE
        return value if within else {_TAG: "integer", "digits": str(value)}
    if kind is list:
        return [_plain(item) for item in value]
    write = _WRITERS.get(kind)
    if write is not None:
        return write(value)
    if isinstance(value, np.generic):
        return _array(np.asarray(value)) | {_TAG: "scalar"}
    return _object(value)


def _array(value: np.ndarray[Any, Any]) -> dict[str, Any]:
    shape = list(value.shape)
    if value.dtype.hasobject:
        if value.dtype != object:
            raise NotDataError(f"an array of {value.dtype} has no form as data")
        return {_TAG: "objects", "shape": shape, "items": [_plain(v) for v in value.ravel()]}
    if value.dtype.names is not None:
        raise NotDataError("an array whose entries have fields has no form as data")
    # The order of sums, and with it their last digit, may hang on how an array lies in memory.
    order: Literal["C", "F"] = (
        "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
    )
    data = value.tobytes(order=order)
    return {_TAG: "array", "dtype": value.dtype.str, "shape": shape, "order": order, "data": data}


def _frame(value: pd.DataFrame) -> dict[str, Any]:
    if not value.index.equals(pd.RangeIndex(len(value))):
        raise NotDataError("a table whose rows have names has no form as data")
    if not value.columns.is_unique:
        raise NotDataError("a table with two columns of one name has no form as data")
    columns = []
    for name in value:
        column = value[name]
        text = isinstance(column.dtype, pd.StringDtype)
        if not text and not isinstance(column.dtype, np.dtype):
            raise NotDataError(f"a column of {column.dtype} has no form as data")
        cells = column.to_numpy(dtype=object) if text else column.to_numpy()
        columns.append({"name": _plain(name), "text": text, "cells": _array(cells)})
    return {_TAG: "frame", "rows": len(value), "columns": columns}


def _object(value: Any) -> dict[str, Any]:
    kind = type(value)
    name = name_of(kind)
    if name is None:
        raise NotDataError(f"a {kind.__qualname__} has no form as data")
    if isinstance(value, Enum):
        return {_TAG: "member", "class": name, "value": _plain(value.value)}
    fields = {first: _plain(getattr(value, own)) for own, first in _field_names(kind).items()}
    return {_TAG: "object", "class": name, "fields": fields}


def kept_fields(kind: type) -> tuple[str, ...]:
    """Return the names of what is written of a class.

    Raises
    ------
    NotDataError
        If it is no dataclass and lists none.
    """
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind) if field.init)
    listed: tuple[str, ...] | None = getattr(kind, "kept_fields", None)
    if listed is None:
        raise NotDataError(f"a {kind.__qualname__} has no form as data")
    return listed


def _field_names(kind: type) -> dict[str, str]:
    """Return what is written of a class: by its name here, its name in files."""
    if is_dataclass(kind):
        return {field.name: field_name(field) for field in fields(kind) if field.init}
    return {name: name for name in kept_fields(kind)}


def _pairs(value: dict[Any, Any]) -> dict[str, Any]:
    return {_TAG: "map", "items": [[_plain(k), _plain(v)] for k, v in value.items()]}


def _several(tag: str) -> Callable[[Any], dict[str, Any]]:
    return lambda value: {_TAG: tag, "items": [_plain(item) for item in value]}


_WRITERS: Mapping[type, Callable[[Any], Any]] = {
    tuple: _several("tuple"),
    set: _several("set"),
    frozenset: _several("frozenset"),
    dict: _pairs,
    np.ndarray: _array,
    pd.DataFrame: _frame,
}


def _value(plain: Any) -> Any:
    if isinstance(plain, list):
        return [_value(item) for item in plain]
    if not isinstance(plain, dict):
        return plain
    read = _READERS.get(plain.get(_TAG))
    if read is None:
        raise UnreadableError(f"it holds a {plain.get(_TAG)!r}, which this version doesn't know")
    return read(plain)


def _read_array(plain: dict[str, Any]) -> np.ndarray[Any, Any]:
    flat = np.frombuffer(plain["data"], dtype=np.dtype(plain["dtype"]))
    # Of its own, since bytes can't be written to.
    return flat.reshape(plain["shape"], order=plain["order"]).copy(order="K")


def _read_objects(plain: dict[str, Any]) -> np.ndarray[Any, Any]:
    found: npt.NDArray[np.object_] = np.empty(len(plain["items"]), dtype=object)
    for position, item in enumerate(plain["items"]):
        found[position] = _value(item)
    return found.reshape(plain["shape"])


def _read_frame(plain: dict[str, Any]) -> pd.DataFrame:
    columns = {
        _value(column["name"]): pd.Series(
            # Left to pandas, objects that are texts would become a column of texts.
            cells,
            dtype="str" if column["text"] else cells.dtype,
        )
        for column in plain["columns"]
        for cells in (_value(column["cells"]),)
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(plain["rows"]))


def _read_object(plain: dict[str, Any]) -> Any:
    kind = _class(plain)
    known = {first: own for own, first in _field_names(kind).items()}
    unknown = sorted(set(plain["fields"]) - set(known))
    if unknown:
        raise UnreadableError(
            f"{plain['class']} has {', '.join(unknown)} in it, which this version doesn't know"
        )
    values = {known[name]: _value(item) for name, item in plain["fields"].items()}
    if is_dataclass(kind):
        return kind(**values)
    found: Any = object.__new__(kind)
    vars(found).update(values)
    return found


def _class(plain: dict[str, Any]) -> type:
    kind = class_of(plain["class"])
    if kind is None:
        raise UnreadableError(f"it holds a {plain['class']}, which this version doesn't know")
    return kind


def _items(plain: dict[str, Any]) -> list[Any]:
    return [_value(item) for item in plain["items"]]


_READERS: Mapping[Any, Callable[[dict[str, Any]], Any]] = {
    "integer": lambda plain: int(plain["digits"]),
    "tuple": lambda plain: tuple(_items(plain)),
    "set": lambda plain: set(_items(plain)),
    "frozenset": lambda plain: frozenset(_items(plain)),
    "map": lambda plain: {_value(k): _value(v) for k, v in plain["items"]},
    "array": _read_array,
    "scalar": lambda plain: _read_array(plain)[()],
    "objects": _read_objects,
    "frame": _read_frame,
    "member": lambda plain: _class(plain)(_value(plain["value"])),
    "object": _read_object,
}
