"""Choose a scenario, upload a table, or reopen an audit."""

import streamlit as st

from components.app import audit_head, session
from components.start.own_table import openml, upload
from components.widgets.audit_list import audit_list
from components.widgets.scenarios import scenario_cards

audit_head.heading("start")
st.markdown(
    "**Equipoise** audits decisions about people: who is treated how, why, and what privacy and "
    "fairness cost each other."
)
st.header("Scenarios", anchor="scenarios")
scenario_cards()

st.header("Your own table", anchor="your-own-table")
with session.refusal_shown():
    upload()

st.header("Audits in progress", anchor="audits-in-progress")
audit_list()

st.header("From OpenML", anchor="from-openml")
with session.refusal_shown():
    openml()
