"""Equipoise in the browser: navigation, then the page that was asked for."""

import streamlit as st

from components.app import other_tabs, session, steps, style

st.set_page_config(page_title="Equipoise", page_icon="⚖️", layout="wide")
style.apply()
state = session.current()
page = st.navigation(steps.pages(state), expanded=True)
steps.sidebar(state)
other_tabs.note_changes(state)
with session.errors_shown():
    page.run()
