"""The best full-domain generalisation: one level for each column, the least loss that keeps k.

The lattice of levels is that of Samarati 2001 (IEEE TKDE 13) and LeFevre et al. 2005
("Incognito", SIGMOD); like El Emam et al. 2009 ("OLA", JAMIA 16) the search allows a share of rows
to be left out. It is exact: nodes are taken in the order of a lower bound on their loss (that of
their levels, before rows are left out, each of which costs everything), and it ends when the bound
reaches the best loss found. Two rules save work without changing the answer:

- what is too fine by two columns alone is too fine by all (Incognito's subset property),
- what is finer than a node that fails is too fine as well.

Both hold for k and for l, with rows left out: classes only merge on the way up, and a class that
is large and varied enough stays so. They don't hold for t, so with t only k and l prune.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from core.anonymity.diversity import distances, pairs
from core.anonymity.equivalence_classes import classes_of
from core.anonymity.hierarchies import GeneralisationLevels
from core.anonymity.measure import is_ordered
from core.anonymity.spec import AnonymisationTask, Found, Recoded
from core.arrays import Flags, Floats, Ints
from core.errors import InputError

MOST_NODES = 20_000
"""Nodes of a lattice that is searched."""
DIRECT = 2_000_000
"""Keys up to which classes are counted without sorting."""


@dataclass(frozen=True, eq=False)
class Items:
    """The table's distinct tuples of quasi-identifiers and sensitive value, with counts.

    Attributes
    ----------
    values : tuple of ndarray of int64, shape (items,)
        Code of each quasi-identifier.
    sensitive : ndarray of int64, shape (items,)
    weight : ndarray of float64, shape (items,)
        Rows.
    of_row : ndarray of int64, shape (n,)
        Item of each row.
    """

    values: tuple[Ints, ...]
    sensitive: Ints
    weight: Floats
    of_row: Ints


@dataclass(frozen=True)
class Node:
    """A node that keeps what was asked.

    Attributes
    ----------
    levels : tuple of int
        Of each column.
    loss : float
        Mean over cells in [0, 1], cells of rows that are left out counting 1.
    suppressed : int
        Rows left out.
    """

    levels: tuple[int, ...]
    loss: float
    suppressed: int


def items_of(task: AnonymisationTask) -> Items:
    """Count the table's distinct tuples."""
    sensitive = (
        np.zeros(task.rows, dtype=np.int64) if task.sensitive is None else task.sensitive.codes
    )
    columns = [column.codes for column in task.columns]
    of_row = classes_of([*columns, sensitive], task.rows)
    first = np.unique(of_row, return_index=True)[1]
    return Items(
        tuple(codes[first] for codes in columns),
        sensitive[first],
        np.bincount(of_row).astype(np.float64),
        of_row,
    )


def failing(task: AnonymisationTask, items: Items, keys: Ints) -> Flags:
    """Mark the items whose class must be left out, of classes given by any non-negative key."""
    spec = task.spec
    number = int(keys.max()) + 1
    if number > DIRECT:
        keys = np.unique(keys, return_inverse=True)[1].astype(np.int64)
        number = int(keys.max()) + 1
    size = np.bincount(keys, weights=items.weight, minlength=number)
    bad: Flags = size < spec.k
    if spec.l is not None:
        of, _, _ = pairs(keys, items.sensitive)
        bad |= np.bincount(of, minlength=number) < spec.l
    out: Flags = bad[keys]
    if spec.t is None:
        return out
    assert task.sensitive is not None
    while not out.all():
        # The distribution to be near to is that of the rows that are released, so it moves with
        # every class that is left out.
        left = np.flatnonzero(~out)
        classes = np.unique(keys[left], return_inverse=True)[1].astype(np.int64)
        values = np.unique(items.sensitive[left], return_inverse=True)[1].astype(np.int64)
        far = distances(
            classes, values, ordered=is_ordered(task.sensitive), weights=items.weight[left]
        )
        worse = far > spec.t + 1e-12
        if not worse.any():
            break
        out[left[worse[classes]]] = True
    return out


def node_keys(
    ladders: tuple[GeneralisationLevels, ...], items: Items, levels: tuple[int, ...]
) -> Ints:
    """Key of each item's class at a node."""
    key = np.zeros(len(items.weight), dtype=np.int64)
    width = 1
    for ladder, level, values in zip(ladders, levels, items.values, strict=True):
        number = len(ladder.labels[level])
        if width * number > 2**62:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            width = int(key.max()) + 1
        key = key * number + ladder.groups[level][values]
        width *= number
    return key


def evaluate(task: AnonymisationTask, items: Items, levels: tuple[int, ...]) -> Node | None:
    """Loss of a node; None if more rows than allowed would be left out."""
    bad = failing(task, items, node_keys(task.ladders, items, levels))
    suppressed = int(items.weight[bad].sum())
    if suppressed > task.spec.suppression * task.rows or bad.all():
        return None
    weight = items.weight[~bad]
    loss = sum(
        float((ladder.loss[level][values[~bad]] * weight).sum())
        for ladder, level, values in zip(task.ladders, levels, items.values, strict=True)
    )
    cells = task.rows * len(task.ladders)
    return Node(levels, (loss + suppressed * len(task.ladders)) / cells, suppressed)


def search(task: AnonymisationTask) -> Iterator[tuple[float, Node | None, int]]:
    """Search the lattice: share done, the best node so far, and the nodes that were counted.

    Raises
    ------
    InputError
        If the lattice has too many nodes, or no node keeps what was asked.
    """
    shape = tuple(ladder.height for ladder in task.ladders)
    nodes = int(np.prod(shape))
    if nodes > MOST_NODES:
        raise InputError(
            f"the hierarchies have {nodes:,} combinations of levels; at most {MOST_NODES:,} are "
            "searched",
            where="the lattice search",
            remedy="Use fewer columns or levels, or Mondrian",
        )
    items = items_of(task)
    low = [
        np.array([float((ladder.loss[level][values] * items.weight).sum()) for level in range(h)])
        / (task.rows * len(shape))
        for ladder, values, h in zip(task.ladders, items.values, shape, strict=True)
    ]
    bound = sum(np.ix_(*low), np.zeros(shape))
    too_fine = np.zeros(shape, dtype=np.bool_)
    counted = 0
    for share, axes, fails in _too_fine_by_two(task, items, shape):
        index = [np.newaxis] * len(shape)
        for axis in axes:
            index[axis] = slice(None)  # type: ignore[call-overload]
        too_fine |= fails[tuple(index)]
        yield 0.2 * share, None, counted
    best: Node | None = None
    order = np.argsort(bound, axis=None, kind="stable")
    for done, position in enumerate(order.tolist()):
        levels = tuple(int(i) for i in np.unravel_index(position, shape))
        if best is not None and bound[levels] >= best.loss - 1e-15:
            break
        if too_fine[levels]:
            continue
        counted += 1
        node = evaluate(task, items, levels)
        if node is None:
            if task.spec.t is None:
                too_fine[tuple(slice(0, level + 1) for level in levels)] = True
        elif best is None or node.loss < best.loss - 1e-15:
            best = node
        if counted % 8 == 0:
            yield 0.2 + 0.8 * done / nodes, best, counted
    if best is None:
        raise InputError(
            "no levels of these hierarchies keep what was asked",
            where=f"k = {task.spec.k}",
            remedy="Lower k or l, raise t, or allow more rows to be left out",
        )
    yield 1.0, best, counted


def _too_fine_by_two(
    task: AnonymisationTask, items: Items, shape: tuple[int, ...]
) -> Iterator[tuple[float, tuple[int, ...], Flags]]:
    """For each pair of columns, the levels at which they alone are too fine."""
    axes = list(itertools.combinations(range(len(shape)), 2)) if len(shape) > 2 else []
    # Without t, whose failing a coarser node may mend.
    plain = replace(task, spec=replace(task.spec, t=None))
    for done, (a, b) in enumerate(axes):
        two = (task.ladders[a], task.ladders[b])
        some = Items(
            (items.values[a], items.values[b]), items.sensitive, items.weight, items.of_row
        )
        fails = np.zeros((shape[a], shape[b]), dtype=np.bool_)
        for levels in itertools.product(range(shape[a] - 1, -1, -1), range(shape[b] - 1, -1, -1)):
            if fails[levels]:
                continue
            bad = failing(plain, some, node_keys(two, some, levels))
            if items.weight[bad].sum() > task.spec.suppression * task.rows:
                fails[: levels[0] + 1, : levels[1] + 1] = True
        yield (done + 1) / len(axes), (a, b), fails


def lattice(task: AnonymisationTask) -> Iterator[tuple[float, Found | None]]:
    """Run the search, and generalise by its best node."""
    best: Node | None = None
    total = 0
    for share, node, counted in search(task):
        best, total = node, counted
        if share < 1:
            yield share, None
    assert best is not None
    nodes = int(np.prod([ladder.height for ladder in task.ladders]))
    note = (
        f"Of {nodes:,} combinations of levels, this one loses least; {total:,} had to be "
        "counted, the others can't be better or can't keep what was asked."
    )
    yield 1.0, at_levels(task, best.levels, note)


def at_levels(task: AnonymisationTask, levels: tuple[int, ...], note: str = "") -> Found:
    """Generalise every column to a level, and leave out the classes that fail."""
    items = items_of(task)
    bad = failing(task, items, node_keys(task.ladders, items, levels))
    columns, how = [], []
    for ladder, level in zip(task.ladders, levels, strict=True):
        groups = ladder.groups[level]
        first = np.unique(groups, return_index=True)[1]
        columns.append(
            Recoded(
                ladder.coded.name,
                groups[ladder.coded.codes],
                ladder.labels[level],
                ladder.loss[level][first],
                None if ladder.middle is None else ladder.middle[level][first],
            )
        )
        words = "as it is" if level == 0 else f"level {level} of {ladder.height - 1}"
        if level and level == ladder.height - 1:
            words = "removed: every value is *"
        how.append((ladder.coded.name, words))
    return Found(tuple(columns), ~bad[items.of_row], tuple(how), note)
