"""What a CatBoost file holds beside what the library tells: its splits and its tables.

The file is a FlatBuffer of the trees and, where a category was turned into a number, tables of
what was counted for it. Every tree asks by the number of a split; splits are counted through all
numbers, then one-hot values, then categories as numbers, each with its borders in their order.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.arrays import Array, Floats, Ints
from core.errors import InputError
from core.external_models.sandbox.catboost.flat_buffer import DamagedError, FlatTable, root, sized

MOST_SPLITS = 4_000_000
"""More are not read."""
MAGIC = b"CBM1"
TABLES = "static_provider_v1"
_NAN_IS_HIGH = 2
_ABOVE = np.dtype([("number", "<i4"), ("border", "<f4")])
_EQUAL = np.dtype([("category", "<i4"), ("hash", "<i4")])
_BUCKET = np.dtype([("hash", "<i8"), ("index", "<u4")])
_STEP = np.dtype([("left", "<u2"), ("right", "<u2")])
_NONE = -1


@dataclass(frozen=True)
class NumberSplits:
    """Borders of a number: above one of them, a split's answer is yes; ``nan_is_high`` of none."""

    input: int
    borders: Floats
    nan_is_high: bool


@dataclass(frozen=True)
class OneHotSplits:
    """Hashes of a category: a split's answer is yes where it is this one."""

    input: int
    hashes: Ints


@dataclass(frozen=True)
class Counted:
    """Which categories were counted, and how.

    Attributes
    ----------
    inputs : tuple of int
        The categories.
    above : tuple of (int, float)
        Numbers, by their input, and above which border they are.
    equal : tuple of (int, int)
        Further categories, and the hash of the value that they have or have not.
    kind : int
        As CatBoost numbers them: 0 borders, 1 buckets, 2 and 3 means, 4 counter, 5 frequency.
    target : int
        Which way of making classes of the target was used.
    """

    inputs: tuple[int, ...]
    above: tuple[tuple[int, float], ...]
    equal: tuple[tuple[int, int], ...]
    kind: int
    target: int

    @property
    def is_single(self) -> bool:
        """Whether one category alone was counted."""
        return len(self.inputs) == 1 and not self.above and not self.equal


@dataclass(frozen=True)
class CountSplits:
    """Borders of a number that was made of what was counted.

    It is ((good + ``prior``) / (all + ``weight``) + ``shift``) · ``scale``; ``above`` says from
    which class of the target on one is good.
    """

    counted: Counted
    above: int
    prior: float
    weight: float
    shift: float
    scale: float
    borders: Floats


@dataclass(frozen=True)
class CountTable:
    """What was counted for each category.

    Attributes
    ----------
    keys : ndarray of int64, shape (k,)
        Hashes, sorted.
    rows : ndarray of int64, shape (k,)
        Which row of the counts each has.
    raw : bytes
        The counts.
    all : int
        What counters are divided by.
    classes : int
    """

    keys: Ints
    rows: Ints
    raw: bytes
    all: int
    classes: int


@dataclass(frozen=True)
class CatboostFile:
    """Trees as the file has them.

    Attributes
    ----------
    dimension : int
        How many numbers a leaf has.
    numbers, one_hot, counts
        What the splits ask, in the order in which they are counted.
    splits : ndarray of int64
        Numbers of splits, tree by tree.
    sizes : ndarray of int64, shape (trees,)
        Splits of each tree.
    steps : ndarray of (left, right)
        How far on each side of a node is, 0 at an end; empty where trees are symmetric.
    ends : ndarray of int64
        Place of the first number of a node's leaf.
    leaves : ndarray of float64
    tables : dict
    """

    dimension: int
    numbers: tuple[NumberSplits, ...]
    one_hot: tuple[OneHotSplits, ...]
    counts: tuple[CountSplits, ...]
    splits: Ints
    sizes: Ints
    steps: Array
    ends: Ints
    leaves: Floats
    tables: dict[Counted, CountTable]


def catboost_file(data: bytes) -> CatboostFile:
    """Read a file.

    Raises
    ------
    InputError
        If it is damaged, or holds parts that aren't known.
    """
    try:
        return _read(data)
    except (DamagedError, struct.error) as error:
        raise InputError(f"its trees can't be read: {error}") from None


def _read(data: bytes) -> CatboostFile:
    if data[:4] != MAGIC:
        raise DamagedError("it doesn't begin as CatBoost's files do")
    core, rest = sized(data, 4)
    model = root(core)
    trees = model.table(1)
    parts = model.texts(3)
    if set(parts) - {TABLES}:
        raise InputError(f"its file has a part that isn't known, {parts[0]!r}")
    places = _Places(_by_index(trees.tables(5), 1), _by_index(trees.tables(4), 0))
    found = CatboostFile(
        trees.integer(0),
        tuple(_number_splits(one) for one in trees.tables(5)),
        tuple(
            OneHotSplits(_place(places.categories, one.integer(0, default=-1)), _ints(one, 1))
            for one in trees.tables(6)
        ),
        tuple(_count_splits(one, places) for one in trees.tables(7)),
        _ints(trees, 1),
        _ints(trees, 2),
        trees.array(10, _STEP),
        trees.array(11, "<u4").astype(np.int64),
        trees.array(8, "<f8"),
        _tables(data, rest, places) if parts else {},
    )
    if trees.tables(12) or trees.tables(13):
        raise InputError("its trees ask texts or embeddings")
    borders = [one.borders for one in found.numbers] + [one.borders for one in found.counts]
    if sum(map(len, [*borders, *(one.hashes for one in found.one_hot)])) > MOST_SPLITS:
        raise InputError("its trees have more splits than are read")
    return found


def _ints(table: FlatTable, place: int) -> Ints:
    return table.array(place, "<i4").astype(np.int64)


@dataclass(frozen=True)
class _Places:
    """Input of each number and of each category."""

    numbers: dict[int, int]
    categories: dict[int, int]


def _by_index(features: list[FlatTable], place: int) -> dict[int, int]:
    """From the place of a feature among those of its kind to the one among all inputs."""
    return {one.integer(place, default=-1): one.integer(place + 1, default=-1) for one in features}


def _place(inputs: dict[int, int], index: int) -> int:
    if index not in inputs:
        raise DamagedError("an input is asked that isn't there")
    return inputs[index]


def _borders(table: FlatTable, place: int) -> Floats:
    found = table.array(place, "<f4")
    if np.isnan(found).any():
        raise DamagedError("a border is no number")
    return found


def _number_splits(one: FlatTable) -> NumberSplits:
    return NumberSplits(
        one.integer(2, default=-1), _borders(one, 3), one.integer(5, "b") == _NAN_IS_HIGH
    )


def _count_splits(one: FlatTable, places: _Places) -> CountSplits:
    how = one.table(0)
    real = partial(how.number, form="f")
    return CountSplits(
        _counted(how.table(0), places),
        how.integer(1),
        real(2, default=0.0),
        real(3, default=1.0),
        real(4, default=0.0),
        real(5, default=1.0),
        _borders(one, 1),
    )


def _counted(base: FlatTable, places: _Places) -> Counted:
    of = base.table(0)
    return Counted(
        tuple(_place(places.categories, index) for index in of.array(0, "<i4").tolist()),
        tuple((_place(places.numbers, i), border) for i, border in of.array(1, _ABOVE).tolist()),
        tuple((_place(places.categories, i), value) for i, value in of.array(2, _EQUAL).tolist()),
        base.integer(1, "b"),
        base.integer(2),
    )


def _tables(data: bytes, at: int, places: _Places) -> dict[Counted, CountTable]:
    found = {}
    count = struct.unpack_from("<I", data, at)[0]
    at += 4
    for _ in range(count):
        raw, at = sized(data, at)
        table = root(raw)
        buckets = table.array(1, "u1")
        if len(buckets) % _BUCKET.itemsize:
            raise DamagedError("a table of categories was cut off")
        held = buckets.view(_BUCKET)
        held = np.sort(held[held["hash"] != _NONE], order="hash")
        found[_counted(table.table(0), places)] = CountTable(
            held["hash"],
            held["index"].astype(np.int64),
            table.array(2, "u1").tobytes(),
            table.integer(3),
            table.integer(4),
        )
    return found
