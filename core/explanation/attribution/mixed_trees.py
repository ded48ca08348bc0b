"""Exact Shapley values of trees that ask numbers made of several columns at once.

CatBoost counts categories together, and together with conditions on other columns; whether such a
number lies above a border is no matter of one player. A tree has few players, though: each split
brings at most one that none before it had. So each tree is a game of its own, with all coalitions
of its players, and its values are the definition itself
(:mod:`core.explanation.attribution.shapley`); those of the sum are the sum of those.

Of each player a tree tells only some kinds of values apart. What it answers for a combination of
kinds is worked out once, for all of them or for those that are met, whichever are fewer; the worth
of a coalition is the mean of such answers over the background.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import comb, prod

import numpy as np

from core.arrays import Array, Flags, Floats, Ints
from core.errors import InputError
from core.explanation.attribution.tree_ensembles import Tree, TreeSum
from core.external_models.city_hash import combined_hash
from core.external_models.tree_arrays import Mix

_MOST_PLAYERS, _MOST_CELLS = 12, 1_000_000
_TOGETHER = 50
"""Rows whose kinds of values are told apart together."""
_AT_ONCE = 4_000_000
"""Cells that are looked up at once."""


@dataclass(frozen=True)
class MixedTrees:
    """Trees over encoded columns and over mixes of them, which are numbered behind all others.

    Attributes
    ----------
    trees : tuple of Tree
    mixes : tuple of Mix
    width : int
        How many encoded columns there are.
    single : bool
        Whether values are compared in single precision.
    owner : ndarray of int64, shape (width,)
        Player of each column; those numbered ``features`` or above are nobody's.
    features : int
    """

    trees: tuple[Tree, ...]
    mixes: tuple[Mix, ...]
    width: int
    single: bool
    owner: Ints
    features: int

    @cached_property
    def _sum(self) -> TreeSum:
        return TreeSum(self.trees, 0.0, log_odds=False, single=False)

    @cached_property
    def _games(self) -> list[_Game]:
        return [_Game(tree, self) for tree in self.trees]

    def output(self, encoded: Floats) -> Floats:
        """Evaluate the sum, shape (n,)."""
        mixed = [mixed_values(mix, [encoded[:, c] for c in mix.columns]) for mix in self.mixes]
        return self._sum.output(np.column_stack([self.compared(encoded), *mixed]))

    def compared(self, encoded: Floats) -> Floats:
        """Round as the model does before it compares; what is looked up is not rounded."""
        return encoded.astype(np.float32).astype(np.float64) if self.single else encoded

    def values(self, encoded: Floats, behind: Floats) -> Floats:
        """Shapley values of encoded rows against others, shape (n, features).

        Raises
        ------
        InputError
            If a tree has too many players, or tells too many combinations of values apart.
        """
        players = max(self.features, int(self.owner.max(initial=-1)) + 1)
        out = np.zeros((len(encoded), players))
        for begin in range(0, len(encoded), _TOGETHER):
            part = slice(begin, begin + _TOGETHER)
            asked = _Asked(np.concatenate([encoded[part], behind]), self)
            for game in self._games:
                out[part, game.players] += game.values(asked, len(behind))
        return out[:, : self.features]


def mixed_values(mix: Mix, columns: Sequence[Array]) -> Floats:
    """Look up the numbers that a mix has for values of its columns, which may be broadcast."""
    key = combined_hash([column.astype(np.int64) for column in columns])
    if not len(mix.keys):
        return np.full(key.shape, mix.otherwise)
    at = np.searchsorted(mix.keys, key).clip(max=len(mix.keys) - 1)
    return np.where(mix.keys[at] == key, mix.values[at], mix.otherwise)


class _Asked:
    """Rows to explain, those of the background behind them, and the kinds of their values."""

    def __init__(self, rows: Floats, trees: MixedTrees):
        self.looked_up = rows
        self.compared = np.ascontiguousarray(trees.compared(rows).T)
        self._kinds: dict[int, tuple[Ints, int]] = {}

    def kinds(self, column: int) -> tuple[Ints, int]:
        """Tell the distinct values of a column apart, and how many there are."""
        if column not in self._kinds:
            found, kind = np.unique(self.looked_up[:, column], return_inverse=True)
            self._kinds[column] = kind, len(found)
        return self._kinds[column]

    def passes(self, column: int, cut: float, missing_left: bool) -> Flags:
        """Whether each row goes left."""
        held = self.compared[column]
        return np.where(np.isnan(held), missing_left, held <= cut)


Split = tuple[int, float, bool]
"""Column, threshold, and whether a missing value goes left."""


class _Game:
    """One tree, its players, and what it asks of each."""

    def __init__(self, tree: Tree, of: MixedTrees):
        self._tree = tree
        inner = tree.left >= 0
        asked = zip(
            tree.feature.tolist(), tree.cut.tolist(), tree.missing_left.tolist(), strict=True
        )
        numbers: dict[Split, int] = {}
        self._split_of = np.zeros(len(tree.left), np.int64)
        for node, split in enumerate(asked):
            if inner[node]:
                self._split_of[node] = numbers.setdefault(split, len(numbers))
        self._splits = list(numbers)
        self._mix = [
            of.mixes[column - of.width] if column >= of.width else None
            for column, _, _ in self._splits
        ]
        columns = [
            [column] if mix is None else mix.columns.tolist()
            for (column, _, _), mix in zip(self._splits, self._mix, strict=True)
        ]
        self._owner = of.owner
        self.players: Ints = np.unique(of.owner[[c for some in columns for c in some]])
        if len(self.players) > _MOST_PLAYERS:
            raise InputError(f"one of its trees asks about {len(self.players)} columns at once")
        self._place = {int(player): place for place, player in enumerate(self.players)}
        # What is looked up of each player, and which thresholds it is compared with.
        self._looked_up: list[list[int]] = [[] for _ in self.players]
        self._compared: list[list[int]] = [[] for _ in self.players]
        for number, (some, mix) in enumerate(zip(columns, self._mix, strict=True)):
            for column in some:
                place = self._place_of(column)
                held, entry = (self._compared, number) if mix is None else (self._looked_up, column)
                if entry not in held[place]:
                    held[place].append(entry)

    def _place_of(self, column: int) -> int:
        return self._place[int(self._owner[column])]

    def values(self, asked: _Asked, background: int) -> Floats:
        """Shapley values of the rows, for the players of this tree, shape (n, players)."""
        kinds, first = self._kinds(asked)
        sizes = tuple(len(one) for one in first)
        strides = np.array([prod(sizes[place + 1 :]) for place in range(len(sizes))])
        cells = np.column_stack(kinds) * strides
        rows = len(cells) - background
        one, back = _distinct(cells[:rows])
        other, counted = _distinct(cells[rows:])
        share = np.bincount(counted, minlength=len(other)) / background
        known, weight = coalitions(len(self.players))
        here, there = one @ known, other @ (1 - known)
        passes = self._passes(asked, first)
        few = prod(sizes) > len(here) * there.size
        if not few:
            table = self._answers(passes, sizes, np.arange(prod(sizes)))
        worth = np.empty(here.shape)
        step = max(1, _AT_ONCE // there.size)
        for begin in range(0, len(here), step):
            part = slice(begin, begin + step)
            met = here[part, None] + there[None]
            found = (
                self._answers(passes, sizes, met.ravel()).reshape(met.shape) if few else table[met]
            )
            worth[part] = np.einsum("z,xzs->xs", share, found)
        return np.asarray((worth @ weight)[back])

    def _kinds(self, asked: _Asked) -> tuple[list[Ints], list[Ints]]:
        """Tell the kinds of values of each player apart, and name a row that has each."""
        kinds, first = [], []
        for looked_up, compared in zip(self._looked_up, self._compared, strict=True):
            code = np.zeros(len(asked.looked_up), np.int64)
            for column in looked_up:
                kind, count = asked.kinds(column)
                code = np.unique(code * count + kind, return_inverse=True)[1]
            for number in compared:
                code = code * 2 + asked.passes(*self._splits[number])
                # Numbered anew before they grow too large: a tree may ask a column often.
                if code.max(initial=0) > 1 << 40:
                    code = np.unique(code, return_inverse=True)[1]
            _, row, kind = np.unique(code, return_index=True, return_inverse=True)
            kinds.append(kind)
            first.append(row)
        return kinds, first

    def _passes(self, asked: _Asked, first: list[Ints]) -> list[Flags]:
        """Tell where each split sends the kinds of its players: left or not.

        A split has an axis for every player of the tree, of length 1 for those it doesn't ask.
        """

        def spread(values: Array, place: int) -> Array:
            shape = [1] * len(first)
            shape[place] = -1
            return values.reshape(shape)

        found = []
        for split, mix in zip(self._splits, self._mix, strict=True):
            if mix is None:
                place = self._place_of(split[0])
                found.append(spread(asked.passes(*split)[first[place]], place))
                continue
            columns = mix.columns.tolist()
            places = [self._place_of(column) for column in columns]
            held = [
                spread(asked.looked_up[first[place], column], place)
                for column, place in zip(columns, places, strict=True)
            ]
            combinations = prod(len(first[place]) for place in set(places))
            if combinations > _MOST_CELLS:
                raise InputError(
                    f"one of its trees tells {combinations:,} combinations of values apart"
                )
            found.append(mixed_values(mix, held) <= split[1])
        return found

    def _answers(self, passes: list[Flags], sizes: tuple[int, ...], cells: Ints) -> Floats:
        """Walk the tree for some combinations of kinds, by their numbers."""
        kinds = np.unravel_index(cells, sizes)
        left = np.empty((len(passes), len(cells)), np.bool_)
        for number, one in enumerate(passes):
            asked = [kind if n > 1 else 0 for kind, n in zip(kinds, one.shape, strict=True)]
            left[number] = one[tuple(asked)]
        tree, cell = self._tree, np.arange(len(cells))
        node = np.zeros(len(cells), np.int64)
        while (tree.left[node] >= 0).any():
            goes = left[self._split_of[node], cell]
            there = np.where(goes, tree.left[node], tree.right[node])
            node = np.where(tree.left[node] >= 0, there, node)
        return tree.value[node]


def _distinct(cells: Ints) -> tuple[Ints, Ints]:
    """Rows that differ, and which of them each is like."""
    _, first, back = np.unique(cells.sum(axis=1), return_index=True, return_inverse=True)
    return cells[first], back


@cache
def coalitions(players: int) -> tuple[Ints, Floats]:
    """All coalitions, and what the worth of each adds to each player's value.

    Parameters
    ----------
    players : int

    Returns
    -------
    known : ndarray of int64, shape (players, 2 ** players)
        1 where a player belongs to a coalition.
    weight : ndarray of float64, shape (2 ** players, players)
    """
    known = np.arange(2**players) >> np.arange(players)[:, None] & 1
    size = known.sum(axis=0)
    with_it = np.array([0.0, *(1 / (players * comb(players - 1, k)) for k in range(players))])
    without = np.array([*with_it[1:], 0.0])
    return known, np.where(known == 1, with_it[size], -without[size]).T
