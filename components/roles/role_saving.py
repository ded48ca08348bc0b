"""Drafts of roles and kinds, kept for each audit until they are saved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from components.app import other_tabs, session
from components.widgets.role_draft import RoleDraft, fitted, from_roles, from_suggestion
from core.data.reading.reading import ReadOptions
from core.data.roles.suggest import RoleSuggestion, suggest_roles
from core.data.table import Kind
from core.errors import InputError

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.reading.one_hot import OneHot
    from core.data.table import Notation, Table


def draft_of(state: AuditState, table: Table) -> RoleDraft:
    """Return what was entered; else the saved roles; else a suggestion."""
    draft = session.remembered(f"roles {state.id}", None)
    if draft is None:
        draft = (
            from_suggestion(suggest_roles(table), table)
            if state.roles is None
            else from_roles(state.roles)
        )
    return fitted(draft, table)


def guesses_for(state: AuditState, table: Table) -> RoleSuggestion | None:
    """Return what is guessed of a table as long as no roles are saved."""
    if state.roles is not None:
        return None
    kinds = hash(tuple((column.name, column.kind) for column in table.columns))
    made: RoleSuggestion = session.once(f"guesses {state.id} {kinds}", lambda: suggest_roles(table))
    return made


def keep_draft(state: AuditState, draft: RoleDraft) -> None:
    """Keep what was entered."""
    session.remember(f"roles {state.id}", draft)


def as_corrected(state: AuditState) -> AuditState:
    """Return the audit with kinds and notations as corrected, saved or not."""
    kinds, options = session.remembered(f"reading {state.id}", (state.kinds, state.options))
    return replace(state, kinds=kinds, options=options)


def keep_reading(state: AuditState, changed: dict[str, Kind | Notation | None]) -> None:
    """Keep corrected kinds and notations if the table can be read with them.

    Of one column the newer correction holds: a notation says the kind as well.

    Raises
    ------
    InputError
        If it can't.
    """
    now = as_corrected(state)
    kinds = {name: kind for name, kind in now.kinds.items() if name not in changed}
    options = now.options or ReadOptions()
    notations = {name: how for name, how in options.notations if name not in changed}
    for name, how in changed.items():
        if isinstance(how, Kind):
            kinds[name] = how
        elif how is not None:
            notations[name] = how
    wanted = replace(options, notations=tuple(sorted(notations.items())))
    made = None if now.options is None and not notations else wanted
    session.table(replace(state, kinds=kinds, options=made))
    session.remember(f"reading {state.id}", (kinds, made))


def keep_one_hot(state: AuditState, draft: RoleDraft, one_hot: OneHot) -> None:
    """Put columns of 0 and 1 together into attributes, or take them apart again.

    Parameters
    ----------
    state : AuditState
    draft : RoleDraft
        Its sensitive attributes follow.
    one_hot : tuple
        All attributes that are put together from now on.

    Raises
    ------
    InputError
        If the table can't be read so.
    """
    now = as_corrected(state)
    before = () if now.options is None else now.options.one_hot
    made = replace(now.options or ReadOptions(), one_hot=one_hot)
    session.table(replace(now, options=made))
    session.remember(f"reading {state.id}", (now.kinds, made))
    sensitive = list(draft.sensitive)
    for name, columns in before:
        if (name, columns) not in one_hot and name in sensitive:
            place = sensitive.index(name)
            sensitive[place : place + 1] = columns
    for name, columns in one_hot:
        if (name, columns) not in before:
            place = min((sensitive.index(c) for c in columns if c in sensitive), default=0)
            sensitive.insert(place, name)
            sensitive = [c for c in sensitive if c == name or c not in columns]
    keep_draft(state, replace(draft, sensitive=tuple(sensitive)))


def save_roles(state: AuditState, draft: RoleDraft) -> None:
    """Check the draft and the kinds, and save them.

    A model trained for other roles is no longer the audited one; it stays on disk.

    Raises
    ------
    InputError
        If the roles do not fit the table, or another session changed them or the audited model
        since they were shown; nothing is saved then.
    """
    from core.audit_state.state import update_state

    wanted = as_corrected(state)
    wanted = replace(wanted, roles=draft.roles(session.table(wanted)))
    dataset = session.dataset(wanted)
    changes: dict[str, Any] = {
        "kinds": wanted.kinds,
        "options": wanted.options,
        "roles": wanted.roles,
    }
    note = "Roles are saved."
    if state.training is not None and _fingerprint(state) != dataset.fingerprint:
        changes["training"] = None
        note += (
            f" They have changed, so the model must be {how_made(state)} again; what was found "
            "with the old roles stays on disk and is taken from there if you go back to them."
        )
    # Whether the audited model stays hangs on the roles, so neither may have changed unseen.
    update_state(session.workspace(), other_tabs.as_shown(state), rests_on=("training",), **changes)
    other_tabs.saw(**changes)
    session.remember(f"note {state.id}", note)


def how_made(state: AuditState) -> str:
    """Say in one word what was done for the audited model to be there."""
    elsewhere = state.training is not None and state.training.external is not None
    return "brought" if elsewhere else "trained"


def _fingerprint(state: AuditState) -> str | None:
    try:
        return session.dataset(state).fingerprint if state.roles is not None else None
    except InputError:
        return None
