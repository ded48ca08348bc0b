"""The privacy ledger as a person reads it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.privacy.accounting.budget import NEIGHBOURING_SENTENCE, Budget, Charge
from core.privacy.accounting.composition import compose, compositions, tightest


def ledger_view(charges: tuple[Charge, ...], cap: Budget | None, audit: str = "") -> None:
    """Show what was spent, of which cap, and each charge; nothing before the first charge."""
    spent = compose(charges) if cap is None else cap.spent(charges)
    if cap is not None:
        st.progress(
            min(1.0, spent.epsilon / cap.epsilon),
            f"Spent ε = {spent.epsilon:.4g} of {cap.epsilon:g}, δ = {spent.delta:g} of "
            f"{cap.delta:g}, in all audits of this data set",
        )
    if not charges:
        return
    with st.expander(
        f"Ledger: {len(charges)} charge{'s' if len(charges) > 1 else ''}", expanded=cap is None
    ):
        if cap is None:
            st.caption(
                f"This audit gives no guarantee, but ε = {spent.epsilon:g}, δ = {spent.delta:g} "
                "were spent on this data set before, and stay spent."
            )
        st.dataframe(
            pd.DataFrame(
                {
                    "What": [charge.what for charge in charges],
                    "ε": [charge.epsilon for charge in charges],
                    "δ": [f"{charge.delta:g}" for charge in charges],
                    "Unit": [charge.unit for charge in charges],
                    "Neighbouring": [charge.neighbouring for charge in charges],
                    "Audit": [
                        "this one"
                        if audit and charge.audit == audit
                        else charge.audit or "command line"
                        for charge in charges
                    ],
                    "When (UTC)": [charge.when[:16].replace("T", " ") for charge in charges],
                }
            ),
            hide_index=True,
        )
        st.caption(
            "All audits of this data set share one ledger, because what becomes known about the "
            "same people adds up, whoever asks and wherever."
        )
        for relation in dict.fromkeys(charge.neighbouring for charge in charges):
            st.caption(f"{relation}: {NEIGHBOURING_SENTENCE[relation]}.")
        if len(charges) > 1:
            _compositions(charges, cap)


def _compositions(charges: tuple[Charge, ...], cap: Budget | None) -> None:
    """Show what the charges come to by each way of adding them up."""
    found = compositions(charges, cap.delta if cap is not None else compose(charges).delta)
    least = tightest(found, adaptive=True)
    st.markdown(
        f"**Added up, these charges come to ε = {least.epsilon:.4g} at δ = {least.delta:g} "
        f"({least.title}), the smallest of the ways that hold here**"
    )
    st.table(
        pd.DataFrame(
            {
                "Added up": [
                    item.title if item.adaptive else f"{item.title} (a plan only)" for item in found
                ],
                "Costs": [
                    "–" if item.epsilon is None else f"ε = {item.epsilon:.4g}, δ = {item.delta:g}"
                    for item in found
                ],
                "Why": [item.reason for item in found],
            }
        ),
        hide_index=True,
    )
    st.caption(
        "A cap is kept by a way that holds although each release is chosen after seeing the "
        "last: plain sums, or Rényi where the budget says so. The others show what a plan fixed "
        "beforehand would have cost."
    )
