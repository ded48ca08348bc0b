"""The registered methods, the identity first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.anonymity.lattice import at_levels, lattice
from core.anonymity.microaggregation import microaggregation
from core.anonymity.mondrian import mondrian
from core.anonymity.spec import ANONYMISERS, AnonymisationTask, Anonymiser, Found, Recoded
from core.errors import InputError

__all__ = ["ANONYMISERS"]


def _none(task: AnonymisationTask) -> Iterator[tuple[float, Found | None]]:
    columns = tuple(
        Recoded(coded.name, coded.codes, coded.labels, np.zeros(len(coded.labels)), coded.numbers)
        for coded in task.columns
    )
    how = tuple((coded.name, "as it is") for coded in task.columns)
    yield 1.0, Found(columns, np.ones(task.rows, dtype=np.bool_), how)


def _suppression(task: AnonymisationTask) -> Iterator[tuple[float, Found | None]]:
    found = at_levels(task, (0,) * len(task.ladders), "Values are as they were.")
    left_out = int((~found.kept).sum())
    if left_out > task.spec.suppression * task.rows:
        raise InputError(
            f"{left_out:,} of {task.rows:,} rows are in classes that must be left out, more than "
            f"the {task.spec.suppression:.3g} that may be",
            where="suppression",
            remedy="Allow more, lower k, or generalise values too",
        )
    yield 1.0, found


ANONYMISERS.add(
    Anonymiser(
        "none",
        "Nothing",
        "The table as it is: the baseline.",
        _none,
        uses_k=False,
        uses_diversity=False,
    )
)
ANONYMISERS.add(
    Anonymiser(
        "mondrian",
        "Mondrian",
        "Halves the rows along one column after another for as long as both halves have k rows; "
        "each value becomes the range or set of its class.",
        mondrian,
    )
)
ANONYMISERS.add(
    Anonymiser(
        "lattice",
        "Best generalisation",
        "Gives each column one level of its hierarchy, the same for all rows: of all "
        "combinations that keep what is asked, the one that loses least.",
        lattice,
        leaves_out=True,
        uses_hierarchies=True,
    )
)
ANONYMISERS.add(
    Anonymiser(
        "microaggregation",
        "Microaggregation",
        "Groups k alike rows and replaces numbers by their group's mean, categories by its most "
        "frequent one.",
        microaggregation,
        uses_diversity=False,
    )
)
ANONYMISERS.add(
    Anonymiser(
        "suppression",
        "Leaving rows out",
        "Leaves out the rows of every class that is too small, and changes nothing else.",
        _suppression,
        leaves_out=True,
    )
)
