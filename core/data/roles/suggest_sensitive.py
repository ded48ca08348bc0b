"""Columns that may be grounds on which unequal treatment is regulated, by their names."""

from __future__ import annotations

from core.data.column_words import column_words
from core.data.table import Column, Kind

# fmt: off
_WORDS = frozenset({
    "sex", "gender", "female", "male", "woman", "women", "race", "racial", "age", "agegroup",
    "disability", "disabled", "handicap", "orientation", "caste", "birthdate", "dob", "hisp",
    "latino", "latina", "latinx", "minority", "foreign", "foreigner", "married", "migrant",
    "immigrant", "veteran", "pregnant",
})
_STEMS = (
    "ethnic", "hispan", "marit", "citizen", "nationalit", "religio", "pregnan", "disabilit",
)
_COLOURS = frozenset({"colour", "color", "skin"})
_OF_PEOPLE = frozenset({
    "white", "black", "asian", "hispanic", "latino", "brown", "mixed", "coloured", "colored",
    "native", "indian", "other", "unknown", "light", "dark", "medium", "fair", "yes", "no",
})
# fmt: on


def looks_sensitive(column: Column) -> bool:
    """Whether a column's name is one of such a ground, and its values can make groups.

    A colour is one where its values are said of people; a number called skin is a measure.
    """
    if column.distinct < 2 or column.kind not in (Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN):
        return False
    words = column_words(column.name)
    if _WORDS.intersection(words) or any(word.startswith(_STEMS) for word in words):
        return True
    return bool(_COLOURS.intersection(words)) and column.kind is not Kind.NUMBER and all(
        _OF_PEOPLE.intersection(column_words(example)) for example in column.examples
    )  # fmt: skip
