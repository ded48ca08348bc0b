"""Which models are compared, by which groups, in which figure, and on which folds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from components.app import session, steps
from components.widgets.epsilon_picker import DELTA
from components.widgets.option_widgets import ask
from core.audit_state.results.comparison_results import FEWEST, MOST, ComparisonPlan
from core.comparison.cross_validation.folds import FoldSpec
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.metrics.metric_registry import METRICS
from core.fairness.metrics.metric_titles import titles_for
from core.learning.learners import LEARNERS
from core.mitigation import MITIGATIONS
from core.training.compatibility import fits_label, fits_learner
from core.training.spec import TrainingSpec
from core.training.training_options import OPTION, asks_for_column

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.roles.decision_labels import DecisionLabels

DEALT = {"5 folds, 2 times": (5, 2), "5 folds, 5 times": (5, 5), "10 folds, once": (10, 1)}
LETTERS = "ABCDEFGH"[:MOST]
DEFAULTS = ("logistic_regression", "gradient_boosting", "random_forest", "naive_bayes")


def plan_form(state: AuditState) -> ComparisonPlan:
    """Let a person choose candidates and folds."""
    key_prefix = f"{state.id} folds"
    left, right = st.columns(2)
    count = left.segmented_control(
        "Candidates", list(range(FEWEST, MOST + 1)), default=FEWEST, required=True,
        **session.lasting(f"{key_prefix} candidates"),
    )  # fmt: skip
    dealt = right.segmented_control(
        "Cross-validation", list(DEALT), default="5 folds, 2 times", required=True,
        **session.lasting(f"{key_prefix} dealt"),
        help="Rows are split into folds; each fold is tested on once by a model trained on the "
        "others. Each repetition splits them anew.",
    )  # fmt: skip
    specs = []
    for start in range(0, int(count), 2):
        columns = st.columns(2)
        for number in range(start, min(start + 2, int(count))):
            with columns[number % 2].container(border=True):
                st.markdown(f"**Candidate {LETTERS[number]}**")
                specs.append(candidate_form(state, f"{key_prefix} {number}", _first(state, number)))
    if state.domains is None:
        st.caption("Private models are offered once bounds and categories are declared.")
        steps.link("budget", "Declare bounds and categories", state.id)
    folds, repeats = DEALT[dealt]
    person = _person(state, key_prefix)
    return ComparisonPlan(
        tuple(LETTERS[: len(specs)]),
        tuple(specs),
        FoldSpec(folds, repeats, person=person),
        combination_picker(state, key_prefix),
    )


def candidate_form(state: AuditState, key_prefix: str, before: TrainingSpec) -> TrainingSpec:
    """Let a person choose one model; a private one has seeded noise."""
    assert state.roles is not None
    offered = [n.name for n in LEARNERS if not n.private or state.domains is not None]
    name = ask(OPTION["learner"], before.learner, among=offered, key=f"{key_prefix} learner")
    learner, favourable = LEARNERS[name], state.roles.positive_is_favourable
    mitigations = [
        item.name
        for item in MITIGATIONS
        if fits_learner(item, learner) and fits_label(item, positive_is_favourable=favourable)
    ]
    key = f"{key_prefix} mitigation {name}"
    mitigation = ask(OPTION["mitigation"], before.mitigation, among=mitigations, key=key)
    chosen, mitigate_for, strength = MITIGATIONS[mitigation], None, 1.0
    if asks_for_column(TrainingSpec(name, mitigation)):
        key, columns = f"{key_prefix} for {mitigation}", state.roles.sensitive
        mitigate_for = ask(OPTION["mitigate_for"], None, among=columns, key=key)
    if chosen.degrees:
        key = f"{key_prefix} strength {mitigation}"
        strength = ask(OPTION["strength"], before.strength, more=chosen.degrees, key=key)
    if not learner.private:
        return TrainingSpec(name, mitigation, mitigate_for, strength=strength)
    epsilon = ask(OPTION["epsilon"], 1.0, key=f"{key_prefix} epsilon")
    st.caption(
        "A simulation: noise is drawn from seeds, nothing is charged, nothing is guaranteed."
    )
    delta = DELTA if learner.needs_delta else 0.0
    return TrainingSpec(
        name, mitigation, mitigate_for, epsilon, delta, state.domains,
        noise="seeded", strength=strength,
    )  # fmt: skip


def combination_picker(state: AuditState, key_prefix: str) -> tuple[str, ...]:
    """Let a person choose the sensitive columns whose groups gaps are between."""
    assert state.roles is not None
    chosen = st.multiselect(
        "Gaps between groups by", state.roles.sensitive, default=state.roles.sensitive[:1],
        help="With several columns, each combination of their values is a group.", wrap=True,
        **session.lasting(f"{key_prefix} combination {state.roles.sensitive}"),
    )  # fmt: skip
    return tuple(chosen)


def figure_picker(key_prefix: str, called: DecisionLabels) -> str:
    """Let a person choose the figure that is compared, and say what it is."""
    title, sentence = titles_for(called)
    names = [*METRICS.names(), *DISPARITIES.names()]
    figure = st.selectbox(
        "Figure", names, index=names.index("accuracy"),
        format_func=lambda name: title(name) if name in METRICS else DISPARITIES[name].title,
        **session.lasting(f"{key_prefix} figure"),
    )  # fmt: skip
    text = sentence(figure) if figure in METRICS else DISPARITIES[figure].sentence
    st.caption(session.literal(text))
    return str(figure)


def _first(state: AuditState, number: int) -> TrainingSpec:
    """Return what a candidate is at first: the audited model, then learners that are not it."""
    audited = state.training
    if audited is None:
        return TrainingSpec(DEFAULTS[number])
    if number == 0:
        return replace(audited, person=None)
    return TrainingSpec([name for name in DEFAULTS if name != audited.learner][number - 1])


def _person(state: AuditState, key_prefix: str) -> str | None:
    """Ask by which column rows of a person stay together, where a column names persons."""
    assert state.roles is not None
    names = state.roles.identifiers
    if not names:
        return None
    every = f"All rows of a person, by {' and '.join(names)}"
    return st.selectbox(
        "Rows that stay together in one fold",
        [None, *names],
        format_func=lambda c: every if c is None else f"By {c} alone, without rows that lack it",
        **session.lasting(f"{key_prefix} person"),
        help="A model that has seen other rows of a person is not tested on somebody new.",
    )
