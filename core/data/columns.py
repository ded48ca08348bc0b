"""A table with other values in one column, whatever that column is called."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.arrays import Array


def with_column(
    frame: pd.DataFrame, name: str, values: pd.Series[Any] | Array | str | float
) -> pd.DataFrame:
    """Return a frame with other values in one column; the frame itself stays as it is.

    ``frame.assign(**{name: values})`` would pass the name as a keyword, which fails for a column
    called "self".

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
    name : str
        Of the column, at whose place the new values stand; a new name comes last.
    values : Series or ndarray of shape (n,), or a scalar
        A series is aligned by its index.
    """
    out = frame.copy(deep=False)
    out[name] = values
    return out
