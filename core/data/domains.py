"""Declared domains: what is public about a column before anyone looks at the data."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import InputError
from core.storage.json_format import from_list, json_form, list_json


@dataclass(frozen=True)
class NumberDomain:
    """Public bounds of a numeric column, ``low < high``; values outside are clipped to them."""

    name: str
    low: float
    high: float


@dataclass(frozen=True)
class CategoryDomain:
    """Public categories of a column; a value outside them counts as "(other)"."""

    name: str
    categories: tuple[str, ...]


Domain = NumberDomain | CategoryDomain


@dataclass(frozen=True)
class Domains:
    """The domains of all features, and how they came to be known.

    Attributes
    ----------
    items : tuple of NumberDomain or CategoryDomain
    origin : {"declared", "paid"}
        "declared": stated by a person from public knowledge, costs nothing. "paid": estimated
        from the data under the privacy budget.
    unlearned : tuple of str
        Columns of which an estimate could tell nothing, because all stayed below the noise.
    """

    items: tuple[Domain, ...]
    origin: Literal["declared", "paid"] = "declared"
    unlearned: tuple[str, ...] = ()


def check_domains(domains: Domains) -> None:
    """Check that all bounds are two finite numbers, the lower first.

    Raises
    ------
    InputError
        Naming a column whose are not.
    """
    for item in domains.items:
        if isinstance(item, NumberDomain) and not -math.inf < item.low < item.high < math.inf:
            raise InputError(
                "its declared bounds are not two finite numbers, the lower first, but "
                f"{item.low:g} and {item.high:g}",
                where=f"column {item.name!r}",
                remedy="Declare bounds that are publicly known, such as 0 and 120 for an age",
            )


def declared_domain(name: str, item: Any) -> Domain:
    """Make a domain of what a person declared: two numbers, or a list of categories.

    Raises
    ------
    InputError
        If it is neither.
    """
    if isinstance(item, list) and item and all(isinstance(v, str) for v in item):
        return CategoryDomain(name, tuple(dict.fromkeys(item)))
    if (
        isinstance(item, list)
        and len(item) == 2
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in item)
        and float("-inf") < item[0] < item[1] < float("inf")
    ):
        return NumberDomain(name, float(item[0]), float(item[1]))
    raise InputError(
        "declared bounds are two finite numbers, the lower first, and declared categories are "
        "a list of texts",
        where=f"column {name!r}: {json.dumps(item)[:80]}",
    )


def bounds_json(domains: Domains) -> dict[str, list[float] | list[str]]:
    """Write domains as a file of bounds holds them: two numbers or a list of categories."""
    return {
        item.name: [item.low, item.high] if isinstance(item, NumberDomain) else [*item.categories]
        for item in domains.items
    }


def _as_fields(record: Mapping[str, Any]) -> dict[str, Any]:
    items = [from_list(CategoryDomain if len(i) == 2 else NumberDomain, i) for i in record["items"]]
    return {**record, "items": items}


# Lists, since the order of columns is part of a spec and JSON sorts keys.
json_form(NumberDomain, write=list_json)
json_form(CategoryDomain, write=list_json)
json_form(Domains, read=_as_fields)
