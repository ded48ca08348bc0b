"""A widget for each feature of a person: a slider with a typed number, or a picker."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components.app.session import literal, shown_error
from core.data.days import written_date
from core.data.table import MISSING
from core.errors import InputError
from core.explanation.person.person import format_value

if TYPE_CHECKING:
    from components.explanation.what_if_edits import SessionEdits
    from core.explanation.counterfactual.counterfactual_result import Value
    from core.explanation.person.feature_domains import FeatureDomain

STRONGEST = 8
"""Features that are shown at once; the others are folded."""
CALENDAR = re.compile(r"(?!0000)\d{4}-\d\d-\d\d")
LARGEST = 2**53 - 1
"""What a browser counts to."""


def edit_form(held: SessionEdits) -> None:
    """Let a person set every feature, the strongest of this person first."""
    ordered, own = strongest_first(held), held.editor.values(held.position)
    if held.refusal:
        shown_error(InputError(held.refusal.rstrip(".")))
    left, right = st.columns(2)
    left.button(
        "Undo", icon=":material/undo:", key=f"{held.widgets}: undo", on_click=held.undo,
        disabled=not held.steps, width="stretch",
    )  # fmt: skip
    right.button(
        "Reset", icon=":material/restart_alt:", key=f"{held.widgets}: reset", on_click=held.reset,
        disabled=not held.edits, width="stretch",
    )  # fmt: skip
    _grid(held, ordered[:STRONGEST], own)
    others = ordered[STRONGEST:]
    if others:
        edited = {edit.feature for edit in held.edits}
        changed = sum(domain.feature in edited for domain in others)
        label = (
            "The other feature" if len(others) == 1 else f"The other {len(others)} features"
        ) + (f", {changed} edited" if changed else "")
        with st.expander(label):
            _grid(held, others, own)


def strongest_first(held: SessionEdits) -> list[FeatureDomain]:
    """Domains of a person's features, in the order of what each adds to their score."""
    reasons = held.editor.reasons(held.position, ())
    strength = dict(zip(reasons.features, np.abs(reasons.values[0]), strict=True))
    # A group that a mitigation decides by has no Shapley value, and moves the threshold.
    return sorted(
        held.editor.domains(held.position),
        key=lambda domain: -strength.get(domain.feature, np.inf),
    )


def _grid(held: SessionEdits, domains: list[FeatureDomain], own: dict[str, Value]) -> None:
    now = own | {edit.feature: edit.value for edit in held.edits}
    for start in range(0, len(domains), 2):
        for column, domain in zip(st.columns(2), domains[start : start + 2], strict=False):
            with column:
                _widget(held, domain, own[domain.feature], now[domain.feature])


def _widget(held: SessionEdits, domain: FeatureDomain, own: Value, now: Value) -> None:
    name = literal(domain.feature) + (" (group)" if domain.kind == "group" else "")
    key = f"{held.widgets} {domain.feature}"
    if domain.is_date:
        _date(held, domain, name, key, now)
    elif domain.kind == "number":
        _number(held, domain, name, key, now)
    else:
        options = [*domain.values, *([MISSING] if domain.missing else [])]
        st.session_state.setdefault(key, MISSING if now is None else now)
        st.selectbox(
            name, options, key=key,
            on_change=lambda: held.take(domain.feature, st.session_state[key]),
        )  # fmt: skip
    if now != own:
        told = format_value(own, is_date=domain.is_date)
        st.caption(f":material/edit: edited; it is {literal(told)}")


def _date(held: SessionEdits, domain: FeatureDomain, name: str, key: str, now: Value) -> None:
    """Pick a day within the domain; a moment, or what no calendar shows, is typed."""
    known = [float(one) for one in (domain.low, domain.high, now) if one is not None]
    days = [written_date(one) for one in known]

    def take() -> None:
        held.take(domain.feature, st.session_state[key])
        if held.refusal:
            del st.session_state[key]

    if domain.whole and days and all(CALENDAR.fullmatch(day) for day in days):
        first, last = (date.fromisoformat(written_date(end)) for end in (min(known), max(known)))
        own = None if now is None else date.fromisoformat(written_date(float(now)))
        st.session_state.setdefault(key, own)
        st.date_input(
            name, value=None, min_value=first, max_value=last, key=key, format="YYYY-MM-DD",
            on_change=take,
        )  # fmt: skip
        return
    st.session_state.setdefault(key, "" if now is None else written_date(float(now)))
    st.text_input(name, key=key, placeholder="(missing)", on_change=take)


def _number(held: SessionEdits, domain: FeatureDomain, name: str, key: str, now: Value) -> None:
    kind = int if domain.whole else float
    typed, moved = f"{key} typed", f"{key} moved"
    low, high = domain.low, domain.high
    slides = low is not None and high is not None and low < high
    with st.container(gap=None):
        if slides and now is None:
            # A slider always stands somewhere, and a missing value stands nowhere.
            st.markdown(f":small[{name}]")
        elif slides:
            assert low is not None
            assert high is not None
            assert isinstance(now, int | float)
            st.session_state.setdefault(moved, kind(min(max(float(now), low), high)))
            st.slider(
                name, kind(low), kind(high), key=moved, step=kind(domain.step),
                format=_form(domain),
                on_change=lambda: _from_slider(held, domain, moved, typed),
            )  # fmt: skip
        st.session_state.setdefault(typed, None if now is None else kind(now))
        st.number_input(
            f"{domain.feature}, typed" if slides else name, value=None,
            key=typed, step=kind(domain.step), format=_form(domain),
            min_value=-LARGEST if domain.whole else None,
            max_value=LARGEST if domain.whole else None,
            label_visibility="collapsed" if slides else "visible",
            placeholder="(missing)",
            on_change=lambda: _from_typed(held, domain, moved, typed, kind),
        )  # fmt: skip


def _form(domain: FeatureDomain) -> str:
    return "%d" if domain.whole else "%.6g"


def _from_slider(held: SessionEdits, domain: FeatureDomain, moved: str, typed: str) -> None:
    st.session_state[typed] = st.session_state[moved]
    held.take(domain.feature, st.session_state[moved])


def _from_typed(
    held: SessionEdits, domain: FeatureDomain, moved: str, typed: str, kind: type
) -> None:
    value = st.session_state[typed]
    if value is not None and moved in st.session_state:
        assert domain.low is not None
        assert domain.high is not None
        st.session_state[moved] = kind(min(max(value, domain.low), domain.high))
    held.take(domain.feature, value)
    if held.refusal:
        # What was refused is not in force, so it must not stand there as if it were.
        for name in (typed, moved):
            st.session_state.pop(name, None)
