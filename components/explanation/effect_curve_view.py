"""Sections on how features act: curves, importance by shuffling, a small tree, exact shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app import asking, session
from components.app.progress import follow
from components.explanation.effect_curve_charts import curve_chart, permutation_chart, shape_chart
from components.widgets.charts import Chart, show
from components.widgets.coverage_label import coverage_label
from core.audit_state.results import model_results as kept
from core.data.roles.group_labels import label_of_name
from core.errors import InputError
from core.explanation.attribution.shapes import REFITS, model_shapes
from core.explanation.attribution.surrogate_tree import DEEPEST, DEPTH, GOOD
from core.fairness.metrics.constant_decisions import constant_decisions
from core.learning.learners import LEARNERS

if TYPE_CHECKING:
    from core.audit_state.state import AuditState
    from core.data.dataset import Dataset
    from core.data.roles.decision_labels import DecisionLabels
    from core.explanation.attribution.surrogate_tree import SurrogateTree
    from core.fairness.metrics.constant_decisions import ConstantDecisions
    from core.training.trained import Trained


def shapes_view(dataset: Dataset, trained: Trained, state: AuditState) -> None:
    """Show the exact functions that an additive model adds up."""
    st.header("What the model adds up")
    try:
        found = model_shapes(dataset, trained)
    except InputError as error:
        st.info(session.literal(str(error)))
        return
    coverage_label("model_shapes", state)
    st.markdown(
        "This model adds up one function of each feature: **these curves are the model**, no "
        "estimate of it, and nobody can edit them here. Log-odds are the score before it is "
        "squeezed between 0 and 1."
    )
    names = [shape.feature for shape in found.shapes]
    name = st.selectbox("Feature (furthest reach first)", names, **session.lasting("shape of"))
    workspace = session.workspace()
    noise = kept.load_noise(workspace, state, trained)
    private = LEARNERS[trained.spec.learner].private and trained.spec.mitigation == "none"
    asked = f"noise asked {state.id} {session.decisions_key(state)}"
    if private and noise is None:
        if st.button("Simulate how far noise moves the curves", icon=":material/blur_on:"):
            session.remember(asked, True)
        if session.remembered(asked, False):
            noise = follow(
                kept.load_or_compute_noise(workspace, state, dataset, trained),
                "Training again with other noise",
                f"shape noise {state.id} {session.decisions_key(state)}",
            )
    show(
        shape_chart(found.shapes[names.index(name)], None if noise is None else noise.spread[name]),
        "shape",
    )
    if noise is not None:
        st.warning(
            f"The orange range is **a simulation**: {noise.refits} of {REFITS} trainings on the "
            f"same rows at ε = {noise.epsilon:g} with noise from seeds. With other noise a curve "
            "would lie about that far off. It looks at raw rows, so the guarantee doesn't cover it."
        )
    if found.together:
        pairs = "; ".join(f"{a} × {b}" for a, b in found.together)
        st.caption(session.literal(f"Pairs with a term of their own, not drawn: {pairs}."))


def curves_view(dataset: Dataset, trained: Trained, state: AuditState) -> None:
    """Show accumulated local effects and partial dependence of one feature."""
    st.header("How the score changes with one feature")
    names = [str(c) for c in dataset.features]
    name = st.selectbox("Feature", names, **session.lasting("curve of"))
    curve = asking.follow(
        state,
        lambda place: kept.load_or_compute_curve(place, state, dataset, trained, name),
        "Scoring changed rows",
        f"curve {state.id} {session.decisions_key(state)} {name}",
    )
    if curve is None:
        return
    st.markdown(
        "**Accumulated local effects** change the feature a little for people who have about that "
        "value, and add up how the score changes; 0 is the average."
    )
    is_date = name in dataset.dates
    show(curve_chart(curve, "local", is_date=is_date), "local")
    st.markdown(
        "**Partial dependence** sets the feature to each value for everybody, even where nobody "
        "could be like that. Where the two curves differ, features go together: trust the first."
    )
    show(curve_chart(curve, "dependence", is_date=is_date), "dependence")
    st.caption(
        f"Over {curve.rows} rows; ranges are 95%, from drawing these rows again: the error "
        "that a sample leaves. They don't say how another model would differ."
    )


def permutation_view(dataset: Dataset, trained: Trained, state: AuditState) -> None:
    """Show what each feature is worth, for everybody and by group."""
    st.header("Permutation importance: what the score loses without a feature")
    columns = dataset.roles.sensitive
    by = st.selectbox("Compare people by", columns, **session.lasting("permutation by"))
    found = asking.follow(
        state,
        lambda place: kept.load_or_compute_importance(place, state, dataset, trained, by),
        "Shuffling features",
        f"permutation {state.id} {session.decisions_key(state)} {by}",
    )
    if found is None:
        return
    show(permutation_chart(found, by), "permutation")
    known = [one.group for one in found.importance[0] if one.group]
    known += found.left_out
    few = ", ".join(label_of_name((by,), name, known) for name in found.left_out)
    small = f" Too few rows for: {few}." if found.left_out else ""
    st.caption(
        session.literal(
            "Each feature's values are permuted (shuffled between rows). The Brier score, the mean "
            f"squared distance of score and outcome, is {found.loss:.3f} before; what it rises by "
            f"is what the feature was worth. {found.rows} rows, mean of {found.repeats} "
            f"shuffles; ranges are 95%, from resampling rows.{small}"
        )
    )


def tree_view(dataset: Dataset, trained: Trained, state: AuditState) -> None:
    """Show a small tree that imitates the model, and how far it does."""
    st.header("A small tree that imitates the model")
    depth = st.segmented_control(
        "Depth: questions in turn",
        range(2, DEEPEST + 1),
        default=DEPTH,
        required=True,
        key="tree depth",
    )
    tree = asking.compute(
        state,
        lambda place: kept.load_or_fit_tree(place, state, dataset, trained, int(depth or DEPTH)),
        "Growing a tree",
        f"tree {state.id} {session.decisions_key(state)} {depth}",
    )
    if tree is None:
        return
    same = constant_decisions(trained.decisions)
    show(_tree_chart(tree, same, dataset.decision_labels), "tree")
    low, high = tree.agreement.interval
    r2 = "not defined, because all scores are the same"
    if tree.r2 is not None and tree.r2_interval is not None:
        r2 = f"{tree.r2:.2f} ({tree.r2_interval[0]:.2f} to {tree.r2_interval[1]:.2f})"
    st.caption(
        (
            f"Decides as the model does for {tree.agreement.estimate:.1%} ({low:.1%} to "
            f"{high:.1%}) of {tree.agreement.rows} rows; "
            if same is None
            else "How often it decides as the model does is not told, as any rules would; "
        )
        + f"R², the part of the variance of scores it explains: {r2}. Ranges are 95%."
    )
    if same is None and tree.agreement.estimate < GOOD:
        st.warning("The tree imitates the model poorly; don't take its rules for the model's.")
    groups = [
        {
            "attribute": column,
            "group": group,
            "same decision": own.estimate,
            "from": own.interval[0],
            "to": own.interval[1],
            "rows": own.rows,
        }
        for column, found in tree.by_group.items()
        for group, own in found.items()
    ]
    with st.expander("For whom it imitates the model how well"):
        st.dataframe(pd.DataFrame(groups), hide_index=True)


def _tree_chart(
    tree: SurrogateTree, same: ConstantDecisions | None, called: DecisionLabels
) -> Chart:
    table = pd.DataFrame(
        {
            "rule": [" and ".join(rule.conditions) or "always" for rule in tree.rules],
            "mean score": [rule.score for rule in tree.rules],
            "part of these rows": [rule.share for rule in tree.rules],
        }
    )
    st.markdown(
        "\n".join(
            f"- {session.literal(rule)}: score **{score:.2f}**, {share:.0%} of these rows"
            for rule, score, share in table.itertuples(index=False)
        )
    )
    count = len(tree.rules)
    return Chart(
        f"{count} rule{'s' * (count != 1)} decide{'s' * (count == 1)} as the model does for "
        f"{tree.agreement.estimate:.1%} of these rows"
        if same is None
        else f"{same.named(called)}, so that rules decide likewise shows nothing about the model",
        None,
        table,
    )
