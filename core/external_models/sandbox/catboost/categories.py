"""Numbers that CatBoost makes of categories: what was counted for them while the model learned.

One of a single category is a column of that category's own; one of several, and of conditions on
other inputs, mixes columns. All is done in single precision, as the library does it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.arrays import Array, Floats, Ints
from core.errors import InputError
from core.external_models.city_hash import COMBINING, category_hash, combined_hash
from core.external_models.sandbox.catboost.file import CatboostFile, CountSplits, CountTable

_INVERSE = np.uint64(pow(COMBINING, -1, 1 << 64))
_MEANS, _COUNTERS, _BUCKETS = (2, 3), (4, 5), 1
_MEAN = np.dtype([("sum", "<f4"), ("count", "<i4")])


def hashes(texts: Sequence[object]) -> Ints:
    """Hash categories, shape (k,)."""
    return np.array([category_hash(str(text)) for text in texts], dtype=np.int64)


def known_categories(file: CatboostFile) -> dict[int, tuple[int, ...]]:
    """By input, hashes of all categories that were counted; those asked one by one are left out.

    A file holds a category that trees ask by its own value only where one of them does so.
    """
    found: dict[int, set[int]] = {}
    with np.errstate(over="ignore"):
        for counted, table in file.tables.items():
            if counted.is_single:
                of = (_INVERSE * (_INVERSE * table.keys.view(np.uint64))).view(np.int64)
                found.setdefault(counted.inputs[0], set()).update(of.tolist())
    return {place: tuple(sorted(held)) for place, held in found.items()}


@dataclass(frozen=True)
class MadeNumbers:
    """Numbers of all keys of a table, and of those that were never counted."""

    keys: Ints
    values: Floats
    otherwise: float

    def of_category(self, hashed: Ints) -> Floats:
        """Numbers of single categories, by their hashes."""
        if not len(self.keys):
            return np.full(len(hashed), self.otherwise)
        keys = combined_hash([hashed])
        at = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.values[at], self.otherwise)


def made_numbers(how: CountSplits, table: CountTable) -> MadeNumbers:
    """Make numbers of what was counted.

    Raises
    ------
    InputError
        If the table is too short, or counts in a way that isn't known.
    """
    good, every = _counts(how, table)
    if len(table.rows) and not 0 <= table.rows.min() <= table.rows.max() < len(good):
        raise InputError("its tables of categories are cut off")
    single = np.float32
    never = single(table.all if how.counted.kind in _COUNTERS else 0)

    def number(above: Array, below: Array) -> Floats:
        with np.errstate(all="ignore"):
            share = (above + single(how.prior)) / (below + single(how.weight))
            return np.asarray((share + single(how.shift)) * single(how.scale), np.float64)

    otherwise = float(number(np.array(single(0)), np.array(never)))
    return MadeNumbers(table.keys, number(good[table.rows], every[table.rows]), otherwise)


def _counts(how: CountSplits, table: CountTable) -> tuple[Array, Array]:
    """How many rows were good, and how many there were, of each row of the table."""
    kind = how.counted.kind
    if kind in _MEANS:
        held = np.frombuffer(table.raw, _MEAN, len(table.raw) // _MEAN.itemsize)
        return held["sum"], held["count"].astype(np.float32)
    counts = np.frombuffer(table.raw, "<i4", len(table.raw) // 4)
    if kind in _COUNTERS:
        return counts.astype(np.float32), np.full(len(counts), table.all, np.float32)
    classes = table.classes
    if not 0 <= kind <= _BUCKETS or classes < 2 or not 0 <= how.above < classes:
        raise InputError("its categories are counted in a way that isn't known")
    of_class = counts[: len(counts) // classes * classes].reshape(-1, classes)
    good = of_class[:, how.above] if kind == _BUCKETS else of_class[:, how.above + 1 :].sum(axis=1)
    return good.astype(np.float32), of_class.sum(axis=1).astype(np.float32)
