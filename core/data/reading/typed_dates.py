"""A column of text as dates, and what there is to tell of how it was read."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt

from core.data.reading.dates import DateOrder, date_order, depends_on_order, parse_date
from core.data.table import Notation, Repair
from core.data.texts import Texts, as_date, shortened, unread
from core.errors import InputError

DATE_SHARE = 0.95
"""Share of a column's rows that must be dates before it is read as dates."""

Dates = tuple[npt.NDArray[np.datetime64], tuple[Repair, ...]]


def dates_found(column: Texts) -> DateOrder | None:
    """Tell the order of day and month where enough values are dates, whatever their order is.

    Returns
    -------
    DateOrder or None
        None where they are no dates. One that ``is_open`` is for a person to settle.
    """
    order = date_order(column.values, column.counts)
    notation = Notation.DAY_FIRST if order.is_open else order.notation
    dates = sum(
        int(count)
        for value, count in zip(column.values, column.counts, strict=True)
        if parse_date(value, notation) is not None
    )
    return order if dates >= DATE_SHARE * column.counts.sum() else None


def read_dates(name: str, column: Texts, declared: Notation | None) -> Dates:
    """Read datetime64[us], missing where a value is no date.

    Raises
    ------
    InputError
        If neither a person nor any value tells whether the day or the month comes first.
    """
    order = date_order(column.values, column.counts)
    if declared is None and order.is_open:
        raise InputError(
            f"no value shows whether {order.example!r} has the day or the month first",
            where=f"column {name!r}",
            remedy="Choose day-first or month-first as its notation",
        )
    notation = declared or order.notation
    moments = [parse_date(value, notation) for value in column.values]
    stamps: list[datetime | None] = [*(m[0] if m else None for m in moments), None]
    lookup = np.array(stamps, dtype="datetime64[us]")
    failed = [i for i, moment in enumerate(moments) if moment is None]
    zoned = sum(
        int(count)
        for moment, count in zip(moments, column.counts, strict=True)
        if moment and moment[1]
    )
    repairs = _order_repairs(name, order, declared) + _other_repairs(name, column, failed)
    repairs += unread(name, column, failed, "a date")
    if zoned:
        repairs += (Repair("Times with an offset were moved to UTC.", zoned, name),)
    return lookup[column.codes], repairs


def order_asked(name: str, order: DateOrder) -> Repair:
    """Tell that a column of dates was kept as text until a person says their order."""
    what = (
        f"Values such as {order.example!r} are dates, and none shows whether the day or the month "
        "comes first, so the column was kept as text; choose day-first or month-first as its "
        "notation."
    )
    return Repair(what, order.depending, name)


def _order_repairs(name: str, order: DateOrder, declared: Notation | None) -> tuple[Repair, ...]:
    if not order.depending:
        return ()
    notation = declared or order.notation
    first = "day" if notation is Notation.DAY_FIRST else "month"
    other = "month-first" if notation is Notation.DAY_FIRST else "day-first"
    undo = f"choose {other} as its notation if that is wrong."
    if declared is not None:
        what = f"Dates were read with the {first} first, as was chosen."
    elif order.shown_by is not None:
        what = f"Dates were read with the {first} first, as {order.shown_by!r} shows; {undo}"
    else:
        what = (
            f"Dates such as {order.example!r} were read with the {first} first, as is usual "
            f"between points, though no value shows it; {undo}"
        )
    return (Repair(what, order.depending, name),)


def _other_repairs(name: str, column: Texts, failed: list[int]) -> tuple[Repair, ...]:
    """Say that dates were read that are neither ISO nor depend on an order."""
    passed = set(failed)
    others = [
        i
        for i, value in enumerate(column.values)
        if i not in passed and as_date(value) is None and not depends_on_order(value)
    ]
    if not others:
        return ()
    what = (
        f"Dates such as {shortened(column.values[others[0]])!r} were read though not in ISO form."
    )
    return (Repair(what, int(column.counts[others].sum()), name),)
