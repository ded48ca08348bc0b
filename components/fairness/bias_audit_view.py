"""The table of Local Law 144 on the fairness page: columns, categories, auditor, and downloads."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from components.app import other_tabs, session
from core.audit.bias_audit import bias_audit_of
from core.data.table import MISSING
from core.errors import InputError
from core.fairness.bias_audit.auditor import Auditor
from core.fairness.bias_audit.categories import RACES, SEXES, UNKNOWN, category_map
from core.fairness.bias_audit.record import (
    HEAD,
    RULE,
    bias_audit_csv,
    bias_audit_json,
    bias_audit_rows,
    heading,
)
from core.fairness.bias_audit.spec import BiasAuditSpec
from core.law.rules import rule

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.training.trained import Trained


def bias_audit_section(state: AuditState, dataset: Dataset, trained: Trained | None) -> None:
    """Ask for what the rule needs, show the table, and offer it as CSV and JSON."""
    law, sensitive = rule(RULE), dataset.roles.sensitive
    st.caption(session.literal(f"{law.citation}. {law.says} (Checked {law.checked_on}.)"))
    if len(sensitive) < 2:
        st.info("It needs a column of sex and one of race or ethnicity: choose both as roles.")
        return
    key = f"{state.id} bias audit"
    saved = state.bias_audit
    left, right = st.columns(2)
    sex = left.selectbox(
        "Sex", sensitive, index=_place(sensitive, saved.sex if saved else None), key=f"{key} sex"
    )
    race = right.selectbox(
        "Race or ethnicity", sensitive, index=_place(sensitive, saved.race if saved else None),
        key=f"{key} race",
    )  # fmt: skip
    if sex is None or race is None or sex == race:
        st.info("Choose the column of sex and the column of race or ethnicity.")
        return
    sexes = _categories(dataset, sex, SEXES, dict(saved.sexes) if saved else {}, key)
    races = _categories(dataset, race, RACES, dict(saved.races) if saved else {}, key)
    if sexes is None or races is None:
        st.info("Say which category each value belongs to.")
        return
    spec = BiasAuditSpec(sex, race, sexes, races, state.impact)
    try:
        spec = replace(spec, auditor=_auditor(saved.auditor if saved else Auditor(), key))
        told = bias_audit_json(bias_audit_of(dataset, trained, spec), datetime.now(UTC).date())
    except InputError as error:
        session.shown_error(error)
        return
    _table(told, f"bias-audit-{state.id}")
    if st.button("Save with the audit, for its report", key=f"{key} save"):
        try:
            _save(state, spec)
        except InputError as error:
            session.shown_error(error)
        else:
            st.rerun()
    # Who is left out of ratios is chosen once for all of the audit's tables, not with this one.
    if saved is not None and replace(saved, impact=spec.impact) == spec:
        st.caption("Saved: the report has this table.")


def _place(columns: tuple[str, ...], saved: str | None) -> int | None:
    return columns.index(saved) if saved in columns else None


def _categories(
    dataset: Dataset, column: str, categories: tuple[str, ...], saved: dict[str, str], key: str
) -> tuple[tuple[str, str], ...] | None:
    """Ask which category each value is that is not written like one; None until all are said."""
    declared: dict[str, str] = {}
    asked = []
    for value in sorted(set(dataset.sensitive[column].unique()) - {MISSING}):
        try:
            category_map([value], categories, {}, column)
        except InputError:
            asked.append(value)
    for value in asked:
        options = (*categories, UNKNOWN)
        chosen = st.selectbox(
            f"Category of {session.literal(value)}",
            options,
            index=_place(options, saved.get(value)),
            key=f"{key} {column} {value}",
        )
        if chosen is not None:
            declared[value] = chosen
    return tuple(declared.items()) if len(declared) == len(asked) else None


def _auditor(saved: Auditor, key: str) -> Auditor:
    st.markdown("Who audits, without which the table is marked as self-computed:")
    left, right = st.columns(2)
    return Auditor(
        left.text_input("Independent auditor", saved.name, key=f"{key} name"),
        right.text_input("Organisation", saved.organisation, key=f"{key} organisation"),
        st.text_area(
            "Statement of independence", saved.independence, key=f"{key} independence", height=68,
            help="That they never took part in using, developing or distributing the tool, were "
            "not employed by the employer or vendor during the audit, and have no financial "
            "interest in them.",
        ),
        left.text_input(
            "Distribution date of the tool", saved.distribution_date, key=f"{key} distribution",
            placeholder="2026-01-31",
        ),
        right.text_input(
            "Date of the audit", saved.audit_date, key=f"{key} date",
            placeholder="today, if left empty",
        ),
        st.text_input("Source and explanation of the data", saved.data_source, key=f"{key} data"),
    )  # fmt: skip


def _table(told: dict[str, Any], file: str) -> None:
    st.markdown("  \n".join(session.literal(line) for line in heading(told)[1:]))
    st.dataframe(
        pd.DataFrame(bias_audit_rows(told), columns=[name.capitalize() for name in HEAD]),
        hide_index=True,
        alt="Table of Local Law 144",
    )
    left, right = st.columns(2)
    left.download_button(
        "Download the table (CSV)", bias_audit_csv(told), f"{file}.csv", "text/csv",
        width="stretch",
    )  # fmt: skip
    right.download_button(
        "Download the table (JSON)",
        json.dumps(told, allow_nan=False, ensure_ascii=False, indent=2),
        f"{file}.json",
        "application/json",
        width="stretch",
    )


def _save(state: AuditState, spec: BiasAuditSpec) -> None:
    from core.audit_state.state import update_state

    update_state(session.workspace(), other_tabs.as_shown(state), bias_audit=spec)
    other_tabs.saw(bias_audit=spec)
