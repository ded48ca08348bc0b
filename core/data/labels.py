"""Labels: one canonical text for each value, so that 1, 1.0 and "1" are the same answer."""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.arrays import Flags
from core.data.text_normalisation import normalise_text
from core.errors import InputError


def canonical(value: object) -> str:
    """Write a value as text in one way.

    Booleans are "true" and "false", whole numbers "1" whatever their type, other numbers their
    shortest exact decimal form, dates ISO 8601 (without a time at midnight); text is written as
    :func:`core.data.text_normalisation.normalise_text` does.

    Raises
    ------
    ValueError
        For a missing value: the caller decides what that means.
    """
    if isinstance(value, str):
        return normalise_text(value)
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        raise ValueError("a missing value has no label")
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        number = float(str(value))  # By its text, so that a 32-bit 0.1 stays "0.1".
        if math.isfinite(number) and number.is_integer() and abs(number) < 1e15:
            return str(int(number))
        return repr(number)
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if isinstance(value, pd.Timestamp):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    return normalise_text(str(value))


def canonical_series(series: pd.Series) -> pd.Series:
    """Canonical text of each value, None where it is missing; same index, object dtype."""
    missing = series.isna().to_numpy()
    if series.dtype == object:
        cells = series.to_numpy()
        # Strings are equal only to strings; True and 1 would share a code.
        texts = [None if gone else canonical(v) for v, gone in zip(cells, missing, strict=True)]
        return pd.Series(texts, index=series.index, dtype=object, name=series.name)
    codes, distinct = pd.factorize(series, use_na_sentinel=True)
    lookup = np.array([*(canonical(value) for value in distinct), None], dtype=object)
    return pd.Series(lookup[codes], index=series.index, dtype=object, name=series.name)


def distinct_labels(series: pd.Series) -> list[str]:
    """Canonical text of the distinct values, sorted; what is missing has none.

    Examples
    --------
    >>> distinct_labels(pd.Series([1.0, None, 0.0, 1.0]))
    ['0', '1']
    """
    return sorted({canonical(value) for value in series.dropna().unique()})


def match_label(wanted: str, available: Sequence[str], *, where: str | None = None) -> str:
    """Find the label a person means.

    Exact text first, then equal numbers ("1.0" is "1"), then the same letters in another case if
    only one label fits.

    Parameters
    ----------
    wanted : str
        What was given.
    available : sequence of str
        Canonical labels there are.
    where : str, optional
        The column, for the message.

    Raises
    ------
    InputError
        If none fits; it lists up to ten labels that there are.
    """
    text = canonical(wanted)
    if text in available:
        return text
    number = _number(text)
    if number is not None:
        equal = [label for label in available if _number(label) == number]
        if len(equal) == 1:
            return equal[0]
    matches = [label for label in available if label.casefold() == text.casefold()]
    if len(matches) == 1:
        return matches[0]
    raise InputError(
        f"there is no label {text!r}", where=where, remedy=f"Choose one of: {_listed(available)}"
    )


def recode(series: pd.Series, positive: str) -> Flags:
    """Compare each value's canonical label with the positive one.

    Parameters
    ----------
    series : Series, shape (n,)
        Without missing values.
    positive : str
        A canonical label.

    Returns
    -------
    ndarray of bool, shape (n,)
        True where the label is ``positive``.

    Raises
    ------
    InputError
        If a value is missing: neither answer would be true of it.
    """
    labels = canonical_series(series)
    missing = int(labels.isna().sum())
    if missing:
        raise InputError(
            f"{missing} value{'s are' if missing != 1 else ' is'} missing",
            where=f"column {series.name!r}",
            remedy="Leave those rows out",
        )
    return np.asarray(labels.to_numpy() == positive, dtype=np.bool_)


def positive_label(
    wanted: str, labels: Sequence[str], predictions: Sequence[str] | None, *, where: str | None
) -> str:
    """Find the positive label of existing decisions or scores, whose outcomes may be of one class.

    Where they are, the positive label may be one that only predictions hold, or, with a score in
    their place, one that no row holds.

    Parameters
    ----------
    wanted : str
        What was given.
    labels : sequence of str
        Distinct canonical values of the target.
    predictions : sequence of str or None
        Those of the prediction; None where there is none.
    where : str or None
        The column, for the message.

    Raises
    ------
    InputError
        If none fits.
    """
    if len(labels) > 1:
        return match_label(wanted, labels, where=where)
    if predictions is not None:
        return match_label(wanted, sorted({*labels, *predictions}), where=where)
    try:
        return match_label(wanted, labels, where=where)
    except InputError:
        return canonical(wanted)


def one_class(label: str, positive: str) -> str:
    """Say what outcomes of one class leave undefined."""
    other = "negative" if label == positive else "positive"
    return (
        f"All outcomes are {label!r}, the positive label being {positive!r}: figures that need "
        f"{other} outcomes are not defined."
    )


def check_predictions(labels: Sequence[str], predictions: Sequence[str], *, column: str) -> None:
    """Refuse a prediction column that speaks another language than the target.

    Parameters
    ----------
    labels, predictions : sequence of str
        Distinct canonical values of the target and of the prediction.
    column : str
        Name of the prediction column.

    Raises
    ------
    InputError
        If a prediction is not among the labels, but for one other label beside outcomes of one
        class; where they are numbers, it says that the column looks like a score.
    """
    foreign = [value for value in predictions if value not in set(labels)]
    if not foreign or (len(labels) == 1 and len({*labels, *predictions}) == 2):
        return
    problem = f"the prediction {foreign[0]!r} is not a label of the target ({_listed(labels)})"
    remedy = "Recode the predictions to the target's labels"
    if all(_number(value) is not None for value in predictions):
        problem += "; it looks like a score"
        remedy = "Give the column as score, with a threshold from which the answer is positive"
    raise InputError(problem, where=f"column {column!r}", remedy=remedy)


def near(wanted: str, names: Sequence[str]) -> str:
    """Remedy for a name that does not exist: what is near it, or what there is."""
    folded = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(wanted.casefold(), list(folded), n=3, cutoff=0.6)
    if close:
        return f"Perhaps {' or '.join(repr(folded[name]) for name in close)} was meant"
    return f"Choose one of: {_listed(names)}"


def check_columns(used: Sequence[str], names: Sequence[str]) -> None:
    """Check that columns that are given a meaning are there, each with one meaning only."""
    for name in used:
        if name not in names:
            raise InputError(
                "there is no column of that name", where=repr(name), remedy=near(name, names)
            )
        if used.count(name) > 1:
            raise InputError(
                "it is given two meanings at once",
                where=f"column {name!r}",
                remedy="Choose a column of its own for each",
            )


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(repr(label) for label in labels[:10])
    return shown + (f" and {len(labels) - 10} more" if len(labels) > 10 else "")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None
