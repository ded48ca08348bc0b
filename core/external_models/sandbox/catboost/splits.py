"""What the splits of a CatBoost file ask: columns of single inputs, and those mixed of several.

A category that was counted together with others, or with conditions on other inputs, is a number
of all of them. Its columns are then the hashes of the categories and whether each condition holds,
and the number is looked up by them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from core.arrays import Array, Floats, Ints
from core.errors import InputError
from core.external_models.sandbox.catboost.categories import MadeNumbers, made_numbers
from core.external_models.sandbox.catboost.file import CatboostFile, CountSplits
from core.external_models.tree_arrays import Mix

Made = Callable[[Array], Array]


@dataclass(frozen=True)
class Source:
    """Where a column comes from.

    Attributes
    ----------
    input : int
    made : callable
        From the values of the input, or the hashes of its categories, to the column.
    """

    input: int
    made: Made


class Splits:
    """All splits of a file by their number: which column, its border, or the value meant.

    Attributes
    ----------
    sources : list of Source
        Of the columns, but for mixes, which come behind them.
    mixes : list of Mix
    column, cut, member : ndarray
        Of each split; ``member`` is −1 where a border decides. The last is what leaves ask.
    nan_is_low : ndarray of bool
    """

    def __init__(self, file: CatboostFile):
        self.sources: list[Source] = []
        self.mixes: list[Mix] = []
        self._known: dict[tuple[str, int, float], int] = {}
        self._nan_is_high = {one.input: one.nan_is_high for one in file.numbers}
        parts: list[tuple[int, Array, bool]] = []
        for number in file.numbers:
            column = self._source(number.input, _as_it_is)
            parts.append((column, number.borders, not number.nan_is_high))
        one_hot: list[tuple[int, int]] = []
        for one in file.one_hot:
            column = self._source(one.input, partial(_places, one.hashes))
            one_hot.append((column, len(one.hashes)))
        counted = [(self._counted(file, one), one.borders, True) for one in file.counts]
        columns = [np.full(len(borders), column) for column, borders, _ in parts]
        columns += [np.full(size, column) for column, size in one_hot]
        columns += [np.full(len(borders), column) for column, borders, _ in counted]
        found = np.concatenate([*columns, [0]])
        # A mix is numbered from −1 down until it is known how many columns come before it.
        self.column: Ints = np.where(found < 0, len(self.sources) - 1 - found, found)
        values = np.concatenate([np.zeros(0, np.int64), *(np.arange(n) for _, n in one_hot)])
        before, behind = (
            np.concatenate([np.zeros(0), *(borders for _, borders, _ in some)])
            for some in (parts, counted)
        )
        none = (np.full(len(some), -1) for some in (before, behind))
        self.cut: Floats = np.r_[before, np.zeros(len(values)), behind, 0.0]
        self.member: Ints = np.r_[next(none), values, next(none), -1]
        self.nan_is_low = np.concatenate(
            [np.zeros(0, np.bool_)]
            + [np.full(len(borders), low) for _, borders, low in parts]
            + [np.zeros(len(values), np.bool_), np.ones(len(behind), np.bool_), [False]]
        ).astype(np.bool_)

    def _source(self, place: int, made: Made) -> int:
        self.sources.append(Source(place, made))
        return len(self.sources) - 1

    def _shared(self, name: tuple[str, int, float], made: Made) -> int:
        """Find a column that several mixes take."""
        if name not in self._known:
            self._known[name] = self._source(name[1], made)
        return self._known[name]

    def _counted(self, file: CatboostFile, one: CountSplits) -> int:
        """Make the column of numbers of categories, or a mix, whose number is below 0."""
        counted = one.counted
        if counted not in file.tables:
            raise InputError("its file lacks a table of categories")
        numbers = made_numbers(one, file.tables[counted])
        if counted.is_single:
            return self._source(counted.inputs[0], numbers.of_category)
        columns = [self._shared(("hash", place, 0), _as_it_is) for place in counted.inputs]
        for place, border in counted.above:
            is_high = partial(_is_above, border, nan_is_high=self._nan_is_high.get(place, False))
            columns.append(self._shared(("above", place, border), is_high))
        for place, value in counted.equal:
            columns.append(self._shared(("equal", place, value), partial(_equals, value)))
        self.mixes.append(_mix(columns, numbers))
        return -len(self.mixes)


def _mix(columns: list[int], numbers: MadeNumbers) -> Mix:
    return Mix(np.array(columns), numbers.keys, numbers.values, numbers.otherwise)


def _as_it_is(given: Array) -> Array:
    return given


def _places(known: Ints, of: Array) -> Array:
    """Of the value that a category is, its place in a list; −1 for others."""
    if not len(known):
        return np.full(len(of), -1)
    order = np.argsort(known, kind="stable")
    found = order[np.searchsorted(known, of, sorter=order).clip(max=len(known) - 1)]
    return np.where(known[found] == of, found, -1)


def _is_above(border: float, given: Array, *, nan_is_high: bool) -> Array:
    missing = np.isnan(given)
    return np.where(missing, nan_is_high, given.astype(np.float32) > np.float32(border))


def _equals(value: int, of: Array) -> Array:
    return np.asarray(of == value)
