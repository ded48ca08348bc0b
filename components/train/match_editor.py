"""Change where one input of a model takes its values from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.widgets.pickers import pick_one
from core.data.labels import canonical
from core.data.table import MISSING
from core.errors import InputError
from core.external_models.matching import InputMatch, Matching, model_inputs
from core.external_models.proposals import match_to

if TYPE_CHECKING:
    import pandas as pd

    from core.audit_state.state import AuditState
    from core.external_models.matching_draft import MatchingDraft
    from core.external_models.model_facts import ModelFacts, ModelInput

MOST_VALUES = 40
"""More values than these are not recoded one by one."""
COLUMN, ONE_VALUE, CONSTANT, LEFT_MISSING = (
    "A column", "One value of a column", "One value for everybody", "Left missing",
)  # fmt: skip
AS_MISSING = "missing"


def match_editor(
    state: AuditState, facts: ModelFacts, draft: MatchingDraft, features: pd.DataFrame
) -> MatchingDraft | None:
    """Let a person look at one input and change it; the changed draft, None if it stays."""
    waiting = (*draft.unmatched, *draft.proposed)
    others = [name for name in draft.names if name not in waiting]
    box = st.expander("Change an input, or accept one", expanded=bool(draft.unmatched))
    with box:
        name = st.selectbox(
            "Input",
            [*waiting, *others],
            format_func=lambda name: f"{name} ({draft.state_of(name)})",
            key=f"edited input {state.id} {hash(waiting)}",
        )
        takes = next(item for item in facts.inputs if item.name == name)
        match = draft.match_of(name)
        if name in draft.proposed and st.button("Accept this one", key=f"accept {state.id}"):
            return draft.accepting([name])
        made = _asked(takes, match, features, f"{state.id} {name}")
        if made is None:
            return None
        try:
            model_inputs(Matching((made,)), facts, features)
        except InputError as error:
            session.shown_error(error)
            return None
        if made != match and st.button("Take this", key=f"take {state.id}", type="primary"):
            return draft.with_match(made)
    return None


def _asked(
    takes: ModelInput, match: InputMatch | None, features: pd.DataFrame, place: str
) -> InputMatch | None:
    """Ask for a match, starting from the one that there is; None while something is missing."""
    ways = [COLUMN, *([] if takes.kind == "category" else [ONE_VALUE]), CONSTANT, LEFT_MISSING]
    way = st.selectbox(
        "Takes its values from", ways, ways.index(_way_of(match)), key=f"way {place}"
    )
    if way == LEFT_MISSING:
        return InputMatch(takes.name, None, "missing")
    if way == CONSTANT:
        return _constant(takes, match, place)
    names = [str(name) for name in features]
    known = None if match is None else match.column
    column = pick_one("Column", f"column {place}", names, known)
    if column is None:
        return None
    values = _values(features[column])
    if way == ONE_VALUE:
        return _one_value(takes, match, column, values, place)
    found = match_to(takes, column, features)
    if match is not None and match.column == column and match.otherwise is None:
        found = match
    recode = _recode(takes, found, features[column], values, f"{place} {column}")
    if recode == found.recode:
        return found
    how = found.how if found.how != "same" or not recode else "recoded"
    return replace(found, how=how, recode=recode)


def _way_of(match: InputMatch | None) -> str:
    if match is None or (match.column is not None and match.otherwise is None):
        return COLUMN
    if match.column is not None:
        return ONE_VALUE
    return LEFT_MISSING if match.constant is None else CONSTANT


def _constant(takes: ModelInput, match: InputMatch | None, place: str) -> InputMatch | None:
    known = "" if match is None else match.constant or ""
    if takes.categories:
        value: str | None = pick_one("Value", f"constant {place}", takes.categories, known)
    else:
        value = st.text_input("Value", known, key=f"constant {place}").strip() or None
    if value is None:
        return None
    if takes.kind != "category":
        try:
            float(value)
        except ValueError:
            st.error(session.literal(f"“{value}” is no number, and {takes.name} takes numbers."))
            return None
    return InputMatch(takes.name, None, "constant", constant=value)


def _one_value(
    takes: ModelInput, match: InputMatch | None, column: str, values: list[str], place: str
) -> InputMatch | None:
    known = match.recode[0][0] if match is not None and match.recode else None
    value = pick_one(
        "Value that gives 1", f"value {place} {column}", values, known, placeholder="Choose a value"
    )
    if value is None:
        return None
    return InputMatch(takes.name, column, "one value of a column", ((value, "1"),), otherwise="0")


def _recode(
    takes: ModelInput, found: InputMatch, column: pd.Series, values: list[str], place: str
) -> tuple[tuple[str, str | None], ...]:
    """Ask for each value of a column what the model is given for it."""
    numeric = takes.kind != "category"
    if numeric and column.dtype.kind == "f":
        return found.recode
    if len(values) > MOST_VALUES:
        st.caption(
            f"It has {len(values):,} values, too many to recode one by one here: name the column, "
            "or recode it in the table."
        )
        return found.recode
    st.caption("What the model is given for each value:")
    said, before = [], dict(found.recode)
    for value in values:
        given = _given(takes, value, before, place)
        if given != value or value in before:
            said.append((value, given))
    return tuple(
        (value, given)
        for value, given in said
        if not (value == MISSING and given is None and MISSING not in before)
    )


def _given(takes: ModelInput, value: str, before: dict[str, str | None], place: str) -> str | None:
    now = before.get(value, None if value == MISSING else value)
    label, key = session.literal(value), f"recode {place} {value}"
    if takes.categories is not None:
        known = list(takes.categories)
        own = [] if value in known or value == MISSING else [value]
        options = [*known, *own, None]
        return st.selectbox(
            label,
            options,
            options.index(now) if now in options else len(options) - 1,
            format_func=lambda item: (
                AS_MISSING
                if item is None
                else f"{item} (not known to the model)"
                if item in own
                else item
            ),
            key=key,
        )
    written = st.text_input(
        label, "" if now is None else now, key=key, placeholder=AS_MISSING
    ).strip()
    return written or None


def _values(column: pd.Series) -> list[str]:
    return sorted({MISSING if v == MISSING or v != v else canonical(v) for v in column.unique()})
