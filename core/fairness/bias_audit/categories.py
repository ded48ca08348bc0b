"""The categories of the federal EEO-1 Component 1 report, and how a person's own map onto them.

6 RCNY § 5-301 asks for the categories of that report: two sexes, and seven of race or ethnicity, of
which all but the first are of people who are not Hispanic or Latino. Which of a table's values
belongs where is declared by whoever audits; what is written like a category is taken for it, and
said. A value that fits nothing is refused until somebody says where it belongs, "unknown" included:
nobody's category is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from core.data.table import MISSING
from core.errors import InputError

UNKNOWN = "unknown"

SEXES = ("Male", "Female")
RACES = (
    "Hispanic or Latino",
    "White",
    "Black or African American",
    "Native Hawaiian or Pacific Islander",
    "Asian",
    "Native American or Alaska Native",
    "Two or more races",
)
"""Those after the first are of people who are not Hispanic or Latino."""

WRITTEN_LIKE: Mapping[str, str] = {
    "m": "Male", "man": "Male", "f": "Female", "woman": "Female",
    "hispanic": "Hispanic or Latino", "latino": "Hispanic or Latino",
    "black": "Black or African American", "african american": "Black or African American",
    "african-american": "Black or African American",
    "native hawaiian or other pacific islander": "Native Hawaiian or Pacific Islander",
    "pacific islander": "Native Hawaiian or Pacific Islander",
    "american indian or alaska native": "Native American or Alaska Native",
    "native american": "Native American or Alaska Native",
    "two or more": "Two or more races", "multiracial": "Two or more races",
    "unknown": UNKNOWN, "prefer not to say": UNKNOWN, "not disclosed": UNKNOWN,
    "declined to state": UNKNOWN,
}  # fmt: skip


def category_map(
    values: Iterable[str], categories: tuple[str, ...], declared: Mapping[str, str], column: str
) -> dict[str, str]:
    """Say for each value of a column which category it is.

    Parameters
    ----------
    values : iterable of str
        That occur; missing ones are unknown and need no entry.
    categories : tuple of str
        :data:`SEXES` or :data:`RACES`.
    declared : mapping of str to str
        By value a category, or "unknown".
    column : str
        For messages.

    Raises
    ------
    InputError
        If a declared category is none, or a value fits nothing.
    """
    for value, category in declared.items():
        if category not in (*categories, UNKNOWN):
            raise InputError(
                f"{category!r} is no category of the EEO-1 report",
                where=f"column {column!r}, value {value!r}",
                remedy=f"Choose one of: {', '.join((*categories, UNKNOWN))}",
            )
    by_name = {name.casefold(): name for name in categories}
    by_name |= {k: v for k, v in WRITTEN_LIKE.items() if v in (*categories, UNKNOWN)}
    found: dict[str, str] = {}
    without: list[str] = []
    for value in sorted(set(values) - {MISSING}):
        fits = declared.get(value) or by_name.get(value.strip().casefold())
        if fits is None:
            without.append(value)
        else:
            found[value] = fits
    if without:
        more = f" and {len(without) - 5} more" if len(without) > 5 else ""
        raise InputError(
            f"no category is declared for {', '.join(map(repr, without[:5]))}{more}",
            where=f"column {column!r}",
            remedy="Say which each is, or that it is unknown. Categories: "
            f"{', '.join((*categories, UNKNOWN))}",
        )
    return found


def mapped(values: pd.Series, found: Mapping[str, str]) -> pd.Series:
    """Put categories in place of values; what is unknown is missing."""
    names = {value: MISSING if c == UNKNOWN else c for value, c in found.items()}
    return values.map(names).fillna(MISSING).astype(object)
