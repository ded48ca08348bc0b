"""A dataset: a table with roles assigned, recoded to what the algorithms need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Flags, Floats, Ints
from core.data.persons import persons_of
from core.data.roles.decision_labels import DecisionLabels, decision_labels, outcome_labels
from core.data.roles.roles import Roles
from core.data.table import Provenance, Repair
from core.errors import InputError

NO_OUTCOME = "no true outcome was given"
"""Why a figure that compares decisions with what came true is not defined."""


@dataclass(frozen=True)
class Dataset:
    """Rows ready for an audit. Arrays and frames are shared, so treat them as read-only.

    Attributes
    ----------
    provenance : Provenance
        Of the table it was made from.
    roles : Roles
    rows : ndarray of int64, shape (n,)
        Each row's number in the table as it was read, counted from 0.
    features : DataFrame, shape (n, p)
        Numbers and dates (as days since 1970-01-01) are float64 with NaN for missing; everything
        else is text (object dtype) in which "(missing)" is a category of its own.
    outcome : ndarray of bool, shape (n,), or None
        True where the label is the positive one; None where the table holds decisions or scores
        without true outcomes.
    sensitive : DataFrame of str, shape (n, s)
        Group names; binned where numeric; "(missing)" where there was no value.
    weights : ndarray of float64, shape (n,), or None
    predictions : ndarray of bool, shape (n,), or None
        Existing decisions, for an audit of predictions.
    scores : ndarray of float64, shape (n,), or None
        Existing scores.
    repairs : tuple of Repair
        What was dropped or recoded from the reading of the file to here.
    content : ndarray of uint64, shape (n,)
        Hash of each row's values in the table, the target aside.
    fingerprint : str
        SHA-256 over the data's SHA-256, the kinds and the roles: 64 hexadecimal digits.
    identifiers : DataFrame of str, shape (n, k), or None
        Who each row is about, by the columns that name a person; None in a cell without a value.
    grouped_by_rows : tuple of str
        Sensitive columns of numbers without given edges: whether they are cut, and where, all rows
        together decide.
    negative_labels : tuple of str
        The labels other than the positive one, of target and prediction, sorted; empty where
        decisions come from scores alone.
    markers : DataFrame, shape (n, k), or None
        Columns that say which rows trained a model made elsewhere, as features are held.
    dates : tuple of str
        Features that hold dates.
    """

    provenance: Provenance
    roles: Roles
    rows: Ints
    features: pd.DataFrame
    outcome: Flags | None
    sensitive: pd.DataFrame
    weights: Floats | None
    predictions: Flags | None
    scores: Floats | None
    repairs: tuple[Repair, ...]
    content: npt.NDArray[np.uint64]
    fingerprint: str
    identifiers: pd.DataFrame | None = None
    grouped_by_rows: tuple[str, ...] = ()
    negative_labels: tuple[str, ...] = ()
    markers: pd.DataFrame | None = None
    dates: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def target(self) -> Flags:
        """The true outcomes.

        Raises
        ------
        InputError
            If there are none: whatever needs them is not defined for this data.
        """
        if self.outcome is None:
            raise InputError(
                f"this needs the true outcome of each row, and {NO_OUTCOME}",
                remedy="Name the column that holds what came true, or look at what needs none: "
                "selection rates, their ratios and gaps",
            )
        return self.outcome

    @cached_property
    def decision_labels(self) -> DecisionLabels:
        """How the two decisions are called."""
        return decision_labels(self.roles, self.negative_labels)

    @cached_property
    def outcome_labels(self) -> DecisionLabels:
        """How the two true outcomes are called; the decisions where none are given."""
        return outcome_labels(self.roles, self.negative_labels)

    def check_groups_given(self, columns: Iterable[str]) -> None:
        """Refuse sensitive columns whose groups one row more may cut elsewhere.

        Raises
        ------
        InputError
            Naming the column: under whatever names its groups were declared, no guarantee to a row
            holds of counts of them.
        """
        for name in columns:
            if name in self.grouped_by_rows:
                raise InputError(
                    "its values are numbers, and whether and where they are cut into groups all "
                    "rows together decide, so that one row more may move others",
                    where=f"column {name!r}",
                    remedy="Give its bin edges, or choose category as its kind if each value is a "
                    "group",
                )

    @cached_property
    def persons(self) -> Ints | None:
        """Number of each row's person, shape (n,); None where no person has two rows."""
        return persons_of(self.identifiers)

    def persons_at(self, rows: Ints) -> Ints | None:
        """Return the number of the person of some rows; None as for ``persons``."""
        return None if self.persons is None else self.persons[rows]

    @property
    def numbers(self) -> tuple[str, ...]:
        """Names of the numeric features."""
        return tuple(str(c) for c in self.features if self.features[c].dtype.kind == "f")

    @property
    def categories(self) -> tuple[str, ...]:
        """Names of the categorical features."""
        return tuple(str(c) for c in self.features if self.features[c].dtype.kind != "f")
