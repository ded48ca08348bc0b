"""Choose a mitigation, and how far it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.widgets.option_widgets import ask
from core.learning.learners import EXTERNAL_MODEL, LEARNERS
from core.mitigation import MITIGATIONS
from core.training.compatibility import (
    CHANGES_TRAINING,
    fits_label,
    fits_learner,
    why_not_counted,
)
from core.training.spec import TrainingSpec
from core.training.training_options import OPTION, asks_for_column

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.learning.learners import Learner


@dataclass(frozen=True)
class ChosenMitigation:
    """What was chosen.

    Attributes
    ----------
    mitigation : str
        Registered name.
    mitigate_for : str or None
        Sensitive column that it looks at, where it looks at one.
    strength : float
    """

    mitigation: str
    mitigate_for: str | None
    strength: float


def mitigation_form(state: AuditState, learner: Learner) -> ChosenMitigation:
    """Let a person choose among the mitigations that go with a learner."""
    before = state.training or TrainingSpec("")
    name = _mitigation(state, learner, before)
    mitigate_for, strength = None, 1.0
    if asks_for_column(TrainingSpec(learner.name, name)):
        mitigate_for = ask(OPTION["mitigate_for"], None, among=session.roles_of(state).sensitive)
    if MITIGATIONS[name].degrees:
        known = before.strength if before.mitigation == name else 1.0
        key = f"strength {name} {state.id}"
        strength = ask(OPTION["strength"], known, more=MITIGATIONS[name].degrees, key=key)
    return ChosenMitigation(name, mitigate_for, strength)


def _mitigation(state: AuditState, learner: Learner, before: TrainingSpec) -> str:
    """Ask for a mitigation among those that fit, and say why others are left out."""
    favourable = session.roles_of(state).positive_is_favourable
    kept = [i for i in MITIGATIONS if (i.keeps_privacy if learner.private else not i.counts)]
    usable = [
        item
        for item in kept
        if fits_learner(item, learner) and fits_label(item, positive_is_favourable=favourable)
    ]
    name: str = ask(
        OPTION["mitigation"],
        before.mitigation,
        among=[item.name for item in usable],
        title=lambda name: f"{MITIGATIONS[name].title} ({_family(name)})",
    )
    st.caption(MITIGATIONS[name].sentence)
    if MITIGATIONS[name].warning:
        st.warning(session.literal(MITIGATIONS[name].warning), icon=":material/gavel:")
    if learner.private:
        st.caption(
            "Mitigations that look at rows without noise would break the guarantee and are left "
            "out."
        )
    if learner.fixed:
        st.caption("Mitigations before and during training are left out: nothing is trained here.")
    uncounted: dict[str, list[str]] = {}
    for item in kept:
        if item in usable or (learner.fixed and item.family in CHANGES_TRAINING):
            continue
        if item.replaces_learner:
            st.caption(
                f"{item.title} is left out: it trains its own model instead, "
                f"and is offered with {LEARNERS[item.replaces_learner].title} only."
            )
        elif not fits_label(item, positive_is_favourable=favourable):
            st.caption(
                f"{item.title} is left out: it gives more people the positive decision, which is "
                "the unfavourable one here."
            )
        else:
            reason = why_not_counted(item, learner) or "it does not go with this model"
            uncounted.setdefault(reason, []).append(item.title)
    for reason, titles in uncounted.items():
        st.caption(f"Left out: {'; '.join(titles)}: {reason}.")
    return name


def _family(name: str) -> str:
    family = MITIGATIONS[name].family
    return "baseline" if family == "none" else f"{family} training"


def brought_training(state: AuditState) -> TrainingSpec:
    """Ask for a mitigation of a model made elsewhere, and for the seed that parts the rows."""
    chosen = mitigation_form(state, EXTERNAL_MODEL)
    seed = 0
    if chosen.mitigation != "none":
        st.caption(
            "About 60% of the rows fit the mitigation, and all others judge it; the seed says "
            "which."
        )
        seed = ask(OPTION["seed"], state.training.seed if state.training else 0)
    return TrainingSpec(
        EXTERNAL_MODEL.name,
        chosen.mitigation,
        chosen.mitigate_for,
        seed=seed,
        strength=chosen.strength,
    )
