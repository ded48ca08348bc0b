"""What callers say of columns, read into the roles of an audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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


def names(given: str | Sequence[str]) -> tuple[str, ...]:
    """Read one name, or several."""
    return (given,) if isinstance(given, str) else tuple(given)


def label(given: object) -> str:
    """Write a label as the audit does, refusing a missing one."""
    try:
        return canonical(given)
    except ValueError:
        raise InputError(
            "the label counted as positive is missing",
            where="positive_label",
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
    if columns.target is None and columns.prediction is None and columns.score is None:
        raise InputError(
            "there is nothing to audit: neither true outcomes nor decisions nor scores are named",
            where="audit",
            remedy="Name target=, prediction= or score=, or give estimator=",
        )
    sensitive = names(columns.sensitive)
    check_columns(table, sensitive, "sensitive")
    roles, repairs = default_roles(
        table,
        columns.target,
        label(columns.positive_label),
        sensitive,
        positive_is_favourable=columns.positive_is_favourable,
        identifiers=names(columns.identifier),
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
    asked = names(columns.identifier)
    # A column that only looks like an identifier is a feature where a person asks for it.
    kept = tuple(name for name in roles.identifiers if name not in features or name in asked)
    return replace(roles, features=features, identifiers=kept), ()
