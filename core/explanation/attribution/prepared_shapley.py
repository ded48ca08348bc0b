"""Shapley values of one person after another: what hangs on the model alone is kept."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.errors import InputError
from core.explanation.attribution.contributions import Contributions
from core.explanation.attribution.external_trees import ReadTrees
from core.explanation.attribution.leaf_table import LeafTable
from core.explanation.attribution.shapley import (
    read_trees,
    shapley_values,
    tree_contributions,
)


class PreparedShapley:
    """What :func:`~core.explanation.attribution.shapley.shapley_values` returns, sooner.

    Of trees the table of leaves and the background's mean output are kept; other models have
    nothing that takes long and stays the same.

    Parameters
    ----------
    decider : Decider
    background : DataFrame, shape (m, p)
    """

    def __init__(self, decider: Any, background: pd.DataFrame):
        self._decider, self._background = decider, background
        self._read: ReadTrees | None = None
        try:
            self._read = read_trees(decider, background.columns)
            if self._read is not None:
                self._read.check(background, background)
        except InputError:
            # What keeps trees from being read is told with each person's values.
            self._read = None
        if self._read is not None:
            behind = self._read.encode(background)
            self._leaves = LeafTable(self._read.trees, behind)
            self._behind = behind
            self._base = float(self._read.output(behind).mean())

    def values(self, rows: pd.DataFrame) -> Contributions:
        """Shapley values of a few rows of raw features."""
        if self._read is None or not self._read.adds_up(rows, self._background, checked=True):
            return shapley_values(self._decider, rows, self._background)
        encoded = self._read.encode(rows)
        try:
            mixed = self._read.mixed_values(encoded, self._behind)
        except InputError:
            return shapley_values(self._decider, rows, self._background)
        return tree_contributions(
            self._read,
            rows,
            encoded,
            self._leaves.values(encoded) + mixed,
            self._base,
            len(self._background),
        )
