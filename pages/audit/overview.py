"""The verdict on each concern, the findings, and what was not run yet."""

import streamlit as st

from components.app import audit_head, results, session, steps
from components.criteria import criteria_view
from components.overview import group_table, not_run, verdict_view
from components.widgets.coverage_label import coverage_label
from core.audit.check_result import in_short
from core.audit.verdicts import verdicts

audit_head.heading("overview")
state = session.require()
session.require_decisions(state)
found = results.overview(state)
called = session.dataset(state).decision_labels
judged, groups = results.evaluation(state), tuple(results.group_verdicts(state))

verdict_view.verdict_cards(
    verdicts(found.checks),
    f"{in_short(check.status for check in found.checks)}. {criteria_view.in_short(judged)}",
)
left, right = st.columns([2, 3], gap="medium")
with left:
    st.header("Findings")
    verdict_view.findings_list(found.findings)
with right:
    st.header("Groups by metrics")
    group_table.groups_section(groups, called)
verdict_view.findings_in_full(found.findings)
group_table.groups_in_full(groups, called)
coverage_label("report", state)
st.header("Criteria")
criteria_view.outcomes_section(judged, results.adopted_policy(state))
steps.link("criteria", "Set or change criteria", state.id)
st.header("Not run yet")
not_run.not_run_section(found.checks, state)
with st.expander("Every check, and what came of it"):
    st.dataframe(
        [
            {
                "Check": check.code,
                "Looks for": check.sentence,
                "Outcome": check.status,
                "Why it could not judge": "; ".join(check.reasons),
            }
            for check in found.checks
        ],
        hide_index=True,
        alt="Every check and its outcome",
    )
steps.next_step("overview", state)
