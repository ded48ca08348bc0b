"""Trees on their way from the limited process: one run of bytes, and what JSON says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from core.arrays import Array
from core.external_models.tree_arrays import MOST_NODES, TreeArrays, check, damaged

_TYPES: dict[str, Any] = {"Ints": np.int64, "Floats": np.float64, "Flags": np.bool_}
_ARRAYS = tuple((f.name, _TYPES[str(f.type)]) for f in fields(TreeArrays) if f.type in _TYPES)


def packed(trees: TreeArrays) -> tuple[dict[str, Any], bytes]:
    """Write trees as what JSON holds and one run of bytes behind each other."""
    arrays = [np.ascontiguousarray(getattr(trees, name), kind) for name, kind in _ARRAYS]
    told = {
        "lengths": [len(array) for array in arrays],
        "constant": trees.constant,
        "log_odds": trees.log_odds,
        "single": trees.single,
    }
    return told, b"".join(array.tobytes() for array in arrays)


def unpacked(told: Mapping[str, Any], raw: bytes, inputs: int, where: str) -> TreeArrays:
    """Read what :func:`packed` wrote, and check it.

    Raises
    ------
    InputError
        If the arrays are no trees over these inputs.
    """
    lengths = told.get("lengths")
    sizes = [np.dtype(kind).itemsize for _, kind in _ARRAYS]
    if (
        not isinstance(lengths, list)
        or len(lengths) != len(_ARRAYS)
        or not all(type(n) is int and 0 <= n <= 64 * MOST_NODES for n in lengths)
        or sum(n * size for n, size in zip(lengths, sizes, strict=True)) != len(raw)
        or not isinstance(told.get("constant"), float)
    ):
        raise damaged("what it tells doesn't fit together", where)
    arrays: list[Array] = []
    at = 0
    for (_, kind), length, size in zip(_ARRAYS, lengths, sizes, strict=True):
        if kind is np.bool_:
            arrays.append(np.frombuffer(raw, np.uint8, length, at) != 0)
        else:
            arrays.append(np.frombuffer(raw, kind, length, at))
        at += length * size
    held: dict[str, Any] = dict(zip((name for name, _ in _ARRAYS), arrays, strict=True))
    trees = TreeArrays(
        **held,
        constant=told["constant"],
        log_odds=bool(told.get("log_odds")),
        single=bool(told.get("single")),
    )
    check(trees, inputs, where)
    return trees
