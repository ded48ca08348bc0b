"""A fitted model that was brought: its predictions on given rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.labels import canonical
from core.errors import InputError
from core.external_models.object_answers import (
    answers,
    attribute,
    own_columns,
    takes_names,
)

NO_OUTCOMES = (
    "No target is named, so the model's decisions are audited without true outcomes. Performance, "
    "errors, explanations, recourse and mitigations need them: name target=."
)
SEEN = (
    "Whether these rows trained the model isn't known. If they did, its errors are smaller here "
    "than on new people, and gaps in errors may be too."
)


@dataclass(frozen=True)
class Predicted:
    """What a model said of each row.

    Attributes
    ----------
    frame : DataFrame
        The rows with one more column.
    prediction : str
        The column of classes or amounts.
    """

    frame: pd.DataFrame
    prediction: str


def values_predicted(
    estimator: object, frame: pd.DataFrame, features: Sequence[str] | None, *, amounts: bool
) -> Predicted:
    """Ask a fitted model for the class or the amount of each row.

    Parameters
    ----------
    estimator : object
        With ``predict``.
    frame : DataFrame
    features : sequence of str, optional
        Columns that it takes, in order; the names it was fitted on by default.
    amounts : bool
        Whether it predicts numbers, not classes.

    Raises
    ------
    InputError
        If it predicts nothing, something else, or can't predict these rows.
    """
    model: Any = estimator
    where = type(estimator).__name__
    if attribute(model, "predict") is None:
        raise InputError(
            "it has no predict as a fitted model has",
            where=where,
            remedy="Fit it first, or add its predictions as a column and name it: prediction=",
        )
    values = _asked(model, "predict", _rows(model, frame, features, where), where)
    if values.ndim != 1 or (amounts and values.dtype.kind not in "iuf"):
        raise InputError(
            f"its predict gave an array of shape {values.shape} and type {values.dtype}",
            where=where,
            remedy=f"Give a model of one {'amount' if amounts else 'class'} for each row",
        )
    prediction = _free(f"{where} prediction", frame)
    parts = values.astype(np.float64) if amounts else [canonical(value) for value in values]
    return Predicted(frame.assign(**{prediction: parts}), prediction)


def _rows(model: Any, frame: pd.DataFrame, features: Sequence[str] | None, where: str) -> Any:
    taken = own_columns(model, frame) if features is None else features
    if taken is None:
        raise InputError(
            "it was fitted on an array, so which columns it takes isn't known",
            where=where,
            remedy="Name them in their order: features=[…]",
        )
    wanted = [str(name) for name in taken]
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise InputError(
            f"the rows lack {', '.join(map(repr, missing[:5]))}, which it takes",
            where=where,
            remedy="Give rows with the columns that it was fitted on",
        )
    return frame[wanted] if takes_names(model, frame) else frame[wanted].to_numpy()


def _asked(model: Any, method: str, rows: Any, where: str) -> Any:
    index = rows.index if isinstance(rows, pd.DataFrame) else pd.RangeIndex(len(rows))
    return answers(getattr(model, method), rows, index, where=where, what=method)


def _free(name: str, frame: pd.DataFrame) -> str:
    while name in frame.columns:
        name += "_"
    return name
