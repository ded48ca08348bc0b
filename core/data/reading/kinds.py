"""What kind of thing a column holds, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from core.data.labels import near
from core.data.reading.typed import label_of, string_kind
from core.data.table import Column, Kind
from core.errors import InputError

EXAMPLES = 5
"""How many values a column shows."""


def describe(frame: pd.DataFrame, kinds: Mapping[str, Kind] | None = None) -> tuple[Column, ...]:
    """Describe the columns of a frame as :func:`core.data.reading.reading.read_bytes` makes it.

    Parameters
    ----------
    frame : DataFrame
        Columns of float64, int64, bool, datetime64, or object holding text.
    kinds : mapping of str to Kind, optional
        Kinds already known; the others are inferred. Numbers with few values stay numbers:
        whether they mean categories is for a person to say.

    Raises
    ------
    InputError
        If ``kinds`` names a column that does not exist.
    """
    known = dict(kinds or {})
    check_names(known, tuple(str(name) for name in frame))
    return tuple(_describe(str(name), frame[name], known.get(str(name))) for name in frame)


def check_names(kinds: Iterable[str], names: tuple[str, ...]) -> None:
    """Refuse kinds and notations for columns that do not exist."""
    for name in kinds:
        if name not in names:
            raise InputError("there is no such column", where=repr(name), remedy=near(name, names))


def infer_kind(series: pd.Series) -> Kind:
    """Infer the kind of a column from its type and, for text, from its values."""
    if series.isna().all():
        return Kind.EMPTY
    if series.dtype.kind in "iuf":
        return Kind.NUMBER
    if series.dtype.kind == "b":
        return Kind.BOOLEAN
    if series.dtype.kind == "M":
        return Kind.DATE
    counts = series.value_counts()
    values = tuple(str(value) for value in counts.index)
    if set(values) <= {"true", "false"}:
        return Kind.BOOLEAN
    return string_kind(values, counts.to_numpy().astype(np.int64))


def _describe(name: str, series: pd.Series, kind: Kind | None) -> Column:
    # By value, then by count with a stable sort, so that ties always come in the same order.
    counts = series.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return Column(
        name=name,
        kind=kind if kind is not None else infer_kind(series),
        distinct=len(counts),
        missing=int(series.isna().sum()),
        examples=tuple(label_of(value) for value in counts.index[:EXAMPLES]),
    )
