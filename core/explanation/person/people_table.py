"""The test rows as a table to search and to pick one person from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.arrays import Ints
from core.data.dataset import Dataset
from core.training.trained import Trained


def people_table(dataset: Dataset, trained: Trained) -> pd.DataFrame:
    """List the test rows: row number, score, decision, identifiers, groups and features.

    Returns
    -------
    DataFrame
        In the order of the test rows. A column of which two parts speak stands once.
    """
    test, called = trained.split.test, dataset.decision_labels
    decided = np.where(trained.decisions, called.told(True), called.told(False))
    found = pd.DataFrame({"Row": dataset.rows[test], "Score": trained.scores, "Decision": decided})
    parts = [dataset.sensitive, dataset.features]
    if dataset.identifiers is not None:
        parts.insert(0, dataset.identifiers)
    for part in parts:
        for name in part:
            if name not in found:
                found[str(name)] = part[name].iloc[test].to_numpy()
    return found


def searched(table: pd.DataFrame, text: str) -> Ints:
    """Find the rows of which any cell holds a text, whatever its case.

    Parameters
    ----------
    table : DataFrame
    text : str
        Taken as it is, with no pattern; empty finds all.

    Returns
    -------
    ndarray of int64
        Ascending positions.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return np.arange(len(table), dtype=np.int64)
    hit = np.zeros(len(table), dtype=bool)
    for name in table:
        cells = table[name].map(lambda cell: wanted in _shown(cell).casefold())
        hit |= cells.to_numpy(dtype=bool)
    return np.flatnonzero(hit).astype(np.int64)


def _shown(cell: object) -> str:
    """Write a cell as the table shows it, whole numbers without a point."""
    if isinstance(cell, float):
        return f"{cell:g}" if cell.is_integer() else f"{cell:.4f}"
    return str(cell)
