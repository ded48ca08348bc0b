"""Columns that may be grounds on which unequal treatment is regulated, by names and values."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.labels import distinct_labels
from core.data.roles.grounds import (
    CODED,
    COLOURS_OF_THINGS,
    GROUNDS,
    MEASURES,
    NOT_OF_PEOPLE,
    WHOSE,
    Ground,
)
from core.data.split_words import is_made_of, split_words, value_words
from core.data.table import Column, Kind, Table

FEW = 20
"""A column of more different numbers is a measure, unless it may be an age."""

_OF_PEOPLE = 0.6
"""Share of a column's values that must be said of people, those that say nothing aside."""

_NOTHING = frozenset({
    "other", "unknown", "missing", "none", "na", "n a", "not stated", "prefer not to say",
    "refused", "", "undifferentiated", "undisclosed", "mixed", "others", "two or more",
    "not known", "andere", "autre", "otro", "outro", "其他",
})  # fmt: skip
_MONTHS = frozenset({"jan", "feb", "apr", "jun", "aug", "sep", "oct", "nov"})


def sensitive_reasons(table: Table) -> dict[str, str]:
    """Say of each column that may be such a ground why it may, in the order of the table."""
    reasons: dict[str, str] = {}
    grounds: dict[str, str] = {}
    for column in table.columns:
        found = _ground(column, table)
        if found is not None:
            grounds[column.name], reasons[column.name] = found
    dummies = [name for name, ground in grounds.items() if ground.startswith("race")]
    for column in table.columns:
        # The rest of a group of columns, one for each origin.
        words = split_words(column.name)
        rest = column.distinct == 2 and words in (["other"], ["others"], ["otherrace"])
        if rest and sum(table.column(name).distinct == 2 for name in dummies) >= 2:
            reasons[column.name] = f"it stands beside {dummies[0]} and {dummies[1]}, as the rest"
    return {column.name: reasons[column.name] for column in table.columns if column.name in reasons}


def looks_sensitive(column: Column, table: Table) -> bool:
    """Whether a column's name or values are of such a ground, and it can make groups."""
    return _ground(column, table) is not None


def _ground(column: Column, table: Table) -> tuple[str, str] | None:
    """Name the ground that a column may be about, and say by what it was recognised."""
    if column.distinct < 2 or column.kind not in (Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN):
        return None
    words = split_words(column.name)
    if not MEASURES.isdisjoint(words) and (column.kind is Kind.NUMBER or column.distinct > FEW):
        return None
    for ground in GROUNDS:
        text = _by_name(ground, words, column, table)
        if text is not None:
            return ground.name, f"its name says {ground.name} (“{text}”)"
    if column.kind is Kind.CATEGORY and NOT_OF_PEOPLE.isdisjoint(words):
        return _by_values(column, table)
    return None


def _by_name(ground: Ground, words: Sequence[str], column: Column, table: Table) -> str | None:
    """Return the word that says the ground."""
    many = column.kind is Kind.NUMBER and column.distinct > FEW
    if (many and not ground.many) or _of_things(ground, words, column):
        return None
    if len(words) == 1 and words[0] in ground.alone and column.distinct <= FEW:
        months = {word for other in table.columns for word in split_words(other.name)}
        if len(_MONTHS & months) < 2:
            return words[0]
    for word in words:
        if any(is_made_of(word, known, WHOSE, CODED) for known in ground.words):
            return word
        if any(word.startswith(stem) or (stem[0] > "z" and stem in word) for stem in ground.stems):
            return word
    together = "".join(words)
    if together in ground.words:
        return " ".join(words)
    if column.distinct != 2:
        return None
    for word in (*words, together):
        if any(is_made_of(word, known, WHOSE, CODED) for known in ground.one_group):
            return word
    return None


def _of_things(ground: Ground, words: Sequence[str], column: Column) -> bool:
    """Whether a colour or an age is said of things, or a colour is a number."""
    if ground.name in ("age", "race or ethnic origin") and not NOT_OF_PEOPLE.isdisjoint(words):
        return True
    coloured = not {"colour", "color", "skin"}.isdisjoint(words) and "race" in ground.name
    if not coloured:
        return False
    people = next(one.values for one in GROUNDS if "race" in one.name)
    said = {value_words(example) for example in column.examples}
    shades = {"light", "dark", "medium", "fair", "brown", "coloured", "colored", "indian", "native"}
    return column.kind is Kind.NUMBER or not all(
        value in people | shades | _NOTHING | {"yes", "no"} for value in said
    )


def _by_values(column: Column, table: Table) -> tuple[str, str] | None:
    """Recognise a ground by values, of which most must be said of people."""
    if column.distinct > FEW:
        return None
    values = {value_words(label) for label in distinct_labels(table.frame[column.name])}
    said = values - _NOTHING
    if said in ({"m", "f"}, {"m", "w"}):
        return "sex", "its values are M and " + max(said - {"m"}).upper()
    if said & COLOURS_OF_THINGS:
        return None
    for ground in GROUNDS:
        fit = said & ground.values
        if len(fit) >= 2 and len(fit) >= _OF_PEOPLE * len(said):
            text = " and ".join(f"“{value}”" for value in sorted(fit)[:2])
            return ground.name, f"its values say {ground.name} ({text})"
    return None
