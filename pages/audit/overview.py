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

verdict_view.verdict_cards(verdicts(found.checks))
st.caption(f"{in_short(check.status for check in found.checks)}.")
coverage_label("report", state)
st.header("Criteria")
criteria_view.outcomes_section(results.evaluation(state), results.adopted_policy(state))
steps.link("criteria", "Set or change criteria", state.id)
st.header("Findings")
verdict_view.findings_list(found.findings)
st.header("Groups by metrics")
group_table.groups_section(results.group_verdicts(state))
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
