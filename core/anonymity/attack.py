"""Why k-anonymity is not differential privacy, shown on the release at hand.

Homogeneity: a class of k people who all have the same sensitive value tells it of each of them
(Machanavajjhala et al. 2007). Background knowledge: with two values in a class, whoever can rule
one out knows the other. Composition: two k-anonymous releases of the same people, put side by
side, leave fewer candidates than each alone (Ganta, Kasiviswanathan and Smith 2008, "Composition
attacks and auxiliary information in data privacy", KDD). Differential privacy bounds what any
number of releases tell together, and whatever someone knows besides; k-anonymity bounds neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.anonymity.diversity import diversity
from core.anonymity.equivalence_classes import classes_of, code
from core.anonymity.mondrian import mondrian
from core.anonymity.release import Released, anonymise
from core.arrays import Floats, Ints

NEARLY = 0.95
"""Share of a class with one sensitive value from which a guess is nearly sure."""
CHUNK = 2_000_000
"""Candidate rows that are held at once."""


@dataclass(frozen=True)
class Disclosure:
    """What one release tells of its people's sensitive value to who knows their quasi-identifiers.

    Attributes
    ----------
    people : int
        In the release.
    certain : int
        Whose class has one sensitive value only.
    nearly : int
        Whose class has a value with a share of 95 % or more; the certain are among them.
    one_step : int or None
        Whose class has exactly two values: ruling out one tells the other. None where the whole
        table has no more than two, since it is true of everyone then.
    largest_class : int
        People in the largest class with one sensitive value, 0 if there is none.
    """

    people: int
    certain: int
    nearly: int
    one_step: int | None
    largest_class: int


@dataclass(frozen=True)
class Composition:
    """What two releases tell together.

    Attributes
    ----------
    people : int
        In both releases.
    alone : int
        With exactly one row that fits both releases: re-identified.
    fewer : int
        With fewer than k rows that fit, those alone among them.
    median : float
        Rows that fit, for the median person.
    learned : int
        People whose fitting rows all have one sensitive value.
    newly_learned : int
        Of those, the people of whom neither release alone told it.
    """

    people: int
    alone: int
    fewer: int
    median: float
    learned: int
    newly_learned: int


def disclosure(frame: pd.DataFrame, released: Released, sensitive: str) -> Disclosure:
    """Count whose sensitive value a release gives away.

    Parameters
    ----------
    frame : DataFrame
        The table that was released.
    released : Released
    sensitive : str
        A column that the release has.
    """
    classes = released.classes[released.rows]
    values = code(frame.iloc[released.rows], sensitive)
    varied = diversity(classes, values.codes)
    size = varied.size

    def people(which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
        return int(size[which].sum())

    return Disclosure(
        len(classes),
        people(varied.distinct == 1),
        people(varied.top >= NEARLY),
        people(varied.distinct == 2) if len(values.labels) > 2 else None,
        int(size[varied.distinct == 1].max(initial=0)),
    )


def second_release(
    frame: pd.DataFrame, released: Released
) -> Iterator[tuple[float, Released | None]]:
    """Release the same rows once more, as anonymous as before, with other ranges.

    By Mondrian, which tries the columns in the opposite order; it leaves out no row.
    """
    spec = replace(released.spec, method="mondrian", pseudonyms=(), suppression=0.0)
    yield from anonymise(frame, spec, method=lambda task: mondrian(task, narrowest_first=True))


def composition(
    frame: pd.DataFrame, first: Released, second: Released, sensitive: str
) -> Composition:
    """Attack two releases of the same rows.

    The attacker knows a person's quasi-identifiers, and so their class in each release. A row of
    the one class fits if the other has a row that is alike in all columns which both releases
    leave as they are; those are what links the two.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
        The table that was released.
    first, second : Released
    sensitive : str
    """
    k = first.spec.k
    touched = {*first.spec.quasi, *first.spec.pseudonyms, *first.spec.left_out}
    untouched = [str(name) for name in frame.columns if str(name) not in touched]
    shared_classes = classes_of([code(frame, name).codes for name in untouched], len(frame))
    value = code(frame, sensitive).codes
    both = np.flatnonzero((first.classes >= 0) & (second.classes >= 0))
    a, b = first.classes, second.classes
    sizes = [np.bincount(c[c >= 0]).astype(np.float64) for c in (a, b)]
    # Candidates are listed from the release with the smaller classes: both lists are the
    # attacker's, and where rows are unique in the untouched columns they are the same.
    if (sizes[0][a[both]]).sum() > (sizes[1][b[both]]).sum():
        a, b = b, a
    pair, of_person = np.unique(a[both] * (int(b.max()) + 1) + b[both], return_inverse=True)
    left, right = pair // (int(b.max()) + 1), pair % (int(b.max()) + 1)
    found, single = _candidates(a, b, shared_classes, value, left, right)
    count, one_value = found[of_person], single[of_person]
    revealed = np.zeros(len(both), dtype=np.bool_)
    for classes in (a, b):
        revealed |= _homogeneous(classes, value)[classes[both]]
    return Composition(
        len(both),
        int((count == 1).sum()),
        int((count < k).sum()),
        float(np.median(count)),
        int(one_value.sum()),
        int((one_value & ~revealed).sum()),
    )


def _homogeneous(classes: Ints, value: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    kept = classes >= 0
    out: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        diversity(classes[kept], value[kept]).distinct == 1
    )
    return out


def _candidates(
    a: Ints, b: Ints, shared_classes: Ints, value: Ints, left: Ints, right: Ints
) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """For pairs of classes: rows of the left one that fit the right one, and whether of one value.

    Left and right have shape (pairs,); so have the results.
    """
    rows = np.argsort(a, kind="stable")
    starts = np.searchsorted(a[rows], np.arange(int(a.max()) + 2))
    width = int(shared_classes.max()) + 1
    present = np.unique(b[b >= 0] * width + shared_classes[b >= 0])
    size = starts[left + 1] - starts[left]
    count = np.zeros(len(left))
    low = np.full(len(left), np.iinfo(np.int64).max)
    high = np.full(len(left), -1)
    ends = np.cumsum(size)
    first = 0
    while first < len(left):
        before = ends[first - 1] if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + CHUNK, side="right")))
        part = np.arange(first, last)
        of = np.repeat(part, size[part])
        inside = np.arange(len(of)) - np.repeat(ends[part] - size[part] - before, size[part])
        row = rows[starts[left[of]] + inside]
        key = right[of] * width + shared_classes[row]
        at = np.minimum(np.searchsorted(present, key), len(present) - 1)
        fits = present[at] == key
        np.add.at(count, of[fits], 1)
        np.minimum.at(low, of[fits], value[row[fits]])
        np.maximum.at(high, of[fits], value[row[fits]])
        first = last
    return count, low == high
