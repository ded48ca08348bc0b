"""The form in which a person declares bounds and categories from public knowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.data.domains import Domains, NumberDomain, declared_domain
from core.errors import InputError

if TYPE_CHECKING:
    from core.data.dataset import Dataset


def domain_form(dataset: Dataset, known: Domains | None, audit: str) -> Domains:
    """Let a person declare the domain of every feature.

    Raises
    ------
    InputError
        Naming the first column whose declaration is missing or not usable.
    """
    declared = {item.name: item for item in known.items} if known else {}
    numbers = pd.DataFrame(
        {
            "column": list(dataset.numbers),
            "lowest": [getattr(declared.get(c), "low", None) for c in dataset.numbers],
            "highest": [getattr(declared.get(c), "high", None) for c in dataset.numbers],
        }
    ).astype({"lowest": "float64", "highest": "float64"})
    categories = pd.DataFrame(
        {
            "column": list(dataset.categories),
            "categories": [
                " | ".join(getattr(declared.get(c), "categories", ())) for c in dataset.categories
            ],
        }
    )
    st.caption(
        "Write down what is known without looking at the data: an age lies between 0 and 120, a "
        "rate between 0 and 1. Values outside are moved to the bounds; categories outside count "
        "as “(other)”. Separate categories by |."
    )
    if len(numbers):
        numbers = st.data_editor(
            numbers, key=f"bounds {audit}", hide_index=True, disabled=["column"], width="stretch"
        )
    if len(categories):
        categories = st.data_editor(
            categories,
            key=f"categories {audit}",
            hide_index=True,
            disabled=["column"],
            width="stretch",
        )
    return _domains(numbers, categories)


def _domains(numbers: pd.DataFrame, categories: pd.DataFrame) -> Domains:
    items = []
    for name, low, high in numbers.itertuples(index=False):
        if pd.isna(low) or pd.isna(high):
            raise InputError(
                "its bounds are not declared yet",
                where=f"column {name!r}",
                remedy="Fill in both, or let them be estimated from the budget",
            )
        items.append(declared_domain(str(name), [float(low), float(high)]))
    for name, typed in categories.itertuples(index=False):
        values = [part.strip() for part in str(typed or "").split("|") if part.strip()]
        if not values:
            raise InputError(
                "its categories are not declared yet",
                where=f"column {name!r}",
                remedy="Write them separated by |, or let them be estimated from the budget",
            )
        items.append(declared_domain(str(name), values))
    return Domains(tuple(items))


def domain_table(domains: Domains) -> pd.DataFrame:
    """List domains, one row for each column."""
    return pd.DataFrame(
        {
            "column": [item.name for item in domains.items],
            "domain": [
                f"{item.low:g} to {item.high:g}"
                if isinstance(item, NumberDomain)
                else " | ".join(item.categories) or "(other) only"
                for item in domains.items
            ],
        }
    )
