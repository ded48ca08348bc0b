"""How often a policy errs, where a person chooses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from core.policy.error_rates import HEAD, error_rates, rows

if TYPE_CHECKING:
    from core.policy.policy import Policy


def error_rates_section(policy: Policy) -> None:
    """Say how often the criteria err, or that nobody measured these."""
    found = error_rates(policy)
    if found is None:
        st.caption("How often these criteria err was not measured: they are not those of a preset.")
        return
    st.markdown("**How often these criteria err**")
    st.markdown("\n".join(f"- {session.literal(text)}" for text in found.sentences))
    if not found.samples and not found.alike:
        return
    with st.expander("Error rates by size, gap and rate"):
        shares = (*found.alike, *found.planted)
        if shares:
            st.dataframe(
                pd.DataFrame(
                    {
                        "Samples": [
                            *(f"no difference, {item.told}" for item in found.alike),
                            *(f"a gap of 10 points, {item.told}" for item in found.planted),
                        ],
                        "Number": [item.number for item in shares],
                        "Not met": [f"{item.share:.1%}" for item in shares],
                    }
                ),
                hide_index=True,
                alt="Share of samples that are not met, without a difference and with one",
            )
        if found.samples:
            st.dataframe(
                pd.DataFrame(rows(found), columns=[name.capitalize() for name in HEAD]),
                hide_index=True,
                alt="Verdicts on samples of one population, by size and gap",
            )
