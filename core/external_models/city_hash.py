"""CityHash64 in its first version (Pike and Alakuijala 2011), by which CatBoost keeps categories.

CatBoost's files hold the low 32 bits of a category's hash in the place of its text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.arrays import Ints

_BITS = (1 << 64) - 1
_K0, _K1, _K2, _K3 = (
    0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F, 0xC949D7C7509E6557,
)  # fmt: skip
_MERGE = 0x9DDFEA08EB382D69
COMBINING = 0x4906BA494954CB65
"""What CatBoost multiplies by where it makes one key of several numbers."""


def category_hash(text: str) -> int:
    """Hash the text of a category as CatBoost does.

    Parameters
    ----------
    text : str

    Returns
    -------
    int
        A signed number of 32 bits, as its files hold it.
    """
    low = city_hash(text.encode("utf-8", "surrogatepass")) & 0xFFFFFFFF
    return low - (1 << 32) if low >> 31 else low


def combined_hash(parts: Sequence[Ints]) -> Ints:
    """Make one key of several whole numbers, as CatBoost does.

    Parameters
    ----------
    parts : sequence of ndarray of int64
        In their order; of shapes that can be broadcast.
    """
    by = np.uint64(COMBINING)
    key = np.zeros(1, np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            key = by * (key + by * part.astype(np.uint64))
    return key.view(np.int64)


def city_hash(data: bytes) -> int:
    """Hash bytes to 64 bits.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    int
        Without a sign.
    """
    size = len(data)
    if size <= 16:
        return _up_to_16(data)
    if size <= 32:
        return _up_to_32(data)
    return _up_to_64(data) if size <= 64 else _longer(data)


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")


def _half(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _turned(value: int, by: int) -> int:
    value &= _BITS
    return (value >> by | value << (64 - by)) & _BITS


def _mixed(value: int) -> int:
    value &= _BITS
    return value ^ value >> 47


def _merged(low: int, high: int) -> int:
    first = _mixed((low ^ high) * _MERGE)
    return _mixed(((high & _BITS) ^ first) * _MERGE) * _MERGE & _BITS


def _up_to_16(data: bytes) -> int:
    size = len(data)
    if size > 8:
        first, last = _word(data, 0), _word(data, size - 8)
        return _merged(first, _turned(last + size, size)) ^ last
    if size >= 4:
        return _merged(size + (_half(data, 0) << 3), _half(data, size - 4))
    if size:
        ends = data[0] + (data[size >> 1] << 8), size + (data[-1] << 2)
        return _mixed(ends[0] * _K2 ^ ends[1] * _K3) * _K2 & _BITS
    return _K2


def _up_to_32(data: bytes) -> int:
    size = len(data)
    a, b = _word(data, 0) * _K1, _word(data, 8)
    c, d = _word(data, size - 8) * _K2, _word(data, size - 16) * _K0
    return _merged(
        (_turned(a - b, 43) + _turned(c, 30) + d) & _BITS,
        (a + _turned(b ^ _K3, 20) - c + size) & _BITS,
    )


def _up_to_64(data: bytes) -> int:
    size = len(data)

    def half(a: int, z: int, second: int, third: int) -> tuple[int, int]:
        b, c = _turned(a + z, 52), _turned(a, 37)
        a += _word(data, second)
        c += _turned(a, 7)
        a += _word(data, third)
        return a + z, b + _turned(a, 31) + c

    seed = (size + _word(data, size - 16)) * _K0
    front = half(_word(data, 0) + seed, _word(data, 24), 8, 16)
    start = _word(data, 16) + _word(data, size - 32)
    back = half(start, _word(data, size - 8), size - 24, size - 16)
    mixed = _mixed((front[0] + back[1]) * _K2 + (back[0] + front[1]) * _K0)
    return _mixed(mixed * _K0 + front[1]) * _K2 & _BITS


def _weak(data: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = (_word(data, at + 8 * i) for i in range(4))
    a += w
    b = _turned(b + a + z, 21)
    c = a
    a += x + y
    b += _turned(a, 44)
    return (a + z) & _BITS, (b + c) & _BITS


def _longer(data: bytes) -> int:
    size = len(data)
    x, y, z = _word(data, 0), _word(data, size - 16) ^ _K1, _word(data, size - 56) ^ _K0
    v = _weak(data, size - 64, size, y)
    w = _weak(data, size - 32, size * _K1, _K0)
    z += _mixed(v[1]) * _K1
    x = _turned(z + x, 39) * _K1
    y = _turned(y, 33) * _K1
    for at in range(0, (size - 1) & ~63, 64):
        x = _turned(x + y + v[0] + _word(data, at + 16), 37) * _K1 & _BITS
        y = _turned(y + v[1] + _word(data, at + 48), 42) * _K1 & _BITS
        x ^= w[1]
        y ^= v[0]
        z = _turned(z ^ w[0], 33)
        v = _weak(data, at, v[1] * _K1, x + w[0])
        w = _weak(data, at + 32, z + w[1], y)
        z, x = x, z
    return _merged(
        (_merged(v[0], w[0]) + _mixed(y) * _K1 + z) & _BITS, (_merged(v[1], w[1]) + x) & _BITS
    )
