"""The rows whose decisions are audited, with all columns of the table that may describe them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from components.app import session
from components.widgets.role_draft import numbers, written
from core.data.ranges import by_range
from core.data.roles.groups import FEW, bin_names, default_edges, group
from core.data.table import MISSING, Kind
from core.fairness.metrics.metrics import METRICS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.data.dataset import Dataset
    from core.data.table import Table
    from core.training.trained import Trained

MOST_CATEGORIES = 100


@dataclass(frozen=True, eq=False)
class Judged:
    """Rows that are judged; columns are those of the table that are neither outcome nor decision.

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


def judged(table: Table, dataset: Dataset, trained: Trained | None) -> Judged:
    """Take the test rows of a trained model, or all rows of existing predictions."""
    roles = dataset.roles
    taken = {roles.target, roles.prediction, roles.score, roles.weight, *roles.identifiers}
    names = [
        column.name
        for column in table.columns
        if column.name not in taken
        and column.distinct > 1
        and (column.kind is Kind.NUMBER or column.distinct <= MOST_CATEGORIES)
    ]
    if trained is None:
        assert dataset.predictions is not None
        decisions, target, weights = dataset.predictions, dataset.outcome, dataset.weights
        sensitive, rows = dataset.sensitive, dataset.rows
    else:
        test = trained.split.test
        decisions, target = trained.decisions, dataset.target[test]
        sensitive, rows = dataset.sensitive.iloc[test], dataset.rows[test]
        weights = None if dataset.weights is None else dataset.weights[test]
    columns = table.frame[names].iloc[rows].reset_index(drop=True)
    persons = dataset.persons if trained is None else dataset.persons_at(trained.split.test)
    return Judged(target, decisions, sensitive.reset_index(drop=True), columns, weights, persons)


def rates(target: npt.NDArray[np.bool_] | None) -> tuple[str, ...]:
    """Name the metrics that are shares of rows and defined: without outcomes few are."""
    return tuple(
        metric.name
        for metric in METRICS
        if metric.kind == "rate" and (target is not None or not metric.needs_outcome)
    )


def binned(series: pd.Series[Any], place: str) -> pd.Series[Any]:
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
        written(default_edges(series)),
        key=f"{place} edges {series.name}",
        persist_state="session",
        help="A new bin begins at each number: 1, 3 makes below 1, 1 to below 3, and 3 or more. "
        "It starts near the quartiles.",
    )
    edges = numbers(typed, str(series.name)) or default_edges(series)
    return group(series, edges).astype(_ordered([*bin_names(edges), MISSING]))


def _ordered(names: list[str]) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(names, ordered=True)
