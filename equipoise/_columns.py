"""What callers say of columns, read into the roles of an audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.data.assign import default_roles
from core.data.labels import canonical, near
from core.data.roles.roles import Roles
from core.data.table import Repair, Table
from core.errors import InputError


@dataclass(frozen=True)
class Columns:
    """What each column means, as a caller says it; see :func:`equipoise.audit`."""

    target: str | None
    positive_label: object
    sensitive: str | Sequence[str]
    positive_is_favourable: bool
    prediction: str | None
    score: str | None
    threshold: float | None
    features: Sequence[str] | None
    identifier: str | Sequence[str]
    weight: str | None
    edges: Mapping[str, Sequence[float]]
    merge_groups: Mapping[str, Mapping[str, Sequence[str]]]


def names(given: object, where: str) -> tuple[str, ...]:
    """Read one name, or several."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        return (_name(given, where),)
    return tuple(_name(each, where) for each in given)


def _name(given: object, where: str) -> str:
    # A frame without names numbers its columns, and the table calls them by these numbers.
    if isinstance(given, str | int | np.integer) and not isinstance(given, bool):
        return str(given)
    raise InputError(
        f"it is {given!r}, and no name of a column",
        where=where,
        remedy="Give the name as text",
    )


def _name_or_none(given: object, where: str) -> str | None:
    return None if given is None else _name(given, where)


def checked(columns: Columns) -> Columns:
    """Return what a caller says, each name as the table has it.

    Raises
    ------
    InputError
        If a name is none, or whether the positive label is favourable is no truth value.
    """
    if not isinstance(columns.positive_is_favourable, bool | np.bool_):
        raise InputError(
            f"it is {columns.positive_is_favourable!r}, and neither True nor False",
            where="positive_is_favourable",
            remedy="Give True or False",
        )
    return replace(
        columns,
        target=_name_or_none(columns.target, "target"),
        sensitive=names(columns.sensitive, "sensitive"),
        positive_is_favourable=bool(columns.positive_is_favourable),
        prediction=_name_or_none(columns.prediction, "prediction"),
        score=_name_or_none(columns.score, "score"),
        features=None if columns.features is None else names(columns.features, "features"),
        identifier=names(columns.identifier, "identifier"),
        weight=_name_or_none(columns.weight, "weight"),
    )


def label(given: object, where: str = "positive_label") -> str:
    """Write a label as the audit does, refusing a missing one."""
    try:
        return canonical(given)
    except ValueError:
        raise InputError(
            "the label counted as positive is missing"
            if where == "positive_label"
            else "the value is missing",
            where=where,
            remedy="Give the label, such as 1, True or 'good'",
        ) from None


def check_columns(table: Table, given: Sequence[str], where: str) -> None:
    """Refuse the name of a column that the table does not have."""
    there = tuple(map(str, table.frame.columns))
    for name in given:
        if name not in there:
            raise InputError(
                "there is no column of that name",
                where=f"{where} {name!r}",
                remedy=near(name, there),
            )


def roles_of(table: Table, columns: Columns) -> tuple[Roles, tuple[Repair, ...]]:
    """Assign roles.

    Returns
    -------
    tuple of the roles, and what was left out of the features by default.

    Raises
    ------
    InputError
        If there is neither an outcome nor a decision, or a name is of no column.
    """
    columns = checked(columns)
    if columns.target is None and columns.prediction is None and columns.score is None:
        raise InputError(
            "there is nothing to audit: neither true outcomes nor decisions nor scores are named",
            where="audit",
            remedy="Name target=, prediction= or score=, or give estimator=",
        )
    sensitive, identifiers = tuple(columns.sensitive), tuple(columns.identifier)
    check_columns(table, sensitive, "sensitive")
    roles, repairs = default_roles(
        table,
        columns.target,
        label(columns.positive_label),
        sensitive,
        positive_is_favourable=columns.positive_is_favourable,
        identifiers=identifiers,
        weight=columns.weight,
        prediction=columns.prediction,
        score=columns.score,
        threshold=columns.threshold,
        edges=tuple((name, tuple(map(float, cut))) for name, cut in columns.edges.items()),
    )
    merged = tuple(
        (name, group, tuple(values))
        for name, groups in columns.merge_groups.items()
        for group, values in groups.items()
    )
    roles = replace(roles, merged_groups=merged)
    if columns.features is None or roles.audits_existing_predictions:
        return roles, repairs
    check_columns(table, columns.features, "features")
    features = tuple(columns.features)
    # A column that only looks like an identifier is a feature where a person asks for it.
    kept = tuple(name for name in roles.identifiers if name not in features or name in identifiers)
    return replace(roles, features=features, identifiers=kept), ()


def with_record(roles: Roles, records: str | None) -> Roles:
    """Say what the target records: decisions that were made, or what came true.

    Raises
    ------
    InputError
        If it is neither, or there is no target.
    """
    if records is None:
        return roles
    if records not in ("decisions", "outcomes"):
        raise InputError(
            "it is neither",
            where=f"target_records {records!r}",
            remedy="Give decisions or outcomes",
        )
    if roles.target is None:
        raise InputError(
            "there is no target that could record anything",
            where="target_records",
            remedy="Leave it out",
        )
    return replace(
        roles,
        target_holds_decisions=records == "decisions",
        target_came_true=records == "outcomes",
    )
