"""What a server's answers hold: probabilities for each class, one score, labels, or amounts."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.arrays import Floats
from core.data.labels import canonical
from core.errors import InputError
from core.external_models.model_facts import Output

Wanted = str | tuple[str, ...] | None
"""What is asked for: the positive label; all labels, where each is a class; None of amounts."""


def read_answers(answers: Any, wanted: Wanted, where: str) -> tuple[Floats, Output]:
    """Read what a server answered for some rows.

    Parameters
    ----------
    answers : list
        One for each row: a list of probabilities, a number, or a label.
    wanted : str, tuple of str or None
        Labels in canonical text.
    where : str

    Returns
    -------
    scores : ndarray of float64, shape (n, classes) or (n,)
        Of labels 1 where it is the positive one, or in the column of the one it is.
    output : {"probability", "label", "number"}

    Raises
    ------
    InputError
        If they are none of these.
    """
    if not isinstance(answers, list) or not answers:
        raise _no_scores(where)
    if wanted is None:
        return _amounts(answers, where), "number"
    if isinstance(wanted, tuple):
        labels = _labels(answers, wanted, where)
        if labels is not None:
            return labels, "label"
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
        return np.array([canonical(item) == wanted for item in answers], dtype=float), "label"
    if all(isinstance(item, str | bool | int) for item in answers):
        return np.array([canonical(item) == wanted for item in answers], dtype=float), "label"
    raise _no_scores(where)


def _amounts(answers: list[Any], where: str) -> Floats:
    """Read one amount for each row."""
    flat = [item[0] if isinstance(item, list) and len(item) == 1 else item for item in answers]
    if not all(isinstance(item, float | int) and not isinstance(item, bool) for item in flat):
        raise InputError(
            "its answers are no amounts: one number for each row",
            where=where,
            remedy="Serve a regression of one target",
        )
    return np.array(flat, dtype=np.float64)


def _labels(answers: list[Any], known: tuple[str, ...], where: str) -> Floats | None:
    """Write one label for each row as 1 in its column; None where there are several numbers."""
    flat = [item[0] if isinstance(item, list) and len(item) == 1 else item for item in answers]
    if not all(isinstance(item, str | bool | int | float) for item in flat):
        return None
    said = [canonical(item) for item in flat]
    strange = next((label for label in said if label not in known), None)
    if strange is not None:
        raise InputError(
            f"it answers with {strange!r}, and the true classes are "
            f"{', '.join(map(repr, known[:10]))}",
            where=where,
            remedy="Serve probabilities, or labels as the table has them; or write its predictions "
            "into a column",
        )
    return np.array([[label == name for name in known] for label in said], dtype=np.float64)


def _no_scores(where: str) -> InputError:
    return InputError(
        "its answers are neither probabilities, nor scores, nor labels",
        where=where,
        remedy="Serve a classifier with one answer for each row",
    )
