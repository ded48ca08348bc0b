"""The controls of noise at the source: what is sent, with how much noise, and what is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.widgets.pickers import pick_registered
from core.errors import InputError
from core.learning.learners import LEARNERS
from core.privacy.local_dp.mechanisms import LOCAL_MECHANISMS
from core.privacy.local_dp.records import RecordPlan, even_plan
from core.tradeoff.price.noise_at_source import LocalSpec

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.data.domains import Domains

LEAST = "least noise"
DELTA = 1e-6


def local_form(state: AuditState, dataset: Dataset, domains: Domains) -> LocalSpec:
    """Show the controls and return what they say.

    Raises
    ------
    InputError
        If no column is chosen, or a share of ε is not above 0.
    """
    key_prefix = f"local {state.id}"
    left, right = st.columns(2)
    epsilon = left.number_input(
        "ε of a whole record", 0.1, 200.0, 4.0, **session.lasting(f"{key_prefix} epsilon"),
        help="What all that a person sends may give away together; smaller is more private. The "
        "model with noise in training gets the same.",
    )  # fmt: skip
    seeds = right.slider(
        "Seeds", 1, 8, 3, **session.lasting(f"{key_prefix} seeds"),
        help="How often all is repeated, each time with another split and other noise. With one "
        "seed no spread can be seen.",
    )  # fmt: skip
    known = {item.name for item in domains.items}
    offered = [name for name in dataset.features if name in known]
    columns = st.multiselect(
        "Columns that are sent", offered, offered, **session.lasting(f"{key_prefix} columns"),
        help="Each column and the label share the ε of the record: fewer columns, less noise each.",
    )  # fmt: skip
    ordinary = [item.name for item in LEARNERS if not item.private]
    private = [item.name for item in LEARNERS if item.private]
    left, middle, right = st.columns(3)
    learner = pick_registered(
        "Model on noisy records", LEARNERS, ordinary, f"{key_prefix} learner", where=left
    )
    central = pick_registered(
        "Model with noise in training", LEARNERS, private, f"{key_prefix} central", where=middle
    )
    usable = [item.name for item in LOCAL_MECHANISMS if item.takes == "numbers" and item.trains]
    numbers = right.selectbox(
        "Noise on numbers", [LEAST, *usable],
        format_func=lambda name: LOCAL_MECHANISMS[name].title if name != LEAST else "Least noise",
        **session.lasting(f"{key_prefix} numbers"),
        help="Least noise: whichever has the smallest error in the worst case at that ε.",
    )  # fmt: skip
    if not columns:
        raise InputError("no column is chosen", where="columns that are sent")
    mechanism = None if numbers == LEAST else numbers
    with st.expander("ε of each column"):
        shares = _shares(columns, f"{key_prefix} shares {columns}")
        plan = even_plan(domains, columns, epsilon, shares, mechanism)
        st.dataframe(_plan_table(plan), hide_index=True)
        st.caption(f"Together ε = {plan.epsilon:g}, which is what a record spends.")
    return LocalSpec(plan, learner, central, DELTA, domains, tuple(range(seeds)))


def _shares(columns: list[str], key: str) -> list[float]:
    st.caption("A share of 2 gets twice the ε of a share of 1, and so less noise.")
    edited = st.data_editor(
        pd.DataFrame({"column": [*columns, "(the label)"], "share": [1.0] * (len(columns) + 1)}),
        key=key, hide_index=True, disabled=["column"],
    )  # fmt: skip
    return [float("nan") if pd.isna(share) else float(share) for share in edited["share"]]


def _plan_table(plan: RecordPlan) -> pd.DataFrame:
    names = [column.domain.name for column in plan.columns]
    titles = [LOCAL_MECHANISMS[column.mechanism].title for column in plan.columns]
    return pd.DataFrame(
        {
            "Column": [*names, "(the label)"],
            "Noise": [*titles, LOCAL_MECHANISMS["randomised_response"].title],
            "ε": [f"{e:.3g}" for e in (*(c.epsilon for c in plan.columns), plan.label_epsilon)],
        }
    )
