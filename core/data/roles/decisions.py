"""Existing decisions, scores and row weights of an audit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.arrays import Flags, Floats, Ints
from core.data.labels import canonical_series, check_predictions
from core.data.roles.roles import Roles
from core.errors import InputError


def decisions(
    frame: pd.DataFrame, roles: Roles, positive: str
) -> tuple[Flags | None, Floats | None]:
    """Existing decisions and scores, each None where there is no such column.

    Parameters
    ----------
    frame : DataFrame, shape (n, columns)
        Rows in which prediction and score are present.
    roles : Roles
        Checked.
    positive : str
        Canonical text of the positive label.

    Raises
    ------
    InputError
        If the predictions are not labels of the target.
    """
    scores = None if roles.score is None else frame[roles.score].to_numpy(dtype=np.float64)
    if roles.prediction is not None:
        predicted = canonical_series(frame[roles.prediction])
        if roles.target is not None:
            labels = tuple(sorted(canonical_series(frame[roles.target]).unique()))
            check_predictions(labels, tuple(sorted(predicted.unique())), column=roles.prediction)
        return np.asarray(predicted.to_numpy() == positive, dtype=np.bool_), scores
    if scores is not None and roles.threshold is not None:
        return np.asarray(scores >= roles.threshold, dtype=np.bool_), scores
    return None, scores


def weights(frame: pd.DataFrame, rows: Ints, roles: Roles) -> Floats | None:
    """Row weights, None without such a column.

    Parameters
    ----------
    frame : DataFrame, shape (n, columns)
    rows : ndarray of int64, shape (n,)
        Each row's number in the table, for messages.
    roles : Roles
        Checked.

    Raises
    ------
    InputError
        If a weight is missing or negative, or all are zero.
    """
    if roles.weight is None:
        return None
    values = frame[roles.weight].to_numpy(dtype=np.float64)
    where = f"column {roles.weight!r}"
    bad = np.flatnonzero(~(values >= 0))
    if len(bad):
        numbers = ", ".join(str(int(row) + 1) for row in rows[bad[:5]])
        more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
        raise InputError(
            f"a weight is missing or negative in row{'s' * (len(bad) > 1)} {numbers}{more} "
            "(counted from 1 below the header)",
            where=where,
            remedy="Give every row a weight of zero or more, or choose no weight",
        )
    with np.errstate(over="ignore"):
        total = values.sum()
    if not 0 < total < np.inf:
        raise InputError(
            "the weights add up to zero or to no finite number",
            where=where,
            remedy="Choose another column, or none",
        )
    return values
