"""Bring a model that was made elsewhere: its file, the matching, how it decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import brought, other_tabs, session, steps
from components.train.matching_view import matching_view
from components.train.mitigation_form import mitigation_form
from components.train.model_file_view import ModelFile, model_file_view, pick_model_file
from components.widgets.option_widgets import ask
from components.widgets.pickers import pick_one
from core.audit_state.audit_models import audit_brought_model, why_no_brought_model
from core.data.labels import canonical_series
from core.errors import InputError
from core.external_models.bring import Wishes, check_task, external_spec, positive_class
from core.learning.learners import EXTERNAL_MODEL
from core.numerals import signed
from core.training.spec import TrainingSpec
from core.training.training_options import OPTION

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.audit_state.state import AuditState
    from core.external_models.external_spec import ExternalSpec
    from core.external_models.matching import Matching
    from core.external_models.recomputed import Recomputed

_LABELS = 50
"""A column of more values marks no training rows."""


def bring_view(state: AuditState) -> DeltaGenerator:
    """Let a person bring a model and audit it; return where to say what came of it."""
    outcome = st.container()
    why = why_no_brought_model(state)
    if why is not None:
        st.info(session.literal(why[0].upper() + why[1:] + "."))
        if state.budget is not None:
            steps.link("budget", "Look at the privacy budget", state.id)
        return outcome
    file = pick_model_file(state)
    if file is None:
        return outcome
    before = state.training.external if state.training else None
    with session.refusal_shown():
        model_file_view(file)
        check_task(file.facts, file.name)
        draft = matching_view(state, file.facts, before)
        wishes = _wishes(state, file, before)
        matching = draft.matching if draft.is_settled else None
        spec = None if matching is None or wishes is None else _spec(file, matching, wishes, state)
        if spec is not None and spec.earlier_scores is not None:
            fit = brought.fit_with_earlier_scores(state, file.facts, spec, file.data)
            assert fit.earlier is not None
            earlier_view(fit.earlier)
        chosen = mitigation_form(state, EXTERNAL_MODEL)
        seed = 0
        if chosen.mitigation != "none":
            st.caption(
                "About 60% of the rows fit the mitigation, and all others judge it; the seed says "
                "which."
            )
            seed = ask(OPTION["seed"], state.training.seed if state.training else 0)
        outcome = st.container()
        if spec is None:
            st.caption(
                "To audit the model, settle what is open above."
                if wishes is not None
                else "To audit the model, say which of its classes is the positive one."
            )
        if st.button("Audit this model", type="primary", disabled=spec is None) and spec:
            training = TrainingSpec(
                EXTERNAL_MODEL.name,
                chosen.mitigation,
                chosen.mitigate_for,
                seed=seed,
                strength=chosen.strength,
                external=spec,
            )
            _audit(state, file, training)
    return outcome


def _audit(state: AuditState, file: ModelFile, training: TrainingSpec) -> None:
    with st.spinner("Asking the model", show_time=True):
        _, roles = audit_brought_model(
            session.workspace(),
            other_tabs.as_shown(state),
            session.table(state),
            file.data,
            training,
        )
    other_tabs.saw(training=training, roles=roles)
    st.rerun()


def _spec(file: ModelFile, matching: Matching, wishes: Wishes, state: AuditState) -> ExternalSpec:
    label = brought.candidates(state).positive_label
    return external_spec(file.facts, file.name, matching, label, wishes)


def _wishes(state: AuditState, file: ModelFile, before: ExternalSpec | None) -> Wishes | None:
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
                f"class {state.id} {facts.sha256}",
                facts.classes,
                known.positive_class if known else None,
                placeholder="Choose a class",
            )
            if not facts.named_classes:
                st.caption(
                    "Its file only numbers the classes, most often in the sorted order of the "
                    "labels it was trained on."
                )
        else:
            st.caption(session.literal(f"Its class “{chosen}” is the positive label."))
    if facts.output == "label":
        st.caption("It gives the label that it decides and no score, so there is no threshold.")
        threshold = 0.5
    else:
        threshold = st.number_input(
            "Decides positively from this score on",
            0.001,
            0.999,
            known.threshold if known else 0.5,
            format="%.3f",
            key=f"model threshold {state.id} {facts.sha256}",
        )
    trained_on = _trained_on(state, known)
    earlier = _earlier_column(state, known)
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


def _trained_on(state: AuditState, known: ExternalSpec | None) -> tuple[str, str] | None:
    features = brought.candidates(state).features
    names = [str(name) for name in features]
    before = known.trained_on if known else None
    column = pick_one(
        "Column that marks the rows it was trained on (optional)",
        f"trained on {state.id}",
        names,
        before[0] if before else None,
        help="Such rows judge nothing, and only with them a membership attack can be made. "
        "Without it all rows judge the model.",
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


def _earlier_column(state: AuditState, known: ExternalSpec | None) -> str | None:
    table = session.table(state)
    numbers = [c.name for c in table.columns if table.frame[c.name].dtype.kind in "fiu"]
    return pick_one(
        "Column of scores that it gave before (optional)",
        f"earlier scores {state.id}",
        numbers,
        known.earlier_scores if known else None,
        help="Recomputed scores are compared with them row by row.",
    )


def earlier_view(found: Recomputed) -> None:
    """Show recomputed scores beside earlier ones, the most different rows first."""
    st.subheader("Recomputed and earlier scores")
    show = st.success if not found.differing and found.rows else st.warning
    show(session.literal(found.sentence))
    if found.without:
        st.caption(f"Rows without an earlier score: {found.without:,}.")
    if found.shown:
        st.dataframe(earlier_table(found), hide_index=True, width="stretch")
        st.caption(
            f"The {len(found.shown)} most different rows, by their number in the table, counted "
            "from 0."
        )


def earlier_table(found: Recomputed) -> pd.DataFrame:
    """One row for each of the most different rows."""
    return pd.DataFrame(
        [
            {
                "Row": row,
                "Earlier": f"{before:.6f}",
                "Recomputed": f"{now:.6f}",
                "Difference": signed(now - before, 6),
            }
            for row, before, now in found.shown
        ]
    )
