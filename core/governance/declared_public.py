"""Rows that a person declared public: who, when and why, kept with the audit.

Public rows need no protection, so models are tried on them at no cost to a privacy budget. Nobody
can check that from the rows, so it is said by a person who answers for it, as an operating point
is; what was taken back stays on record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.audit_state.state import AuditState
from core.errors import InputError
from core.storage.canonical import key
from core.storage.record import now
from core.storage.record_store import RecordKind, RecordStore
from core.storage.sign_off import check_sign_off
from core.storage.workspace import Workspace
from core.tradeoff.sweep.basis import MOST_LETTERS, Basis


@dataclass(frozen=True)
class Declaration:
    """Rows are public, says a person.

    Attributes
    ----------
    name, because : str
        Who says so, and why, in their own words.
    when : str
        UTC time, ISO 8601.
    taken_back : str
        UTC time; empty while it stands.
    """

    name: str
    because: str
    when: str
    taken_back: str = ""

    @property
    def basis(self) -> Basis:
        """What a sweep on these rows says of itself."""
        return Basis(
            "public", declared_by=self.name, declared_on=self.when[:10], because=self.because
        )


DECLARATIONS = RecordKind(
    "declared public",
    tuple[Declaration, ...],
    what="the declarations that these rows are public",
)


def declare_public(
    workspace: Workspace, state: AuditState, *, name: str, because: str
) -> Declaration:
    """Keep that a person declares an audit's rows public.

    Raises
    ------
    InputError
        If there is no name or no reason, or the reason is longer than 300 letters.
    """
    check_sign_off(
        "a declaration that rows are public",
        because,
        name,
        "Write down where anyone may read these rows already, and who says so",
        MOST_LETTERS,
    )
    made = Declaration(" ".join(name.split()), " ".join(because.split()), now())
    _revise(workspace, state, lambda before: (*before, made))
    return made


def take_back(workspace: Workspace, state: AuditState, seen: Declaration | None = None) -> None:
    """End the declaration that stands, if there is one; sweeps that were made under it stay.

    One that was made after the one that was seen stands.
    """

    def end(before: tuple[Declaration, ...]) -> tuple[Declaration, ...]:
        if not before or before[-1].taken_back or seen not in (None, before[-1]):
            return before
        return (*before[:-1], replace(before[-1], taken_back=now()))

    _revise(workspace, state, end)


def declared_public(workspace: Workspace, state: AuditState) -> Declaration | None:
    """Return the declaration that stands; None if there is none."""
    found = declarations(workspace, state)
    return found[-1] if found and not found[-1].taken_back else None


def declarations(workspace: Workspace, state: AuditState) -> tuple[Declaration, ...]:
    """All declarations for the audit's data, oldest first, with those taken back."""
    store = RecordStore(workspace, state.id)
    return store.load(DECLARATIONS, _record_key(state)) or ()


def check_public(workspace: Workspace, state: AuditState, basis: Basis) -> None:
    """Refuse rows as public that nobody answers for; those of a sample are.

    Raises
    ------
    InputError
        If no declaration stands, or another one than the sweep was planned under.
    """
    if basis.kind != "public" or state.origin == "sample":
        return
    found = declared_public(workspace, state)
    if found is None or found.basis != basis:
        raise InputError(
            "nobody declares these rows public, so that models may be tried on them at no cost"
            if found is None
            else "these rows were declared public anew since this sweep was planned",
            where="sweep",
            remedy="Declare them public with a name and a reason, or choose other rows"
            if found is None
            else "Start it from the form, which takes what is done already",
        )


def _revise(
    workspace: Workspace,
    state: AuditState,
    change: Callable[[tuple[Declaration, ...]], tuple[Declaration, ...]],
) -> None:
    """Change all declarations as they are on disk at this moment."""
    RecordStore(workspace, state.id).revise(
        DECLARATIONS, _record_key(state), lambda before: change(before or ())
    )


def _record_key(state: AuditState) -> str:
    return key(state.data, "declared public")
