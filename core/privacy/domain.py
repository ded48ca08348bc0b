"""Declared domains: what is public about a column before anyone looks at the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


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
    """

    items: tuple[Domain, ...]
    origin: Literal["declared", "paid"] = "declared"
