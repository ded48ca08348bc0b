"""Which rows a column says trained a model that was made elsewhere: they judge nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.arrays import Flags
from core.data.labels import canonical_series
from core.errors import InputError


def rows_marked(said: pd.Series, value: str) -> Flags:
    """Whether each row is marked as one that trained the model, shape (n,).

    Parameters
    ----------
    said : Series, shape (n,)
        The column that marks them, by whose name it goes.
    value : str
        Of rows that trained the model, in canonical text.

    Raises
    ------
    InputError
        If no row has the value, or every row has it.
    """
    found: Flags = np.asarray((canonical_series(said) == value).to_numpy(), dtype=np.bool_)
    if not found.any() or found.all():
        raise InputError(
            f"{'all rows hold' if found.all() else 'no row holds'} the value {value!r}, which "
            "marks rows that trained the model",
            where=f"column {said.name!r}",
            remedy="Name the value of training rows, and bring rows that are none",
        )
    return found
