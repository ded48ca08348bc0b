"""The form in which a person chooses how to train."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components import session, steps
from components.near_ledgers import undecided_note
from core.fairness.mitigation import MITIGATIONS
from core.governance.progress import charges
from core.learning.balancing import BALANCINGS
from core.learning.learners import LEARNERS
from core.learning.spec_checks import fits_label, fits_learner, why_not_counted
from core.learning.training import TrainingSpec
from core.privacy.outlook import offered

if TYPE_CHECKING:
    from core.fairness.mitigation import Mitigation
    from core.governance.progress import Progress
    from core.learning.learners import Learner
    from core.privacy.budget import Budget


def training_form(progress: Progress) -> TrainingSpec | None:
    """Let a person choose; None while something is missing."""
    private = progress.budget is not None
    before = progress.training
    offered = [item for item in LEARNERS if item.private == private]
    names = [item.name for item in offered]
    name = st.selectbox(
        "Learner",
        names,
        index=names.index(before.learner) if before and before.learner in names else 0,
        format_func=lambda name: LEARNERS[name].title,
        help="The method that turns training rows into a model.",
    )
    learner = LEARNERS[name]
    st.caption(learner.sentence)
    epsilon = delta = None
    if progress.budget is not None:
        st.caption("A privacy budget is set, so only learners that keep it are offered.")
        choice = _spend(progress, progress.budget, learner.needs_delta)
        if choice is None:
            return None
        epsilon, delta = choice
    else:
        st.caption("Learners that keep a privacy promise are offered once a budget is set.")
        steps.link("budget", "Set a privacy budget", progress.id)
    kept = [i for i in MITIGATIONS if (i.keeps_privacy if private else not i.counts)]
    favourable = session.roles_of(progress).positive_is_favourable
    usable = [
        item
        for item in kept
        if fits_learner(item, learner) and fits_label(item, positive_is_favourable=favourable)
    ]
    mitigations = [item.name for item in usable]
    mitigation = st.selectbox(
        "Mitigation",
        mitigations,
        index=mitigations.index(before.mitigation)
        if before and before.mitigation in mitigations
        else 0,
        format_func=lambda name: f"{MITIGATIONS[name].title} ({_family(name)})",
        help="A way to make decisions more alike between groups.",
    )
    st.caption(MITIGATIONS[mitigation].sentence)
    if private:
        st.caption(
            "Mitigations that look at rows without noise would break the promise and are left out."
        )
    uncounted: dict[str, list[str]] = {}
    for item in kept:
        if item not in usable and item.replaces_learner:
            st.caption(
                f"{item.title} is left out: it trains a model of its own in place of the learner, "
                f"and is offered with {LEARNERS[item.replaces_learner].title} only."
            )
        elif not fits_label(item, positive_is_favourable=favourable):
            st.caption(
                f"{item.title} is left out: it gives more people the positive decision, which is "
                "the unfavourable one here."
            )
        elif item not in usable:
            reason = why_not_counted(item, learner) or "it does not go with this learner"
            uncounted.setdefault(reason, []).append(item.title)
    for reason, titles in uncounted.items():
        st.caption(f"Left out: {'; '.join(titles)}: {reason}.")
    mitigate_for = None
    chosen = MITIGATIONS[mitigation]
    if mitigation != "none" and (chosen.declared_groups or not chosen.counts):
        mitigate_for = st.selectbox("Mitigate for", session.roles_of(progress).sensitive)
    strength = _strength(progress, chosen) if chosen.degrees else 1.0
    balancing = "none" if private else _balancing(progress)
    seed = st.number_input(
        "Seed", 0, 2**31 - 1, before.seed if before else 0, help="Repeats the split of the rows."
    )
    domains = progress.domains if learner.private else None
    person, rows = _person(progress, learner) if learner.private else (None, 1)
    return TrainingSpec(
        name,
        mitigation,
        mitigate_for,
        epsilon,
        delta,
        domains,
        int(seed),
        person=person,
        rows_per_person=rows,
        strength=strength,
        balancing=balancing,
    )


def _strength(progress: Progress, mitigation: Mitigation) -> float:
    """Ask how far a mitigation that has degrees should go."""
    before = progress.training
    known = before.strength if before and before.mitigation == mitigation.name else 1.0
    return st.slider(
        "Strength",
        0.05,
        1.0,
        max(0.05, known),
        0.05,
        key=f"strength {mitigation.name} {progress.id}",
        persist_state="session",
        help=f"1 is in full. {mitigation.degrees}",
    )


def _balancing(progress: Progress) -> str:
    """Ask whether labels are to have the same say in training."""
    names = list(BALANCINGS.names())
    known = progress.training.balancing if progress.training else "none"
    name = st.selectbox(
        "Balancing",
        names,
        index=names.index(known),
        format_func=lambda name: BALANCINGS[name].title,
        key=f"balancing {progress.id}",
        persist_state="session",
        help="Where one label is rare, a learner has little reason to find it. Balancing changes "
        "training rows alone.",
    )
    st.caption(BALANCINGS[name].sentence)
    return name


def _person(progress: Progress, learner: Learner) -> tuple[str | None, int]:
    """Ask whether single rows or persons are hidden, where a column names persons."""
    columns = session.roles_of(progress).identifiers
    if not columns or learner.neighbouring != "add-or-remove":
        if columns:
            st.caption(
                "This learner's promise is for single rows; others can hide all rows of a person."
            )
        return None, 1
    before = progress.training
    known = before.person if before and before.person in columns else None
    person = st.selectbox(
        "Whom the promise is for",
        [None, *columns],
        index=[None, *columns].index(known),
        format_func=lambda c: "Each row" if c is None else f"Each person, by column {c}",
        key=f"person {progress.id}",
        persist_state="session",
        help="If a person may have several rows, a promise to rows is weaker for that person.",
    )
    if person is None:
        return None, 1
    rows = st.number_input(
        "Rows kept of each person",
        1,
        1000,
        before.rows_per_person if before and known else 1,
        key=f"rows per person {progress.id}",
        persist_state="session",
        help="Set it without looking at the data. More rows are left out; fewer mean less noise.",
    )
    st.caption(
        f"Of each person {rows} rows are used at most, and each row is hidden with "
        f"ε / {rows}, so that all of a person's rows together are hidden with ε."
    )
    return person, int(rows)


def _family(name: str) -> str:
    family = MITIGATIONS[name].family
    return "baseline" if family == "none" else f"{family} training"


def _spend(progress: Progress, cap: Budget, needs_delta: bool) -> tuple[float, float] | None:
    """Ask what to spend of what is left of the cap."""
    if undecided_note(progress):
        return None
    spent = charges(session.workspace(), progress)
    left, delta_left = cap.left(spent), cap.delta_left(spent)
    before = progress.training
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
    paid = progress.domains is None
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
            "page, and record why, or choose a learner that needs none."
        )
        return None
    return epsilon, delta
