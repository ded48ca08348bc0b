"""Marginal prices: what more ε buys, and what a smaller gap costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from components.app.sweep_numbers import epsilon_label
from core.fairness.disparities.disparities import lower
from core.numerals import with_minus
from core.tradeoff.frontier.chosen import setting_label, signed

if TYPE_CHECKING:
    from components.app.sweep_numbers import SweepResults
    from core.fairness.metrics.assessment import Figure
    from core.tradeoff.frontier.differences import Difference
    from core.tradeoff.frontier.marginal import EpsilonPrice, GapPrice
    from core.tradeoff.sweep.grid import Setting


def show(key_prefix: str, found: SweepResults, setting: Setting) -> None:
    """Show the prices of ε with the choices that are looked at, and those of unfairness.

    Parameters
    ----------
    key_prefix : str
        Tells audits apart.
    found : SweepResults
    setting : Setting
        That is looked at.
    """
    private = any(item.epsilon is not None for item in found.analysis.settings)
    if private:
        st.markdown("**What more ε buys**")
        _epsilon(found, setting, key_prefix)
    st.markdown("**What fairer costs**")
    _gap(found, setting, key_prefix, private=private)
    st.caption(
        "A point is a hundredth; more is better. In brackets 95% intervals; where one holds 0, "
        "it may buy nothing. A price is the mean over its step and says nothing beyond it."
    )


def _epsilon(found: SweepResults, setting: Setting, key_prefix: str) -> None:
    own = [
        item
        for item in found.epsilon_prices
        if replace(item.smaller, epsilon=setting.epsilon) == setting
    ]
    every = st.toggle(
        "For all choices",
        value=not own,
        **session.lasting(f"all prices {key_prefix} {bool(own)}"),
        help="Else only for the choices of the setting you look at.",
    )
    shown = list(found.epsilon_prices) if every else own
    if not shown:
        st.caption(
            "Not defined: no choices ran with two values of ε."
            if not found.epsilon_prices
            else "Not defined for these choices: they did not run with two values of ε."
        )
        return
    if own:
        st.markdown(session.literal(epsilon_sentence(own)))
    # A plain table, whose cells wrap: reasons are longer than a phone is wide.
    table = epsilon_table(shown, every=every)
    st.table(table.map(session.literal), hide_index=True, alt="What more ε buys")


def _gap(found: SweepResults, setting: Setting, key_prefix: str, *, private: bool) -> None:
    own = [item for item in found.gap_prices if item.epsilon == setting.epsilon]
    every = private and st.toggle(
        "At every ε",
        value=not own,
        **session.lasting(f"all gap prices {key_prefix} {bool(own)}"),
        help="Else only at the ε of the setting you look at.",
    )
    shown = list(found.gap_prices) if every else own
    if not shown:
        where = "at any ε " if every else f"at ε = {epsilon_label(setting)} " if private else ""
        st.caption(
            f"Not defined: {where}one setting is the best in both figures, so there is nothing "
            "to give up one for the other."
        )
        return
    st.markdown(session.literal(gap_sentence(found, shown)))
    table = gap_table(shown)
    table = table if private else table.drop(columns="ε")
    st.table(table.map(session.literal), hide_index=True, alt="What fairer costs")


def epsilon_sentence(prices: list[EpsilonPrice]) -> str:
    """Say what the first step from the smallest ε buys of performance, and where gains end."""
    own = [item for item in prices if item.axis == prices[0].axis]
    first = own[0]
    text = (
        f"From ε = {first.smaller.epsilon:g} to {first.larger.epsilon:g}, "
        f"{lower(first.axis.title)} gains {points(first.gain)} points"
    )
    sure = [item for item in own if item.gain.distinct and (item.gain.value or 0.0) > 0]
    if sure:
        return (
            f"{text}. The last step that significantly gains ends at ε = "
            f"{sure[-1].larger.epsilon:g}."
        )
    return f"{text}. No step significantly gains."


def gap_sentence(found: SweepResults, prices: list[GapPrice]) -> str:
    """Say what the cheapest step costs of which the price is defined."""
    defined = [item for item in prices if item.price.estimate is not None]
    performance = lower(found.analysis.axes[0].title)
    if not defined:
        return f"None of {len(prices)} steps has a price: {prices[0].price.reason}."
    low = min(defined, key=lambda item: item.price.estimate or 0.0)
    return (
        f"At the cheapest step, to {setting_label(low.fairer)}, one point fairer in "
        f"{_unfairness(found)} costs {describe_price(low.price)} points of {performance}."
    )


def epsilon_table(prices: list[EpsilonPrice], *, every: bool) -> pd.DataFrame:
    """One row for each step in ε and figure; names the choices if there are several."""
    return pd.DataFrame(
        [
            {
                **({"Choices": _without_epsilon(item.smaller)} if every else {}),
                "Step in ε": f"{item.smaller.epsilon:g} → {item.larger.epsilon:g}",
                "Figure": item.axis.title,
                "Points for one more ε": points(item.for_one),
                "Points for a doubling": points(item.for_doubling),
                "On the Pareto front?": {
                    (True, True): "both ends",
                    (True, False): f"ε = {item.smaller.epsilon:g}",
                    (False, True): f"ε = {item.larger.epsilon:g}",
                    (False, False): "neither",
                }[item.on_front],
            }
            for item in prices
        ]
    )


def gap_table(prices: list[GapPrice]) -> pd.DataFrame:
    """One row for each step along the front at one ε."""
    return pd.DataFrame(
        [
            {
                "ε": "no privacy" if item.epsilon is None else f"{item.epsilon:g}",
                "Points lost for one point fairer": describe_price(item.price),
                "From": setting_label(item.better),
                "to the fairer": setting_label(item.fairer),
            }
            for item in prices
        ]
    )


def points(found: Difference) -> str:
    """Write a gain in points with its interval, or why it is not defined."""
    if found.value is None:
        return f"not defined: {found.reason}"
    text = signed(100 * found.value)
    if found.low is None or found.high is None:
        return f"{text} ({found.reason})"
    return f"{text} ({signed(100 * found.low)} to {signed(100 * found.high)})"


def describe_price(price: Figure) -> str:
    """Write a price in points for one point, or why it is not defined."""
    if price.estimate is None:
        return f"not defined: {price.reason}"
    text = _two(price.estimate)
    if price.low is None or price.high is None:
        return f"{text} ({price.reason})"
    return f"{text} ({_two(price.low)} to {_two(price.high)})"


def _two(price: float) -> str:
    return with_minus(f"{round(100 * price, 2) + 0.0:.2f}")


def _unfairness(found: SweepResults) -> str:
    return lower(found.analysis.axes[1].title)


def _without_epsilon(setting: Setting) -> str:
    words = setting_label(setting)
    return words.replace(f" at ε = {setting.epsilon:g}", "")
