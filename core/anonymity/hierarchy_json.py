"""Hierarchies as JSON, for a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.anonymity.hierarchies import Dates, Digits, Hierarchy, Ranges, Tree
from core.errors import InputError


def hierarchy_to_json(hierarchy: Hierarchy) -> dict[str, Any]:
    """Write a hierarchy down; a tree as {group: [values]} for each level."""
    out: dict[str, Any] = {"column": hierarchy.column, "kind": hierarchy.kind}
    if isinstance(hierarchy, Ranges):
        out["widths"] = list(hierarchy.widths)
    elif isinstance(hierarchy, Digits):
        out["length"] = hierarchy.length
    elif isinstance(hierarchy, Tree):
        out["levels"] = []
        for level in hierarchy.levels:
            groups: dict[str, list[str]] = {}
            for value, group in level:
                groups.setdefault(group, []).append(value)
            out["levels"].append(groups)
    return out


def hierarchy_from_json(record: Mapping[str, Any]) -> Hierarchy:
    """Read a hierarchy back.

    Raises
    ------
    InputError
        If it isn't one.
    """
    try:
        column, kind = str(record["column"]), record["kind"]
        if kind == "ranges":
            return Ranges(column, tuple(float(width) for width in record["widths"]))
        if kind == "dates":
            return Dates(column)
        if kind == "digits":
            return Digits(column, int(record["length"]))
        if kind == "tree":
            levels = []
            for groups in record["levels"]:
                pairs = [(str(v), str(g)) for g, values in groups.items() for v in values]
                if len({value for value, _ in pairs}) < len(pairs):
                    raise InputError(
                        "a value is in two groups of one level", where=f"hierarchy of {column!r}"
                    )
                levels.append(tuple(pairs))
            return Tree(column, tuple(levels))
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
    raise InputError(
        "this is no hierarchy of kind ranges, tree, dates or digits",
        where="the recipe",
        remedy="Use a recipe as it was downloaded",
    )
