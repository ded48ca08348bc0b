"""How a model made elsewhere decides: its positive class, its threshold, who trained it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import brought, session
from components.widgets.pickers import pick_one
from core.data.labels import canonical_series
from core.errors import InputError
from core.external_models.bring import Wishes, positive_class
from core.external_models.served.kept_answers import SERVED_FORMATS

if TYPE_CHECKING:
    import pandas as pd

    from components.train.model_file_view import ModelFile
    from core.audit_state.state import AuditState
    from core.external_models.external_spec import ExternalSpec

_LABELS = 50
"""A column of more values marks no training rows."""


def deciding_form(state: AuditState, file: ModelFile, before: ExternalSpec | None) -> Wishes | None:
    """Ask how the model decides; None while its positive class is not known."""
    st.header("How does it decide?")
    facts, same = file.facts, before is not None and before.sha256 == file.facts.sha256
    known = before if same else None
    chosen = None
    label = brought.candidates(state).positive_label
    if facts.classes is not None:
        try:
            chosen = positive_class(facts, label, Wishes({}), file.name)
        except InputError:
            chosen = pick_one(
                f"Class of the model that is the positive label “{label}”",
                f"class {state.id} {facts.sha256} {label}",
                facts.classes,
                known.positive_class if known else None,
                placeholder="Choose a class",
            )
            if not facts.named_classes:
                st.caption(
                    f"{'The server' if facts.format in SERVED_FORMATS else 'Its file'} only "
                    "numbers the classes, most often in the sorted order of the labels it was "
                    "trained on."
                )
        else:
            st.caption(session.literal(f"Its class “{chosen}” is the positive label."))
    if facts.output == "label":
        st.caption("It gives the label that it decides and no score, so there is no threshold.")
        threshold = 0.5
    else:
        threshold = st.number_input(
            "Decision threshold: positive from this score on",
            0.001,
            0.999,
            known.threshold if known else 0.5,
            format="%.3f",
            key=f"model threshold {state.id} {facts.sha256} {label}",
        )
    features = brought.candidates(state).features
    trained_on = pick_trained_on(state, features, known)
    earlier = pick_earlier(state, known)
    if facts.classes is not None and chosen is None:
        return None
    return Wishes(
        {},
        True,
        chosen,
        float(threshold),
        file.accepted_types,
        file.accepted_by,
        trained_on,
        earlier,
    )


def pick_trained_on(
    state: AuditState,
    features: pd.DataFrame,
    known: ExternalSpec | None,
    help: str = "Such rows do not judge the model, and a membership attack needs them. "
    "Without it all rows judge the model.",
) -> tuple[str, str] | None:
    """Ask which rows trained the model; None where that is not known."""
    names = [str(name) for name in features]
    before = known.trained_on if known else None
    column = pick_one(
        "Column that marks the rows it was trained on (optional)",
        f"trained on {state.id}",
        names,
        before[0] if before else None,
        help=help,
    )
    if column is None:
        return None
    values = sorted(set(canonical_series(features[column].dropna())))
    if len(values) > _LABELS:
        st.caption(f"It has {len(values):,} values: name a column of two, such as train and test.")
        return None
    value = pick_one(
        "Its value for training rows",
        f"trained on value {state.id} {column}",
        values,
        before[1] if before and before[0] == column else None,
        placeholder="Choose a value",
    )
    return None if value is None else (column, value)


def pick_earlier(state: AuditState, known: ExternalSpec | None, what: str = "scores") -> str | None:
    """Ask for the column of scores, or amounts, that the model gave before; None without one."""
    table = session.table(state)
    numbers = [c.name for c in table.columns if table.frame[c.name].dtype.kind in "fiu"]
    return pick_one(
        f"Column of {what} that it gave before (optional)",
        f"earlier scores {state.id}",
        numbers,
        known.earlier_scores if known else None,
        help=f"Recomputed {what} are compared with them row by row.",
    )
