"""Microaggregation: groups of k alike rows, each value replaced by its group's mean or mode.

MDAV, Domingo-Ferrer and Mateo-Sanz 2002 (IEEE TKDE 14), in the generic form of Domingo-Ferrer and
Torra 2005 (Data Mining and Knowledge Discovery 11): from the row farthest from the mean, and the
row farthest from that one, a group of the k nearest rows each is taken away, until fewer than 2k
rows are left, which make the last group. Numbers are standardised; a category differs from another
by 1 and is replaced by its group's most frequent one.

Its time grows with the square of the rows, so a larger table is first halved along its most varied
coordinate into blocks, and each is grouped on its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.anonymity.equivalence_classes import Coded
from core.anonymity.mondrian import described
from core.anonymity.spec import AnonymisationTask, Found, Recoded
from core.arrays import Floats, Ints
from core.data.labels import canonical
from core.errors import InputError

BLOCK = 2_500
"""Rows that are grouped together; below that it is MDAV exactly."""


def microaggregation(task: AnonymisationTask) -> Iterator[tuple[float, Found | None]]:
    """Group rows and average each group.

    Raises
    ------
    InputError
        If a number is missing.
    """
    for coded in task.columns:
        if coded.numbers is not None and np.isnan(coded.numbers).any():
            raise InputError(
                "a number is missing, which has no mean",
                where=f"column {coded.name!r}",
                remedy="Use Mondrian, or leave the column out of the quasi-identifiers",
            )
    points = np.concatenate([_coordinates(coded) for coded in task.columns], axis=1)
    classes = np.zeros(task.rows, dtype=np.int64)
    k = max(task.spec.k, 1)
    number = done = 0
    for block in blocks(points, max(BLOCK, 2 * k)):
        for rows in mdav(points[block], k):
            classes[block[rows]] = number
            number += 1
        done += len(block)
        yield 0.9 * done / task.rows, None
    columns = tuple(_averaged(coded, classes, number) for coded in task.columns)
    how = tuple(
        (coded.name, "mean of its group" if coded.numbers is not None else "mode of its group")
        for coded in task.columns
    )
    kept = np.ones(task.rows, dtype=np.bool_)
    yield 1.0, Found(columns, kept, how, f"{number:,} groups, and no row left out.")


def blocks(points: Floats, most: int) -> list[Ints]:
    """Halve rows along the most varied coordinate until no block has more than ``most``."""
    stack, out = [np.arange(len(points))], []
    while stack:
        rows = stack.pop()
        if len(rows) <= most:
            out.append(rows)
            continue
        inside = points[rows]
        order = np.argsort(inside[:, int(inside.var(axis=0).argmax())], kind="stable")
        stack.extend((rows[order[: len(rows) // 2]], rows[order[len(rows) // 2 :]]))
    return out


def mdav(points: Floats, k: int) -> list[Ints]:
    """Group points of shape (n, d), n at least k, into groups of k to 2k - 1."""
    left = np.arange(len(points))
    here = np.asarray(points, dtype=np.float64)
    groups: list[Ints] = []

    def take(centre: Floats) -> None:
        nonlocal left, here
        distance = _squares(here, centre)
        # Ties go by position: whatever the library's partition does, the same rows are taken.
        limit = np.partition(distance, k - 1)[k - 1]
        near = np.flatnonzero(distance < limit)
        near = np.concatenate([near, np.flatnonzero(distance == limit)[: k - len(near)]])
        groups.append(left[near])
        stays = np.ones(len(left), dtype=np.bool_)
        stays[near] = False
        left, here = left[stays], here[stays]

    while len(left) >= 3 * k:
        far = here[int(_squares(here, here.mean(axis=0)).argmax())]
        opposite = here[int(_squares(here, far).argmax())]
        take(far)
        take(opposite)
    if len(left) >= 2 * k:
        take(here[int(_squares(here, here.mean(axis=0)).argmax())])
    groups.append(left)
    return groups


def _squares(points: Floats, centre: Floats) -> Floats:
    gap = points - centre
    out: Floats = np.einsum("ij,ij->i", gap, gap)
    return out


def _coordinates(coded: Coded) -> Floats:
    """Numbers and dates standardised; categories so that two different ones are at distance 1."""
    line = coded.numbers
    if line is None and coded.dates is not None and not np.isnat(coded.dates).any():
        line = coded.dates.astype("datetime64[D]").astype(np.float64)
    if line is not None:
        # By the largest first, so that squares neither overflow nor vanish.
        values = line[coded.codes] / (np.abs(line).max() or 1.0)
        spread = values.std()
        return ((values - values.mean()) / spread if spread > 0 else values * 0.0)[:, np.newaxis]
    out = np.zeros((len(coded.codes), len(coded.labels)))
    out[np.arange(len(coded.codes)), coded.codes] = np.sqrt(0.5)
    return out


def _averaged(coded: Coded, classes: Ints, number: int) -> Recoded:
    m = len(coded.labels)
    loss = np.zeros(number)
    labels = []
    rows = np.split(np.argsort(classes, kind="stable"), np.cumsum(np.bincount(classes))[:-1])
    middle = None
    if coded.numbers is not None:
        middle = np.bincount(classes, weights=coded.numbers[coded.codes]) / np.bincount(classes)
    for position, inside in enumerate(rows):
        codes = coded.codes[inside]
        loss[position] = described(coded, np.unique(codes), m)[1]
        if middle is not None:
            labels.append(canonical(float(middle[position])))
        else:
            labels.append(coded.labels[int(np.bincount(codes).argmax())])
    return Recoded(coded.name, classes, tuple(labels), loss, middle, numbers=middle is not None)
