"""Say beforehand what this audit must show."""

import streamlit as st

from components.app import audit_head, results, session, steps
from components.criteria import criteria_form, error_rates_view

audit_head.heading("criteria")
state = session.require()
record = results.adopted_policy(state)
st.markdown(session.literal(f"{record.sentence}."))
if record.seen:
    st.warning(
        session.literal(
            f"Results of this audit were first seen on {record.seen[:10]} {record.seen[11:16]} UTC "
            f"({record.where}). What is adopted now is recorded as adopted after that."
        )
    )
policy = criteria_form.chosen_policy(state, record)
if policy is not None:
    edited = criteria_form.edit_section(state, policy)
    if edited is not None:
        error_rates_view.error_rates_section(edited)
        criteria_form.adopt_section(state, edited, record)
steps.next_step("criteria", state)
