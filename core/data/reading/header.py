"""Column names that are unique and not empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core.data.labels import canonical
from core.data.table import Repair
from core.errors import InputError


def column_names(
    given: Sequence[str], where: str | None = None
) -> tuple[tuple[str, ...], tuple[Repair, ...]]:
    """Names for a table's columns.

    Space around a name is removed, and an empty name becomes "column 3" by its position.

    Parameters
    ----------
    given : sequence of str
        The names as they stand in the file.
    where : str, optional
        Name of the file, for the message.

    Returns
    -------
    tuple of (tuple of str, tuple of Repair)
        As many names as were given, and one repair for each that was changed.

    Raises
    ------
    InputError
        If a name occurs twice: which of the columns is meant, only a person can say.
    """
    stripped = [canonical(name) for name in given]
    taken = Counter(name for name in stripped if name)
    for name, count in taken.items():
        if count > 1:
            raise InputError(
                f"the column name {name!r} occurs {count} times",
                where=where,
                remedy="Give each column a name of its own, or leave the column out that is not "
                "meant",
            )
    names: list[str] = []
    repairs: list[Repair] = []
    trimmed = sum(before != after for before, after in zip(given, stripped, strict=True) if after)
    if trimmed:
        what = "Spaces around column names, and characters that are not seen, were removed."
        repairs.append(Repair(what, trimmed))
    for position, wanted in enumerate(stripped, start=1):
        name = wanted or free_name(f"column {position}", {*taken, *names})
        if not wanted:
            what = f"Column {position} has no name and is called {name!r}."
            repairs.append(Repair(what, 1, name))
        names.append(name)
    return tuple(names), tuple(repairs)


def free_name(wanted: str, taken: set[str]) -> str:
    """Return the name, with a number behind it if it is taken."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted} ({number})"
    return name
