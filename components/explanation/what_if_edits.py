"""The edits of one person that a session holds: set, undone, reset, taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from core.errors import InputError

if TYPE_CHECKING:
    from core.explanation.person.what_if import PersonEditor
    from core.explanation.person.what_if_result import Edits

MOST_UNDONE = 100


class SessionEdits:
    """Edits of one person and how they came about; widgets begin their keys with ``widgets``.

    Parameters
    ----------
    editor : PersonEditor
    position : int
        Of the person among the rows that judge the model.
    key_prefix : str
        Of the page.
    """

    def __init__(self, editor: PersonEditor, position: int, key_prefix: str):
        self.editor, self.position = editor, position
        self._key = f"{key_prefix} edits of {position}"
        self.widgets = f"{key_prefix} set {position}"

    @property
    def edits(self) -> Edits:
        """The edits in force."""
        found: tuple[Edits, ...] = session.remembered(self._key, ((),))
        return found[-1]

    @property
    def steps(self) -> int:
        """How many steps can be undone."""
        return len(session.remembered(self._key, ((),))) - 1

    @property
    def refusal(self) -> str:
        """Why the last edit was refused; empty if it wasn't."""
        text: str = session.remembered(f"{self._key} refused", "")
        return text

    def set(self, edits: Edits) -> None:
        """Put other edits in force."""
        if edits != self.edits:
            past = session.remembered(self._key, ((),))
            session.remember(self._key, (*past[-MOST_UNDONE:], edits))

    def take(self, feature: str, value: object) -> None:
        """Edit one feature as it was typed or moved."""
        values = {edit.feature: edit.value for edit in self.edits} | {feature: value}
        session.remember(f"{self._key} refused", "")
        try:
            self.set(self.editor.parse(self.position, values))
        except InputError as error:
            session.remember(f"{self._key} refused", str(error))

    def replace(self, edits: Edits) -> None:
        """Put edits in force that no widget was set to, so that all show them."""
        self.set(self.editor.effective(self.position, edits))
        self._forget_widgets()

    def undo(self) -> None:
        """Take the last step back."""
        past = session.remembered(self._key, ((),))
        session.remember(self._key, past[:-1] or ((),))
        self._forget_widgets()

    def reset(self) -> None:
        """Take all edits back, as one step that can be undone."""
        self.replace(())

    def _forget_widgets(self) -> None:
        session.remember(f"{self._key} refused", "")
        for name in [str(name) for name in st.session_state]:
            if name.startswith(f"{self.widgets} "):
                del st.session_state[name]
