"""Roles suggested from names and kinds: a start for a person, never a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.data.codes import codes_asked, may_be_codes
from core.data.column_words import column_words
from core.data.labels import near
from core.data.roles.roles import Roles
from core.data.roles.row_numbers import looks_like_identifier
from core.data.roles.suggest_sensitive import looks_sensitive
from core.data.table import Column, Kind, Repair, Table
from core.errors import InputError

# fmt: off
_OUTCOMES = frozenset({
    "target", "label", "outcome", "class", "result", "approved", "accepted", "denied", "rejected",
    "granted", "default", "defaulted", "paid", "hired", "admitted", "died", "survived",
    "readmitted",
    "recidivism", "churn", "churned", "fraud", "injured", "success", "passed", "failed", "decision",
    "y",
})
# fmt: on
"""Words in names of columns that say what became of a person."""


@dataclass(frozen=True)
class RoleSuggestion:
    """Guesses for a person to confirm or correct.

    Attributes
    ----------
    target : str or None
        A column of two values that is called like an outcome, else the last one if it has two;
        never one that is suggested as sensitive.
    sensitive, features, identifiers : tuple of str
    codes : tuple of str
        Features of numbers that may be codes, which only a person knows.
    """

    target: str | None
    sensitive: tuple[str, ...]
    features: tuple[str, ...]
    identifiers: tuple[str, ...]
    codes: tuple[str, ...] = ()


def suggest_roles(table: Table) -> RoleSuggestion:
    """Suggest roles by the names of columns, their kinds and how many values they have."""
    identifiers = tuple(c.name for c in table.columns if looks_like_identifier(c, table))
    rest = [column for column in table.columns if column.name not in identifiers]
    sensitive = tuple(column.name for column in rest if looks_sensitive(column))
    target = _target([column for column in rest if column.name not in sensitive], table)
    features = [
        column for column in rest if column.name not in (*sensitive, target) and _usable(column)
    ]
    return RoleSuggestion(
        target,
        sensitive,
        tuple(column.name for column in features),
        identifiers,
        tuple(column.name for column in features if may_be_codes(column, table)),
    )


def _target(columns: Sequence[Column], table: Table) -> str | None:
    """Return the one column of two values that is called like an outcome, else the last."""
    two = [column for column in columns if column.distinct == 2]
    named = [c.name for c in two if not _OUTCOMES.isdisjoint(column_words(c.name))]
    last = table.columns[-1].name
    if last in named or (not named and last in [column.name for column in two]):
        return last
    return named[0] if len(named) == 1 else None


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
        As in :class:`core.data.roles.roles.Roles`. With a prediction or a score there are no
        features.

    Returns
    -------
    tuple of (Roles, tuple of Repair)
        The roles, and each column left out because it looks like an identifier, holds free text
        or is empty, or taken as amounts although its numbers may be codes.

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
        elif column.name not in keep_as_features and looks_like_identifier(column, table):
            reason = "it looks like an identifier"
            named.append(column.name)
        elif column.kind is Kind.TEXT:
            reason = "it holds free text"
        else:
            features.append(column.name)
            if may_be_codes(column, table):
                repairs.append(codes_asked(column, table))
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
