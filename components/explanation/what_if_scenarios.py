"""Save edits as a named scenario, and list what was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import session
from core.audit_state.what_if_scenarios import delete_scenario, keep_scenario, list_scenarios
from core.errors import InputError
from core.explanation.person.scenario import LONGEST_NAME, Scenario, model_key, scenario_of
from core.explanation.person.what_if_texts import describe_edits

if TYPE_CHECKING:
    from components.explanation.what_if_edits import SessionEdits
    from core.audit_state.state import AuditState


def save_form(held: SessionEdits, state: AuditState) -> None:
    """Offer to keep the edits in force under a name."""
    key = f"{held.widgets}: name"
    error = session.remembered(f"{key} refused", None)

    def save() -> None:
        session.remember(f"{key} refused", None)
        try:
            found = scenario_of(held.editor, held.position, held.edits, str(st.session_state[key]))
            keep_scenario(session.workspace(), state.id, found)
            st.session_state[key] = ""
        except InputError as refused:
            session.remember(f"{key} refused", refused)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Name of this scenario", key=key, max_chars=LONGEST_NAME, disabled=not held.edits,
            placeholder="Edit something first" if not held.edits else "",
        )  # fmt: skip
        st.button(
            "Save the scenario", icon=":material/bookmark_add:", key=f"{key} save", on_click=save,
            disabled=not held.edits,
        )  # fmt: skip
    if error is not None:
        session.shown_error(error)


def list_saved(held: SessionEdits, state: AuditState) -> None:
    """List the scenarios of the audit, with those of other models marked."""
    found = list_scenarios(session.workspace(), state.id)
    st.markdown("### Saved scenarios")
    if not found:
        st.caption("None is saved yet. What is saved stands in the report and in audit.json.")
        return
    own = model_key(held.editor.trained)
    st.dataframe(scenario_table(found, own), hide_index=True, alt="Saved scenarios")
    if any(one.model_key != own for one in found):
        st.caption(
            "A scenario of another model keeps the figures of the model that answered it: they "
            "say nothing of the one that is audited now."
        )
    names = [one.name for one in found]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Scenario", names, key=f"{held.widgets}: scenario", format_func=str)
        chosen = next(one for one in found if one.name == name)
        st.button(
            "Open", icon=":material/open_in_new:", key=f"{held.widgets}: open",
            disabled=chosen.row != _row(held), on_click=held.replace, args=(chosen.edits,),
            help="Its edits are taken over where it is about the person who is shown.",
        )  # fmt: skip
        st.button(
            "Delete", icon=":material/delete:", key=f"{held.widgets}: delete",
            on_click=delete_scenario, args=(session.workspace(), state.id, name),
        )  # fmt: skip


def _row(held: SessionEdits) -> int:
    return int(held.editor.dataset.rows[held.editor.trained.split.test[held.position]])


def scenario_table(found: tuple[Scenario, ...], own: str) -> pd.DataFrame:
    """Lay scenarios out, one row for each.

    Parameters
    ----------
    own : str
        Key of the audited model.
    """
    return pd.DataFrame(
        [
            {
                "Scenario": one.name,
                "Row": one.row,
                "Edits": describe_edits(
                    one.edits, {e.feature: e.value for e in one.own}, one.dates
                ),
                "Score before": one.before.score,
                "Score after": one.after.score,
                "Decision before": one.before.decision,
                "Decision after": one.after.decision,
                "Model": one.model if one.model_key == own else f"another model: {one.model}",
                "Saved (UTC)": one.when[:16].replace("T", " "),
            }
            for one in found
        ]
    )
