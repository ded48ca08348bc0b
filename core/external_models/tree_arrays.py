"""A tree ensemble of a model made elsewhere, as arrays over all nodes.

The nodes of a file are untrusted: they are read in the sandbox and checked here before anything
walks them. What stands behind an encoder has several columns of one input, so each column says
which input it was made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from core.arrays import Array, Flags, Floats, Ints
from core.errors import InputError

MOST_NODES = 8_000_000
"""More are not read: they would take a gigabyte."""


@dataclass(frozen=True, eq=False)
class Mix:
    """A column that is looked up by several others together.

    Attributes
    ----------
    columns : ndarray of int64
        Which; they hold whole numbers, of which
        :func:`core.external_models.city_hash.combined_hash` makes a key.
    keys : ndarray of int64, shape (k,)
        Sorted.
    values : ndarray of float64, shape (k,)
    otherwise : float
        For other keys.
    """

    columns: Ints
    keys: Ints
    values: Floats
    otherwise: float


@dataclass(frozen=True, eq=False)
class TreeArrays:
    """Trees whose leaves add up to a score, with a constant.

    A value goes left where it is at most ``cut``, or, at a node with a list, where it stands in
    the list; a missing one where ``missing_left`` says so.

    Attributes
    ----------
    roots : ndarray of int64, shape (trees,)
    left, right : ndarray of int64, shape (nodes,)
        Positions among all nodes; −1 at a leaf.
    column : ndarray of int64, shape (nodes,)
        Which column is asked; those of mixes come behind all others.
    cut, value : ndarray of float64, shape (nodes,)
        Threshold, and what a leaf adds.
    missing_left, zero_missing : ndarray of bool, shape (nodes,)
        Where a missing value goes, and whether zero counts as one.
    choice : ndarray of int64, shape (nodes,)
        Number of a list of values; −1 where a threshold decides.
    list_start, members : ndarray of int64
        Lists of whole numbers, one behind the other.
    owner : ndarray of int64, shape (columns,)
        Position of the input that each column is made from, but for mixes.
    mix_start, mix_columns : ndarray of int64
        Columns of each mix, one list behind the other.
    key_start, keys : ndarray of int64
        Keys of each.
    key_values : ndarray of float64
    otherwise : ndarray of float64, shape (mixes,)
    constant : float
    log_odds : bool
        Whether the sum is the log-odds of the second class; its probability otherwise.
    single : bool
        Whether values are compared in single precision.
    """

    roots: Ints
    left: Ints
    right: Ints
    column: Ints
    cut: Floats
    value: Floats
    missing_left: Flags
    zero_missing: Flags
    choice: Ints
    list_start: Ints
    members: Ints
    owner: Ints
    mix_start: Ints
    mix_columns: Ints
    key_start: Ints
    keys: Ints
    key_values: Floats
    otherwise: Floats
    constant: float
    log_odds: bool
    single: bool

    @property
    def mixes(self) -> tuple[Mix, ...]:
        """Columns that are looked up by several others together."""
        columns, keys = (
            list(pairwise(starts.tolist())) for starts in (self.mix_start, self.key_start)
        )
        return tuple(
            Mix(
                self.mix_columns[slice(*column)],
                self.keys[slice(*key)],
                self.key_values[slice(*key)],
                float(otherwise),
            )
            for column, key, otherwise in zip(columns, keys, self.otherwise, strict=True)
        )


@dataclass(frozen=True, eq=False)
class GrownTree:
    """One tree as a reader finds it; positions count from its own first node, the root.

    Attributes
    ----------
    left, right, column, cut, value, missing_left
        As in :class:`TreeArrays`.
    zero_missing : ndarray of bool, or None
    lists : mapping of int to ndarray of int64
        By node, the values that go left.
    """

    left: Ints
    right: Ints
    column: Ints
    cut: Floats
    value: Floats
    missing_left: Flags
    zero_missing: Flags | None = None
    lists: Mapping[int, Ints] = field(default_factory=dict)


def joined(
    trees: Iterable[GrownTree],
    owner: Ints,
    mixes: Sequence[Mix] = (),
    *,
    constant: float = 0.0,
    log_odds: bool,
    single: bool,
) -> TreeArrays:
    """Put trees one behind the other."""
    parts = list(trees)
    at = np.cumsum([0, *(len(tree.left) for tree in parts)], dtype=np.int64)
    choice = np.full(at[-1], -1)
    lists: list[Ints] = []
    for tree, begin in zip(parts, at, strict=False):
        for node, values in tree.lists.items():
            choice[begin + node] = len(lists)
            lists.append(values)
    none = [np.zeros(len(tree.left), np.bool_) for tree in parts]
    zeros = [tree.zero_missing for tree in parts]
    return TreeArrays(
        roots=at[:-1],
        left=_moved([tree.left for tree in parts], at),
        right=_moved([tree.right for tree in parts], at),
        column=np.concatenate([tree.column for tree in parts]),
        cut=np.concatenate([tree.cut for tree in parts]),
        value=np.concatenate([tree.value for tree in parts]),
        missing_left=np.concatenate([tree.missing_left for tree in parts]),
        zero_missing=np.concatenate(
            [no if zero is None else zero for zero, no in zip(zeros, none, strict=True)]
        ),
        choice=choice,
        list_start=_starts(lists),
        members=np.concatenate([np.zeros(0, np.int64), *lists]),
        owner=np.asarray(owner, np.int64),
        mix_start=_starts([mix.columns for mix in mixes]),
        mix_columns=np.concatenate([np.zeros(0, np.int64), *(mix.columns for mix in mixes)]),
        key_start=_starts([mix.keys for mix in mixes]),
        keys=np.concatenate([np.zeros(0, np.int64), *(mix.keys for mix in mixes)]),
        key_values=np.concatenate([np.zeros(0), *(mix.values for mix in mixes)]),
        otherwise=np.array([mix.otherwise for mix in mixes], np.float64),
        constant=constant,
        log_odds=log_odds,
        single=single,
    )


def _starts(lists: Sequence[Array]) -> Ints:
    return np.cumsum([0, *(len(values) for values in lists)], dtype=np.int64)


def _moved(children: list[Ints], at: Ints) -> Ints:
    return np.concatenate(
        [np.where(part < 0, -1, part + by) for part, by in zip(children, at, strict=False)]
    )


def check(trees: TreeArrays, inputs: int, where: str) -> None:
    """Refuse arrays that are no trees.

    Parameters
    ----------
    trees : TreeArrays
    inputs : int
        How many inputs the model has.
    where : str
        Name of the file.

    Raises
    ------
    InputError
        If a position lies outside, a node is reached twice or never, or a number isn't finite.
    """
    nodes, inner = len(trees.left), trees.left >= 0
    lengths = {
        len(array)
        for array in (
            trees.right, trees.column, trees.cut, trees.value,
            trees.missing_left, trees.zero_missing, trees.choice,
        )
    }  # fmt: skip
    if nodes > MOST_NODES:
        raise damaged(f"it has {nodes:,} nodes, more than are read", where)
    if lengths != {nodes} or not 0 < len(trees.roots) <= nodes:
        raise damaged("its lists of nodes have different lengths", where)
    if not _within(trees.owner, 0, inputs):
        raise damaged("a column comes from an input that isn't there", where)
    if not (
        _within(trees.roots, 0, nodes)
        and _within(trees.left, -1, nodes)
        and _within(trees.right[inner], 0, nodes)
        and _within(trees.column[inner], 0, len(trees.owner) + len(trees.otherwise))
        and _within(trees.mix_columns, 0, len(trees.owner))
        and _within(trees.choice, -1, len(trees.list_start) - 1)
    ):
        raise damaged("a node points outside of it", where)
    for starts, held, what in (
        (trees.list_start, trees.members, "lists of categories"),
        (trees.mix_start, trees.mix_columns, "combined columns"),
        (trees.key_start, trees.keys, "keys of combined columns"),
    ):
        ends = len(starts) and starts[0] == 0 and starts[-1] == len(held)
        if not ends or (np.diff(starts) < 0).any():
            raise damaged(f"its {what} don't fit together", where)
    mixes = len(trees.otherwise) + 1
    if not len(trees.mix_start) == len(trees.key_start) == mixes:
        raise damaged("its combined columns don't fit together", where)
    if len(trees.keys) != len(trees.key_values):
        raise damaged("its keys of combined columns don't fit together", where)
    plain = inner & (trees.choice < 0)
    numbers = (
        trees.cut[plain], trees.value[~inner], np.array([trees.constant]), trees.key_values,
        trees.otherwise,
    )  # fmt: skip
    # A threshold may be infinite, a sum may not.
    if np.isnan(numbers[0]).any() or not all(np.isfinite(part).all() for part in numbers[1:]):
        raise damaged("a threshold or a leaf is no number", where)
    _check_shape(trees, inner, where)


def _check_shape(trees: TreeArrays, inner: Flags, where: str) -> None:
    """Each node has one parent, a root none, and all are reached: so there is no circle."""
    parents = np.bincount(
        np.concatenate([trees.left[inner], trees.right[inner], trees.roots]),
        minlength=len(inner),
    )
    if (parents != 1).any():
        raise damaged("a node has two parents or none", where)
    reached, level = 0, trees.roots
    while len(level):
        reached += len(level)
        level = level[inner[level]]
        level = np.concatenate([trees.left[level], trees.right[level]])
    tree = np.searchsorted(trees.roots, np.arange(len(inner)), side="right")
    if trees.roots[0] != 0 or (np.diff(trees.roots) <= 0).any():
        raise damaged("its trees don't stand one behind the other", where)
    if (tree[trees.left[inner]] != tree[inner]).any() or (
        tree[trees.right[inner]] != tree[inner]
    ).any():
        raise damaged("a node belongs to two trees", where)
    if reached != len(inner):
        raise damaged("some of its nodes go round in a circle", where)


def _within(found: Ints, low: int, high: int) -> bool:
    return bool(((found >= low) & (found < high)).all())


def damaged(problem: str, where: str) -> InputError:
    """Return the refusal of arrays."""
    return InputError(
        f"its trees can't be read: {problem}", where=where, remedy="Save the model again"
    )
