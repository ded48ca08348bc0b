"""The few rules that Streamlit's themes can't say."""

from __future__ import annotations

import streamlit as st

RULES = """
<style>
/* Chosen options and values of sliders are written in the primary colour. No colour reaches 4.5:1
   both as words on a dark ground and as the ground of white words, so these take the text's own. */
button[role="radio"][data-selected],
button[data-variant][data-selected],
[data-testid="stSliderThumbValue"] {
    color: inherit !important;
}
/* A table of six columns fits a phone. */
@media (max-width: 640px) {
    [data-testid="stTable"] :is(th, td) {
        padding: 0.25rem 0.15rem !important;
        font-size: 0.75rem !important;
    }
}
</style>
"""


def apply() -> None:
    """Add the rules to the page that is shown."""
    st.html(RULES)
