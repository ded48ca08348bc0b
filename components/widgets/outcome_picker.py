"""Which columns of the open audit's table hold true and predicted values, whatever its roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from core.data.roles.outcome_rows import MANY_CLASSES, OutcomeColumns
from core.data.roles.role_checks import MANY_GROUPS
from core.data.roles.roles import Roles
from core.data.table import Kind

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.table import Column, Repair, Table


def outcome_columns(
    state: AuditState, table: Table, key_prefix: str, *, amounts: bool
) -> OutcomeColumns:
    """Let a person pick the columns; stop the page until there are enough.

    Parameters
    ----------
    state : AuditState
        Its roles, where there are any, are what the pickers start from.
    table : Table
    key_prefix : str
        Begins the widgets' keys.
    amounts : bool
        Whether numbers are predicted rather than classes.
    """
    what = "amount" if amounts else "class"
    fits = [c.name for c in table.columns if (_is_amount(c) if amounts else _is_class(c))]
    if len(fits) < 2:
        st.info(
            f"This needs a column of the true {what} and one of the predicted {what}; the table "
            "of this audit does not have two such columns."
        )
        st.stop()
    roles = state.roles or Roles(None, "", ())
    groups = [c.name for c in table.columns if _makes_groups(c)]
    weights = [c.name for c in table.columns if c.kind is Kind.NUMBER]
    left, right = st.columns(2)
    with left:
        text = "What came true."
        truth = _column(f"True {what}", f"{key_prefix} truth", fits, roles.target, help=text)
    with right:
        text = "What a model, or a person, said would come true."
        key = f"{key_prefix} prediction"
        prediction = _column(f"Predicted {what}", key, fits, roles.prediction, help=text)
    sensitive = st.multiselect(
        "Compare people by",
        groups,
        default=[name for name in roles.sensitive[:1] if name in groups],
        **session.lasting(f"{key_prefix} by"),
        help="Sensitive attributes. With two or more, groups are their combinations: Female · "
        "Black. Numbers are put into four groups.",
    )
    weight = _column(
        "Row weights, if there are any", f"{key_prefix} weight", weights, roles.weight,
        placeholder="Every row counts once",
    )  # fmt: skip
    if truth is None or prediction is None or not sensitive:
        st.info(
            f"Choose the column of the true {what}, that of the predicted {what}, and at least one "
            "attribute to compare people by."
        )
        st.stop()
    return _with_roles(roles, truth, prediction, tuple(sensitive), weight)


def _with_roles(
    roles: Roles, truth: str, prediction: str, sensitive: tuple[str, ...], weight: str | None
) -> OutcomeColumns:
    """Take groups as the roles cut and merge them, and persons by the identifiers left over."""
    edges = tuple((c, cut) for c, cut in roles.edges if c in sensitive)
    together = tuple(item for item in roles.merged_groups if item[0] in sensitive)
    used = {truth, prediction, weight, *sensitive}
    named = tuple(name for name in roles.identifiers if name not in used)
    return OutcomeColumns(truth, prediction, sensitive, weight, edges, together, named)


def _column(
    label: str,
    key: str,
    names: list[str],
    default: str | None,
    *,
    help: str | None = None,
    placeholder: str = "Choose a column",
) -> str | None:
    found: str | None = st.selectbox(
        label,
        names,
        index=names.index(default) if default in names else None,
        placeholder=placeholder,
        help=help,
        **session.lasting(key),
    )
    return found


def changed(repairs: tuple[Repair, ...]) -> None:
    """Say what was left out or put into groups on the way, with counts."""
    for repair in repairs:
        where = f"{repair.column}: " if repair.column else ""
        st.caption(session.literal(f"{where}{repair.what} ({repair.count:,})"))


def _is_class(column: Column) -> bool:
    return 2 <= column.distinct <= MANY_CLASSES and column.kind is not Kind.DATE


def _is_amount(column: Column) -> bool:
    return column.kind is Kind.NUMBER and column.distinct > 2


def _makes_groups(column: Column) -> bool:
    return column.distinct > 1 and (column.kind is Kind.NUMBER or column.distinct <= MANY_GROUPS)
