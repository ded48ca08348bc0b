"""How people and spreadsheets write numbers: thousands, decimal commas, percent, money."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.data.table import Notation
from core.data.texts import is_infinite, is_number


@dataclass(frozen=True)
class NumberNotation:
    """How a column of numbers is written.

    Attributes
    ----------
    comma : bool
        Whether decimals stand behind a comma (1.234,5) or behind a point (1,234.5). Spaces and
        apostrophes may stand between thousands in both.
    points : bool
        Whether 6.2 % becomes 6.2 (percentage points) or 0.062 (the share, as a spreadsheet keeps
        it).
    """

    comma: bool = False
    points: bool = False


_WHOLE = r"[1-9]\d{0,2}(?:%s\d{3})+"
_SPACED = "|".join(_WHOLE % separator for separator in (" ", "['’]"))
_POINT = re.compile(
    rf"(?P<grouped>[1-9]\d{{0,2}}(?:,\d{{2,3}})*,\d{{3}}|{_SPACED})(?:\.\d*)?", re.ASCII
)
_COMMA = re.compile(rf"(?:(?P<grouped>{_WHOLE % r'[.]'}|{_SPACED})|\d+)(?:,\d+)?", re.ASCII)


@dataclass(frozen=True)
class WrittenNumber:
    """A number as it stood in a cell.

    Attributes
    ----------
    plain : str
        ASCII digits, point and exponent.
    grouped, percent, negative : bool
        Whether thousands were separated, it was a percentage, or parentheses made it negative.
    currency : str
        The sign beside it, empty for none.
    """

    plain: str
    grouped: bool = False
    percent: bool = False
    negative: bool = False
    currency: str = ""


def parse_number(text: str, notation: NumberNotation) -> WrittenNumber | None:
    """Parse a number in a notation; None if it is not written so.

    Examples
    --------
    >>> parse_number("3,318.53", NumberNotation()).plain
    '3318.53'
    >>> parse_number("6,2 %", NumberNotation(comma=True)).plain
    '0.062'
    >>> parse_number("1,23", NumberNotation()) is None
    True
    """
    if is_infinite(text) or (is_number(text) and not notation.comma):
        return WrittenNumber(text)
    body, negative = (text[1:-1].strip(), True) if _parenthesised(text) else (text, False)
    percent = body.endswith("%")
    body = body.removesuffix("%").rstrip()
    sign, body = _split_sign(body)
    body, currency = _split_currency(body)
    second, body = _split_sign(body)
    if (sign and second) or (negative and (sign or second)) or (percent and currency):
        return None
    digits, grouped = _digits(body, notation.comma)
    if digits is None:
        return None
    minus = negative or "-" in (sign, second)
    plain = f"-{digits}" if minus else digits
    if percent and not notation.points:
        plain = format(Decimal(plain) / 100, "f") if is_number(plain) else plain
    return WrittenNumber(plain, grouped, percent, negative, currency)


def number_notation(values: Sequence[str], *, decimal_comma: bool) -> NumberNotation | None:
    """Find the notation that all values share, beyond doubt; None if there is none.

    "1,234" alone may be a thousand or a little more than one. In a file whose delimiter is a comma
    it is a thousand; where ``decimal_comma`` says that commas may be decimal, only a person knows.
    """
    if all(is_number(value) or is_infinite(value) for value in values):
        return NumberNotation()
    point = _parsed(values, NumberNotation())
    comma = _parsed(values, NumberNotation(comma=True))
    if point is not None and (comma is None or not decimal_comma or _same(point, comma)):
        return NumberNotation() if _uniform(point) else None
    if comma is not None and point is None and decimal_comma:
        return NumberNotation(comma=True) if _uniform(comma) else None
    return None


def likeliest_notation(values: Sequence[str], *, decimal_comma: bool) -> NumberNotation:
    """Find the notation in which most values are numbers, for a column said to hold them."""
    fits = [
        sum(parse_number(value, NumberNotation(comma=comma)) is not None for value in values)
        for comma in (False, True)
    ]
    return NumberNotation(comma=fits[1] > fits[0] or (decimal_comma and fits[1] == fits[0]))


def notation_of(
    declared: Notation, values: Sequence[str], *, decimal_comma: bool
) -> NumberNotation:
    """Make the notation that a person chose; of percentages, the decimal sign is found."""
    if declared in (Notation.DECIMAL_POINT, Notation.DECIMAL_COMMA):
        return NumberNotation(comma=declared is Notation.DECIMAL_COMMA)
    likely = likeliest_notation(values, decimal_comma=decimal_comma)
    return NumberNotation(likely.comma, declared is Notation.PERCENT_POINTS)


def may_be_thousands(values: Sequence[str]) -> bool:
    """Whether points in plain numbers may stand between thousands: all have three digits behind."""
    fractions = [value.lstrip("+-").split(".") for value in values if "." in value]
    return bool(fractions) and all(
        len(parts) == 2 and len(parts[1]) == 3 and parts[1].isdigit() and 0 < len(parts[0]) < 4
        and not parts[0].startswith("0")
        for parts in fractions
    )  # fmt: skip


def _parsed(values: Sequence[str], notation: NumberNotation) -> list[WrittenNumber] | None:
    found = []
    for value in values:
        number = parse_number(value, notation)
        if number is None:
            return None
        found.append(number)
    return found


def _uniform(numbers: Sequence[WrittenNumber]) -> bool:
    """Whether all are percentages or none is, and no two currencies stand in one column."""
    finite = [number for number in numbers if not is_infinite(number.plain)]
    signs = {number.currency for number in finite if number.currency}
    return len({number.percent for number in finite}) <= 1 and len(signs) <= 1


def _same(one: Sequence[WrittenNumber], other: Sequence[WrittenNumber]) -> bool:
    return all(a.plain == b.plain for a, b in zip(one, other, strict=True))


def _parenthesised(text: str) -> bool:
    return len(text) > 2 and text[0] == "(" and text[-1] == ")"


def _split_sign(body: str) -> tuple[str, str]:
    if body[:1] in ("+", "-", "−"):
        return ("-" if body[0] == "−" else body[0]), body[1:].lstrip()
    return "", body


def _split_currency(body: str) -> tuple[str, str]:
    if body and unicodedata.category(body[0]) == "Sc":
        return body[1:].lstrip(), body[0]
    if body and unicodedata.category(body[-1]) == "Sc":
        return body[:-1].rstrip(), body[-1]
    return body, ""


def _digits(body: str, comma: bool) -> tuple[str | None, bool]:
    if not comma and is_number(body) and body[:1] not in ("+", "-"):
        return body, False
    match = (_COMMA if comma else _POINT).fullmatch(body)
    if match is None:
        return None, False
    bare = re.sub(r"[ '’]", "", body)
    bare = bare.replace(".", "").replace(",", ".") if comma else bare.replace(",", "")
    return bare, match["grouped"] is not None
