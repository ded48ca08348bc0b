"""The form in which a person says what others may know, and how to anonymise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import results, session
from components.widgets.charts import cut
from components.widgets.pickers import pick_registered
from core.anonymity.equivalence_classes import code
from core.anonymity.hierarchies import Digits, Hierarchy, Ranges, Tree
from core.anonymity.inferred import infer
from core.anonymity.methods import ANONYMISERS
from core.anonymity.pseudonymise import new_key
from core.anonymity.spec import Anonymisation
from core.errors import InputError

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.table import Table

KNOWN = (
    "**Quasi-identifiers** are columns that someone else may know of a person, such as age, sex "
    "or postcode: none is a name, but together they may point to one row. The **sensitive value** "
    "is what nobody should learn of a person by finding their row."
)


def columns_form(state: AuditState, table: Table) -> tuple[tuple[str, ...], str | None] | None:
    """Let a person choose quasi-identifiers, preselected with reasons, and the sensitive column."""
    roles = state.roles
    assert roles is not None
    names = [str(name) for name in table.frame.columns]
    chosen, steps = results.quasi_suggestions(state)
    st.markdown(KNOWN)
    key_prefix = f"{state.id} anonymise"
    quasi = st.multiselect(
        "Quasi-identifiers",
        names,
        default=[item.column for item in chosen],
        **session.lasting(f"{key_prefix} quasi"),
        help="Chosen beforehand: columns that tell people apart. Change them by what you know.",
    )
    with st.expander("Why these were suggested"):
        rows = [
            {
                "Column": item.column,
                "Why": item.reason,
                "Pairs distinguished so far": f"{step.separation:.4%}",
                "Rows unique so far": f"{step.unique:.1%}",
            }
            for item, step in zip(chosen, steps, strict=True)
        ]
        st.table(pd.DataFrame(rows).map(session.literal), hide_index=True)
        st.caption(
            "The sensitive attributes of the roles first, then, one at a time, the feature that "
            "tells apart most of the pairs of rows that were still alike (Motwani and Xu 2007), "
            "until half of the rows are unique. Whether others know a column, only you can say."
        )
    options = [name for name in names if name not in quasi]
    sensitive = st.selectbox(
        "Sensitive value",
        options,
        index=options.index(roles.target) if roles.target in options else None,
        **session.lasting(f"{key_prefix} sensitive {len(names)} {roles.target in options}"),
        placeholder="None: only measure how well rows are hidden",
    )
    if not quasi:
        st.info("Choose at least one quasi-identifier.")
        return None
    if sensitive in quasi:
        sensitive = None
    return tuple(quasi), sensitive


def population_form(state: AuditState) -> float | None:
    """Let a person state which share of the population the table holds."""
    share = st.number_input(
        "Share of the population in the table, in % (optional)",
        0.0001,
        100.0,
        None,
        **session.lasting(f"{state.id} anonymise population"),
        format="%.4g",
        placeholder="Not known",
        help="For the risk from someone who doesn't know who is in the table.",
    )
    return None if share is None else share / 100


def method_form(
    state: AuditState, table: Table, quasi: tuple[str, ...], sensitive: str | None
) -> tuple[Anonymisation, str | None]:
    """Let a person choose a method and its options; return them with the key of pseudonyms."""
    key_prefix = f"{state.id} anonymise"
    names = list(ANONYMISERS.names())
    name = pick_registered("Method", ANONYMISERS, names, f"{key_prefix} method", first="mondrian")
    method = ANONYMISERS[name]
    st.caption(method.sentence)
    left, middle, right = st.columns(3)
    k = 1
    if method.uses_k:
        k = left.number_input(
            "k: rows alike at least", 1, len(table.frame), min(5, len(table.frame)),
            **session.lasting(f"{key_prefix} k"),
            help="Each row is then alike with k − 1 others in all quasi-identifiers.",
        )  # fmt: skip
    l_asked = t_asked = None
    if method.uses_diversity and sensitive is not None:
        l_asked = middle.number_input(
            "l: sensitive values at least (optional)", 1, None, None,
            **session.lasting(f"{key_prefix} l"), placeholder="Not asked",
            help="Each class then holds at least l different sensitive values.",
        )  # fmt: skip
        t_asked = right.number_input(
            "t: distance at most (optional)", 0.01, 1.0, None,
            **session.lasting(f"{key_prefix} t"), placeholder="Not asked",
            help="How far the sensitive values of a class may be from the whole table's, 0 to 1.",
        )  # fmt: skip
    limit = 0.0
    if method.leaves_out:
        default = 2.0 if name == "lattice" else 50.0
        limit = st.number_input(
            "Rows that may be left out, in %", 0.0, 99.0, default,
            **session.lasting(f"{key_prefix} limit {name}"),
        ) / 100  # fmt: skip
    hierarchies: tuple[Hierarchy, ...] = ()
    if method.uses_hierarchies:
        with st.expander("Hierarchies: what each value becomes, level by level"):
            hierarchies = tuple(_hierarchy(state, table, column) for column in quasi)
    left_out, pseudonyms, key = _other_columns(state, table, quasi, sensitive)
    return (
        Anonymisation(
            name, quasi, sensitive, int(k), None if l_asked is None else int(l_asked), t_asked,
            limit, hierarchies, left_out, pseudonyms,
        ),
        key,
    )  # fmt: skip


def _other_columns(
    state: AuditState, table: Table, quasi: tuple[str, ...], sensitive: str | None
) -> tuple[tuple[str, ...], tuple[str, ...], str | None]:
    roles = state.roles
    assert roles is not None
    key_prefix = f"{state.id} anonymise"
    others = [str(c) for c in table.frame.columns if c not in quasi and c != sensitive]
    with st.expander("Other columns: leave out, or replace by keyed hashes"):
        left_out = st.multiselect(
            "Leave out of the release",
            others,
            default=[name for name in roles.identifiers if name in others],
            **session.lasting(f"{key_prefix} left out {others}"),
        )
        hashed = st.multiselect(
            "Replace by keyed hashes (pseudonyms)",
            [name for name in others if name not in left_out],
            **session.lasting(f"{key_prefix} hashed {others} {left_out}"),
            help="HMAC-SHA-256: alike values stay alike, and only the key tells which they were.",
        )
        key = None
        if hashed:
            drawn = session.remembered(f"{key_prefix} key", None)
            key = st.text_input(
                "Key",
                drawn or session.remember(f"{key_prefix} key", new_key()),
                help="Paste the key of an earlier release to get the same pseudonyms.",
            )
            st.warning(
                "Copy the key now and keep it apart from the release: it is neither kept on disk "
                "nor part of the recipe, and is gone with this session. Whoever has it can find "
                "every pseudonym's value."
            )
    return tuple(left_out), tuple(hashed), key


def _hierarchy(state: AuditState, table: Table, column: str) -> Hierarchy:
    """Let a person edit the hierarchy of a column, which is inferred at first."""
    coded = code(table.frame, column)
    found = infer(coded)
    key_prefix = f"{state.id} anonymise hierarchy {column}"
    if isinstance(found, Ranges):
        text = st.text_input(
            f"{column}: widths of ranges, each a multiple of the one before",
            ", ".join(f"{width:g}" for width in found.widths),
            **session.lasting(key_prefix),
        )
        return Ranges(column, _widths(text, column))
    if isinstance(found, Tree):
        return _tree(found, coded.labels, key_prefix)
    what = (
        f"{found.length} signs, masked one by one from the right"
        if isinstance(found, Digits)
        else "day, month, year"
    )
    st.markdown(f"{session.literal(column)}: {what}")
    return found


def _widths(text: str, column: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise InputError(
            f"{cut(text)!r} isn't a list of widths",
            where=f"hierarchy of column {column!r}",
            remedy="Write numbers with commas between them, like 5, 10, 20",
        ) from None


def _tree(found: Tree, labels: tuple[str, ...], key_prefix: str) -> Tree:
    if session.is_new(key_prefix):
        # An editor forgets its edits on a change of page, and starts from what it last made.
        session.remember(f"{key_prefix} from", session.remembered(f"{key_prefix} made", found))
    begun: Tree = session.remembered(f"{key_prefix} from", found)
    levels = [dict(level) for level in begun.levels]
    # One more level than there are can be filled in.
    count = max(len(levels), len(found.levels)) + 1
    shown = pd.DataFrame({"Value": labels})
    for number in range(1, count + 1):
        fields = levels[number - 1] if number <= len(levels) else {}
        same = shown.iloc[:, -1] if number > len(levels) else shown["Value"]
        shown[f"Level {number}"] = [
            fields.get(label, group) for label, group in zip(labels, same, strict=True)
        ]
    st.markdown(
        f"{session.literal(found.column)}: write the same group for values to be merged; "
        "above the last level all are \\*"
    )
    edited = st.data_editor(shown, hide_index=True, disabled=["Value"], key=key_prefix)
    pairs = []
    for number in range(1, count + 1):
        groups = ["" if pd.isna(g) else str(g) for g in edited[f"Level {number}"]]
        pairs.append(tuple((v, g) for v, g in zip(labels, groups, strict=True) if v != g))
    while pairs and (not pairs[-1] or (len(pairs) > 1 and pairs[-1] == pairs[-2])):
        pairs.pop()
    made: Tree = session.remember(f"{key_prefix} made", Tree(found.column, tuple(pairs)))
    return made
