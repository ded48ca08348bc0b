"""Columns as the child process gets them: checked, in numbers, categories in the file's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.arrays import Array
from core.data.labels import canonical
from core.errors import InputError
from core.external_models.model_facts import ModelFacts, ModelInput

_EXACT = 2**53


@dataclass(frozen=True)
class Sent:
    """A column on its way to the child.

    Attributes
    ----------
    array : ndarray of float64 or int32, shape (n,)
        Numbers, or positions in the list of values, -1 where missing.
    described : dict or None
        The file's own values; None for numbers.
    """

    array: Array
    described: dict[str, Any] | None


def shape_of(facts: ModelFacts) -> tuple[int, ...]:
    """Return the shape of one row's score."""
    width = len(facts.classes or ())
    if facts.output in ("probability", "label") or (facts.output == "margin" and width > 2):
        return (width,)
    return ()


def known_values(one: ModelInput) -> dict[str, Any]:
    """From canonical text to the file's own value; of two that look alike the first one."""
    known: dict[str, Any] = {}
    values = one.category_values or one.categories or ()
    for text, value in zip(one.categories or (), values, strict=True):
        known.setdefault(text, value)
        if one.kind == "flag":
            known.setdefault(text.lower(), value)
    return known


def sent(one: ModelInput, column: Array, rows: int, known: Mapping[str, Any], where: str) -> Sent:
    """Prepare a column, or refuse it where the model can't take what it holds."""
    place = f"{where}, input {one.name!r}"
    if column.shape != (rows,):
        raise InputError(
            f"the column has shape {column.shape}, others have {rows} rows",
            where=place,
            remedy="Give one value for each row",
        )
    coded = one.categories is not None or one.dtype == "string"
    made = _coded(one, column, known, place) if coded else _number(one, column, place)
    gone = int((made.array < 0).sum() if coded else np.isnan(made.array).sum())
    if gone and one.missing == "refused":
        raise InputError(
            f"{gone:,} value{'s are' if gone != 1 else ' is'} missing, which this input can't take",
            where=place,
            remedy="Match the input to say what it is given for a missing value, or leave those "
            "rows out",
        )
    return made


def _number(one: ModelInput, column: Array, place: str) -> Sent:
    try:
        known = column if column.dtype.kind in "fiub" else pd.to_numeric(pd.Series(column))
        numbers = np.ascontiguousarray(known, dtype=np.float64)
    except (ValueError, TypeError):
        shown = next((v for v in column if isinstance(v, str)), str(column[0]))
        raise InputError(
            f"the value {shown[:40]!r} is no number",
            where=place,
            remedy="Match this input to a column of numbers",
        ) from None
    if one.kind == "number" and not one.dtype.startswith("int"):
        return Sent(numbers, None)
    present = numbers[~np.isnan(numbers)]
    if one.kind == "flag" and not np.isin(present, (0, 1)).all():
        raise InputError(
            "a value is neither 0 nor 1, and this input is a truth value",
            where=place,
            remedy="Match this input to a column of truth values",
        )
    whole = (present == np.floor(present)) & (np.abs(present) <= _EXACT)
    if one.dtype.startswith("int") and not whole.all():
        raise InputError(
            f"the value {present[~whole][0]} is not a whole number, and this input takes no other",
            where=place,
            remedy="Match this input to a column of whole numbers",
        )
    return Sent(numbers, None)


def _coded(one: ModelInput, column: Array, known: Mapping[str, Any], place: str) -> Sent:
    codes, distinct = pd.factorize(pd.Series(column, dtype=object), use_na_sentinel=True)
    values: list[Any] = []
    for value in distinct:
        text = canonical(value)
        if one.kind == "flag" and text in ("0", "1"):
            text = "true" if text == "1" else "false"
        if text not in known and one.unseen == "refused":
            raise InputError(
                f"the model doesn't know the category {text[:40]!r}, and refuses what it "
                "doesn't know",
                where=place,
                remedy="Leave those rows out, or match the category to one of the model's",
            )
        if one.categories is None:
            # Without a list the text is passed on as it is; Python's own text of a truth value.
            values.append(str(value) if isinstance(value, (str, bool)) else text)
        else:
            values.append(known[text] if text in known else _unknown(one, text, place))
    described = {"values": values, "missing": one.missing_as}
    return Sent(np.ascontiguousarray(codes, dtype=np.int32), described)


def _unknown(one: ModelInput, text: str, place: str) -> str | float:
    """Write a category that the model doesn't know in the type that the input takes."""
    if one.dtype in ("string", "category"):
        return text
    try:
        return int(text) if one.dtype.startswith("int") else float(text)
    except ValueError:
        raise InputError(
            f"the category {text[:40]!r} is no number, and this input takes numbers only",
            where=place,
            remedy="Match the categories to the model's own",
        ) from None
