"""Ask what a person may change: frozen features, directions, ranges, costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import pandas as pd
import streamlit as st

from components.app import session
from core.errors import InputError
from core.explanation.counterfactual.actionability import (
    CounterfactualSpec,
    FeatureRule,
    default_spec,
)

if TYPE_CHECKING:
    from core.data.dataset import Dataset

UNITS: dict[Literal["mad", "range"], str] = {
    "mad": "median absolute deviation",
    "range": "range of values seen",
}


def recourse_form(dataset: Dataset, key_prefix: str) -> CounterfactualSpec:
    """Show the rules in force, let a person change them, and return them.

    Parameters
    ----------
    dataset : Dataset
    key_prefix : str
        Begins the widgets' keys.
    """
    default = default_spec(dataset)
    names = [rule.feature for rule in default.rules]
    chosen = {}
    with st.expander("What may change, and how", icon=":material/tune:"):
        st.caption(describe_rules(default))
        for change, label, offered in (
            ("frozen", "Frozen: never changes", names),
            ("up", "May only grow", list(dataset.numbers)),
            ("down", "May only shrink", list(dataset.numbers)),
        ):
            chosen[change] = st.multiselect(
                label,
                offered,
                default=[rule.feature for rule in default.rules if rule.change == change],
                **session.lasting(f"{key_prefix} {change}"),
            )
        ranges = _ranges(names, dataset, key_prefix)
        left, right = st.columns(2)
        most = left.number_input(
            "Features changed at most", 1, 6, default.most_changes,
            **session.lasting(f"{key_prefix} most changes"),
        )  # fmt: skip
        unit = right.selectbox(
            "Numbers are measured in their",
            list(UNITS),
            format_func=UNITS.__getitem__,
            **session.lasting(f"{key_prefix} unit"),
            help="The median absolute deviation is how far the middle person is from the middle "
            "value. A category that changes counts 1, whichever it changes to.",
        )
        plausible = st.slider(
            "Must be as usual as this share of real people", 0.5, 1.0, default.plausible, 0.05,
            **session.lasting(f"{key_prefix} plausible"),
            help="A changed person must be no further from the five most similar real people who "
            "got that decision than this share of those people are from each other.",
        )  # fmt: skip
    rules = rules_of(default, chosen, ranges)
    return replace(default, rules=rules, most_changes=int(most), unit=unit, plausible=plausible)


def _ranges(names: list[str], dataset: Dataset, key_prefix: str) -> pd.DataFrame:
    """Let a person set ranges and costs in a table; what was set outlives a change of page."""
    key = f"{key_prefix} ranges"
    if session.is_new(key):
        empty = pd.DataFrame(
            {"Feature": names, "Lowest": float("nan"), "Highest": float("nan"), "Cost": 1.0}
        )
        session.remember(f"{key} base", session.remembered(f"{key} set", empty))
    st.caption(
        "Ranges and costs. An empty range is that of the rows compared with; categories have "
        "none. Cost 2 makes a change count twice."
    )
    given: pd.DataFrame = st.data_editor(
        session.remembered(f"{key} base", None),
        key=key,
        hide_index=True,
        disabled=["Feature"],
        column_config={
            "Lowest": st.column_config.NumberColumn(),
            "Highest": st.column_config.NumberColumn(),
            "Cost": st.column_config.NumberColumn(min_value=0.01),
        },
    )
    session.remember(f"{key} set", given)
    return given


def rules_of(
    default: CounterfactualSpec, chosen: dict[str, list[str]], ranges: pd.DataFrame
) -> tuple[FeatureRule, ...]:
    """Put together what was chosen.

    Raises
    ------
    InputError
        If a feature is frozen and may move in a direction, or in both; or its cost is missing.
    """
    rules = []
    for rule, limits in zip(default.rules, ranges.to_dict("records"), strict=True):
        named = [change for change, names in chosen.items() if rule.feature in names]
        if len(named) > 1:
            raise InputError(
                "it is named under more than one of frozen, may only grow and may only shrink",
                where=f"feature {rule.feature!r}",
                remedy="Leave it under one of them",
            )
        if limits["Cost"] is None or pd.isna(limits["Cost"]):
            raise InputError("it has no cost", where=f"feature {rule.feature!r}")
        rules.append(
            FeatureRule(
                rule.feature,
                named[0] if named else "free",  # type: ignore[arg-type]
                _number(limits["Lowest"]),
                _number(limits["Highest"]),
                float(limits["Cost"]),
            )
        )
    return tuple(rules)


def _number(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[arg-type,call-overload]


def describe_rules(default: CounterfactualSpec) -> str:
    """Say which defaults are not free, and why."""
    by_why: dict[str, list[str]] = {}
    for rule in default.rules:
        if rule.why:
            by_why.setdefault(rule.why, []).append(rule.feature)
    parts = [f"{', '.join(names)}: {why}" for why, names in by_why.items()]
    text = session.literal(" ".join(parts)) if parts else "No feature is frozen at first."
    return (
        f"At first: {text} All else may change freely, which is seldom true: only people who know "
        "the matter can say what somebody can change. Sensitive columns that the model does not "
        "see are not listed."
    )
