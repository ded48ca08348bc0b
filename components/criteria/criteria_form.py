"""Choose a policy, change its limits, and adopt it under a name and a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from components.app import session
from core.errors import InputError
from core.governance.adopted_policy import adopt_policy
from core.policy.policy import SEVERITIES
from core.policy.policy_toml import digest, format_policy, parse_policy
from core.policy.presets import PRESETS

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.governance.adopted_policy import PolicyRecord
    from core.policy.policy import Criterion, Policy

UPLOAD = "a policy of your own (TOML)"
EVIDENCE = {
    "beyond_limit": "the whole interval decides",
    "significant": "statistical and practical significance",
    "recorded": "recorded, no pass mark",
}
GROUPS = {
    "each": "each attribute",
    "intersections": "intersections",
    "both": "attributes and intersections",
}


def chosen_policy(state: AuditState, record: PolicyRecord) -> Policy | None:
    """Ask for a policy: a preset, the adopted one, or a file; None where there is none yet."""
    adopted = record.current
    names = [*PRESETS.names(), UPLOAD]
    kept = "the adopted policy"
    if adopted is not None:
        names = [kept, *names]
    name = st.selectbox("Begin with", names, key=f"{state.id} criteria preset")
    if adopted is not None and name == kept:
        return adopted.policy
    if name != UPLOAD:
        st.caption(session.literal(PRESETS[name].sentence))
        return PRESETS[name].policy
    file = st.file_uploader("Policy", type=["toml"], key=f"{state.id} criteria file")
    if file is None:
        st.caption("`equipoise policy show default` prints one to begin with.")
        return None
    try:
        return parse_policy(file.getvalue().decode("utf-8"))
    except UnicodeDecodeError:
        st.error("The file is no text in UTF-8. Save it again as UTF-8.")
    except InputError as error:
        session.shown_error(error)
    return None


def criteria_table(policy: Policy) -> pd.DataFrame:
    """One row for each criterion, as the form shows it: what is most often changed comes first.

    A phone shows the first four columns.
    """
    return pd.DataFrame(
        [
            {
                "Use": True,
                "Criterion": item.id,
                "Limit is": "–"
                if item.limit is None
                else ("at least" if item.at_least is not None else "at most"),
                "Limit": item.limit,
                "Figure": item.definition.title,
                "Severity": item.severity,
                "Fewest rows": item.minimum_count,
                "Groups": "–" if item.definition.compares is None else GROUPS[item.groups],
                "Evidence": EVIDENCE[item.evidence],
                "Concern": item.concern,
            }
            for item in policy.criteria
        ]
    )


def edited_policy(policy: Policy, table: pd.DataFrame) -> Policy:
    """Read limits, fewest rows, severities, and which criteria are used, from the form.

    Raises
    ------
    InputError
        Naming the criterion and the value that can't be.
    """
    changed = tuple(
        _edited(item, row)
        for item, row in zip(policy.criteria, table.to_dict("records"), strict=True)
        if row["Use"]
    )
    if changed == policy.criteria:
        return policy
    return replace(policy, name=f"{policy.name}, changed"[:200], criteria=changed)


def _edited(item: Criterion, row: dict[Any, Any]) -> Criterion:
    limit = None if pd.isna(row["Limit"]) else float(row["Limit"])
    fewest = item.minimum_count if pd.isna(row["Fewest rows"]) else int(row["Fewest rows"])
    changed = replace(item, minimum_count=fewest, severity=row["Severity"])
    if item.limit is None:
        return changed
    if item.at_least is not None:
        return replace(changed, at_least=limit)
    return replace(changed, at_most=limit)


def edit_section(state: AuditState, policy: Policy) -> Policy | None:
    """Show the criteria with limits that can be changed; None where a value can't be."""
    fixed = [str(name) for name in criteria_table(policy) if name not in EDITABLE]
    table = st.data_editor(
        criteria_table(policy),
        hide_index=True,
        disabled=fixed,
        column_config={
            "Severity": st.column_config.SelectboxColumn(options=list(SEVERITIES), required=True),
            "Limit": st.column_config.NumberColumn(format="%g"),
            "Fewest rows": st.column_config.NumberColumn(format="%d", min_value=2),
        },
        key=f"{state.id} criteria {digest(policy)}",
        alt="Criteria of the policy",
    )
    try:
        return edited_policy(policy, table)
    except InputError as error:
        session.shown_error(error)
        return None


EDITABLE = ("Use", "Limit", "Fewest rows", "Severity")


def adopt_section(state: AuditState, policy: Policy, record: PolicyRecord) -> None:
    """Ask who adopts the policy and why, and keep it."""
    with st.form(f"{state.id} adopt", border=True):
        name = st.text_input("Your name", max_chars=200)
        reason = st.text_area("Why these criteria are right for this audit", max_chars=2000)
        pressed = st.form_submit_button("Adopt these criteria", type="primary")
    st.download_button(
        "Download the policy (TOML)",
        format_policy(policy),
        f"{policy.name.replace(' ', '-').replace(',', '')}.toml",
        "text/plain",
    )
    if not pressed:
        return
    try:
        adopt_policy(
            session.workspace(),
            state.id,
            policy,
            name=name,
            reason=reason,
            seen=len(record.adoptions),
        )
    except InputError as error:
        session.shown_error(error)
        return
    st.rerun()
