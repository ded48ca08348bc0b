"""How a group is called where people read it: "afam = yes", not "yes".

Values name a group in keys, JSON and merges. Some say nothing without their column: answers such as
yes and 0, numbers and bins. Where one value of any group does, all groups that are told together
stand beside their columns, so that they look alike. No value at all stands beside its own alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

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


def columns_needed(groups: Iterable[Iterable[str]]) -> bool:
    """Whether groups stand beside their columns: one of their values says nothing without.

    Parameters
    ----------
    groups : iterable of iterable of str
        The values of each of the groups that are told together.

    Examples
    --------
    >>> columns_needed([("n",), ("s",)]), columns_needed([("north",), (MISSING,)])
    (True, False)
    """
    return any(needs_column(value) for group in groups for value in group if value != MISSING)


def group_label(group: Iterable[tuple[str, str]], beside: bool | None = None) -> str:
    """Name a group for people.

    Parameters
    ----------
    group : iterable of (str, str)
        Pairs of attribute and value; none for everyone.
    beside : bool or None
        Whether the groups that it is told with stand beside their columns, by
        :func:`columns_needed`; None goes by its own values.

    Examples
    --------
    >>> group_label([("afam", "yes"), ("sex", "Female")])
    'afam = yes, sex = Female'
    >>> group_label([("race", "Black"), ("sex", "Female")])
    'Black · Female'
    >>> group_label([("region", "s")], beside=True)
    'region = s'
    """
    pairs = tuple(group)
    if columns_needed([[value for _, value in pairs]]) if beside is None else beside:
        return ", ".join(beside_column(column, value) for column, value in pairs)
    told = (beside_column(*pair) if pair[1] == MISSING else pair[1] for pair in pairs)
    return SEPARATOR.join(told) or EVERYONE


def listed_labels(labels: Sequence[str]) -> str:
    """List groups as people read them, apart where a name holds a comma itself.

    Examples
    --------
    >>> listed_labels(["Black", "White"]), listed_labels(["sex = 1, age = 2", "sex = 2, age = 1"])
    ('Black, White', 'sex = 1, age = 2; sex = 2, age = 1')
    """
    return ("; " if any(", " in label for label in labels) else ", ").join(labels)


def names_beside(attributes: Sequence[str], names: Collection[str]) -> bool:
    """Whether groups known by their names stand beside their columns."""
    return columns_needed(_values(attributes, name) or () for name in names)


def label_of_name(
    attributes: Sequence[str], name: str, among: Collection[str] | None = None
) -> str:
    """Name a group for people that is known by the name of its values joined.

    What is the name of no group, such as "everyone else", stays as it is.

    Parameters
    ----------
    attributes : sequence of str
    name : str
    among : collection of str or None
        Names of all groups that it is told with; None goes by its own values.

    Examples
    --------
    >>> label_of_name(("afam", "sex"), "yes · Female"), label_of_name(("afam",), "everyone else")
    ('afam = yes, sex = Female', 'everyone else')
    >>> label_of_name(("region",), "s", ("n", "s"))
    'region = s'
    """
    values = _values(attributes, name)
    if values is None:
        return name
    beside = names_beside(attributes, among) if among is not None and name in among else None
    return group_label(zip(attributes, values, strict=True), beside)


def _values(attributes: Sequence[str], name: str) -> list[str] | None:
    values = [name] if len(attributes) == 1 else name.split(SEPARATOR)
    # Of another length, a value holds the separator itself, and which one can't be told.
    return values if len(values) == len(attributes) else None
