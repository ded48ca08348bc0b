"""How much two tables have in common, by their sketches (see :mod:`core.data.row_sketch`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data.row_sketch import GroupSketch, RowSketch

LEAST_ONCE = 0.5
"""Where fewer rows occur once, finding one again says little."""

_LEAST_ROWS = 8
_LEAST_VALUES = 12


@dataclass(frozen=True)
class Overlap:
    """Rows that two tables share, beyond chance.

    Attributes
    ----------
    of_first, of_second : float
        Share of each table's rows that the other one has, in [0, 1].
    """

    of_first: float
    of_second: float

    @property
    def most(self) -> float:
        """The larger share: 1 for a part of a table as for a table with more rows."""
        return max(self.of_first, self.of_second)


@dataclass(frozen=True)
class _Pair:
    """One group of columns in two tables."""

    first: GroupSketch
    second: GroupSketch
    in_first: int
    in_second: int
    in_both: int

    @classmethod
    def of(cls, first: GroupSketch, second: GroupSketch) -> _Pair:
        # Below the smaller limit both sketches hold all their rows.
        limit = min(first.limit, second.limit)
        one = {row for row, rank in first.rows.items() if rank < limit}
        other = {row for row, rank in second.rows.items() if rank < limit}
        return cls(first, second, len(one), len(other), len(one & other))

    @property
    def tells(self) -> bool:
        """Whether rows are distinct enough for a share to say something."""
        return min(self.first.once, self.second.once) >= LEAST_ONCE

    @property
    def differing(self) -> int:
        """Rows that only the larger one has."""
        return max(self.in_first, self.in_second) - self.in_both

    @property
    def expected(self) -> float:
        """Rows that two samples of one population would differ in."""
        spread = (self.first.spread + self.second.spread) / 2
        return max(self.in_first, self.in_second) * spread


def overlap(first: RowSketch, second: RowSketch) -> Overlap:
    """Estimate the share of each table's rows that the other one has, beyond chance."""
    others = {group.columns: group for group in second.groups}
    pairs = [
        _Pair.of(group, others[group.columns]) for group in first.groups if group.columns in others
    ]
    telling = [pair for pair in pairs if pair.tells]
    if not telling:
        return _of_repeating(first, second, pairs)
    return Overlap(
        _share([(p.in_both, p.in_first, 1 - p.second.once) for p in telling]),
        _share([(p.in_both, p.in_second, 1 - p.first.once) for p in telling]),
    )


def _share(groups: list[tuple[int, int, float]]) -> float:
    """Return the share that is found beyond chance; of each group: found, looked for, chance."""
    large = [group for group in groups if group[1] >= _LEAST_ROWS]
    if not large:
        # A small part of a large table: too few rows in each group, and enough in all.
        found, sought = sum(f for f, _, _ in groups), sum(s for _, s, _ in groups)
        if sought < _LEAST_ROWS:
            return 0.0
        chance = float(np.average([c for *_, c in groups], weights=[s for _, s, _ in groups]))
        large = [(found, sought, chance)]
    shares = [max(0.0, (found / sought - chance) / (1 - chance)) for found, sought, chance in large]
    # The upper quartile: groups with a column that was changed find nothing, and one of a few
    # columns may find much by accident.
    return float(np.quantile(shares, 0.75))


def _of_repeating(first: RowSketch, second: RowSketch, pairs: list[_Pair]) -> Overlap:
    """Compare tables whose rows repeat: only a copy that is nearly whole can be told.

    A copy differs in far fewer rows than two samples of one population would, on most groups.
    """
    rows = min(first.rows, second.rows)
    large = [pair for pair in pairs if pair.expected >= 4]
    close_pairs = [pair for pair in large if pair.differing <= pair.expected / 4]
    # A column of two values is so by chance once in six; twelve further values hardly ever are.
    further = [(pair.first.width, _cells(pair, rows) - 1) for pair in close_pairs]
    by_column = sum(values for width, values in further if width == 1)
    together = max((values for _, values in further), default=0.0)
    if len(close_pairs) < 0.75 * len(large) or max(by_column, together) < _LEAST_VALUES:
        return Overlap(0.0, 0.0)
    return Overlap(
        float(np.mean([pair.in_both / pair.in_first for pair in close_pairs])),
        float(np.mean([pair.in_both / pair.in_second for pair in close_pairs])),
    )


def _cells(pair: _Pair, rows: int) -> float:
    """How many values of equal frequency would make a table of that size differ as expected."""
    return float(np.pi * rows * min(pair.first.spread, pair.second.spread) ** 2)
