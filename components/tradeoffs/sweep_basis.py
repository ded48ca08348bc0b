"""The choice of the rows that a sweep runs on, and what is known of rows that are public."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.widgets.pickers import pick_registered
from core.audit_state import audit_ledger
from core.data.samples import SAMPLES
from core.governance.declared_public import (
    Declaration,
    declare_public,
    declared_public,
    take_back,
)
from core.storage.canonical import key
from core.tradeoff.sweep.basis import MOST_LETTERS, TITLES, Basis, Kind, allowed, rows_of
from core.tradeoff.sweep.synthetic import FEWEST, MOST

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.data.domains import Domains

SENTENCES: dict[Kind, str] = {
    "public": "Anyone may read these rows already, so nothing can be taken from anyone by "
    "training on them.",
    "own": "This audit gives no privacy guarantee, so private models may be tried on its rows.",
    "stand_in": "Models are trained on a public sample and never on your rows. It tells what "
    "noise does to a table of about this size, not how accurate a model of your people is.",
    "made_up": "Rows are drawn from declared bounds and categories and never from your rows: "
    "the columns are yours, the people are invented.",
    "spend": "Each private model is trained with fresh noise and debited before noise is added; "
    "what is spent is never given back.",
}


def nothing_trained(state: AuditState) -> bool:
    """Whether the audit's decisions exist already, or its model was made elsewhere."""
    existing = state.roles is not None and state.roles.audits_existing_predictions
    return existing or (state.training is not None and state.training.external is not None)


def basis_form(state: AuditState, rows: int, before: Basis | None) -> Basis:
    """Ask which rows the sweep runs on.

    Parameters
    ----------
    state : AuditState
    rows : int
        Of the audit.
    before : Basis or None
        That of the last sweep.
    """
    # A budget belongs to the data set, and may have been set in another audit of it.
    guaranteed = audit_ledger.cap_of(session.workspace(), state) is not None
    guaranteed = guaranteed or state.budget is not None
    declared = None if state.origin == "sample" else _declared(state)
    public = state.origin == "sample" or declared is not None
    given = nothing_trained(state)
    kinds = allowed(public=public, guaranteed=guaranteed, given=given)
    last = before.kind if before and before.kind in kinds else kinds[0]
    kind = kinds[0]
    if len(kinds) > 1:
        kind = st.radio(
            "Rows to train on",
            kinds,
            index=kinds.index(last),
            format_func=TITLES.__getitem__,
            # Other kinds make another picker, which begins with the safest of them.
            **session.lasting(f"{state.id} sweep rows {kinds}"),
        )
    else:
        doing = "try it on" if given else "train on"
        st.markdown(f"Rows to {doing}: **{TITLES[kind].lower()}**.")
    if not given:
        st.caption(SENTENCES[kind])
    if kind == "public" and declared is not None:
        return declared.basis
    if kind == "stand_in":
        return _public_sample(state, rows, before)
    if kind == "made_up":
        known = before.rows if before and before.kind == kind else min(rows, 20_000)
        count = st.number_input(
            "How many synthetic rows",
            FEWEST,
            MOST,
            min(max(known, FEWEST), MOST),
            step=100,
            help="With about as many rows as the table has, noise weighs as much as there.",
            **session.lasting(f"{state.id} sweep made up"),
        )
        return Basis(kind, rows=int(count))
    return Basis(kind)


def swept_rows(
    state: AuditState, dataset: Dataset, basis: Basis, topic: str
) -> tuple[Dataset, Domains | None]:
    """Return the rows that a sweep runs on and their domains, made once for each basis.

    Parameters
    ----------
    state : AuditState
    dataset : Dataset
        Of the audit.
    basis : Basis
    topic : str
        The last rows of each topic are kept.

    Raises
    ------
    InputError
        If such rows can't be had.
    """
    given = dataset.roles.audits_existing_predictions
    if basis.kind not in ("stand_in", "made_up") and not given:
        return rows_of(basis, dataset, state.domains)
    cache_key = key(dataset.fingerprint, ["swept rows", topic, basis, state.domains])
    session.keep_only(f"{topic} rows {state.id}", cache_key)

    def make() -> tuple[Dataset, Domains | None]:
        with st.spinner("Getting the rows"):
            return rows_of(basis, dataset, state.domains)

    found: tuple[Dataset, Domains | None] = session.once(f"rows {cache_key}", make)
    return found


def _declared(state: AuditState) -> Declaration | None:
    """Show who declared the rows public, or let a person do so with a name and a reason."""
    found = declared_public(session.workspace(), state)
    if found is not None:
        text = f"Declared public by {found.name} on {found.when[:10]}, because {found.because}"
        st.markdown(session.literal(text))
        if st.button(
            "Take the declaration back",
            # Of this declaration: a newer one is not taken back unseen.
            key=f"{state.id} sweep not public {found.when}",
            help="Rows are protected again from now on. Sweeps that were made stay, and say under "
            "which declaration.",
        ):
            take_back(session.workspace(), state, found)
            st.rerun()
        return found
    if not st.checkbox(
        "These rows are public",
        help="Public means that anyone may read every single row already, as with an open data "
        "set: then no model can give away what isn't known. It can't be taken back for what is "
        "shown by then.",
        **session.lasting(f"{state.id} sweep public"),
    ):
        return None
    with st.form(f"{state.id} sweep declaration", border=True):
        st.caption(
            "This lifts the protection of these rows, so it carries a name and a reason. Both "
            "stand on every picture and in the report."
        )
        name = st.text_input("Who declares it", max_chars=200)
        because = st.text_area(
            "Why they are public",
            max_chars=MOST_LETTERS,
            help="Where anyone may read them already, such as an address or a publication.",
        )
        asked = st.form_submit_button("Declare these rows public")
    if asked:
        with session.refusal_shown():
            declare_public(session.workspace(), state, name=name, because=because)
            st.rerun()
    return None


def _public_sample(state: AuditState, rows: int, before: Basis | None) -> Basis:
    offered = [sample.name for sample in SAMPLES if not sample.roles.audits_existing_predictions]
    last = before if before and before.kind == "stand_in" and before.sample in offered else None
    left, right = st.columns(2)
    # Of those that are shipped, only the last is large enough for most tables.
    first = last.sample if last else offered[-1]
    key = f"{state.id} sweep stand-in"
    sample = pick_registered("Public sample", SAMPLES, offered, key, first=first, where=left)
    count = right.number_input(
        "About how many of its rows",
        100,
        1_000_000,
        last.rows if last else min(max(rows, 100), 1_000_000),
        step=100,
        help="Noise weighs less the more rows there are, so take about as many as the table has; "
        "all of the sample if it has fewer.",
        **session.lasting(f"{state.id} sweep stand-in rows"),
    )
    return Basis("stand_in", sample, int(count))
