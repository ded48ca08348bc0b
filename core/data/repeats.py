"""Rows that stand in a table more than once, and columns that may say whose rows repeat.

Definition
----------
*Copies* are rows that agree with an earlier one in every column, label included.

A column *looks like a person's identifier* if most of its values stand in several rows and all rows
of a value are of one group: people do not change their sex or race from row to row. In each
sensitive column that can tell, at least 95 % of the values with several rows are of one group
throughout, where values dealt out at random over the rows would be in less than 70 %. A sensitive
column in which chance does as well tells nothing, and without one that tells nothing is said.

A wrong answer would be caught by copies that are counted by hand, and by tables whose column of
places or of occupations repeats too, without naming anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.arrays import Flags, Ints
from core.data.content import cell_hashes, row_hashes
from core.data.dataset import Dataset
from core.data.table import Kind, Table

FEWEST_VALUES = 50
MOST_ROWS = 50
"""Rows that a value of a person's identifier has on average at most."""
AGREEING, BY_CHANCE = 0.95, 0.7
"""Shares of values that are of one group: at least the one, where chance is below the other."""


@dataclass(frozen=True)
class LikelyPerson:
    """A column that looks as if it named persons who have several rows each.

    Attributes
    ----------
    column : str
    values, rows : int
        How many values it has, in how many rows.
    agreeing : float
        Share of the values with several rows that are of one group throughout.
    group : str
        The sensitive column that tells.
    """

    column: str
    values: int
    rows: int
    agreeing: float
    group: str


def copies(table: Table) -> int:
    """Count the rows that agree with an earlier row in every column."""
    rows = row_hashes(table.frame, table.source_hashes)
    return len(rows) - len(np.unique(rows))


def twins(features: pd.DataFrame, train: Ints, test: Ints
) -> Flags:  # fmt: skip
    """Say of which test rows some training row agrees in every feature, shape (test rows,)."""
    rows = row_hashes(features)
    return np.isin(rows[test], rows[train])


def likely_persons(table: Table, dataset: Dataset) -> tuple[LikelyPerson, ...]:
    """Find columns without the role of an identifier that look as if they named persons."""
    roles = dataset.roles
    taken = {roles.target, roles.weight, roles.prediction, roles.score}
    taken |= {*roles.sensitive, *roles.identifiers}
    found = []
    for column in table.columns:
        whole = column.kind is Kind.NUMBER and _is_whole(table.frame[column.name])
        named = column.kind in (Kind.CATEGORY, Kind.TEXT) or whole
        rows = len(table.frame) - column.missing
        if column.name in taken or not named:
            continue
        if not column.distinct > FEWEST_VALUES or not column.distinct * MOST_ROWS >= rows:
            continue
        likely = _agreement(table.frame[column.name].iloc[dataset.rows], dataset.sensitive)
        if likely is not None:
            found.append(LikelyPerson(column.name, column.distinct, rows, *likely))
    return tuple(found)


def _is_whole(values: pd.Series) -> bool:
    there = values.dropna().to_numpy(dtype=np.float64)
    return bool((there == np.round(there)).all())


def _agreement(column: pd.Series, sensitive: pd.DataFrame) -> tuple[float, str] | None:
    """Return the smallest share of agreeing values over the sensitive columns that can tell."""
    named = column.notna().to_numpy()
    codes, values = pd.factorize(cell_hashes(column)[named])
    counts = np.bincount(codes, minlength=len(values))
    several = counts > 1
    if several.sum() < len(values) / 2:
        return None
    parts = []
    for name in sensitive.columns:
        groups, names = pd.factorize(sensitive[name].to_numpy(dtype=object)[named])
        shares = np.bincount(groups, minlength=len(names)) / len(groups)
        chance = float((shares ** counts[several][:, None]).sum(axis=1).mean())
        pairs = pd.DataFrame({"value": codes, "group": groups}).drop_duplicates()
        one = np.bincount(pairs["value"], minlength=len(values)) == 1
        if chance < BY_CHANCE:
            parts.append((float(one[several].mean()), str(name)))
    if not parts or min(parts)[0] < AGREEING:
        return None
    return min(parts)
