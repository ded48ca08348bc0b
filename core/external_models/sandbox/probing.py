"""What a file doesn't say and an answer shows: are scores probabilities, may values be missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from core.arrays import Floats
from core.errors import InputError
from core.external_models.model_facts import ModelInput, Output
from core.external_models.sandbox.opened_model import Coded, Column

ROWS = 32
Predict = Callable[[Sequence[Column]], Floats]
"""From columns to scores."""


def probe_rows(inputs: Sequence[ModelInput]) -> list[Column]:
    """Make rows of numbers and categories up, the same ones each time."""
    rng = np.random.default_rng(0)
    rows: list[Column] = []
    for one in inputs:
        drawn = np.round(rng.normal(scale=10, size=ROWS))
        if one.category_values is not None or one.dtype == "string":
            values = one.category_values or ("nan",)
            codes = rng.integers(0, len(values), ROWS).astype(np.int32)
            rows.append(Coded(codes, values, one.missing_as))
        else:
            rows.append((drawn > 0).astype(float) if one.kind == "flag" else drawn)
    return rows


def kind_of_scores(scores: Floats, predict: Predict) -> tuple[Output, Predict]:
    """Tell probabilities from margins by what the model answered, and shape answers alike.

    Parameters
    ----------
    scores : ndarray, shape (n,) or (n, classes)
        Answers to the probing rows.
    predict : callable
        What gave them.

    Returns
    -------
    output : {"probability", "margin"}
    predict : callable
        For probabilities always (n, classes); for margins of two classes (n,), of the second.
    """
    inside = bool(np.all((scores >= -1e-6) & (scores <= 1 + 1e-6)))
    if scores.ndim == 1:
        return ("probability", lambda rows: _both(predict(rows))) if inside else ("margin", predict)
    if inside and bool(np.allclose(scores.sum(axis=1), 1, atol=1e-4)):
        return "probability", predict
    if scores.shape[1] == 2:
        return "margin", lambda rows: predict(rows)[:, 1]
    return "margin", predict


def _both(positive: Floats) -> Floats:
    return np.column_stack([1 - positive, positive])


def missing_by_input(
    inputs: tuple[ModelInput, ...], rows: Sequence[Column], predict: Predict
) -> tuple[ModelInput, ...]:
    """Ask the model for a row with each number missing: no answer means that it is refused."""
    return tuple(
        replace(one, missing="refused") if not _answers(one, place, rows, predict) else one
        for place, one in enumerate(inputs)
    )


def _answers(one: ModelInput, place: int, rows: Sequence[Column], predict: Predict) -> bool:
    if one.missing == "refused" or isinstance(rows[place], Coded):
        return True
    asked = [_first(column) for column in rows]
    asked[place] = np.array([np.nan])
    try:
        return bool(np.isfinite(predict(asked)).all())
    except InputError:
        return False


def _first(column: Column) -> Column:
    if isinstance(column, Coded):
        return replace(column, codes=column.codes[:1])
    return column[:1]
