"""The column that says what became of people, guessed among those of two values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from core.data.labels import distinct_labels
from core.data.roles.outcome_words import (
    BAD_VALUES,
    CIRCUMSTANCES,
    GOOD_VALUES,
    NEUTRAL,
    PLAIN,
    RISKS,
    STATUSES,
    TIMES,
    TREATMENTS,
    UNWELCOME,
    WELCOME,
    holds,
)
from core.data.split_words import split_words, value_words
from core.data.table import Column, Table

ENOUGH = 2.0
"""A column of less evidence is not suggested: a person is asked."""

AHEAD = 0.5
"""By how much the first must be ahead of the second."""

PLAINLY_NAMED, NAMED, NEUTRALLY_NAMED, RISK_NAMED = 3.0, 2.5, 2.0, 1.5
VALUED, TIMED, LAST, FIRST = 2.0, 1.5, 1.0, 0.8
NUMBERED, BROUGHT, TREATED, FORM = -2.5, -2.5, -3.0, -1.0
"""Weights of what speaks for a column and against it, set on the first of two sets of tables."""


@dataclass
class Candidate:
    """A column that may be the target, with what speaks for it."""

    column: Column
    evidence: float = 0.0
    reasons: list[str] = field(default_factory=list)

    def add(self, evidence: float, reason: str = "") -> None:
        """Count a piece of evidence, and keep its reason if it speaks for the column."""
        self.evidence += evidence
        if reason:
            self.reasons.append(reason)


def suggest_target(
    table: Table, sensitive: Collection[str], identifiers: Collection[str]
) -> tuple[str | None, str]:
    """Guess the target among columns of two values, never one that may be a protected ground.

    Returns
    -------
    tuple of the column or None, and the reason for it or for asking.
    """
    rest = [c for c in table.columns if c.name not in identifiers]
    same_stem = Counter(_stem(column.name) for column in rest if column.distinct == 2)
    timed = any(holds(split_words(c.name), TIMES) and c.distinct > 2 for c in rest)
    candidates = [
        _weighed(column, table, rest, same_stem, timed)
        for column in rest
        if column.distinct == 2 and column.name not in sensitive
    ]
    if not candidates:
        return None, "no column of two values is left that is not about a protected group"
    candidates.sort(key=lambda one: -one.evidence)
    first = candidates[0]
    rivals = [
        one
        for one in candidates[1:]
        if first.evidence - one.evidence < AHEAD and not _say_the_same(first, one, table)
    ]
    if len(candidates) == 1 and first.column in (rest[0], rest[-1]) and first.evidence >= 0:
        first.add(ENOUGH, "no other column of two values may be it")
    if first.evidence < ENOUGH:
        return None, "no column of two values is called, placed or coded as an outcome is"
    if rivals:
        names = " and ".join(f"“{one.column.name}”" for one in [first, *rivals][:3])
        return None, f"{names} may each be the outcome"
    return first.column.name, "; ".join(first.reasons)


def _weighed(
    column: Column,
    table: Table,
    rest: Sequence[Column],
    same_stem: Mapping[str | None, int],
    timed: bool,
) -> Candidate:
    found = Candidate(column)
    words = split_words(column.name)
    named = _by_name(found, words)
    _by_values(found, table)
    if column is rest[-1]:
        found.add(LAST, "it is the last column")
    elif column is rest[0]:
        found.add(FIRST, "it is the first column")
    if timed and holds(words, STATUSES):
        found.add(TIMED, "a column of times stands beside it")
    stem = _stem(column.name)
    if stem is not None and same_stem[stem] >= 2:
        found.add(NUMBERED)
    if holds(words, TREATMENTS) and holds(words, PLAIN) is None:
        found.add(TREATED)
    brought = holds(words, CIRCUMSTANCES)
    if brought in _FORMS:
        found.add(FORM)
    elif brought is not None and (not named or brought in _STRONGLY_BROUGHT):
        found.add(BROUGHT)
    return found


_FORMS = frozenset({"type", "kind", "category", "grade", "level", "quality"})
_STRONGLY_BROUGHT = frozenset({
    "prior", "previous", "prev", "past", "hist", "history", "baseline", "base", "before", "initial",
    "mother", "father", "mom", "dad", "parents",
})  # fmt: skip


def _by_name(found: Candidate, words: Sequence[str]) -> bool:
    for known, evidence, what in (
        (PLAIN, PLAINLY_NAMED, "its name is one of outcomes"),
        (RISKS, RISK_NAMED, "its name may be one of an outcome"),
        (UNWELCOME, NAMED, "its name is one of an outcome"),
        (WELCOME, NAMED, "its name is one of an outcome"),
        (NEUTRAL, NEUTRALLY_NAMED, "its name is one of an outcome"),
    ):
        word = holds(words, known)
        if word is not None:
            found.add(evidence, f"{what} (“{word}”)")
            return True
    return False


def _by_values(found: Candidate, table: Table) -> None:
    labels = distinct_labels(table.frame[found.column.name])
    values = {value_words(label).replace(" ", "") for label in labels}
    text = " and ".join(f"“{label}”" for label in labels)
    if values & (GOOD_VALUES | BAD_VALUES) and not values <= {"low", "high", "normal"}:
        found.add(VALUED, f"its values are {text}")
    elif any(re.match(r"[<>]=?\s*\d", label) for label in labels):
        found.add(VALUED / 2, f"its values are {text}")


def _stem(name: str) -> str | None:
    """Return what a name is before its number; None without one."""
    match = re.match(r"(.*?[A-Za-z])[ _.\-]?(\d{1,4})$", name)
    return match[1].casefold() if match else None


def _say_the_same(first: Candidate, other: Candidate, table: Table) -> bool:
    """Whether each value of one column goes with one value of the other."""
    both = table.frame[[first.column.name, other.column.name]].dropna()
    return len(both) > 0 and bool(
        (pd.crosstab(both.iloc[:, 0], both.iloc[:, 1]) > 0).sum().max() == 1
    )
