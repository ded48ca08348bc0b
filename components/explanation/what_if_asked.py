"""The answers to an edited person that a server has to be asked for, with leave only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.app import asking, session
from core.explanation.person.individual_curve import individual_curve
from core.explanation.person.what_if import PersonEditor

if TYPE_CHECKING:
    from components.explanation.what_if_edits import SessionEdits
    from core.audit_state.state import AuditState
    from core.storage.workspace import Workspace


def ask_about(
    held: SessionEdits, state: AuditState, *, edited: bool, curve: str | None = None
) -> bool:
    """Have the server asked about a person; False while nobody has allowed the calls.

    Parameters
    ----------
    held : SessionEdits
    state : AuditState
    edited : bool
        Whether with the edits that are in force; the person as they are otherwise.
    curve : str, optional
        Feature whose curve is drawn too; else a first one is, in the same calls.
    """
    edits = held.edits if edited else ()
    kept = held.editor

    def ask(workspace: Workspace) -> bool:
        # What an editor keeps must not be what was made up to count the calls.
        own = workspace.root == session.workspace().root
        editor = kept if own else PersonEditor(kept.dataset, kept.trained)
        if curve is None:
            editor.answer(held.position, edits)
        feature = curve or (edits[-1].feature if edits else strongest(editor, held.position))
        individual_curve(editor, held.position, edits, feature)
        return True

    name = f"{held.widgets}: asked {edits} {curve}"
    return bool(asking.compute(state, ask, "Asking the model about this person", name))


def strongest(editor: PersonEditor, position: int) -> str:
    """Name the feature that adds most to a person's score."""
    reasons = editor.reasons(position, ())
    size = [abs(value) for value in reasons.values[0]]
    return str(reasons.features[size.index(max(size))])
