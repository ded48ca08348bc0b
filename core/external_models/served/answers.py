"""What a server's answers hold: probabilities for each class, one score, or labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.arrays import Floats
from core.data.labels import canonical
from core.errors import InputError
from core.external_models.model_facts import Output


def read_answers(answers: Any, positive: str, where: str) -> tuple[Floats, Output]:
    """Read what a server answered for some rows.

    Parameters
    ----------
    answers : list
        One for each row: a list of probabilities, a number, or a label.
    positive : str
        In canonical text, of labels.
    where : str

    Returns
    -------
    scores : ndarray of float64, shape (n, classes) or (n,)
        Of labels 1 where it is the positive one.
    output : {"probability", "label"}

    Raises
    ------
    InputError
        If they are none of these.
    """
    if not isinstance(answers, list) or not answers:
        raise _no_scores(where)
    if all(isinstance(item, list) for item in answers):
        try:
            found = np.array(answers, dtype=np.float64)
        except (TypeError, ValueError):
            raise _no_scores(where) from None
        if found.ndim != 2 or found.shape[1] == 0:
            raise _no_scores(where)
        if found.shape[1] > 1 and (np.abs(found.sum(axis=1) - 1) > 1e-3).any():
            # Such as a label beside a score: which of them is what isn't known.
            raise InputError(
                f"it answers with {found.shape[1]} numbers for a row that do not add up to 1, so "
                "they are no probabilities of its classes",
                where=where,
                remedy="Serve the probabilities alone, one for each class",
            )
        return (found[:, 0] if found.shape[1] == 1 else found), "probability"
    if all(isinstance(item, float | int) and not isinstance(item, bool) for item in answers):
        if any(isinstance(item, float) for item in answers):
            return np.array(answers, dtype=np.float64), "probability"
        return np.array([canonical(item) == positive for item in answers], dtype=float), "label"
    if all(isinstance(item, str | bool | int) for item in answers):
        return np.array([canonical(item) == positive for item in answers], dtype=float), "label"
    raise _no_scores(where)


def _no_scores(where: str) -> InputError:
    return InputError(
        "its answers are neither probabilities, nor scores, nor labels",
        where=where,
        remedy="Serve a classifier with one answer for each row",
    )
