"""Made-up answers for rows that a server was not asked for: those of a tree that imitates it.

They serve to count how many rows a search would ask for, which hangs on what it is answered, and
are shown to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.tree import DecisionTreeRegressor

from core.arrays import Floats

_MISSING = -1e30


class Imitation:
    """A tree that imitates a model.

    Parameters
    ----------
    columns : mapping of str to ndarray, shape (n,)
        Rows as the model is given them.
    answers : ndarray of float64, shape (n, classes) or (n,)
        Of the model.
    """

    def __init__(self, columns: Mapping[str, npt.NDArray[Any]], answers: Floats):
        self._codes = {
            name: {value: code for code, value in enumerate(sorted(set(values) - {None}))}
            for name, values in columns.items()
            if values.dtype.kind == "O"
        }
        self._tree = DecisionTreeRegressor(min_samples_leaf=5, random_state=0)
        self._tree.fit(self._encoded(columns), answers)

    def answer(self, columns: Mapping[str, npt.NDArray[Any]]) -> Floats:
        """Answer for rows, in the shape of the model's own answers."""
        return np.array(self._tree.predict(self._encoded(columns)), dtype=np.float64)

    def _encoded(self, columns: Mapping[str, npt.NDArray[Any]]) -> Floats:
        made = [
            np.array([self._codes[name].get(value, -1) for value in values], dtype=np.float64)
            if name in self._codes
            else np.nan_to_num(np.asarray(values, dtype=np.float64), nan=_MISSING)
            for name, values in columns.items()
        ]
        return np.column_stack(made).clip(-1e30, 1e30)
