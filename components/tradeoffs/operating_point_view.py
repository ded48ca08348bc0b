"""The operating point: chosen from a sweep with a reason, and offered where models are trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session, steps
from components.widgets.spending import training_agreed
from core.audit_state import audit_ledger, audit_models
from core.errors import InputError
from core.governance import generalised_audit
from core.governance.operating_point import choices, choose, chosen, is_audited, spec_of
from core.governance.superseded_choices import chosen_for_others
from core.learning.learners import LEARNERS
from core.privacy.accounting.charge import Charge
from core.privacy.accounting.contribution import describe_unit
from core.tradeoff.frontier.chosen import sentence_of, setting_label
from core.tradeoff.frontier.equivalent_settings import equivalent_sentence
from core.training.private_fit import cost_of

if TYPE_CHECKING:
    from components.app.sweep_numbers import SweepResults
    from core.audit_state.state import AuditState
    from core.audit_state.sweep_plan import SweepPlan
    from core.data.dataset import Dataset
    from core.governance.operating_point import OperatingPoint
    from core.tradeoff.sweep.grid import Setting
    from core.training.spec import TrainingSpec


def banner(state: AuditState, dataset: Dataset) -> None:
    """Show the operating point that was chosen last, and those that were for other roles."""
    for_other_roles(state, dataset)
    point = chosen(session.workspace(), state, dataset)
    if point is None:
        return
    st.success(session.literal(describe_point(point)), icon=":material/my_location:")
    if not LEARNERS[point.setting.learner].given:
        steps.link("train", "Train it on the training page", state.id)
    if point.sentence:
        with st.expander("What was known of it when it was chosen"):
            st.markdown(session.literal(point.sentence))
            st.caption(session.literal(point.basis))


def for_other_roles(state: AuditState, dataset: Dataset) -> None:
    """Tell of choices that were made for other roles and are not in force."""
    for item in chosen_for_others(session.workspace(), state, dataset):
        st.info(session.literal(item.sentence), icon=":material/swap_horiz:")


def describe_point(point: OperatingPoint) -> str:
    """Say what was chosen, by whom, when and why."""
    return (
        f"Chosen operating point: {setting_label(point.setting)}, by {point.name} on "
        f"{point.when[:10]}, because {point.reason}"
    )


def form(
    state: AuditState,
    dataset: Dataset,
    plan: SweepPlan,
    setting: Setting,
    found: SweepResults,
    label: str,
) -> None:
    """Let a person choose the setting that is looked at, and show earlier choices."""
    st.markdown(
        "What you choose is kept with this audit, and the report shows who chose it, when and why. "
        "The score stays as it is: whoever decides by it has to set it up."
        if plan.grid.given and plan.grid.external is None
        else "What you choose becomes the plan of this audit: the training page offers it, and the "
        "report shows who chose it, when and why. It trains nothing yet."
    )
    st.markdown(f"Setting: **{session.literal(setting_label(setting))}**")
    with st.form(f"operating point {state.id}", border=True):
        name = st.text_input("Your name", max_chars=200, key=f"name {state.id}")
        reason = st.text_area(
            "Why this one",
            max_chars=2000,
            key=f"reason {state.id}",
            help="What you give up, and why that is right here. It stands in the report.",
        )
        asked = st.form_submit_button("Choose this operating point", type="primary")
    earlier = choices(session.workspace(), state, dataset)
    seen = session.remembered(f"choices seen {state.id}", len(earlier))
    session.remember(f"choices seen {state.id}", len(earlier))
    if asked:
        sentence = sentence_of(found.analysis, setting, found.equivalent)
        if setting in found.equivalent:
            sentence += " " + equivalent_sentence(
                found.equivalent[setting], dataset.decision_labels
            )
        with session.refusal_shown():
            choose(
                session.workspace(), state, dataset, plan, setting,
                reason=reason, name=name, sentence=sentence, label=label, seen=seen,
            )  # fmt: skip
            session.remember(f"choices seen {state.id}", len(earlier) + 1)
            st.rerun()
    if earlier:
        with st.expander(f"Choices so far: {len(earlier)}, the last one counts"):
            for point in reversed(earlier):
                st.markdown(f"- {session.literal(describe_point(point))}")


def offer(state: AuditState, dataset: Dataset) -> TrainingSpec | None:
    """Offer the chosen operating point for training; return how if it was asked for just now."""
    if state.generalised is not None:
        how = state.generalised
        st.caption(
            session.literal(
                f"Features of this audit are generalised to k = {how.k} ({', '.join(how.quasi)}), "
                f"for an operating point that was chosen in “{how.begun_from}”."
            )
        )
    for_other_roles(state, dataset)
    point = chosen(session.workspace(), state, dataset)
    if point is None:
        return None
    with st.container(border=True):
        st.markdown(session.literal(describe_point(point)))
        if point.needs_generalising:
            _generalised_first(state, dataset, point)
            return None
        spec = spec_of(point, state)
        if is_audited(point, state):
            st.caption("The audited model below is trained this way.")
            return None
        try:
            cost, possible = describe_cost(state, dataset, spec)
        except InputError as error:
            session.shown_error(error)
            return None
        st.caption(session.literal(cost))
        if not possible:
            steps.link("budget", "Go to the privacy budget", state.id)
        elif not training_agreed(state, dataset, spec, f"spend point {state.id}"):
            possible = False
        pressed = st.button(
            "Train it", key=f"train the operating point {state.id}", disabled=not possible
        )
    return spec if pressed and possible else None


def _generalised_first(state: AuditState, dataset: Dataset, point: OperatingPoint) -> None:
    """Offer to train it in an audit whose features are generalised as its sweep did."""
    k = point.setting.k
    st.caption(
        session.literal(
            f"It was found on features generalised to k = {k} ({', '.join(point.quasi)}): Mondrian "
            f"merges rows until each is like at least {k - 1} others in them. It is trained "
            "in an audit of its own, which generalises the same features in the same way; groups "
            "and outcomes stay as they are, and so does this audit."
        )
    )
    reason = generalised_audit.why_not(state, dataset, point)
    if reason is not None:
        st.caption(session.literal(reason))
    made = generalised_audit.followed_in(session.workspace(), state, dataset, point)
    pressed = st.button(
        "Generalise and train in an audit of its own" if made is None else "Train it there",
        key=f"follow the operating point {state.id}",
        disabled=reason is not None,
    )
    if made is not None:
        steps.link("train", f"Open “{session.literal(made.name)}”", made.id)
    if not pressed:
        return
    try:
        with st.spinner("Generalising features and training", show_time=True):
            made = generalised_audit.follow(session.workspace(), state, dataset, point)
    except InputError as error:
        session.shown_error(error)
        return
    session.load_audit(made.id)
    st.rerun()


def describe_cost(state: AuditState, dataset: Dataset, spec: TrainingSpec) -> tuple[str, bool]:
    """Say what training costs of the budget, and whether it can be trained under it.

    Returns
    -------
    str
        A sentence or two.
    bool
        Whether the budget allows it.

    Raises
    ------
    InputError
        If it doesn't fit the data any more.
    """
    learner = LEARNERS[spec.learner]
    if not learner.private:
        if state.budget is not None:
            return (
                "It gives no privacy guarantee, and this audit has a privacy budget, under which "
                "only private models are trained.",
                False,
            )
        return "It costs nothing of a privacy budget, and guarantees no privacy.", True
    ledger = audit_ledger.ledger(session.workspace(), state)
    assert learner.neighbouring is not None
    epsilon, delta = cost_of(dataset, learner, spec).total
    asked = f"ε = {epsilon:g}" + (f" and δ = {delta:g}" if delta else "")
    if ledger is None:
        return f"It costs {asked}, and this audit has no privacy budget yet to pay from.", False
    if audit_models.load_model(session.workspace(), state, dataset, spec) is not None:
        return "It is trained already, so that it costs nothing again.", True
    unit = describe_unit(spec.person, spec.rows_per_person)
    new = Charge("training", epsilon, delta, learner.neighbouring, unit, "", "")
    together = (*ledger.charges, new)
    after = ledger.budget.spent(together)
    text = (
        f"It costs {asked}: with what is spent already that comes to ε = {after.epsilon:.4g} of "
        f"{ledger.budget.epsilon:g}"
        + (f", δ = {after.delta:.3g} of {ledger.budget.delta:g}" if after.delta else "")
        + "."
    )
    if not ledger.budget.covers(together):
        return f"{text} That is more than the cap.", False
    return text, True
