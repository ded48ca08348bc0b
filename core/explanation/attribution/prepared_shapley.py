"""Shapley values of one person after another: what hangs on the model alone is kept."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.explanation.attribution.contributions import Contributions
from core.explanation.attribution.explained_model import explained_model
from core.explanation.attribution.leaf_table import LeafTable
from core.explanation.attribution.shapley import shapley_values, tree_contributions
from core.explanation.attribution.tree_ensembles import tree_sum


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
        self._model = explained_model(decider)
        self._trees = None if self._model is None else tree_sum(self._model.estimator)
        if self._model is not None and self._trees is not None:
            behind = self._model.encoder.transform(background)
            self._leaves = LeafTable(self._trees, behind)
            self._base = float(self._trees.output(behind).mean())

    def values(self, rows: pd.DataFrame) -> Contributions:
        """Shapley values of a few rows of raw features."""
        if self._model is None or self._trees is None:
            return shapley_values(self._decider, rows, self._background)
        encoded = self._model.encoder.transform(rows)
        return tree_contributions(
            self._trees,
            rows,
            encoded,
            self._leaves.values(encoded),
            self._base,
            len(self._background),
        )
