"""The trees of a CatBoost file, and the columns that they ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.arrays import Array, Floats, Ints
from core.errors import InputError
from core.external_models.sandbox.catboost.categories import hashes, known_categories
from core.external_models.sandbox.catboost.file import CatboostFile, catboost_file
from core.external_models.sandbox.catboost.splits import Splits
from core.external_models.sandbox.opened_model import Coded, Column, rows_of
from core.external_models.tree_arrays import MOST_NODES, GrownTree, TreeArrays, joined


@dataclass(frozen=True)
class CatboostTrees:
    """The trees of a classifier of two classes; they add up to log-odds.

    Attributes
    ----------
    data : bytes
    names : list of str
        Of the inputs.
    loss : str
    scale : float
    bias : tuple of float
    """

    data: bytes
    names: list[str]
    loss: str
    scale: float
    bias: tuple[float, ...]

    def known_categories(self) -> dict[int, tuple[int, ...]]:
        """By input, hashes of the categories that the model knows, where the file has them all."""
        try:
            return known_categories(self._file)
        except InputError:
            return {}

    @cached_property
    def _file(self) -> CatboostFile:
        return catboost_file(self.data)

    @cached_property
    def _splits(self) -> Splits:
        return Splits(self._file)

    def arrays(self) -> TreeArrays:
        """Read the trees.

        Raises
        ------
        InputError
            If their sum isn't log-odds.
        """
        file = self._file
        way = np.array({1: [1.0], 2: [-1.0, 1.0]}.get(file.dimension, []))
        if not len(way) or (len(way) == 2 and self.loss != "MultiClass"):
            raise InputError("its trees don't add up to the log-odds of two classes")
        if len(self.bias) not in (1, len(way)) or len(file.leaves) % len(way):
            raise InputError("its leaves don't fit together")
        leaves = self.scale * (file.leaves.reshape(-1, len(way)) @ way)
        bias = np.array(self.bias if len(self.bias) == len(way) else [0.0] * len(way))
        splits = self._splits
        trees = (_stepped if len(file.steps) else _symmetric)(file, splits, leaves)
        return joined(
            trees,
            np.array([source.input for source in splits.sources], np.int64),
            splits.mixes,
            constant=float(bias @ way),
            log_odds=True,
            single=True,
        )

    def columns(self, columns: Sequence[Column]) -> Floats:
        """Make what the trees ask of the columns of the inputs, shape (n, c)."""
        sources = self._splits.sources
        made = np.empty((rows_of(columns), len(sources)))
        hashed: dict[int, Ints] = {}
        for place, source in enumerate(sources):
            given = columns[source.input]
            if not isinstance(given, Coded):
                made[:, place] = source.made(given)
                continue
            if source.input not in hashed:
                hashed[source.input] = hashes(
                    [*given.values, "nan" if given.missing is None else given.missing]
                )
            made[:, place] = source.made(hashed[source.input])[given.codes]
        return made


def _grown(
    splits: Splits, asked: Ints, no: Ints, yes: Ints, inner: Array, value: Floats
) -> GrownTree:
    """Make a tree of which splits its nodes ask; a list of values is what goes left."""
    nothing = len(splits.cut) - 1
    if not ((asked[inner] >= 0) & (asked[inner] < nothing)).all():
        raise InputError("a node asks what isn't there")
    at = np.where(inner, asked, nothing)
    by_list = splits.member[at] >= 0
    return GrownTree(
        np.where(by_list, yes, no),
        np.where(by_list, no, yes),
        splits.column[at],
        splits.cut[at],
        value,
        splits.nan_is_low[at],
        lists={int(i): splits.member[at[i] : at[i] + 1] for i in np.flatnonzero(by_list)},
    )


def _symmetric(file: CatboostFile, splits: Splits, leaves: Floats) -> list[GrownTree]:
    """Trees that ask the same of all nodes of a level; the last split is asked first."""
    if file.sizes.min(initial=0) < 0 or file.sizes.max(initial=0) > 16:
        raise InputError("its trees are deeper than CatBoost's are")
    sizes = 1 << file.sizes
    nodes = int((2 * sizes - 1).sum())
    if nodes > MOST_NODES:
        raise InputError(f"it has {nodes:,} nodes, more than are read")
    if file.sizes.sum() != len(file.splits) or sizes.sum() != len(leaves):
        raise InputError("its lists of nodes don't fit together")
    trees, split, leaf = [], 0, 0
    for depth, count in zip(file.sizes.tolist(), sizes.tolist(), strict=True):
        levels = file.splits[split : split + depth][::-1]
        asked = np.r_[np.repeat(levels, 1 << np.arange(depth)), np.zeros(count, np.int64)]
        place = np.arange(2 * count - 1)
        inner = place < count - 1
        value = np.r_[np.zeros(count - 1), leaves[leaf : leaf + count]]
        no, yes = (np.where(inner, 2 * place + side, -1) for side in (1, 2))
        trees.append(_grown(splits, asked, no, yes, inner, value))
        split, leaf = split + depth, leaf + count
    return trees


def _stepped(file: CatboostFile, splits: Splits, leaves: Floats) -> list[GrownTree]:
    """Trees of which each node says how far away its sides are; at 0 it ends in its own leaf."""
    if not len(file.splits) == len(file.steps) == len(file.ends) == file.sizes.sum():
        raise InputError("its lists of nodes don't fit together")
    if 2 * len(file.splits) > MOST_NODES:
        raise InputError(f"it has {2 * len(file.splits):,} nodes, more than are read")
    trees, begin = [], 0
    for size in file.sizes.tolist():
        part = slice(begin, begin + size)
        place = np.arange(size)
        left, right = (file.steps[part][side].astype(np.int64) for side in ("left", "right"))
        inner, ending = (left > 0) | (right > 0), (left == 0) | (right == 0)
        own = file.ends[part] // file.dimension
        if (own[ending] >= len(leaves)).any():
            raise InputError("a leaf lies outside of it")
        value = np.where(ending, leaves[np.where(ending, own, 0)], 0.0)
        # Where only one side goes on, the other is a leaf of its own, behind all nodes.
        half = inner & ending
        ends = size - 1 + np.cumsum(half)
        no, yes = (np.where(inner, np.where(s > 0, place + s, ends), -1) for s in (left, right))
        nothing = np.full(half.sum(), -1)
        trees.append(
            _grown(
                splits,
                np.r_[file.splits[part], nothing],
                np.r_[no, nothing],
                np.r_[yes, nothing],
                np.r_[inner, nothing >= 0],
                np.r_[np.where(inner, 0.0, value), value[half]],
            )
        )
        begin += size
    return trees
