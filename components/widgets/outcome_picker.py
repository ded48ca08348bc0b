"""Which columns of the open audit's table hold true and predicted values, whatever its roles.

A model that was brought may stand in the place of the column of predictions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session, steps
from core.audit_state.outcome_models import OutcomeModel, outcome_models
from core.data.roles.outcome_rows import MANY_CLASSES, OutcomeColumns
from core.data.roles.role_checks import MANY_GROUPS
from core.data.roles.roles import Roles
from core.data.table import Kind
from core.external_models.predicted_outcomes import prediction_column

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.table import Column, Repair, Table
    from core.external_models.external_spec import ExternalSpec


def outcome_columns(
    state: AuditState, table: Table, key_prefix: str, *, amounts: bool
) -> tuple[OutcomeColumns, ExternalSpec | None]:
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

    Returns
    -------
    tuple of the columns, and the model that predicts where no column does.
    """
    what = "amount" if amounts else "class"
    fits = fitting_columns(table, amounts=amounts)
    answers = "number" if amounts else "class"
    models = {
        model_label(model.external): model
        for model in reversed(outcome_models(session.workspace(), state))
        if model.external.output == answers
    }
    if len(fits) + bool(models) < 2:
        st.info(
            f"This needs a column of the true {what} and one of the predicted {what}; the table "
            "of this audit does not have two such columns."
        )
        _way_to_a_model(state, amounts=amounts)
        st.stop()
    roles = state.roles or Roles(None, "", ())
    last = list(models.values())[-1] if models else None
    groups = grouping_columns(table)
    weights = [c.name for c in table.columns if c.kind is Kind.NUMBER]
    left, right = st.columns(2)
    with left:
        text = "What came true."
        before = last.columns.truth if last is not None and roles.prediction is None else None
        key = f"{key_prefix} truth"
        truth = _column(f"True {what}", key, fits, before or roles.target, help=text)
    with right:
        text = "What a model, or a person, said would come true."
        key = f"{key_prefix} prediction"
        preset = roles.prediction or (model_label(last.external) if last is not None else None)
        offered = [*fits, *models]
        prediction = _column(f"Predicted {what}", key, offered, preset, help=text)
    preset_groups = roles.sensitive[:1] or (last.columns.sensitive if last is not None else ())
    sensitive = st.multiselect(
        "Compare people by",
        groups,
        default=[name for name in preset_groups if name in groups],
        **session.lasting(f"{key_prefix} by"),
        help="Sensitive attributes. With two or more, groups are their combinations: Female · "
        "Black. Numbers are put into four groups.",
    )
    weight = _column(
        "Row weights, if there are any", f"{key_prefix} weight", weights, roles.weight,
        placeholder="Every row counts once",
    )  # fmt: skip
    _way_to_a_model(state, amounts=amounts)
    if truth is None or prediction is None or not sensitive:
        st.info(
            f"Choose the column of the true {what}, that of the predicted {what}, and at least one "
            "attribute to compare people by."
        )
        st.stop()
    columns = columns_by_roles(roles, truth, prediction, tuple(sensitive), weight)
    found = models.get(prediction)
    return columns, None if found is None else found.external


def model_label(external: ExternalSpec) -> str:
    """Name what a model predicts among the columns of predictions."""
    return f"{prediction_column(external.name)} (SHA-256 {external.sha256[:8]}…)"


def choose_prediction(key_prefix: str, model: OutcomeModel) -> None:
    """Choose a model, and what it is to predict, on the page of a key's beginning."""
    st.session_state[f"{key_prefix} prediction"] = model_label(model.external)
    st.session_state[f"{key_prefix} truth"] = model.columns.truth


def columns_by_roles(
    roles: Roles | None,
    truth: str,
    prediction: str,
    sensitive: tuple[str, ...],
    weight: str | None = None,
) -> OutcomeColumns:
    """Take groups as the roles cut and merge them, and persons by the identifiers left over."""
    roles = roles or Roles(None, "", ())
    edges = tuple((c, cut) for c, cut in roles.edges if c in sensitive)
    together = tuple(item for item in roles.merged_groups if item[0] in sensitive)
    used = {truth, prediction, weight, *sensitive}
    named = tuple(name for name in roles.identifiers if name not in used)
    return OutcomeColumns(truth, prediction, sensitive, weight, edges, together, named)


def fitting_columns(table: Table, *, amounts: bool) -> list[str]:
    """Name the columns that can hold true amounts, or classes."""
    return [c.name for c in table.columns if (_is_amount(c) if amounts else _is_class(c))]


def grouping_columns(table: Table) -> list[str]:
    """Name the columns that can make groups."""
    return [c.name for c in table.columns if _makes_groups(c)]


def _way_to_a_model(state: AuditState, *, amounts: bool) -> None:
    steps.link("train", f"Bring a model that predicts {'amounts' if amounts else 'classes'}",
               state.id)  # fmt: skip


def _column(
    label: str,
    key: str,
    names: list[str],
    default: str | None,
    *,
    help: str | None = None,
    placeholder: str = "Choose a column",
) -> str | None:
    # What another page chose stands in the session already.
    chosen = default if session.is_new(key) else None
    found: str | None = st.selectbox(
        label,
        names,
        index=names.index(chosen) if chosen in names else None,
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
