"""The file of a model made elsewhere: brought by a person, or kept with the audit; what it says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from components.app import brought, session
from core.audit_state.audit_models import file_brought_last
from core.audit_state.model_files import read_model_file
from core.audit_state.outcome_models import outcome_models
from core.audit_state.served_models import is_served
from core.errors import InputError
from core.external_models.model_formats import MODEL_FORMATS
from core.external_models.sandbox.child_process import Limits

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.external_models.model_facts import ModelFacts

KINDS = {"number": "number", "category": "category", "flag": "yes or no"}
MISSING = {"allowed": "taken", "refused": "refused", "unknown": "not known"}


@dataclass(frozen=True)
class ModelFile:
    """A file, opened.

    Attributes
    ----------
    name : str
    data : bytes
    facts : ModelFacts
    accepted_types : tuple of str
        Of a skops file, beyond the reviewed ones.
    accepted_by : str
    """

    name: str
    data: bytes
    facts: ModelFacts
    accepted_types: tuple[str, ...] = ()
    accepted_by: str = ""


def pick_model_file(state: AuditState) -> ModelFile | None:
    """Let a person give a file, or take the audited one; None while there is none to open."""
    file = st.file_uploader(
        "File of the model",
        max_upload_size=math.ceil(Limits().file / 1e6),
        key=f"model file {state.id}",
        help="It is opened in a process that may neither write nor connect.",
    )
    external = state.training.external if state.training else None
    if is_served(external):
        external = None
    elif external is None:
        models = outcome_models(session.workspace(), state)
        external = models[0].external if models else None
    is_audited = external is not None
    if external is None and state.roles and not state.roles.audits_existing_predictions:
        external = file_brought_last(session.workspace(), state)
    if file is None and external is None:
        st.caption("Formats, told by what the file holds:")
        st.markdown(
            "\n".join(f"- {session.literal(f'{f.sentence}. {f.limits}')}" for f in MODEL_FORMATS)
        )
        st.caption(
            "Pickle and joblib files are refused: opening one would run whatever program it holds. "
            "The file is kept in this server’s workspace, with the audit, until you delete it."
        )
        return None
    try:
        if file is not None:
            return _opened(file.name, file.getvalue(), state)
        assert external is not None
        now = "as it is audited" if is_audited else "as it was brought before"
        st.caption(session.literal(f"{external.name}, {now}; another file replaces it."))
        data = read_model_file(session.workspace(), state, external.sha256, external.name)
        facts = brought.model_facts(data, external.name, external.accepted_types)
        return ModelFile(external.name, data, facts, external.accepted_types, external.accepted_by)
    except InputError as error:
        session.shown_error(error)
        return None


def _opened(name: str, data: bytes, state: AuditState) -> ModelFile | None:
    try:
        return ModelFile(name, data, brought.model_facts(data, name, ()))
    except InputError as error:
        types: tuple[str, ...] = getattr(error, "types", ())
        if not types:
            raise
    accepted_by = _acceptance(types, state)
    if accepted_by is None:
        return None
    facts = brought.model_facts(data, name, types)
    return ModelFile(name, data, facts, types, accepted_by)


def _acceptance(types: tuple[str, ...], state: AuditState) -> str | None:
    """Ask a named person to accept types of a file one by one; None until all are."""
    st.warning(
        "The file holds types that were not reviewed, and building one may run its code. Accept "
        "them only if you know where they come from.",
        icon=":material/gpp_maybe:",
    )
    ticked = [st.checkbox(session.literal(name), key=f"type {name} {state.id}") for name in types]
    who = st.text_input("Accepted by", key=f"types by {state.id}", placeholder="Your name").strip()
    if all(ticked) and who:
        return who
    st.caption("All of them, and who accepts them: the name is kept with the audit.")
    return None


def model_file_view(file: ModelFile) -> None:
    """Show what the file is and what it says of itself."""
    facts = file.facts
    made_by = " ".join(part for part in (facts.library, facts.version) if part)
    st.markdown(f"**{session.literal(facts.title or file.name)}**")
    told = [
        ("File", f"{file.name}, {facts.size / 1000:,.0f} kB"),
        ("Format", facts.format),
        ("Made by", made_by or "not told by the file"),
        ("SHA-256", f"{facts.sha256[:12]}…"),
        ("Inputs", f"{len(facts.inputs)}" + ("" if facts.named_inputs else ", without names")),
        ("Predicts", "amounts") if facts.output == "number" else ("Classes", _classes(facts)),
    ]
    st.markdown("  \n".join(f"{name}: {session.literal(text)}" for name, text in told))
    for note in facts.notes:
        st.caption(session.literal(note))
    if file.accepted_by:
        # Which types, a note of the file says.
        by_whom = f"The types named above were accepted by {file.accepted_by}."
        st.caption(session.literal(by_whom))


def _classes(facts: ModelFacts) -> str:
    if facts.classes is None:
        return "none: it gives one number"
    listed = ", ".join(facts.classes)
    return listed if facts.named_classes else f"{listed} (numbered, not named by the file)"
