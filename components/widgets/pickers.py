"""Pickers that several pages share.

Those of columns and labels follow what was chosen elsewhere: such a picker is a new widget whenever
its options change, and starts from what was chosen before, so that a choice survives both a change
of options and a change of page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.app import session
from core.fairness.metrics.metric_registry import METRICS

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.registry import Registry


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


def pick_registered(
    label: str,
    registry: Registry[Any],
    names: Sequence[str],
    key: str,
    *,
    first: str | None = None,
    where: DeltaGenerator | None = None,
    help: str | None = None,
    title: Callable[[str], str] | None = None,
) -> str:
    """Let a person choose one of the registered things by its title."""
    found: str = (where or st).selectbox(
        label,
        names,
        index=0 if first is None else names.index(first),
        format_func=title or (lambda name: registry[name].title),
        help=help,
        **session.lasting(key),
    )
    return found


def pick_metric(
    key_prefix: str,
    names: Iterable[str],
    registry: Registry[Any] = METRICS,
    label: str = "Metric",
    *,
    title: Callable[[str], str] | None = None,
    sentence: Callable[[str], str] | None = None,
) -> str:
    """Let a person choose a registered figure, and say what it is.

    Parameters
    ----------
    title, sentence : callable, optional
        What a figure is called here, and how it is explained, where not as in the registry.
    """
    name = pick_registered(label, registry, list(names), f"{key_prefix} metric", title=title)
    st.caption(session.literal(sentence(name) if sentence else registry[name].sentence))
    return name


def pick_groups(key_prefix: str, sensitive: Sequence[str]) -> tuple[str, ...]:
    """Let a person choose by which attributes people are compared; stop the page if by none."""
    chosen = st.multiselect(
        "Compare people by",
        sensitive,
        default=sensitive[:1],
        help="Sensitive attributes. With two or more, groups are their combinations: Female · "
        "Black.",
        **session.lasting(f"{key_prefix} by"),
    )
    if not chosen:
        st.info("Choose at least one attribute to compare people by.")
        st.stop()
    return tuple(name for name in sensitive if name in chosen)


def _key(key: str, options: Sequence[str]) -> str:
    return f"{key} {hash(tuple(options))}"
