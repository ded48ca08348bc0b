"""Whether roles fit a table: every column exists, and none is asked to be two things."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from core.data.labels import near
from core.data.roles.merged_groups import check_merged_groups
from core.data.roles.roles import Roles
from core.data.table import Kind, Table
from core.errors import InputError

MANY_LABELS = 20
"""A numeric target of more distinct values is taken for a quantity, not for labels."""

MANY_GROUPS = 200
"""A sensitive column of more groups cannot be compared."""

MANY_TOGETHER = 1000
"""Sensitive columns that make more groups together cannot be compared."""


TOGETHER = {
    ("sensitive", "feature"),
    *((role, "marker of training rows") for role in ("sensitive", "feature", "identifier")),
}
"""Roles that one column may have, in the order in which they are checked."""


def check_roles(table: Table, roles: Roles) -> None:
    """Validate everything about roles that can be told from names and kinds.

    Raises
    ------
    InputError
        Naming the column and what to do.
    """
    names = tuple(column.name for column in table.columns)
    single = {
        "target": roles.target,
        "weight": roles.weight,
        "prediction": roles.prediction,
        "score": roles.score,
    }
    lists = {
        "sensitive": roles.sensitive,
        "feature": roles.features,
        "identifier": roles.identifiers,
        "marker of training rows": roles.markers,
    }
    for role, given in lists.items():
        _once(role, given)
    uses = [(role, name) for role, name in single.items() if name is not None]
    uses += [(role, name) for role, given in lists.items() for name in given]
    for role, name in uses:
        if name not in names:
            raise InputError(
                f"there is no column of that name to be the {role}",
                where=repr(name),
                remedy=near(name, names),
            )
    if not roles.sensitive:
        raise InputError(
            "no sensitive column is chosen, so there is nothing to compare",
            remedy="Choose at least one column such as sex or age",
        )
    _no_conflict(uses)
    if roles.target is None and not roles.audits_existing_predictions:
        raise InputError(
            "there is neither a column of true outcomes nor one of decisions or scores",
            remedy="Name the outcome to learn from, or the decisions or scores to audit",
        )
    if not roles.features and not roles.audits_existing_predictions:
        raise InputError(
            "no feature is chosen and no existing prediction or score either",
            remedy="Choose features for a model to see, or the column of predictions to audit",
        )
    if roles.target is None and (roles.target_holds_decisions or roles.target_came_true):
        raise InputError(
            "it is said what the target records, but there is no target",
            remedy="Name the column of outcomes, or leave out what it records",
        )
    if roles.target_holds_decisions and roles.target_came_true:
        raise InputError(
            "it can't record decisions and also what came true",
            where=f"target {roles.target!r}",
            remedy="Say one of them, or neither where it isn't known",
        )
    _check_threshold(roles)
    _check_edges(roles)
    check_merged_groups(roles.sensitive, roles.merged_groups)
    _check_kinds(table, roles)


def no_row(roles: Roles) -> str:
    """Say that every row lacks something that it is judged by."""
    if roles.target is None:
        return "no row has what was decided"
    return "no row has all of target, prediction and score"


def _once(role: str, given: Iterable[str]) -> None:
    for name, count in Counter(given).items():
        if count > 1:
            raise InputError(
                f"it is listed {count} times as {role}",
                where=f"column {name!r}",
                remedy="List it once",
            )


def _no_conflict(uses: list[tuple[str, str]]) -> None:
    first: dict[str, str] = {}
    for role, name in uses:
        before = first.setdefault(name, role)
        if before != role and (before, role) not in TOGETHER:
            raise InputError(
                f"it can't be both {before} and {role}",
                where=f"column {name!r}",
                remedy="Give it one of these roles only",
            )


def _check_threshold(roles: Roles) -> None:
    if isinstance(roles.threshold, str | bool):
        # From a notebook nothing else looks at it first.
        raise InputError(
            "it is no number",
            where=f"threshold {roles.threshold!r}",
            remedy="Give a number such as 0.5; of a median, the lowest score above it",
        )
    if roles.threshold is not None and not math.isfinite(roles.threshold):
        raise InputError("the threshold is not a finite number", remedy="Give a number such as 0.5")
    needed = roles.score is not None and roles.prediction is None
    if needed and roles.threshold is None:
        raise InputError(
            "a score needs a threshold from which the answer is positive",
            where=f"column {roles.score!r}",
            remedy="Give a threshold, or a column of predictions",
        )
    if not needed and roles.threshold is not None:
        raise InputError(
            "a threshold is of use only with a score and without a column of predictions",
            remedy="Leave the threshold or the predictions out",
        )


def _check_edges(roles: Roles) -> None:
    _once("column with bin edges", (name for name, _ in roles.edges))
    for name, _ in roles.edges:
        if name not in roles.sensitive:
            raise InputError(
                "it has bin edges but is not sensitive",
                where=f"column {name!r}",
                remedy="Choose it as sensitive or leave its edges out",
            )


def _check_kinds(table: Table, roles: Roles) -> None:
    for name in roles.features:
        if table.column(name).kind is Kind.TEXT:
            raise InputError(
                "it holds free text, which can't be a feature",
                where=f"column {name!r}",
                remedy="Leave it out, or choose category as its kind if its values repeat",
            )
    for name in roles.sensitive:
        if table.column(name).kind in (Kind.TEXT, Kind.DATE):
            raise InputError(
                f"it holds {'free text' if table.column(name).kind is Kind.TEXT else 'dates'}, "
                "which makes no groups",
                where=f"column {name!r}",
                remedy="Choose another column, or choose category as its kind if its values repeat",
            )
    for role, numeric in (("weight", roles.weight), ("score", roles.score)):
        if numeric is not None and table.column(numeric).kind is not Kind.NUMBER:
            raise InputError(
                f"a {role} must be a number, and the column holds {table.column(numeric).kind}",
                where=f"column {numeric!r}",
                remedy="Choose a numeric column, or choose number as its kind",
            )
    if roles.target is not None:
        _check_labels(table, roles.target, "target")
    elif roles.prediction is not None:
        _check_labels(table, roles.prediction, "prediction")


def _check_labels(table: Table, name: str, role: str) -> None:
    """Refuse a column that holds no labels to tell decisions or outcomes by."""
    column = table.column(name)
    where = f"column {name!r}"
    if column.kind is Kind.EMPTY:
        raise InputError(f"the {role} holds no value", where=where, remedy="Choose another column")
    if column.kind in (Kind.TEXT, Kind.DATE):
        raise InputError(
            f"the {role} holds {'free text' if column.kind is Kind.TEXT else 'dates'}, not labels",
            where=where,
            remedy="Choose a column with a few distinct labels",
        )
    if column.kind is Kind.NUMBER and column.distinct > MANY_LABELS:
        what = "a quantity for regression" if role == "target" else "a score"
        raise InputError(
            f"the {role} has {column.distinct} distinct numbers, as {what} has",
            where=where,
            remedy="Choose a column of labels, or make one such as above and below a limit"
            if role == "target"
            else "Give the column as score, with a threshold from which the answer is positive",
        )
