"""What a person takes with them."""

from __future__ import annotations

import json
from collections.abc import Mapping

import streamlit as st


def download_figures(record: Mapping[str, object], file_name: str) -> None:
    """Offer figures as JSON."""
    st.download_button(
        "Download these figures (JSON)",
        json.dumps(record, allow_nan=False, ensure_ascii=False, indent=2),
        file_name,
        "application/json",
    )
