"""Columns as codes, and the classes of rows that quasi-identifiers don't tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.arrays import Floats, Ints
from core.data.labels import canonical, canonical_series, near
from core.data.table import MISSING
from core.errors import InputError

LARGEST = 8e307
"""Between larger numbers, infinite ones among them, a difference is no number any more."""


@dataclass(frozen=True, eq=False)
class Coded:
    """A column as codes of its distinct values.

    Attributes
    ----------
    name : str
    codes : ndarray of int64, shape (n,)
        Position of each row's value among the distinct ones.
    labels : tuple of str
        Distinct values as canonical text: numbers and dates ascending, text in alphabetical
        order; "(missing)" is a value of its own and comes first in numbers and dates.
    numbers : ndarray of float64, shape (m,), or None
        The distinct values of a column of numbers, NaN for a missing one; None for other columns.
    dates : ndarray of datetime64, shape (m,), or None
        The same for a column of dates.
    """

    name: str
    codes: Ints
    labels: tuple[str, ...]
    numbers: Floats | None = None
    dates: npt.NDArray[np.datetime64] | None = None


def code(frame: pd.DataFrame, name: str) -> Coded:
    """Code a column of a frame.

    Raises
    ------
    InputError
        If there is no such column, or it holds a number beyond :data:`LARGEST`.
    """
    if name not in frame.columns:
        raise InputError(
            "there is no such column",
            where=repr(name),
            remedy=near(name, tuple(str(column) for column in frame.columns)),
        )
    series = frame[name]
    kind = series.dtype.kind
    if kind not in "iufM":
        texts = canonical_series(series).fillna(MISSING).to_numpy(dtype=object)
        codes, found = pd.factorize(texts, sort=True)
        return Coded(name, codes.astype(np.int64), tuple(str(value) for value in found))
    codes, found = pd.factorize(series.to_numpy(), sort=True)
    values = np.asarray(found)
    codes = codes.astype(np.int64)
    labels = [canonical(value) for value in values]
    numbers = dates = None
    if kind == "M":
        dates = values.astype("datetime64[us]")
    else:
        numbers = values.astype(np.float64)
        if (np.abs(numbers) > LARGEST).any():
            raise InputError(
                f"it holds a number beyond {LARGEST:g}, which can't be put into a range",
                where=f"column {name!r}",
                remedy="Correct the value, or leave the column out",
            )
    if (codes < 0).any():
        codes += 1
        labels = [MISSING, *labels]
        if numbers is not None:
            numbers = np.concatenate([[np.nan], numbers])
        if dates is not None:
            dates = np.concatenate([[np.datetime64("NaT", "us")], dates])
    return Coded(name, codes, tuple(labels), numbers, dates)


def classes_of(columns: Sequence[Ints], rows: int) -> Ints:
    """Find the equivalence classes: rows alike in all columns share a number.

    Parameters
    ----------
    columns : sequence of ndarray of int64, shape (n,)
        Codes, 0 or more; without a column all rows are alike.
    rows : int
        n.

    Returns
    -------
    ndarray of int64, shape (n,)
        From 0 without gaps.
    """
    out = np.zeros(rows, dtype=np.int64)
    for codes in columns:
        width = int(codes.max(initial=0)) + 1
        out = np.unique(out * width + codes, return_inverse=True)[1].astype(np.int64)
    return out


def check_quasi(frame: pd.DataFrame, quasi: Sequence[str], sensitive: str | None) -> None:
    """Refuse quasi-identifiers that can't be measured.

    Raises
    ------
    InputError
        If the frame has no rows, no column is named, one is named twice, doesn't exist, or is
        the sensitive column too.
    """
    if not len(frame):
        raise InputError("there are no rows to measure", where="the table")
    if not quasi:
        raise InputError(
            "no quasi-identifier is chosen",
            where="quasi-identifiers",
            remedy="Choose the columns that someone else may know of a person",
        )
    for name in quasi:
        if list(quasi).count(name) > 1:
            raise InputError("it is named twice", where=f"quasi-identifier {name!r}")
        if name == sensitive:
            raise InputError(
                "it can't be a quasi-identifier and the sensitive value at once",
                where=f"column {name!r}",
                remedy="Choose it as one of the two",
            )
    for name in (*quasi, *([] if sensitive is None else [sensitive])):
        if name not in frame.columns:
            raise InputError(
                "there is no such column",
                where=repr(name),
                remedy=near(name, tuple(str(column) for column in frame.columns)),
            )
