"""Dates as people write them, and the order of day and month in a column of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.arrays import Ints
from core.data.table import Notation
from core.data.texts import as_date

_TIME = (
    r"(?:[T ,]+(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<part>\d{1,6}))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?)?"
)
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})([/.-])(?P<month>\d\d?)\2(?P<day>\d\d?){_TIME}", re.ASCII
)
_NUMERIC = re.compile(rf"(?P<one>\d\d?)([/.-])(?P<two>\d\d?)\2(?P<year>\d{{4}}){_TIME}", re.ASCII)
_NAMED = (
    re.compile(
        rf"(?P<day>\d\d?)[ .-]*(?P<name>[A-Za-z]{{3,9}})[ .,-]*(?P<year>\d{{4}}){_TIME}", re.ASCII
    ),
    re.compile(
        rf"(?P<name>[A-Za-z]{{3,9}})[ .-]*(?P<day>\d\d?)[ ,]+(?P<year>\d{{4}}){_TIME}", re.ASCII
    ),
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip


@dataclass(frozen=True)
class DateOrder:
    """The order of day and month in a column.

    Attributes
    ----------
    notation : Notation or None
        None where no value tells it, or none depends on it.
    shown_by : str or None
        A value whose day above 12 shows it.
    depending : int
        Rows whose date depends on the order.
    example : str or None
        One of them.
    """

    notation: Notation | None
    shown_by: str | None
    depending: int
    example: str | None

    @property
    def is_open(self) -> bool:
        """Whether dates depend on an order that nothing tells."""
        return self.depending > 0 and self.notation is None


def parse_date(text: str, order: Notation | None = None) -> tuple[datetime, bool] | None:
    """Parse a date or time, moved to UTC if it names an offset (then True); None if it is none.

    Read are ISO 8601, years first (2016/01/06), English names of months (29 Mar 2010), and days or
    months first where ``order`` says which.

    Examples
    --------
    >>> parse_date("29.03.2010", Notation.DAY_FIRST)[0].isoformat()
    '2010-03-29T00:00:00'
    >>> parse_date("08/25/1960", Notation.DAY_FIRST) is None
    True
    """
    found = as_date(text)
    if found is not None:
        return found
    match = _YEAR_FIRST.fullmatch(text)
    if match is not None:
        return _moment(match, int(match["month"]), int(match["day"]))
    match = _NUMERIC.fullmatch(text)
    if match is not None:
        if order is None:
            return None
        one, two = int(match["one"]), int(match["two"])
        month, day = (two, one) if order is Notation.DAY_FIRST else (one, two)
        return _moment(match, month, day)
    for pattern in _NAMED:
        match = pattern.fullmatch(text)
        if match is not None:
            name = match["name"].casefold()
            months = [at for at, month in enumerate(_MONTHS, 1) if month.startswith(name)]
            if name == "sept":
                months = [9]
            return _moment(match, months[0], int(match["day"])) if len(months) == 1 else None
    return None


def depends_on_order(text: str) -> bool:
    """Whether a date has two numbers before its year, of which one is the day."""
    return _NUMERIC.fullmatch(text) is not None


def date_order(values: Sequence[str], counts: Ints) -> DateOrder:
    """Find the order of day and month, where a day above 12 shows it.

    Points between the numbers are written with the day first. Where some values show one order and
    some the other, that of more rows is taken, and the rest can't be read.
    """
    rows = {Notation.DAY_FIRST: 0, Notation.MONTH_FIRST: 0}
    shown: dict[Notation, str] = {}
    depending, example, points = 0, None, True
    for value, count in zip(values, counts, strict=True):
        match = _NUMERIC.fullmatch(value)
        if match is None:
            continue
        depending += int(count)
        example = example or value
        points = points and match[2] == "."
        one, two = int(match["one"]), int(match["two"])
        if (one > 12) != (two > 12):
            order = Notation.DAY_FIRST if one > 12 else Notation.MONTH_FIRST
            rows[order] += int(count)
            shown.setdefault(order, value)
    order = max(rows, key=lambda order: rows[order])
    if rows[order]:
        return DateOrder(order, shown[order], depending, example)
    usual = Notation.DAY_FIRST if depending and points else None
    return DateOrder(usual, None, depending, example)


def _moment(match: re.Match[str], month: int, day: int) -> tuple[datetime, bool] | None:
    hour = int(match["hour"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"] in "Pp" else 0)
    part = int((match["part"] or "0").ljust(6, "0"))
    try:
        return datetime(
            int(match["year"]), month, day, hour, int(match["minute"] or 0),
            int(match["second"] or 0), part,
        ), False  # fmt: skip
    except ValueError:
        return None
