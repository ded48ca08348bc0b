"""The privacy ledger as a person reads it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.privacy.budget import NEIGHBOURING_SENTENCE, Budget, Charge, compose


def ledger_view(charges: tuple[Charge, ...], cap: Budget | None) -> None:
    """Show what was spent, of which cap, and each charge; nothing before the first charge."""
    spent = compose(charges)
    if cap is not None:
        st.progress(
            min(1.0, spent.epsilon / cap.epsilon),
            f"Spent ε = {spent.epsilon:g} of {cap.epsilon:g}, δ = {spent.delta:g} of {cap.delta:g}",
        )
    if not charges:
        return
    with st.expander(f"Ledger: {len(charges)} charges", expanded=cap is None):
        if cap is None:
            st.caption(
                f"No cap is set now, but ε = {spent.epsilon:g}, δ = {spent.delta:g} were spent "
                "before, and stay spent."
            )
        st.dataframe(
            pd.DataFrame(
                {
                    "What": [charge.what for charge in charges],
                    "ε": [charge.epsilon for charge in charges],
                    "δ": [f"{charge.delta:g}" for charge in charges],
                    "Neighbouring": [charge.neighbouring for charge in charges],
                    "When (UTC)": [charge.when[:16].replace("T", " ") for charge in charges],
                }
            ),
            hide_index=True,
        )
        for relation in dict.fromkeys(charge.neighbouring for charge in charges):
            st.caption(f"{relation}: {NEIGHBOURING_SENTENCE[relation]}.")
