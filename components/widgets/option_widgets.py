"""The widget that asks for an option of training, by its row in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from components.app import session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.training.training_option import TrainingOption


def ask(
    option: TrainingOption,
    before: Any,
    *,
    among: Sequence[Any] = (),
    title: Callable[[Any], str] | None = None,
    more: str = "",
    key: str | None = None,
) -> Any:
    """Ask for an option's value: a list of choices, a slider, or a field for a number.

    Parameters
    ----------
    option : TrainingOption
    before : value
        Chosen at first, if it is offered.
    among : sequence
        Choices; without any it is a number.
    title : callable, optional
        What a choice is called; by default its registered title, or itself.
    more : str
        Said after the option's own hint.
    key : str, optional
        Keeps the choice while the session lasts.
    """
    label = option.question or option.label
    kept = {} if key is None else session.lasting(key)
    hint = f"{option.hint} {more}".strip()
    record: dict[str, Any] = {"help": hint or None, **kept}
    if among:
        registry = option.registry
        if title is None:
            title = str if registry is None else lambda name: registry[name].title
        first = list(among).index(before) if before in among else 0
        return st.selectbox(label, among, first, format_func=title, **record)
    assert option.offered is not None
    low, high, step = option.offered
    # A plan from elsewhere may have gone further than the form does.
    before = min(max(low, before), high)
    if option.kind == "whole":
        return int(st.number_input(label, int(low), int(high), int(before), **record))
    if step is None:
        return float(st.number_input(label, low, high, float(before), format="%.3f", **record))
    return st.slider(label, low, high, before, step, **record)
