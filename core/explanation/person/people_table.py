"""The test rows as a table to search and to pick one person from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.arrays import Array, Flags, Ints, Objects
from core.data.dataset import Dataset
from core.training.trained import Trained

CORRECT = "correct"
ERROR_KINDS = ("false positive", "false negative", CORRECT)
"""Of a decision beside the true outcome, by the positive label, whether or not it is welcome."""


def people_table(dataset: Dataset, trained: Trained) -> pd.DataFrame:
    """List the test rows: who it is, how they were decided and what came true, and their values.

    Returns
    -------
    DataFrame
        In the order of the test rows: row number, identifiers, groups, score, decision, true
        outcome and kind of error where outcomes are known, then features. A column of which two
        parts speak stands once; one that is called as ours are is told apart.
    """
    test, called = trained.split.test, dataset.decision_labels
    decided = np.where(trained.decisions, called.told(True), called.told(False))
    ours: dict[str, Array] = {"Score": trained.scores, "Decision": decided}
    if dataset.outcome is not None:
        outcomes = dataset.outcome_labels
        ours["Outcome"] = np.where(dataset.outcome[test], outcomes.told(True), outcomes.told(False))
        ours["Error"] = error_kinds(trained.decisions, dataset.outcome[test])
    found = pd.DataFrame({"Row": dataset.rows[test]})
    taken = {"Row", *ours}

    def add(part: pd.DataFrame | None) -> None:
        for name in [] if part is None else map(str, part):
            shown = f"{name} (column)" if name in taken else name
            if shown not in found:
                found[shown] = part[name].iloc[test].to_numpy()  # type: ignore[index]

    add(dataset.identifiers)
    add(dataset.sensitive)
    for name, values in ours.items():
        found[name] = values
    add(dataset.features)
    return found


def error_kinds(decisions: Flags, outcome: Flags) -> Objects:
    """Name what kind of error each decision is, of :data:`ERROR_KINDS`, shape (n,)."""
    wrong = np.where(decisions, "false positive", "false negative")
    return np.where(decisions == outcome, CORRECT, wrong).astype(object)


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
