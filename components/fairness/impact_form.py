"""Whoever audits decides: against whom ratios are taken, and whether small groups are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import other_tabs, session
from core.errors import InputError
from core.fairness.disparities.impact_standing import check_names, standing_by_name
from core.fairness.metrics.impact_spec import (
    BASES,
    HIGHEST,
    REST,
    TWO_PER_CENT,
    ImpactSpec,
)

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.fairness.metrics.assessment import Assessment

MODES = {HIGHEST: "The highest rate", REST: "Everyone else"}


def impact_form(state: AuditState, found: Assessment) -> None:
    """Ask how groups are compared, and save it with the audit: its report uses the same."""
    now, key = state.impact, f"{state.id} impact {state.impact} {found.attributes}"
    names = [g.name for g in found.groups if now.compare_unknown or not g.is_unknown]
    with st.expander("How impact ratios compare groups", icon=":material/tune:"):
        chosen = now.chosen_in(names)
        options = [*MODES, *names]
        reference = st.selectbox(
            "Reference",
            options,
            index=options.index(chosen or now.reference),
            format_func=lambda name: MODES.get(name) or found.label(name),
            key=f"{key} reference",
        )
        share = st.number_input(
            "Leave out groups below this share of rows, in per cent",
            0.0, 49.9, now.smallest_share * 100, 0.5,
            key=f"{key} share",
            help="0 leaves none out. New York City's rule lets an auditor leave out categories of "
            f"less than {TWO_PER_CENT:.0%}; their rows and rates are still shown.",
        )  # fmt: skip
        reason = st.text_input(
            "Why they are left out", now.reason, key=f"{key} reason",
            help="Kept with the audit and printed in its report.",
        )  # fmt: skip
        base = st.radio(
            "The share is of",
            list(BASES),
            index=list(BASES).index(now.base),
            format_func=lambda name: BASES[name],
            horizontal=True,
            key=f"{key} base",
        )
        unknown = st.checkbox(
            "Compare rows of unknown group as if they were a group",
            now.compare_unknown,
            key=f"{key} unknown",
        )
        if not st.button("Save how groups are compared", key=f"{key} save"):
            return
        here = {group.name for group in found.groups}
        others = tuple(name for name in now.groups if name not in here)
        try:
            asked = ImpactSpec(
                now.reference if reference in names else reference,
                (*others, reference) if reference in names else others,
                share / 100,
                reason if share else "",
                base or "all",
                unknown,
            )
            if reference in names and found.cube is not None:
                check_names([reference], [standing_by_name(found.cube, asked)])
            _save(state, asked)
        except InputError as error:
            session.shown_error(error)
            return
    st.rerun()


def _save(state: AuditState, impact: ImpactSpec) -> None:
    from core.audit_state.state import update_state

    update_state(session.workspace(), other_tabs.as_shown(state), impact=impact)
    other_tabs.saw(impact=impact)
