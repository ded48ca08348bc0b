"""Pickers of columns and labels whose options follow what was chosen elsewhere.

A picker is a new widget whenever its options change, and starts from what was chosen before, so
that a choice survives both a change of options and a change of page.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st


def pick_one(
    label: str,
    key: str,
    options: Sequence[str],
    chosen: str | None,
    *,
    help: str | None = None,
    placeholder: str = "Choose a column",
) -> str | None:
    """Let a person choose one of the options, or none."""
    return st.selectbox(
        label,
        options,
        index=options.index(chosen) if chosen in options else None,
        key=_key(key, options),
        help=help,
        placeholder=placeholder,
    )


def pick_many(
    label: str,
    key: str,
    options: Sequence[str],
    chosen: Sequence[str],
    *,
    help: str | None = None,
    placeholder: str = "Choose columns",
) -> tuple[str, ...]:
    """Let a person choose some of the options.

    Returns what is chosen of the options, then what was chosen before and is no option now: it
    is chosen again when it becomes one.
    """
    shown = st.multiselect(
        label,
        options,
        default=[name for name in chosen if name in options],
        key=_key(key, options),
        help=help,
        placeholder=placeholder,
    )
    return (*shown, *(name for name in chosen if name not in options))


def _key(key: str, options: Sequence[str]) -> str:
    return f"{key} {hash(tuple(options))}"
