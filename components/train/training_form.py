"""The form in which a person chooses how to train."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session, steps
from components.train.mitigation_form import mitigation_form
from components.widgets.near_ledgers import undecided_note
from components.widgets.option_widgets import ask
from core.audit_state.audit_ledger import charges
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.privacy.guidance.outlook import offered
from core.training.spec import TrainingSpec
from core.training.training_options import OPTION

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.learning.learners import Learner
    from core.privacy.accounting.budget import Budget


def training_form(state: AuditState) -> TrainingSpec | None:
    """Let a person choose; None while something is missing."""
    private = state.budget is not None
    before = state.training or TrainingSpec("")
    learner = LEARNERS[
        ask(
            OPTION["learner"],
            before.learner,
            among=[i.name for i in LEARNERS if i.private == private],
        )
    ]
    st.caption(learner.sentence)
    epsilon = delta = None
    if state.budget is not None:
        st.caption("A privacy budget is set, so only models that keep it are offered.")
        choice = _spend(state, state.budget, learner.needs_delta)
        if choice is None:
            return None
        epsilon, delta = choice
    else:
        st.caption("Models that give a privacy guarantee are offered once a budget is set.")
        steps.link("budget", "Set a privacy budget", state.id)
    chosen = mitigation_form(state, learner)
    balancing = "none"
    if not private:
        names, key = BALANCINGS.names(), f"balancing {state.id}"
        balancing = ask(OPTION["balancing"], before.balancing, among=names, key=key)
        st.caption(BALANCINGS[balancing].sentence)
    seed = ask(OPTION["seed"], before.seed)
    person, rows = _person(state, learner, before) if private else (None, 1)
    return TrainingSpec(
        learner.name,
        chosen.mitigation,
        chosen.mitigate_for,
        epsilon,
        delta,
        domains=state.domains if private else None,
        seed=seed,
        person=person,
        rows_per_person=rows,
        strength=chosen.strength,
        balancing=balancing,
    )


def _person(state: AuditState, learner: Learner, before: TrainingSpec) -> tuple[str | None, int]:
    """Ask whether single rows or persons are hidden, where a column names persons."""
    columns = session.roles_of(state).identifiers
    if not columns or learner.neighbouring != "add-or-remove":
        if columns:
            st.caption(
                "This model's guarantee is for single rows; others can hide all rows of a person."
            )
        return None, 1
    person = ask(
        OPTION["person"],
        before.person,
        among=[None, *columns],
        title=lambda c: "Each row" if c is None else f"Each person, by column {c}",
        key=f"person {state.id}",
    )
    if person is None:
        return None, 1
    known = before.rows_per_person if before.person in columns else 1
    rows = ask(OPTION["rows_per_person"], known, key=f"rows per person {state.id}")
    st.caption(
        f"Of each person {rows} rows are used at most, and each row is hidden with "
        f"ε / {rows}, so that all of a person's rows together are hidden with ε."
    )
    return person, rows


def _spend(state: AuditState, cap: Budget, needs_delta: bool) -> tuple[float, float] | None:
    """Ask what to spend of what is left of the cap."""
    if undecided_note(state):
        return None
    spent = charges(session.workspace(), state)
    left, delta_left = cap.left(spent), cap.delta_left(spent)
    before = state.training
    known = before.epsilon if before and before.epsilon else None
    st.caption(f"Left of the cap: ε = {left:.4g} of {cap.epsilon:g}.")
    if left < 0.001 and known is None:
        st.warning("The budget is spent. Raise the cap on the budget page, and record why.")
        return None
    epsilon = st.number_input(
        "Spend ε",
        0.001,
        100.0,
        float(known or min(offered(left, 0.001), 100.0)),
        format="%.3f",
        help="A quarter of what is left is offered at first, so that the budget is not gone with "
        "one model. The same choice again is taken from disk and costs nothing.",
    )
    paid = state.domains is None
    if not (needs_delta or paid):
        return epsilon, 0.0
    if not cap.delta:
        st.warning("This choice needs a δ above 0. Set one on the budget page.")
        return None
    delta = before.delta if before and before.delta else offered(delta_left, 1e-30)
    if epsilon != known:
        # The same choice again costs nothing; any other has to fit into what is left.
        delta = min(delta, delta_left)
    if not delta:
        st.warning(
            "The δ of the budget is spent, and this choice needs some. Raise the cap on the budget "
            "page, and record why, or choose a model that needs none."
        )
        return None
    return epsilon, delta
