"""What every model made elsewhere can do: a file, a server, an object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy.typing as npt

from core.arrays import Floats, Ints
from core.errors import InputError
from core.external_models.model_facts import ModelFacts


class Scorer(Protocol):
    """A model that scores rows."""

    @property
    def facts(self) -> ModelFacts:
        """What the model says of itself."""
        ...

    def score(self, columns: Mapping[str, npt.NDArray[Any]]) -> Floats:
        """Score rows.

        Parameters
        ----------
        columns : mapping of str to ndarray, shape (n,)
            By input: float64 with NaN, or object arrays of canonical text with None.

        Returns
        -------
        ndarray of float64, shape (n, classes) or (n,)
        """
        ...

    def close(self) -> None:
        """Let go of what it holds: a process, a connection."""
        ...


class NoScoreError(InputError):
    """A model gives no finite number for some rows.

    Parameters
    ----------
    rows : ndarray of int64
        Of the rows that were asked for, or of a table, counted from 0.
    where : str
    """

    def __init__(self, rows: Ints, where: str):
        self.rows = rows
        super().__init__(
            f"the model gives no score for {len(rows):,} rows, the first is row {rows[0] + 1}",
            where=where,
            remedy="Leave out rows with missing values, or fill them before the model",
        )
