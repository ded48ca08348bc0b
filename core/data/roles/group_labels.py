"""How a group is called where people read it: "afam = yes", not "yes".

Values name a group in keys, JSON and merges. Some say nothing without their column: answers such as
yes and 0, numbers, bins, and no value at all. Where one of a group's values does, all stand beside
their columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from core.data.roles.outcome_words import NO_VALUES, YES_VALUES
from core.data.table import MISSING

SEPARATOR = " · "
"""Between the values of a group of several attributes, in its name."""

EVERYONE = "everyone"
"""The group by no attribute."""

_ANSWERS = {word for word in YES_VALUES | NO_VALUES if len(word) > 1 or not word.isascii()} | {
    "y", "n", "não", "sí",
}  # fmt: skip
"""Of single letters only y and n: F, S or O is a group more often than an answer."""
_NUMBER = r"[-−+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
_IS_NUMBER = re.compile(_NUMBER)
_IS_BIN = re.compile(rf"[<≥] {_NUMBER}|{_NUMBER} – {_NUMBER}")


def needs_column(value: str) -> bool:
    """Whether a value says nothing without its column.

    Examples
    --------
    >>> [needs_column(value) for value in ("yes", "0", "≥ 60", "(missing)", "Female", "F")]
    [True, True, True, True, False, False]
    """
    text = value.casefold()
    return (
        value == MISSING
        or text in _ANSWERS
        or bool(_IS_NUMBER.fullmatch(text) or _IS_BIN.fullmatch(text))
    )


def beside_column(column: str, value: str) -> str:
    """Write a value beside its column.

    Examples
    --------
    >>> beside_column("afam", "yes"), beside_column("age", "≥ 60"), beside_column("sex", MISSING)
    ('afam = yes', 'age ≥ 60', 'sex (missing)')
    """
    if value == MISSING or _IS_BIN.fullmatch(value.casefold()):
        return f"{column} {value}"
    return f"{column} = {value}"


def group_label(group: Iterable[tuple[str, str]]) -> str:
    """Name a group for people.

    Parameters
    ----------
    group : iterable of (str, str)
        Pairs of attribute and value; none for everyone.

    Examples
    --------
    >>> group_label([("afam", "yes"), ("sex", "Female")])
    'afam = yes, sex = Female'
    >>> group_label([("race", "Black"), ("sex", "Female")])
    'Black · Female'
    """
    pairs = tuple(group)
    if any(needs_column(value) for _, value in pairs):
        return ", ".join(beside_column(column, value) for column, value in pairs)
    return SEPARATOR.join(value for _, value in pairs) or EVERYONE


def listed_labels(labels: Sequence[str]) -> str:
    """List groups as people read them, apart where a name holds a comma itself.

    Examples
    --------
    >>> listed_labels(["Black", "White"]), listed_labels(["sex = 1, age = 2", "sex = 2, age = 1"])
    ('Black, White', 'sex = 1, age = 2; sex = 2, age = 1')
    """
    return ("; " if any(", " in label for label in labels) else ", ").join(labels)


def label_of_name(attributes: Sequence[str], name: str) -> str:
    """Name a group for people that is known by the name of its values joined.

    What is the name of no group, such as "everyone else", stays as it is.

    Examples
    --------
    >>> label_of_name(("afam", "sex"), "yes · Female"), label_of_name(("afam",), "everyone else")
    ('afam = yes, sex = Female', 'everyone else')
    """
    values = [name] if len(attributes) == 1 else name.split(SEPARATOR)
    # Of another length, a value holds the separator itself, and which one can't be told.
    if len(values) != len(attributes):
        return name
    return group_label(zip(attributes, values, strict=True))
