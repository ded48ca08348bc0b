"""Numbers that CatBoost makes of one category: what was counted for it while the model learned.

Each is a function of its category alone, so it is a column of that category's own. All is done in
single precision, as the library does it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.arrays import Array, Floats, Ints
from core.errors import InputError
from core.external_models.city_hash import category_hash
from core.external_models.sandbox.catboost_file import CatboostFile, CountSplits, CountTable

_MULTIPLIER = np.uint64(0x4906BA494954CB65)
_INVERSE = np.uint64(pow(int(_MULTIPLIER), -1, 1 << 64))
_MEANS, _COUNTERS, _BUCKETS = (2, 3), (4, 5), 1
_MEAN = np.dtype([("sum", "<f4"), ("count", "<i4")])


def hashes(texts: Sequence[object]) -> Ints:
    """Hash categories, shape (k,)."""
    return np.array([category_hash(str(text)) for text in texts], dtype=np.int64)


def known(table: CountTable, of: Ints) -> Ints:
    """Place of each category in a table; −1 where it was never counted."""
    with np.errstate(over="ignore"):
        keys = _MULTIPLIER * (_MULTIPLIER * of.astype(np.uint64))
    if not len(table.keys):
        return np.full(len(of), -1)
    at = np.searchsorted(table.keys, keys).clip(max=len(table.keys) - 1)
    return np.where(table.keys[at] == keys, at, -1)


def known_categories(file: CatboostFile) -> dict[int, tuple[int, ...]]:
    """By input, hashes of all categories that were counted; those asked one by one are left out.

    A file holds a category that trees ask by its own value only where one of them does so.
    """
    found: dict[int, set[int]] = {}
    with np.errstate(over="ignore"):
        for counted, table in file.tables.items():
            if counted.is_single:
                of = (_INVERSE * (_INVERSE * table.keys)).view(np.int64)
                found.setdefault(counted.inputs[0], set()).update(of.tolist())
    return {place: tuple(sorted(held)) for place, held in found.items()}


def made_numbers(how: CountSplits, table: CountTable, of: Ints) -> Floats:
    """Make the numbers of categories.

    Parameters
    ----------
    how : CountSplits
    table : CountTable
    of : ndarray of int64, shape (k,)
        Hashes of the categories.

    Raises
    ------
    InputError
        If the table is too short, or counts in a way that isn't known.
    """
    good, every = _counts(how, table)
    at = known(table, of)
    row = table.rows[at] if len(table.rows) else np.zeros(len(of), np.int64)
    if len(table.rows) and not 0 <= table.rows.min() <= table.rows.max() < len(good):
        raise InputError("its tables of categories are cut off")
    single = np.float32
    never = single(table.all if how.counted.kind in _COUNTERS else 0)
    above = np.where(at < 0, single(0), good[row] if len(good) else single(0))
    below = np.where(at < 0, never, every[row] if len(good) else never)
    with np.errstate(all="ignore"):
        share = (above + single(how.prior)) / (below + single(how.weight))
        return np.asarray((share + single(how.shift)) * single(how.scale), np.float64)


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
