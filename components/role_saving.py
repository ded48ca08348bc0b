"""Drafts of roles and kinds, kept for each audit until they are saved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from components import session
from components.role_draft import RoleDraft, fitted, from_roles, from_suggestion
from core.data.assign import suggest_roles
from core.errors import InputError

if TYPE_CHECKING:
    from core.data.table import Kind, Table
    from core.governance.progress import Progress


def draft_of(progress: Progress, table: Table) -> RoleDraft:
    """Return what was entered; else the saved roles; else a suggestion."""
    draft = session.remembered(f"roles {progress.id}", None)
    if draft is None:
        draft = (
            from_suggestion(suggest_roles(table), table)
            if progress.roles is None
            else from_roles(progress.roles)
        )
    return fitted(draft, table)


def keep_draft(progress: Progress, draft: RoleDraft) -> None:
    """Keep what was entered."""
    session.remember(f"roles {progress.id}", draft)


def kinds_of(progress: Progress) -> dict[str, Kind]:
    """Return the kinds as corrected, saved or not."""
    return session.remembered(f"kinds {progress.id}", progress.kinds)


def keep_kinds(progress: Progress, changed: dict[str, Kind]) -> None:
    """Keep corrected kinds if the table can be read with them.

    Raises
    ------
    InputError
        If it can't.
    """
    kinds = {**kinds_of(progress), **changed}
    session.table(replace(progress, kinds=kinds))
    session.remember(f"kinds {progress.id}", kinds)


def save_roles(progress: Progress, draft: RoleDraft) -> None:
    """Check the draft and the kinds, and save them.

    A model trained for other roles is no longer the audited one; it stays on disk.

    Raises
    ------
    InputError
        If the roles do not fit the table; nothing is saved then.
    """
    from core.governance.progress import save

    wanted = replace(progress, kinds=kinds_of(progress))
    wanted = replace(wanted, roles=draft.roles(session.table(wanted)))
    dataset = session.dataset(wanted)
    note = "Roles are saved."
    if progress.training is not None and _fingerprint(progress) != dataset.fingerprint:
        wanted = replace(wanted, training=None)
        note += (
            " They have changed, so the model must be trained again; what was found with the old "
            "roles stays on disk and is taken from there if you go back to them."
        )
    save(session.workspace(), wanted)
    session.remember(f"note {progress.id}", note)


def _fingerprint(progress: Progress) -> str | None:
    try:
        return session.dataset(progress).fingerprint if progress.roles is not None else None
    except InputError:
        return None
