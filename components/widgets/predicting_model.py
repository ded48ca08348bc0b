"""A model that stands in the place of a column of predictions: which it is, and how it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from components.app import session
from components.widgets.earlier_view import earlier_view
from components.widgets.unknown_values_view import unknown_view
from core.reporting.external_model_json import outcome_model_json
from core.training.model_name import external_name

if TYPE_CHECKING:
    from core.external_models.external_spec import ExternalSpec
    from core.external_models.fit_to_table import FitToTable


def predicting_model(fit: FitToTable, external: ExternalSpec) -> dict[str, Any]:
    """Show a model and how it fits the rows that judge it; return what a download says of it."""
    st.header("The model that predicted")
    st.markdown(session.literal(f"{fit.facts.title}: {external_name(external)}."))
    for note in (*fit.facts.notes, *fit.decision_notes):
        st.caption(session.literal(note))
    if external.trained_on is None:
        st.caption(
            "Whether these rows trained the model is not known. If they did, its errors are "
            "smaller here than on new people."
        )
    unknown_view(fit, matched_here=False)
    if fit.earlier is not None:
        earlier_view(fit.earlier)
    return outcome_model_json(fit, external)
