"""Roles suggested from names and kinds: a start for a person, never a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.data.codes import may_be_codes
from core.data.labels import distinct_labels, near
from core.data.roles.questions import questions
from core.data.roles.roles import Roles
from core.data.roles.row_numbers import identifier_reason
from core.data.roles.suggest_label import suggest_label
from core.data.roles.suggest_sensitive import sensitive_reasons
from core.data.roles.suggest_target import suggest_target
from core.data.table import Column, Kind, Repair, Table
from core.errors import InputError


@dataclass(frozen=True)
class RoleSuggestion:
    """Guesses for a person to confirm or correct.

    Attributes
    ----------
    target : str or None
        A column of two values that is called, coded or placed as outcomes are; never one that may
        be a protected ground. None where a person has to say.
    sensitive, features, identifiers : tuple of str
    codes : tuple of str
        Features of numbers that may be codes, which only a person knows.
    positive : str or None
        Label of the target that counts as positive; None where a person has to say.
    favourable : bool or None
        Whether people hope for it; None where a person has to say.
    target_reason, label_reason : str
        Why it was guessed so, or why a person is asked.
    reasons : tuple of (str, str)
        Each sensitive column and each identifier, and why it was taken for one.
    """

    target: str | None
    sensitive: tuple[str, ...]
    features: tuple[str, ...]
    identifiers: tuple[str, ...]
    codes: tuple[str, ...] = ()
    positive: str | None = None
    favourable: bool | None = None
    target_reason: str = ""
    label_reason: str = ""
    reasons: tuple[tuple[str, str], ...] = ()


def suggest_roles(table: Table) -> RoleSuggestion:
    """Suggest roles by the names of columns, their kinds, values, order and place."""
    named = {c.name: why for c in table.columns if (why := identifier_reason(c, table))}
    identifiers = tuple(named)
    rest = [column for column in table.columns if column.name not in identifiers]
    found = sensitive_reasons(table)
    sensitive = tuple(column.name for column in rest if column.name in found)
    target, why = suggest_target(table, sensitive, identifiers)
    features = [
        column for column in rest if column.name not in (*sensitive, target) and _usable(column)
    ]
    label = None if target is None else suggest_label(target, distinct_labels(table.frame[target]))
    return RoleSuggestion(
        target,
        sensitive,
        tuple(column.name for column in features),
        identifiers,
        tuple(column.name for column in features if may_be_codes(column, table)),
        positive=None if label is None else label.positive,
        favourable=None if label is None else label.favourable,
        target_reason=why,
        label_reason="" if label is None else label.reason,
        reasons=(*named.items(), *((name, found[name]) for name in sensitive)),
    )


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
        elif column.name not in keep_as_features and (why := identifier_reason(column, table)):
            reason = f"it looks like an identifier, as {why}"
            named.append(column.name)
        elif column.kind is Kind.TEXT:
            reason = "it holds free text"
        else:
            features.append(column.name)
            continue
        repairs.append(Repair(f"The column is no feature: {reason}.", 1, column.name))
    repairs.extend(questions(table, target, features, sensitive))
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
