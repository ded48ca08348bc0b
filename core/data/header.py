"""Column names that are unique and not empty."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.table import Repair


def column_names(given: Sequence[str]) -> tuple[tuple[str, ...], tuple[Repair, ...]]:
    """Names for a table's columns.

    Space around a name is removed, an empty name becomes "column 3" by its position, and a name
    that occurs again gets a number: "age (2)".

    Parameters
    ----------
    given : sequence of str
        The names as they stand in the file.

    Returns
    -------
    tuple of (tuple of str, tuple of Repair)
        As many names as were given, and one repair for each that was changed.
    """
    stripped = [name.strip() for name in given]
    taken = {name for name in stripped if name}
    used: set[str] = set()
    names: list[str] = []
    repairs: list[Repair] = []
    trimmed = sum(before != after for before, after in zip(given, stripped, strict=True) if after)
    if trimmed:
        repairs.append(Repair("Spaces around column names were removed.", trimmed))
    for position, wanted in enumerate(stripped, start=1):
        name = wanted or f"column {position}"
        if name in used or (not wanted and name in taken):
            number = 2
            while f"{name} ({number})" in used | taken:
                number += 1
            name = f"{name} ({number})"
        if not wanted:
            what = f"Column {position} has no name and is called {name!r}."
            repairs.append(Repair(what, 1, name))
        elif name != wanted:
            what = f"The name {wanted!r} occurs more than once; this column is called {name!r}."
            repairs.append(Repair(what, 1, name))
        used.add(name)
        names.append(name)
    return tuple(names), tuple(repairs)
