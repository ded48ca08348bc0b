"""The rows whose decisions are audited, with all columns of the table that may describe them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from components.app import session
from components.widgets.role_draft import format_edges, numbers
from core.data.ranges import by_range
from core.data.roles.groups import FEW, bin_names, default_edges, group
from core.data.table import MISSING, Kind
from core.fairness.metrics.metric_registry import METRICS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.data.dataset import Dataset
    from core.data.table import Table
    from core.training.trained import Trained

MOST_CATEGORIES = 100


@dataclass(frozen=True, eq=False)
class Judged:
    """Rows that are judged, and the columns that may describe them.

    Attributes
    ----------
    target, decisions : ndarray of bool, shape (n,)
    sensitive, columns : DataFrame
    weights : ndarray or None
    persons : ndarray of int or None
        Number of each row's person, where persons have several.
    """

    target: npt.NDArray[np.bool_] | None
    decisions: npt.NDArray[np.bool_]
    sensitive: pd.DataFrame
    columns: pd.DataFrame
    weights: npt.NDArray[np.float64] | None
    persons: npt.NDArray[np.int64] | None = None


def judged(dataset: Dataset, trained: Trained | None, columns: pd.DataFrame) -> Judged:
    """Take the test rows of a trained model, or all rows of existing predictions.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained or None
    columns : DataFrame
        That may describe the rows of the data set.
    """
    if trained is None:
        assert dataset.predictions is not None
        rows: slice | npt.NDArray[np.intp] = slice(None)
        target, decisions, persons = dataset.outcome, dataset.predictions, dataset.persons
    else:
        rows = trained.split.test
        target, decisions = dataset.target[rows], trained.decisions
        persons = dataset.persons_at(trained.split.test)
    return Judged(
        target,
        decisions,
        dataset.sensitive.iloc[rows].reset_index(drop=True),
        columns.iloc[rows].reset_index(drop=True),
        None if dataset.weights is None else dataset.weights[rows],
        persons,
    )


def table_columns(table: Table, dataset: Dataset) -> pd.DataFrame:
    """Columns of the table that are neither outcome nor decision and make groups or are numbers."""
    roles = dataset.roles
    taken = {roles.target, roles.prediction, roles.score, roles.weight, *roles.identifiers}
    names = [
        column.name
        for column in table.columns
        if column.name not in taken
        and column.distinct > 1
        and (column.kind is Kind.NUMBER or column.distinct <= MOST_CATEGORIES)
    ]
    return table.frame[names].iloc[dataset.rows]


def assigned_columns(dataset: Dataset) -> pd.DataFrame:
    """Sensitive columns first, then the features that are not among them."""
    others = [name for name in dataset.features.columns if name not in dataset.sensitive.columns]
    parts = (dataset.sensitive, dataset.features[others])
    return pd.concat([part.reset_index(drop=True) for part in parts], axis=1)


def rates(target: npt.NDArray[np.bool_] | None) -> tuple[str, ...]:
    """Name the metrics that are shares of rows and defined: without outcomes few are."""
    return tuple(
        metric.name
        for metric in METRICS
        if metric.kind == "rate" and (target is not None or not metric.needs_outcome)
    )


def binned(series: pd.Series[Any], key_prefix: str) -> pd.Series[Any]:
    """Name each row's value, or its bin in a numeric column, whose edges a person may change.

    Raises
    ------
    InputError
        If the edges that were typed are not numbers that ascend and leave no bin empty.
    """
    if series.dtype.kind not in "iuf" or series.nunique() <= FEW:
        named = group(series)
        order = by_range(sorted(str(level) for level in named.unique() if level != MISSING))
        return named if order is None else named.astype(_ordered([*order, MISSING]))
    typed = st.text_input(
        f"Bin edges of {session.literal(str(series.name))}",
        format_edges(default_edges(series)),
        **session.lasting(f"{key_prefix} edges {series.name}"),
        help="A new bin begins at each number: 1, 3 makes below 1, 1 to below 3, and 3 or more. "
        "It starts near the quartiles.",
    )
    edges = numbers(typed, str(series.name)) or default_edges(series)
    return group(series, edges).astype(_ordered([*bin_names(edges), MISSING]))


def _ordered(names: list[str]) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(names, ordered=True)
