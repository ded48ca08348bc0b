"""Roles suggested from names and kinds: a start for a person, never a decision."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.data.labels import near
from core.data.roles import Roles
from core.data.table import Column, Kind, Repair, Table
from core.errors import InputError

# fmt: off
_SENSITIVE = frozenset({
    "sex", "gender", "race", "ethnicity", "ethnic", "age", "agegroup", "nationality", "religion",
    "disability", "disabled", "marital", "pregnant", "pregnancy", "orientation", "citizenship",
    "foreign", "skin", "caste", "birthdate", "dob",
})
# fmt: on
"""Words in column names that point to grounds on which unequal treatment is regulated."""

_NAMELIKE = frozenset({"id", "uuid", "guid", "ssn", "key", "index"})
_IDENTIFIER = _NAMELIKE | {"name", "surname", "email", "phone"}


@dataclass(frozen=True)
class RoleSuggestion:
    """Guesses for a person to confirm or correct.

    Attributes
    ----------
    target : str or None
        The last column, if it has two values.
    sensitive, features, identifiers : tuple of str
    """

    target: str | None
    sensitive: tuple[str, ...]
    features: tuple[str, ...]
    identifiers: tuple[str, ...]


def suggest_roles(table: Table) -> RoleSuggestion:
    """Suggest roles by the names of columns, their kinds and how many values they have."""
    last = table.columns[-1]
    target = last.name if last.distinct == 2 else None
    rest = [column for column in table.columns if column.name != target]
    identifiers = tuple(c.name for c in rest if looks_like_identifier(c, len(table.frame)))
    sensitive = tuple(
        column.name
        for column in rest
        if column.name not in identifiers
        and column.distinct > 1
        and column.kind in (Kind.NUMBER, Kind.CATEGORY, Kind.BOOLEAN)
        and _SENSITIVE & set(_words(column.name))
    )
    features = tuple(
        column.name
        for column in rest
        if column.name not in identifiers + sensitive and _usable(column)
    )
    return RoleSuggestion(target, sensitive, features, identifiers)


def looks_like_identifier(column: Column, rows: int) -> bool:
    """Whether a column seems to name the row: by its name, or text that never repeats."""
    words = _words(column.name)
    if words[:1] in (["unnamed"], ["column"]) and column.distinct == rows > 10:
        return True  # A row number, which spreadsheets and pandas write without a name.
    unique = column.distinct > 50 and column.distinct == rows - column.missing
    if unique and column.kind in (Kind.TEXT, Kind.CATEGORY):
        return True
    named = bool(words) and (words[-1] in _IDENTIFIER or words[0] in _NAMELIKE)
    return named and column.distinct > 0.5 * max(rows - column.missing, 1)


def default_roles(
    table: Table,
    target: str | None,
    positive_label: str,
    sensitive: Sequence[str],
    *,
    keep_as_features: Sequence[str] = (),
    positive_is_favourable: bool = True,
    identifiers: Sequence[str] = (),
    weight: str | None = None,
    prediction: str | None = None,
    score: str | None = None,
    threshold: float | None = None,
    edges: tuple[tuple[str, tuple[float, ...]], ...] = (),
) -> tuple[Roles, tuple[Repair, ...]]:
    """Make roles in which every usable column without another role is a feature.

    Parameters
    ----------
    table : Table
    target : str or None
        None where there are decisions or scores without true outcomes.
    positive_label : str
    sensitive : sequence of str
        Not features, unless listed in ``keep_as_features`` as well.
    keep_as_features : sequence of str
        Sensitive columns that a model may see.
    positive_is_favourable, identifiers, weight, prediction, score, threshold, edges
        As in :class:`core.data.roles.Roles`. With a prediction or a score there are no features.

    Returns
    -------
    tuple of (Roles, tuple of Repair)
        The roles, and each column left out because it looks like an identifier, holds free text
        or is empty.

    Raises
    ------
    InputError
        If ``keep_as_features`` names a column that is not sensitive.
    """
    for name in keep_as_features:
        if name not in sensitive:
            raise InputError(
                "it is to be kept as a feature but is not a sensitive column",
                where=repr(name),
                remedy=near(name, tuple(sensitive)) if sensitive else None,
            )
    named = [*identifiers]
    features: list[str] = []
    repairs: list[Repair] = []
    taken = {target, weight, prediction, score, *identifiers}
    taken |= set(sensitive) - set(keep_as_features)
    audits_predictions = prediction is not None or score is not None
    for column in table.columns:
        if column.name in taken or audits_predictions:
            continue
        if column.kind is Kind.EMPTY:
            reason = "it is empty"
        elif looks_like_identifier(column, len(table.frame)):
            reason = "it looks like an identifier"
            named.append(column.name)
        elif column.kind is Kind.TEXT:
            reason = "it holds free text"
        else:
            features.append(column.name)
            continue
        repairs.append(Repair(f"The column is no feature: {reason}.", 1, column.name))
    roles = Roles(
        target=target,
        positive_label=positive_label,
        sensitive=tuple(sensitive),
        positive_is_favourable=positive_is_favourable,
        features=tuple(features),
        identifiers=tuple(named),
        weight=weight,
        prediction=prediction,
        score=score,
        threshold=threshold,
        edges=edges,
    )
    return roles, tuple(repairs)


def _usable(column: Column) -> bool:
    return column.kind not in (Kind.TEXT, Kind.EMPTY) and column.distinct > 1


def _words(name: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[a-z]+", spaced.casefold())
