"""Protocol buffers by their wire format: enough to read the graph of an ONNX file.

Fields are found without being decoded, so that the arrays of a large forest cost nothing until they
are asked for, and then are decoded as a whole.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np

from core.arrays import Floats, Ints

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
RUN = 8


class DamagedError(ValueError):
    """The bytes are no protocol buffer, or a truncated one."""


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise DamagedError("a number runs beyond its end")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data: memoryview) -> Iterator[tuple[int, int, int | memoryview]]:
    """Walk the fields of a message: number, wire type and value.

    Numbers of one field in a row, each behind its key, come as one run of bytes with their keys.
    """
    at = 0
    while at < len(data):
        begin = at
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        value: int | memoryview
        if kind in (VARINT, FIXED32, FIXED64):
            end = begin
            if begin + 1 == at:
                end = begin + _length_of_run(data[begin:], key, kind)
            if end > begin:
                yield number, RUN | kind, data[begin:end]
                at = end
                continue
        if kind == VARINT:
            value, at = _varint(data, at)
        elif kind in (FIXED64, FIXED32, BYTES):
            size = 8 if kind == FIXED64 else 4
            if kind == BYTES:
                size, at = _varint(data, at)
            if at + size > len(data):
                raise DamagedError("a field runs beyond its end")
            value, at = data[at : at + size], at + size
        else:
            raise DamagedError("a field has an unknown wire type")
        yield number, kind, value


def _length_of_run(data: memoryview, key: int, kind: int) -> int:
    """Bytes of a run of at least two numbers behind the same key of one byte; 0 for no run."""
    if kind == VARINT:
        ahead = _varint(data, 1)[1]
        if ahead >= len(data) or data[ahead] != key:
            return 0
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) < 0x80)
        keys = ends[0 : len(ends) // 2 * 2 : 2]
        # A key is one byte, so it begins where the number before it ends.
        befores = np.concatenate([[-1], ends[1 : 2 * len(keys) - 1 : 2]])
        raw = np.frombuffer(data, np.uint8)
        others = np.flatnonzero((raw[keys] != key) | (keys != befores + 1))
        count = int(others[0]) if len(others) else len(keys)
        return int(ends[2 * count - 1]) + 1
    width = 9 if kind == FIXED64 else 5
    if 2 * width > len(data) or data[width] != key:
        return 0
    rows = np.frombuffer(data, np.uint8)[: len(data) // width * width].reshape(-1, width)
    others = np.flatnonzero(rows[:, 0] != key)
    return width * (int(others[0]) if len(others) else len(rows))


def texts(data: memoryview, number: int) -> tuple[str, ...]:
    """Return the values of a repeated text, those that aren't UTF-8 with replacements."""
    return tuple(
        bytes(value).decode("utf-8", "replace")
        for found, kind, value in fields(data)
        if found == number and kind == BYTES and isinstance(value, memoryview)
    )


def messages(data: memoryview, number: int) -> list[memoryview]:
    """Return the bytes of each field of a number: messages, texts or packed arrays."""
    return [
        value
        for found, kind, value in fields(data)
        if found == number and kind == BYTES and isinstance(value, memoryview)
    ]


def first_text(data: memoryview, number: int) -> str | None:
    """Return the first value of a text, without looking at what stands behind it."""
    for found, kind, value in fields(data):
        if found == number and kind == BYTES and isinstance(value, memoryview):
            return bytes(value).decode("utf-8", "replace")
    return None


def integer(data: memoryview, number: int, default: int = 0) -> int:
    """Return the last value of a whole number."""
    value = default
    for found, kind, given in fields(data):
        if found == number and kind == VARINT and isinstance(given, int):
            value = given - (1 << 64) if given >= 1 << 63 else given
    return value


def integers(data: memoryview, number: int) -> Ints:
    """Return the values of a repeated whole number, packed or each behind a key of its own."""
    parts: list[Ints] = []
    for found, kind, value in fields(data):
        if found != number:
            continue
        if isinstance(value, int):
            parts.append(np.array([value], np.uint64).view(np.int64))
        elif kind == BYTES:
            parts.append(_varints(value))
        elif kind == RUN | VARINT:
            parts.append(_varints(value)[1::2])
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def reals(data: memoryview, number: int, *, double: bool = False) -> Floats:
    """Return the values of a repeated float or double, packed or each behind a key of its own."""
    form, one, width = ("<f8", FIXED64, 8) if double else ("<f4", FIXED32, 4)
    parts: list[Floats] = []
    for found, kind, value in fields(data):
        if found != number or not isinstance(value, memoryview):
            continue
        if kind == RUN | one:
            rows = np.frombuffer(value, np.uint8).reshape(-1, width + 1)[:, 1:]
            parts.append(np.ascontiguousarray(rows).view(form).ravel().astype(np.float64))
        elif kind in (BYTES, one) and len(value) % width == 0:
            parts.append(np.frombuffer(value, form).astype(np.float64))
    return np.concatenate(parts) if parts else np.zeros(0)


def real(data: memoryview, number: int) -> float | None:
    """Return the last value of a float, None where there is none."""
    value = None
    for found, kind, given in fields(data):
        if found == number and kind == FIXED32 and isinstance(given, memoryview):
            value = float(struct.unpack("<f", given)[0])
    return value


def _varints(data: memoryview) -> Ints:
    """Decode bytes that are varints and nothing else."""
    raw = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(raw < 0x80)
    if len(raw) and (not len(ends) or ends[-1] != len(raw) - 1):
        raise DamagedError("a number runs beyond its end")
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    lengths = ends - starts + 1
    if len(lengths) and lengths.max() > 10:
        raise DamagedError("a number is too long")
    values = np.zeros(len(ends), np.uint64)
    for place in range(int(lengths.max()) if len(lengths) else 0):
        there = lengths > place
        part = raw[starts[there] + place].astype(np.uint64) & np.uint64(0x7F)
        values[there] |= part << np.uint64(7 * place)
    return values.view(np.int64)


def key(number: int, kind: int) -> bytes:
    """Write the key of a field whose number is below 16."""
    return bytes([number << 3 | kind])


def field_of(number: int, content: bytes) -> bytes:
    """Write a field that holds bytes: a text or a message."""
    size, length = len(content), b""
    while size >= 0x80:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return key(number, BYTES) + length + bytes([size]) + content
