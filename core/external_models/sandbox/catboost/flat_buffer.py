"""FlatBuffers by their wire format: enough to read the trees of a CatBoost file.

A table names where its fields stand, and so do its fields; nothing of that is believed before it
was seen to lie within the bytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.arrays import Array


class DamagedError(ValueError):
    """The bytes are no FlatBuffer, or a truncated one."""


@dataclass(frozen=True)
class FlatTable:
    """A table of fields, by the places that its schema gives them.

    Attributes
    ----------
    data : bytes
        The whole buffer.
    at : int
        Where the table begins.
    """

    data: bytes
    at: int

    def number(self, place: int, form: str, default: float) -> float:
        """Return a number of a struct format; its default where the field is left out."""
        found = self._field(place)
        return default if found is None else _read(self.data, found, form)

    def integer(self, place: int, form: str = "i", default: int = 0) -> int:
        """Return a whole number."""
        return int(self.number(place, form, default))

    def array(self, place: int, dtype: npt.DTypeLike) -> Array:
        """Return a vector of numbers, or of structs of them; empty where it is left out."""
        kind = np.dtype(dtype)
        begin, count = self._vector(place, kind.itemsize)
        return np.frombuffer(self.data, kind, count, begin)

    def table(self, place: int) -> FlatTable:
        """Return a table within this one."""
        found = self._field(place)
        if found is None:
            raise DamagedError("a part of it is left out")
        return _behind(self.data, found)

    def tables(self, place: int) -> list[FlatTable]:
        """Return a vector of tables; empty where it is left out."""
        begin, count = self._vector(place, 4)
        return [_behind(self.data, begin + 4 * i) for i in range(count)]

    def texts(self, place: int) -> list[str]:
        """Return a vector of texts; empty where it is left out."""
        made = []
        for one in self.tables(place):
            size = int(_read(self.data, one.at, "I"))
            _within(self.data, one.at + 4, size)
            made.append(self.data[one.at + 4 : one.at + 4 + size].decode("utf-8", "replace"))
        return made

    def _field(self, place: int) -> int | None:
        index = self.at - int(_read(self.data, self.at, "i"))
        size = int(_read(self.data, index, "H"))
        if 6 + 2 * place > size:
            return None
        offset = int(_read(self.data, index + 4 + 2 * place, "H"))
        return self.at + offset if offset else None

    def _vector(self, place: int, width: int) -> tuple[int, int]:
        found = self._field(place)
        if found is None:
            return 0, 0
        begin = _behind(self.data, found).at
        count = int(_read(self.data, begin, "I"))
        _within(self.data, begin + 4, count * width)
        return begin + 4, count


def sized(data: bytes, at: int) -> tuple[bytes, int]:
    """Return a part that stands behind its own size, and where it ends."""
    begin = at + 4
    size = struct.unpack_from("<I", data, at)[0]
    if begin + size > len(data):
        raise DamagedError("it was cut off")
    return data[begin : begin + size], begin + size


def root(data: bytes) -> FlatTable:
    """Return the table that a buffer begins with.

    Raises
    ------
    DamagedError
        If it points outside; asking a table for a field may raise it, too.
    """
    return _behind(data, 0)


def _behind(data: bytes, at: int) -> FlatTable:
    """Follow an offset."""
    there = at + int(_read(data, at, "I"))
    _within(data, there, 4)
    return FlatTable(data, there)


def _read(data: bytes, at: int, form: str) -> float:
    _within(data, at, struct.calcsize(form))
    found: float = struct.unpack_from(f"<{form}", data, at)[0]
    return found


def _within(data: bytes, at: int, size: int) -> None:
    if at < 0 or at + size > len(data):
        raise DamagedError("a part of it lies outside of it")
