"""What is asked of an anonymisation, and what comes back before the table is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from core.anonymity.equivalence_classes import Coded
from core.anonymity.hierarchies import GeneralisationLevels, Hierarchy
from core.arrays import Flags, Floats, Ints
from core.errors import InputError
from core.registry import Registry


@dataclass(frozen=True)
class Anonymisation:
    """How to anonymise.

    Attributes
    ----------
    method : str
        Registered name.
    quasi : tuple of str
        Columns that are transformed until rows can't be told apart by them.
    sensitive : str or None
        Column that ``l`` and ``t`` speak of; it is left as it is.
    k : int
        Rows that each class must have at least, 1 or more.
    l : int or None
        Distinct sensitive values that each class must have at least.
    t : float or None
        Largest distance of a class's sensitive values from the whole table's, in (0, 1].
    suppression : float
        Largest share of rows that may be left out, in [0, 1); only where the method leaves out.
    hierarchies : tuple of Hierarchy
        For columns whose hierarchy is not the inferred one.
    left_out : tuple of str
        Columns that the release doesn't have.
    pseudonyms : tuple of str
        Columns whose values become keyed hashes.
    """

    method: str
    quasi: tuple[str, ...]
    sensitive: str | None = None
    k: int = 5
    l: int | None = None  # noqa: E741 - the field's own name
    t: float | None = None
    suppression: float = 0.02
    hierarchies: tuple[Hierarchy, ...] = ()
    left_out: tuple[str, ...] = ()
    pseudonyms: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Recoded:
    """A quasi-identifier after a method: a code for each row, and what each code stands for.

    Attributes
    ----------
    name : str
    codes : ndarray of int64, shape (n,)
    labels : tuple of str
        By code.
    loss : ndarray of float64, shape (codes,)
        In [0, 1].
    middle : ndarray of float64, shape (codes,), or None
        For a column of numbers, what a learner may use in place of the label; NaN if nothing.
    numbers : bool
        Whether the release holds ``middle`` as numbers and not the labels.
    """

    name: str
    codes: Ints
    labels: tuple[str, ...]
    loss: Floats
    middle: Floats | None = None
    numbers: bool = False


@dataclass(frozen=True, eq=False)
class Found:
    """What a method made.

    Attributes
    ----------
    columns : tuple of Recoded
        In the order of the quasi-identifiers.
    kept : ndarray of bool, shape (n,)
        Rows that are not left out.
    how : tuple of (str, str)
        For each quasi-identifier, what was done to it, in words.
    note : str
        What the search did, in words.
    """

    columns: tuple[Recoded, ...]
    kept: Flags
    how: tuple[tuple[str, str], ...]
    note: str = ""


@dataclass(frozen=True, eq=False)
class AnonymisationTask:
    """What a method works on: coded columns, their ladders, the sensitive column, the spec."""

    columns: tuple[Coded, ...]
    ladders: tuple[GeneralisationLevels, ...]
    sensitive: Coded | None
    spec: Anonymisation

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0].codes)


Method = Callable[[AnonymisationTask], Iterator[tuple[float, Found | None]]]


@dataclass(frozen=True)
class Anonymiser:
    """A registered method.

    Attributes
    ----------
    name, title, sentence : str
        For the command line, for a person, and what it is in plain words.
    run : callable
        From a task to shares done in [0, 1] with None, and at the end the result.
    uses_k, uses_diversity, leaves_out, uses_hierarchies : bool
        Which options bear on it: k; l and t; the suppression limit; hierarchies.
    """

    name: str
    title: str
    sentence: str
    run: Method = field(compare=False)
    uses_k: bool = True
    uses_diversity: bool = True
    leaves_out: bool = False
    uses_hierarchies: bool = False


ANONYMISERS: Registry[Anonymiser] = Registry("anonymisation method")
"""All methods, the identity first; filled by :mod:`core.anonymity.methods`."""


def check_spec(spec: Anonymisation, rows: int, sensitive: Coded | None) -> Anonymiser:
    """Check what is asked before anything runs; return the method.

    Raises
    ------
    InputError
        Naming the option that doesn't fit.
    """
    method = ANONYMISERS[spec.method]
    if method.uses_k and not 1 <= spec.k <= rows:
        raise InputError(f"k must be from 1 to the number of rows, {rows:,}", where=f"k = {spec.k}")
    if not 0 <= spec.suppression < 1:
        raise InputError(
            "the share of rows that may be left out must be from 0 to below 1",
            where=f"suppression = {spec.suppression:g}",
        )
    if spec.l is None and spec.t is None:
        return method
    if not method.uses_diversity:
        raise InputError(
            "this method keeps k only",
            where=f"method {spec.method!r}",
            remedy="Leave l and t out, or choose Mondrian or the lattice search",
        )
    if sensitive is None:
        raise InputError(
            "l and t speak of a sensitive column, and none is chosen",
            where="sensitive value",
            remedy="Choose one, or leave l and t out",
        )
    if spec.l is not None and not 1 <= spec.l <= len(sensitive.labels):
        raise InputError(
            f"the column has {len(sensitive.labels)} distinct values, so l must be from 1 to that",
            where=f"l = {spec.l}",
        )
    if spec.t is not None and not 0 < spec.t <= 1:
        raise InputError("t must be above 0 and at most 1", where=f"t = {spec.t:g}")
    if spec.t is not None and sensitive.numbers is not None and np.isnan(sensitive.numbers).any():
        raise InputError(
            "t is not defined where numbers are missing",
            where=f"column {sensitive.name!r}",
            remedy="Leave t out, or fill or leave out those rows first",
        )
    return method
