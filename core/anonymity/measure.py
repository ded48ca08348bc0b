"""How anonymous a table is: k, l, t, uniqueness, and the risk of being found again.

Agreement with pyCANON is recorded in tests/core/privacy/peers; where its definitions differ from
the papers', the test says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.anonymity.diversity import distances, diversity
from core.anonymity.equivalence_classes import Coded, check_quasi, classes_of, code
from core.arrays import Ints
from core.errors import InputError


@dataclass(frozen=True)
class Journalist:
    """Risk from someone who doesn't know whether the person is in the table.

    El Emam and Dankar 2008, "Protecting privacy using k-anonymity", JAMIA 15: one over the size
    of the class in the population.

    Attributes
    ----------
    highest, mean : float
        Over the table's rows, in (0, 1].
    basis : str
        Where class sizes in the population come from, in words.
    """

    highest: float
    mean: float
    basis: str


@dataclass(frozen=True)
class Anonymity:
    """Figures of a table for some quasi-identifiers.

    Attributes
    ----------
    quasi : tuple of str
    sensitive : str or None
    rows, classes : int
        An equivalence class is all rows that share the values of all quasi-identifiers.
    k : int
        Size of the smallest class: the table is k-anonymous (Samarati and Sweeney 1998).
    unique : int
        Rows alone in their class.
    prosecutor_highest, prosecutor_mean : float
        Chance of picking the right row of a person known to be in the table, for the worst class
        (1 / k) and averaged over rows (classes / rows); El Emam and Dankar 2008.
    journalist : Journalist or None
        None where nothing is known of the population.
    distinct_l : int or None
        Fewest distinct sensitive values in a class; None without a sensitive column.
    entropy_l : float or None
        Smallest exp(entropy) of a class, not rounded down.
    t : float or None
        Largest distance of a class's distribution from the whole table's, in [0, 1].
    t_distance : str
        How the distance is measured, or why t is not defined, in words.
    """

    quasi: tuple[str, ...]
    sensitive: str | None
    rows: int
    classes: int
    k: int
    unique: int
    prosecutor_highest: float
    prosecutor_mean: float
    journalist: Journalist | None = None
    distinct_l: int | None = None
    entropy_l: float | None = None
    t: float | None = None
    t_distance: str = "no sensitive column is chosen"


EQUAL = "categories, all equally far apart"
ORDERED = "numbers, as far apart as their ranks"


def measure(
    frame: pd.DataFrame,
    quasi: Sequence[str],
    sensitive: str | None = None,
    *,
    population: pd.DataFrame | None = None,
    sampling_fraction: float | None = None,
) -> Anonymity:
    """Measure how anonymous a table is.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
        Missing values are a value of their own: whoever knows that nothing is known of a person
        can look for that too.
    quasi : sequence of str
        Columns that someone else may know of a person.
    sensitive : str, optional
        The column that nobody should learn.
    population : DataFrame, optional
        A table of the whole population with the same quasi-identifiers, for the journalist risk.
    sampling_fraction : float, optional
        In (0, 1]: the share of the population that is in the table, where there is no population
        table; a class of f rows is then taken to be f / fraction people.

    Raises
    ------
    InputError
        If the columns don't fit, the fraction isn't in (0, 1], or the population lacks people
        that the table has.
    """
    check_quasi(frame, quasi, sensitive)
    columns = [code(frame, name) for name in quasi]
    classes = classes_of([column.codes for column in columns], len(frame))
    size = np.bincount(classes)
    found = Anonymity(
        quasi=tuple(quasi),
        sensitive=sensitive,
        rows=len(frame),
        classes=len(size),
        k=int(size.min()),
        unique=int((size == 1).sum()),
        prosecutor_highest=float(1 / size.min()),
        prosecutor_mean=len(size) / len(frame),
        journalist=_journalist(columns, classes, population, sampling_fraction),
    )
    if sensitive is None:
        return found
    return _with_diversity(found, classes, code(frame, sensitive))


def _with_diversity(found: Anonymity, classes: Ints, sensitive: Coded) -> Anonymity:
    varied = diversity(classes, sensitive.codes)
    ordered = is_ordered(sensitive)
    if sensitive.numbers is not None and np.isnan(sensitive.numbers).any():
        t, how = None, "its numbers have no order where some are missing"
    else:
        t = float(distances(classes, sensitive.codes, ordered=ordered).max())
        how = ORDERED if ordered else EQUAL
    return Anonymity(
        **{
            **found.__dict__,
            "distinct_l": int(varied.distinct.min()),
            "entropy_l": float(varied.entropy.min()),
            "t": t,
            "t_distance": how,
        }
    )


def is_ordered(sensitive: Coded) -> bool:
    """Whether t-closeness takes the ordered distance: for numbers."""
    return sensitive.numbers is not None


def _journalist(
    columns: Sequence[Coded],
    classes: Ints,
    population: pd.DataFrame | None,
    fraction: float | None,
) -> Journalist | None:
    size = np.bincount(classes)
    if population is not None:
        behind = _population_sizes(columns, classes, population)
        basis = f"a population table of {len(population):,} rows"
    elif fraction is not None:
        if not 0 < fraction <= 1:
            raise InputError(
                "the share of the population that is in the table must be above 0 and at most 1",
                where=f"sampling fraction = {fraction:g}",
            )
        behind = size / fraction
        basis = f"an estimate: the table is taken to hold {fraction:.3g} of the population evenly"
    else:
        return None
    risk = 1 / behind
    return Journalist(float(risk.max()), float((risk * size).sum() / size.sum()), basis)


def _population_sizes(
    columns: Sequence[Coded], classes: Ints, population: pd.DataFrame
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    theirs = [code(population, column.name) for column in columns]
    joined = []
    for ours, their in zip(columns, theirs, strict=True):
        lookup = {label: position for position, label in enumerate(ours.labels)}
        mapped = np.array([lookup.get(label, -1) for label in their.labels], dtype=np.int64)
        joined.append(np.concatenate([ours.codes, mapped[their.codes]]))
    known = np.all([codes >= 0 for codes in joined], axis=0)
    together = classes_of([codes[known] for codes in joined], int(known.sum()))
    rows = len(classes)
    counts = np.bincount(together[rows:], minlength=int(together.max()) + 1)
    first = np.unique(classes, return_index=True)[1]
    found = counts[together[:rows][first]].astype(np.float64)
    fewer = int((found < np.bincount(classes)).sum())
    if fewer:
        raise InputError(
            f"it has fewer people than the table in {fewer} classes, so it isn't the population "
            "that the table was drawn from",
            where="the population table",
            remedy="Give the table of everyone, with values written alike",
        )
    return found
