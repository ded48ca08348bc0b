"""Small cells: nothing hidden can be computed, by linear programming and by trying everything."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.anonymity.suppression import Suppressed, suppress
from core.errors import InputError
from tests.core.anonymity.disclosure import bounds, disclosed

MOST = 5
"""Largest count that is tried."""


def every_table(published):
    """All tables of counts up to MOST that agree with what is published, shape (tables, r, c).

    Brute force over the inner cells.
    """
    rows, columns = len(published) - 1, len(published[0]) - 1
    free = [(i, j) for i in range(rows) for j in range(columns) if published[i][j] is None]
    known = np.array([[expected or 0 for expected in row[:-1]] for row in published[:-1]])
    values = np.indices((MOST + 1,) * len(free)).reshape(len(free), (MOST + 1) ** len(free))
    inner = np.repeat(known[np.newaxis], max(values.shape[1], 1), axis=0)
    for position, column in zip(free, values, strict=True):
        inner[:, position[0], position[1]] = column
    full = np.zeros((len(inner), rows + 1, columns + 1), dtype=int)
    full[:, :-1, :-1] = inner
    full[:, -1, :-1], full[:, :-1, -1] = inner.sum(1), inner.sum(2)
    full[:, -1, -1] = inner.sum((1, 2))
    agrees = np.ones(len(full), dtype=bool)
    for i, row in enumerate(published):
        for j, expected in enumerate(row):
            if expected is not None:
                agrees &= full[:, i, j] == expected
    return full[agrees]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=6, max_size=6), st.integers(2, 3))
def test_no_hidden_cell_can_be_found_by_trying_all_tables(cells, threshold):
    counts = np.array(cells).reshape(2, 3)
    table = suppress(counts, threshold)
    possible = every_table(table.published)
    assert not disclosed(table)
    small = (table.counts > 0) & (table.counts < threshold)
    assert (table.hidden | ~small).all()
    assert table.primary == small.sum()
    ends = bounds(table)
    assert set(ends) == {(int(i), int(j)) for i, j in zip(*np.nonzero(table.hidden), strict=True)}
    complete = all(high <= MOST for _, high in ends.values())
    for (i, j), (low, high) in ends.items():
        seen = possible[:, i, j]
        assert low <= seen.min()
        assert seen.max() <= high
        if complete:
            # All tables there are were tried: the bounds are theirs, and no entry is told.
            assert (low, high) == (seen.min(), seen.max())
        assert low < high


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_large_enough_tables_keep_their_secrets(seed):
    rng = np.random.default_rng(seed)
    counts = rng.poisson(25, size=(5, 4)) * (rng.random((5, 4)) > 0.15)
    table = suppress(counts)
    assert not disclosed(table)
    assert table.primary == int(((table.counts > 0) & (table.counts < 10)).sum())


def test_totals_would_tell_without_secondary_suppression():
    counts = np.array([[3, 50, 61], [40, 30, 20], [70, 25, 45]])
    table = suppress(counts)
    assert (table.primary, table.secondary) == (1, 3)
    assert not disclosed(table)
    assert table.published[0][0] is None
    # Of all cycles through the 3, the one whose other counts are smallest.
    hidden = sorted(int(n) for n in table.counts[table.hidden])
    assert hidden == [3, 30, 40, 50]
    only = np.zeros_like(table.hidden)
    only[0, 0] = True
    assert disclosed(Suppressed(table.counts, only, 1, 0)) == ((0, 0),)


def test_totals_are_hidden_where_nothing_else_can_be():
    table = suppress(np.array([[3, 0], [0, 500]]))
    assert not disclosed(table)
    assert table.published == [[None, 0, None], [0, 500, 500], [None, 500, None]]


@pytest.mark.parametrize("counts", [[1, 2], [[-1]], [[0.5]], [[]]])
def test_what_is_no_table_of_counts_is_refused(counts):
    with pytest.raises(InputError, match="table of whole numbers"):
        suppress(counts)
    with pytest.raises(InputError, match="no count is below"):
        suppress([[1]], 1)
