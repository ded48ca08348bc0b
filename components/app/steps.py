"""The path through an audit: pages in order, where one stands, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app.page_list import EARLIER_PATHS, PAGES, PageSpec

if TYPE_CHECKING:
    from core.audit_state.state import AuditState


EVERY_PAGE = "every page"
"""Key of the switch that shows pages which do not apply to the open audit."""


def applies(spec: PageSpec, state: AuditState | None) -> bool:
    """Whether a page has anything to do in an audit; all have where none is open."""
    if state is None or state.roles is None:
        return True
    if spec.trains and state.training is not None and state.training.external is not None:
        return False
    if not state.roles.audits_existing_predictions:
        return True
    return not spec.needs_training and not (spec.needs_scores and state.roles.score is None)


def pages(state: AuditState | None = None) -> dict[str, list[st.Page]]:
    """Pages by section, in the order of the path; those that do not apply are folded away.

    A folded page stays open to links and addresses; an address of an earlier release leads to
    its page.
    """
    every = st.session_state.get(EVERY_PAGE, False)
    out: dict[str, list[st.Page]] = {}
    for spec in PAGES:
        out.setdefault(spec.section, []).append(
            st.Page(
                spec.file,
                title=spec.title,
                icon=spec.icon,
                url_path=spec.path,
                default=spec.path == "start",
                visibility="visible" if every or applies(spec, state) else "hidden",
            )
        )
    for earlier, path in EARLIER_PATHS.items():
        out[spec_of(path).section].append(_moved(earlier, spec_of(path)))
    return out


def _moved(earlier: str, spec: PageSpec) -> st.Page:
    """Make a hidden page at an earlier address that opens the page of today with its audit."""

    def switch() -> None:
        st.switch_page(spec.file, query_params=st.query_params.to_dict())

    return st.Page(switch, title=spec.title, url_path=earlier, visibility="hidden")


def spec_of(path: str) -> PageSpec:
    """Look a page up by its address."""
    return next(spec for spec in PAGES if spec.path == path)


def link(path: str, label: str, audit: str | None) -> None:
    """Link to a page, keeping the audit in the address."""
    spec = spec_of(path)
    st.page_link(
        spec.file,
        label=label,
        icon=spec.icon,
        query_params={"audit": audit} if audit else None,
    )


def next_step(path: str, state: AuditState) -> None:
    """Link to the page that follows, passing over those that this audit does not need."""
    later = list(PAGES)[list(PAGES).index(spec_of(path)) + 1 :]
    later = [spec for spec in later if not spec.aside and applies(spec, state)]
    if later:
        st.divider()
        link(later[0].path, f"Next: {later[0].title}", state.id)
        st.caption(later[0].sentence)


def sidebar(state: AuditState | None) -> None:
    """Show which audit is open and what has been settled in it."""
    with st.sidebar:
        if state is None:
            st.caption("No audit is open. Begin one on the first page.")
            return
        st.markdown("**Open audit**")
        # A name is a person's text: shown as text, never as markup.
        st.text(state.name)
        folded = [spec for spec in PAGES if not applies(spec, state)]
        if folded:
            st.toggle(f"Show {len(folded)} pages that do not apply to this audit", key=EVERY_PAGE)
        existing = state.roles is not None and state.roles.audits_existing_predictions
        settled = [("Data", True), ("Roles", state.roles is not None)]
        if existing:
            settled.append(("Existing predictions", True))
        else:
            settled.append(("Model", state.training is not None))
        for name, done in settled:
            st.caption(f"{':material/check_circle:' if done else ':material/circle:'} {name}")
        if state.budget is not None:
            st.caption(
                f":material/shield: cap ε = {state.budget.epsilon:g}, δ = {state.budget.delta:g}"
            )
