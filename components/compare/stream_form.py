"""Where incoming outcomes come from, and which columns hold what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.widgets.gap_question import GapAsked, gap_question
from components.widgets.pickers import pick_registered
from components.widgets.reading_options import as_read, reading_options
from core.comparison.monitoring.simulated_stream import synthetic_stream
from core.comparison.monitoring.stream import AMONG
from core.data.reading.reading import read_bytes, upload_limit
from core.data.roles.role_checks import MANY_GROUPS
from core.data.roles.stream_rows import StreamColumns, labels_of
from core.errors import InputError
from core.fairness.metrics.metric_registry import METRICS

if TYPE_CHECKING:
    import pandas as pd

    from core.data.table import Table

DEMO, FILE = "A synthetic example", "A file of my own"
BOTH, ARMS, GAP = (
    "Two models, both decide on everybody",
    "Two models, one decides, randomised",
    "One model, two groups",
)
PRESET = {
    "outcome": "outcome", BOTH: "model_in_use", ARMS: "decision", GAP: "model_in_use",
    "second": "challenger", "arm": "arm", "group": "group",
}  # fmt: skip
"""Columns that are chosen at first, where there are any of these names."""


@dataclass(frozen=True)
class Asked:
    """What is watched: the columns, the figure, whom, which two arms or groups, and which gap."""

    columns: StreamColumns
    figure: str
    group: str | None
    arms: tuple[str, str] | None
    gap: GapAsked | None = None


def stream_table(key_prefix: str) -> pd.DataFrame | None:
    """Let a person choose the made-up example or a file; None while there is none.

    Raises
    ------
    InputError
        If the file can't be read.
    """
    source = st.segmented_control(
        "Outcomes",
        [DEMO, FILE],
        default=DEMO,
        required=True,
        **session.lasting(f"{key_prefix} source"),
    )
    if source == DEMO:
        st.info(
            "Synthetic, from a seed: two models, right in 70 and in 82 of 100 cases, in both "
            "groups alike. Nothing of it is about real people.",
            icon=":material/science:",
        )
        return synthetic_stream()
    limit = upload_limit()
    file = st.file_uploader(
        "A table with a row for each person, in order of arrival",
        max_upload_size=math.ceil(limit / 1e6), key=f"{key_prefix} file",
    )  # fmt: skip
    if file is None:
        st.caption(
            f"CSV, TSV, Excel, Parquet or Feather, up to {limit / 1e6:g} MB. It is read for this "
            "page alone and not kept. An outcome that has not come yet is left empty."
        )
        return None
    options = reading_options(file.name, f"{key_prefix} {file.file_id}")
    kept = session.remembered(f"{key_prefix} table", None)
    if kept is None or kept[0] != (file.file_id, options):
        with st.spinner("Reading the table"):
            read = read_bytes(file.getvalue(), file.name, options=options)
        kept = session.remember(f"{key_prefix} table", ((file.file_id, options), read))
    table: Table = kept[1]
    with st.expander("The table as it was read"):
        as_read(table)
    return table.frame


def stream_form(frame: pd.DataFrame, key_prefix: str) -> Asked | None:
    """Let a person choose what is watched; None while a column is missing.

    Raises
    ------
    InputError
        If the same arm is chosen twice.
    """
    names = [str(name) for name in frame.columns]
    key = f"{key_prefix} {hash(tuple(names))}"
    how = st.segmented_control(
        "What is compared", [BOTH, ARMS, GAP], default=BOTH, required=True,
        **session.lasting(f"{key_prefix} how"),
    )  # fmt: skip

    def column(label: str, name: str, where: st.delta_generator.DeltaGenerator) -> str | None:
        return where.selectbox(
            label, names, index=names.index(PRESET[name]) if PRESET[name] in names else None,
            placeholder="Choose a column", **session.lasting(f"{key} {name}"),
        )  # fmt: skip

    left, middle, right = st.columns(3)
    outcome = column("What came out", "outcome", left)
    if how == BOTH:
        decision = column("Decision of A, in use", BOTH, middle)
        other = column("Decision of B, its challenger", "second", right)
    elif how == ARMS:
        decision, other = column("Decision", ARMS, middle), column("Which model", "arm", right)
    else:
        decision, other = column("Decision", GAP, middle), column("Groups by", "group", right)
    if outcome is None or decision is None or other is None:
        st.caption("Choose all three columns.")
        return None
    second, arm = (other, None) if how == BOTH else (None, other)
    decided = [decision, *([second] if second else [])]
    left, middle, right = st.columns(3)
    came, text = labels_of(frame, outcome), labels_of(frame, *decided)
    if len(came) < 2:
        # At first all outcomes may be alike; decisions tell the other label.
        came = tuple(dict.fromkeys((*came, *text)))
    positive = _label("Positive outcome", came, f"{key} +{outcome}", left)
    if positive is not None and set(text) <= set(came):
        yes: str | None = positive
    else:
        yes = _label("Positive decision", text, f"{key} +{decided}", middle)
        middle = right
    figure = pick_registered(
        "Figure", METRICS, list(AMONG), f"{key_prefix} figure", where=middle,
        help="True positive rate counts people whose outcome is positive alone.",
    )  # fmt: skip
    arms = None if arm is None else _arms(frame, arm, key, how == GAP)
    group_column, group, gap = None, None, None
    if how == GAP:
        assert arms is not None
        gap = gap_question(key_prefix, arms)
        if gap is None:
            return None
    else:
        used = {outcome, decision, other}
        group_column, group = _group(frame, [n for n in names if n not in used], key)
    if positive is None or yes is None:
        st.caption("A column is empty: choose another.")
        return None
    columns = StreamColumns(outcome, positive, decision, yes, second, arm, group_column)
    return Asked(columns, str(figure), group, arms, gap)


def _label(
    label: str, offered: tuple[str, ...], key: str, where: st.delta_generator.DeltaGenerator
) -> str | None:
    if len(offered) > MANY_GROUPS or not offered:
        # Refused with a sentence once the rows are read.
        return offered[0] if offered else None
    likely = [x for x in offered if x.casefold() in ("1", "yes", "true", "positive", "good")]
    index = offered.index(likely[0]) if likely else 0
    return str(where.selectbox(label, offered, index=index, **session.lasting(key)))


def _arms(frame: pd.DataFrame, arm: str, key: str, groups: bool) -> tuple[str, str]:
    """Ask which two values of a column are compared."""
    what = "groups" if groups else "models"
    there = sorted(labels_of(frame, arm))
    if len(there) < 2 or len(there) > MANY_GROUPS:
        raise InputError(
            f"it holds {len(there)} different value{'s' if len(there) != 1 else ''}, and two "
            f"{what} are compared",
            where=f"column {arm!r}",
            remedy="Choose the column that says which of two models decided"
            if not groups
            else f"Choose a column of 2 to {MANY_GROUPS} groups",
        )
    left, right = st.columns(2)
    labels = ("First group", "Second group") if groups else ("Model A", "Model B")
    first, second = (
        where.selectbox(
            label, there, index=index, **session.lasting(f"{key} {arm} {'AB'[index]}")
        )
        for where, label, index in ((left, labels[0], 0), (right, labels[1], 1))
    )  # fmt: skip
    return str(first), str(second)


def _group(frame: pd.DataFrame, offered: list[str], key: str) -> tuple[str | None, str | None]:
    """Ask whether only people of a group are counted."""
    left, right = st.columns(2)
    column = left.selectbox(
        "Only a group, by column", [None, *offered],
        format_func=lambda name: "Everyone" if name is None else name,
        **session.lasting(f"{key} by"),
    )  # fmt: skip
    if column is None:
        return None, None
    groups = labels_of(frame, column)
    if not 0 < len(groups) <= MANY_GROUPS:
        raise InputError(
            f"it has {len(groups)} different values, which are no groups",
            where=f"column {column!r}",
            remedy=f"Choose a column of 1 to {MANY_GROUPS} values",
        )
    key_prefix = f"{key} {column} group"
    chosen = right.selectbox("Group", sorted(groups), **session.lasting(key_prefix))
    return column, str(chosen)
