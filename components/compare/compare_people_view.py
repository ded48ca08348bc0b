"""Two models that are kept on disk, on the same test people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import results, session, steps
from components.app.model_names import model_names
from components.compare.compare_form import candidate_form, combination_picker
from components.widgets import charts
from components.widgets.difference_charts import all_differences, differences_chart
from core.audit_state.audit_models import load_or_train, why_no_brought_model
from core.audit_state.results.compared_models import candidates
from core.audit_state.results.stored_models import on_one_split, split_of, unopened
from core.comparison.paired.pairs import describe_p_value
from core.errors import InputError
from core.fairness.disparities.disparities import DISPARITIES
from core.fairness.intervals.p_values import equation_of_p
from core.fairness.metrics.metric_titles import titles_for
from core.learning.learners import LEARNERS
from core.training.model_name import model_name
from core.training.spec import TrainingSpec

if TYPE_CHECKING:
    from core.audit_state.results.compared_models import Candidate
    from core.audit_state.state import AuditState
    from core.comparison.paired.paired_result import PairedComparison
    from core.data.dataset import Dataset
    from core.data.roles.decision_labels import DecisionLabels

PERFORMANCE = (
    "accuracy", "balanced_accuracy", "selection_rate", "true_positive_rate", "false_positive_rate",
    "precision",
)  # fmt: skip
GAPS = (
    "demographic_parity_difference", "equal_opportunity_difference", "equalized_odds_difference",
    "false_positive_rate_difference", "predictive_parity_difference", "accuracy_difference",
)  # fmt: skip


SHORT = 45
"""Characters of a model's name for which half a page has room."""


def people_part(state: AuditState, dataset: Dataset) -> None:
    """Show the whole part on a page."""
    found = candidates(session.workspace(), state, session.table(state), dataset)
    brought = any(item.is_brought for item in found)
    st.markdown(
        "Both models decide on the **same people**, whom neither was trained on as far as is "
        "known. What is compared is each person's two decisions, which tells more than two "
        "separate figures."
    )
    for why in unopened(session.workspace(), state, dataset):
        st.warning(session.literal(f"A model is left out: {why}"))
    key_prefix = f"{state.id} {'brought' if brought else 'people'}"
    pair = _pair(found, dataset, key_prefix) if found else None
    if not found:
        st.info("No model of this data is kept yet: train two here, or on the page Train.")
    if why_no_brought_model(state) is None:
        steps.link("train", "Bring a model", state.id)
    with (
        st.expander("Train another model for this comparison", expanded=len(found) < 2),
        session.errors_shown(),
    ):
        own = dataset.roles.features
        _train(
            state,
            dataset,
            tuple(item.spec for item in found if not item.is_brought and item.features == own),
            key_prefix,
        )
    if pair is None:
        return
    attributes = combination_picker(state, key_prefix)
    if not attributes:
        raise InputError("choose at least one sensitive column", where="groups")
    specs = pair[0].spec, pair[1].spec
    if any(item.is_brought or item.features != dataset.roles.features for item in pair):
        shown = results.paired_candidates(state, pair, attributes)
    elif split_of(specs[0]) != split_of(specs[1]):
        _other_split(state, dataset, specs, key_prefix)
        return
    else:
        shown = results.paired(state, specs, attributes)
    _show(shown, key_prefix, specs, _names(pair, dataset), dataset.decision_labels)


def _pair(
    found: tuple[Candidate, ...], dataset: Dataset, key_prefix: str
) -> tuple[Candidate, Candidate] | None:
    """Let a person choose two of the kept models."""
    names = _names(found, dataset)
    if len(found) < 2:
        st.info(
            f"Only one model is kept: {session.literal(names[0])}. Train or bring a second one."
        )
        return None
    # Beside each other long names would be cut where they differ.
    room = st.columns(2) if max(map(len, names)) <= SHORT else (st.container(), st.container())
    left, right = room
    # A new model joins the options: a choice is kept by key of the options there were.
    first, second = (
        column.selectbox(
            f"Model {sign}", range(len(found)), index=index, format_func=names.__getitem__,
            **session.lasting(f"{key_prefix} {sign} {hash(found)}")
        )
        for column, sign, index in ((left, "A", _kept(found, f"{key_prefix} A", 0)),
                                    (right, "B", _kept(found, f"{key_prefix} B", 1)))
    )  # fmt: skip
    session.remember(f"{key_prefix} A", found[first].spec)
    session.remember(f"{key_prefix} B", found[second].spec)
    if first == second:
        raise InputError(
            "they are the same model, so there is nothing to compare",
            where="models A and B",
            remedy="Choose two different ones",
        )
    return found[first], found[second]


def _names(found: tuple[Candidate, ...], dataset: Dataset) -> tuple[str, ...]:
    """Name models, each that was trained on other columns than the audit's by how many."""
    names = model_names([item.spec for item in found])
    own = dataset.roles.features
    return tuple(
        name
        if item.is_brought or item.features == own
        else f"{name}, on {len(item.features)} columns"
        for name, item in zip(names, found, strict=True)
    )


def _kept(found: tuple[Candidate, ...], name: str, default: int) -> int:
    before = session.remembered(name, None)
    specs = [item.spec for item in found]
    return specs.index(before) if before in specs else default


def _train(
    state: AuditState, dataset: Dataset, specs: tuple[TrainingSpec, ...], key_prefix: str
) -> None:
    """Train a model on the split of the first one, without making it the audited one."""
    first = specs[0] if specs else TrainingSpec("logistic_regression")
    default = "gradient_boosting" if specs else "logistic_regression"
    spec = candidate_form(state, f"{key_prefix} train", TrainingSpec(default))
    _, spec = on_one_split(first, spec)
    if spec in specs:
        st.caption("This model is kept already.")
        return
    seen = dataset.roles.features
    st.caption(
        "It is trained on the same split as the audited model, which stays the audited one."
        if state.training is None or state.training.external is None
        else f"It is trained on the {len(seen)} columns that the brought model sees, which stays "
        "the audited one, and judged by its own test rows."
    )
    if st.button("Train and keep", key=f"{key_prefix} train button"):
        with st.spinner(f"Training: {LEARNERS[spec.learner].title}", show_time=True):
            load_or_train(session.workspace(), state, dataset, spec)
        session.remember(f"{key_prefix} B", spec)
        st.rerun()


def _other_split(
    state: AuditState,
    dataset: Dataset,
    pair: tuple[TrainingSpec, TrainingSpec],
    key_prefix: str,
) -> None:
    """Say that the two have other test rows, and offer to train again what has to be."""
    st.warning(
        "These two were not tested on the same people: their rows were split with another seed or "
        "in another way, and people that a model was trained on are no test of it.",
        icon=":material/call_split:",
    )
    moved = on_one_split(*pair)
    new = [spec for spec, before in zip(moved, pair, strict=True) if spec != before]
    text = " and ".join(model_name(spec) for spec in new)
    if st.button(f"Train again on one split: {session.literal(text)}", key=f"{key_prefix} again"):
        for spec in new:
            with st.spinner(f"Training: {LEARNERS[spec.learner].title}", show_time=True):
                load_or_train(session.workspace(), state, dataset, spec)
        session.remember(f"{key_prefix} A", moved[0])
        session.remember(f"{key_prefix} B", moved[1])
        st.rerun()


def _show(
    found: PairedComparison,
    key_prefix: str,
    pair: tuple[TrainingSpec, TrainingSpec],
    names: tuple[str, ...],
    called: DecisionLabels,
) -> None:
    for sign, name in zip("AB", names, strict=True):
        st.markdown(f"**{sign}**: {session.literal(name)}")
    if any(LEARNERS[s.learner].private and s.noise == "seeded" for s in pair):
        st.info(
            "A simulation: noise was drawn from seeds, so no privacy guarantee covers its figures.",
            icon=":material/science:",
        )
    for note in found.notes:
        st.info(session.literal(note))
    st.markdown(session.literal(found.sentence()))
    test = found.mcnemar
    st.markdown(
        session.literal(
            f"Only A is right about {test.only_a:,} of {test.people:,} people and only B about "
            f"{test.only_b:,}. McNemar's exact test looks at these alone: "
            f"{equation_of_p(test.p_value)}; if both were equally often right, "
            f"{describe_p_value(test.p_value)}."
        )
    )
    st.markdown("### Performance")
    everyone = [found.everyone[name] for name in PERFORMANCE]
    title, _ = titles_for(called)
    titles = [title(name) for name in PERFORMANCE]
    charts.show(differences_chart(everyone, titles), f"{key_prefix} performance")
    st.markdown(f"### Gaps between groups by {session.literal(' and '.join(found.attributes))}")
    gaps = [found.disparities[name] for name in GAPS]
    charts.show(
        differences_chart(gaps, [DISPARITIES[name].title for name in GAPS]), f"{key_prefix} gaps"
    )
    st.caption(
        f"Intervals are at 95%, from {found.draws:,} draws of the same people with replacement "
        "(paired bootstrap), each for its figure alone: of twenty, one is expected to leave out 0 "
        "by chance. A difference of gaps below 0 means that groups are closer together under B."
    )
    with st.expander("All figures"):
        st.dataframe(all_differences(found, title), hide_index=True)
