"""What a model in memory says of itself and answers, held against what an answer must be.

Whatever somebody else's object does, it ends in an answer for each row, in the order of the rows,
or in a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Floats
from core.data.labels import canonical
from core.errors import InputError

FITTED = "Give a fitted model, or a function from a DataFrame to scores"


def attribute(model: object, name: str) -> Any:
    """Read what an object says of itself, None where it says nothing.

    Raises
    ------
    InputError
        If reading it fails.
    """
    try:
        return getattr(model, name, None)
    except Exception as error:  # a property may raise whatever it likes
        raise InputError(
            f"its {name} can't be read ({_told(error)})",
            where=type(model).__name__,
            remedy=FITTED,
        ) from error


def classes_of(model: object) -> tuple[str, ...] | None:
    """Return a classifier's classes in canonical text; None where it names none.

    Raises
    ------
    InputError
        If they are no list of different labels.
    """
    found = attribute(model, "classes_")
    if found is None:
        return None
    try:
        if np.ndim(found) != 1:
            raise ValueError
        names = tuple(str(canonical(value)) for value in found)
    except (ValueError, TypeError):
        names = ()
    if not names or len(set(names)) < len(names):
        raise InputError(
            "its classes_ is no list of different labels, as a classifier of one target has",
            where=type(model).__name__,
            remedy=FITTED,
        )
    return names


def own_columns(model: object, frame: pd.DataFrame) -> tuple[Any, ...] | None:
    """Name the columns that a model was fitted on, as the frame has them; None where it tells none.

    LightGBM writes an underscore for each space of a name, and CatBoost numbers the columns of an
    array as if these were names.

    Raises
    ------
    InputError
        If they are no list of names, or one stands for two columns.
    """
    found = attribute(model, "feature_names_in_")
    if found is None:
        return _of_catboost(model, frame)
    try:
        if np.ndim(found) != 1:
            raise ValueError
        names = tuple(found)
    except (ValueError, TypeError):
        raise InputError(
            "its feature_names_in_ is no list of columns",
            where=type(model).__name__,
            remedy="Name its columns in their order: features=[…]",
        ) from None
    if not _made_by(model, "lightgbm"):
        return names
    spelled: dict[str, list[Any]] = {}
    for column in frame.columns:
        spelled.setdefault(str(column).replace(" ", "_"), []).append(column)
    for name in names:
        if len(spelled.get(name, ())) > 1:
            raise InputError(
                f"its {str(name)!r} may be {' or '.join(repr(c) for c in spelled[name])}, as "
                "LightGBM writes an underscore for a space",
                where=type(model).__name__,
                remedy="Name its columns in their order: features=[…]",
            )
    return tuple(spelled[name][0] if name in spelled else name for name in names)


def takes_names(model: object, frame: pd.DataFrame) -> bool:
    """Whether a model was fitted on named columns, and is asked with names."""
    if attribute(model, "feature_names_in_") is not None:
        return True
    return _of_catboost(model, frame) is not None


def _of_catboost(model: object, frame: pd.DataFrame) -> tuple[Any, ...] | None:
    told = attribute(model, "feature_names_") if _made_by(model, "catboost") else None
    return tuple(told) if told is not None and set(told) <= set(frame.columns) else None


def _made_by(model: object, library: str) -> bool:
    return any(kind.__module__.split(".")[0] == library for kind in type(model).__mro__)


def answers(
    ask: Callable[[Any], object], given: Any, rows: pd.Index, *, where: str, what: str
) -> npt.NDArray[Any]:
    """Ask about rows.

    Parameters
    ----------
    ask : callable
    given : object
        The rows. The model may change them: they are its own copy.
    rows : Index
        Of these rows, before it was asked.
    where, what : str
        The model, and what of it is asked.

    Returns
    -------
    ndarray, shape (n,) or (n, k)

    Raises
    ------
    InputError
        If it fails, or answers otherwise than once for each row in their order.
    """
    try:
        found = ask(given)
        if isinstance(found, np.ma.MaskedArray):
            # What is masked is missing, and asarray would bare it.
            shown = np.asarray(found.data, dtype=object).copy()
            shown[np.ma.getmaskarray(found)] = None
            found = shown
        array = np.asarray(found)
    except (Exception, SystemExit) as error:  # whatever somebody else's model may raise
        raise InputError(
            f"its {what} failed ({_told(error)})",
            where=where,
            remedy="Give rows as it was fitted on",
        ) from error
    if array.ndim == 0:
        raise InputError(
            f"its {what} answered with {_article(type(found).__name__)}, and not with one answer "
            "for each row",
            where=where,
            remedy="Return an array, a list or a Series as long as the rows",
        )
    if len(array) != len(rows):
        count = f"{len(array):,} answer{'s' if len(array) != 1 else ''}"
        raise InputError(
            f"its {what} gave {count} for {len(rows):,} rows",
            where=where,
            remedy="Return one for each row, also where a value is missing",
        )
    if isinstance(found, pd.Series | pd.DataFrame) and not found.index.equals(rows):
        raise InputError(
            f"its {what} answered with a {type(found).__name__} that has another index than the "
            "rows, so which answer belongs to which row isn't known",
            where=where,
            remedy="Keep the rows' index and order, or return an array in their order",
        )
    return array


def check_class_order(found: object, classes: Sequence[str], *, where: str) -> None:
    """Refuse a frame of probabilities whose columns name the classes in another order.

    Raises
    ------
    InputError
        If they do.
    """
    if isinstance(found, pd.DataFrame):
        names = [str(name) for name in found.columns]
        if names != list(classes) and sorted(names) == sorted(classes):
            raise InputError(
                f"its predict_proba answers with columns {', '.join(map(repr, names))}, and its "
                f"classes_ are in another order: {', '.join(map(repr, classes))}",
                where=where,
                remedy="Return the columns in the order of classes_",
            )


def check_shape(found: Floats, classes: Sequence[str], *, where: str) -> None:
    """Refuse probabilities that are not one for each class.

    Raises
    ------
    InputError
        If their shape is another.
    """
    if found.ndim != 2 or found.shape[1] != len(classes):
        raise InputError(
            f"its predict_proba gave an array of shape {found.shape} for {len(classes)} classes_",
            where=where,
            remedy="Give a classifier with a probability of each of its classes_",
        )


def numbers(
    found: npt.NDArray[Any],
    *,
    where: str,
    remedy: str = "Answer with the score of the positive label, between 0 and 1",
) -> Floats:
    """Read answers as numbers, NaN where one is missing.

    Raises
    ------
    InputError
        If one is no real number; a text is none, whatever it spells.
    """
    if found.dtype.kind in "iufb":
        return found.astype(np.float64)
    flat = found.ravel()
    for value in flat:
        if not (isinstance(value, Real | Decimal | np.bool_) or value is None or value is pd.NA):
            raise InputError(
                f"its answers are no numbers, such as {_short(value)}",
                where=where,
                remedy=remedy,
            )
    read = [np.nan if value is None or value is pd.NA else float(value) for value in flat]
    return np.array(read, dtype=np.float64).reshape(found.shape)


def texts(
    found: npt.NDArray[Any], classes: Sequence[str] | None, *, where: str
) -> npt.NDArray[Any]:
    """Read decided labels in canonical text, shape (n,).

    Raises
    ------
    InputError
        If there is more than one for a row, one is missing, or it is none of the classes.
    """
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim != 1:
        raise InputError(
            f"its predict gave an array of shape {found.shape}, and not one label for each row",
            where=where,
            remedy="Give a classifier of one target",
        )
    codes, distinct = pd.factorize(pd.Series(list(found), dtype=object), use_na_sentinel=True)
    missing = int((codes < 0).sum())
    if missing:
        raise InputError(
            f"its predict gave no label for {missing:,} of {len(found):,} rows",
            where=where,
            remedy="Look for missing or very large values among its inputs",
        )
    names = [str(canonical(value)) for value in distinct]
    strange = [name for name in names if classes is not None and name not in classes]
    if strange:
        raise InputError(
            f"its predict answered {strange[0]!r}, which is none of its classes_, "
            f"{', '.join(map(repr, (classes or ())[:10]))}",
            where=where,
            remedy="Let predict answer with labels of classes_",
        )
    return np.array(names, dtype=object)[codes]


def check_probabilities(scores: Floats, *, where: str) -> None:
    """Refuse scores outside of 0 and 1; one that is missing is told of with its row.

    Raises
    ------
    InputError
        If there is one.
    """
    outside = (scores < -1e-6) | (scores > 1 + 1e-6)
    if outside.any():
        raise InputError(
            f"{int(outside.sum()):,} of its {scores.size:,} answers lie outside of 0 and 1, such "
            f"as {float(scores[outside][0]):.6g}, so they are no probabilities",
            where=where,
            remedy="Answer with probabilities, or audit its scores as a column: score= and "
            "threshold=",
        )


def _told(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # its own text may fail too
        text = ""
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__


def _short(value: object) -> str:
    try:
        return repr(value.item() if isinstance(value, np.generic) else value)[:60]
    except Exception:  # its own text may fail
        return _article(type(value).__name__)


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"
