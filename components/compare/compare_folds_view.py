"""Cross-validation of several candidates on the same folds: run, kept, and judged pair by pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.app.model_names import model_names
from components.app.progress import growing
from components.app.shown_results import mark_shown
from components.compare.compare_form import figure_picker, plan_form
from components.compare.comparison_charts import folds_chart
from components.widgets import charts
from components.widgets.difference_charts import pairs_chart
from core.audit_state.results.comparison_results import load_comparison, load_or_compare
from core.comparison.paired.pairs import compare_pairs, describe_p_value
from core.fairness.intervals.p_values import equation_of_p

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from core.audit_state.state import AuditState
    from core.comparison.cross_validation.cross_validated import CrossValidated
    from core.comparison.paired.pairs import JudgedPair
    from core.data.dataset import Dataset

WHY = (
    "A **plain t-test** of the folds would be wrong here: any two folds learn from mostly the same "
    "rows, so their figures are not independent, and it would take chance for a difference far too "
    "often. The corrected test (Nadeau and Bengio 2003) makes up for that with a wider interval."
)


def folds_part(state: AuditState, dataset: Dataset) -> None:
    """Show the whole part on a page."""
    st.markdown(
        "**Cross-validation** trains every candidate again and again, each time without one part "
        "of the rows (a fold), and tests it on that part. All candidates have the same folds."
    )
    plan = plan_form(state)
    favourable = dataset.roles.positive_is_favourable
    figure = figure_picker(f"{state.id} folds", dataset.decision_labels)
    kept = load_comparison(session.workspace(), state, dataset, plan)
    done = sum(len(found.results) for found in kept)
    controls, results = st.container(), st.empty()

    def draw(found: Sequence[CrossValidated], number: int) -> None:
        mark_shown(state)
        picture(found, figure, results, number, favourable)

    with controls:
        st.caption(f"{plan.models} models to train, done already: {done}.")
        left = plan.models - done
        label = f"{'Go on' if done else 'Start'}: train {left} {'more ' if done else ''}models"
        if left and st.button(label, type="primary", icon=":material/play_arrow:", key="start cv"):
            work = load_or_compare(session.workspace(), state, dataset, plan)
            growing(work, f"Training {left} of {plan.models} models", draw, "Stop comparing",
                    done / plan.models)  # fmt: skip
            st.rerun()
    if done:
        draw(kept, 0)


def picture(
    found: Sequence[CrossValidated],
    figure: str,
    slot: DeltaGenerator,
    number: int,
    positive_is_favourable: bool = True,
) -> None:
    """Show folds and pairs; the number keeps redrawn charts apart."""
    with slot.container():
        for label in dict.fromkeys(item.label for item in found if item.label):
            st.info(label, icon=":material/science:")
        for repair in dict.fromkeys(r for item in found for r in item.repairs):
            st.caption(session.literal(f"{repair.count:,} rows: {repair.what}"))
        titles = dict(
            zip((f.name for f in found), model_names([f.spec for f in found]), strict=True)
        )
        drawn = folds_chart(found, figure, titles, positive_is_favourable)
        charts.show(drawn, f"folds {figure} {number}")
        pairs = compare_pairs(found, figure, positive_is_favourable=positive_is_favourable)
        if not pairs:
            st.caption("A difference is judged once two candidates have folds in common.")
            return
        st.markdown("### Is the difference more than chance?")
        charts.show(pairs_chart(pairs), f"pairs {figure} {number}")
        for pair in pairs:
            st.markdown(session.literal(describe_pair(pair)))
        st.caption(
            "Intervals are at 95%, corrected for overlapping folds, each for its pair alone; p is "
            "corrected for all pairs together (Holm 1979). Found with 80% power means: in 80 of "
            "100 such comparisons, if the true difference were that large. " + WHY
        )


def describe_pair(pair: JudgedPair) -> str:
    """Say what was found of a pair, what chance would do, and what more folds would find."""
    parts, p = [pair.comparison.sentence()], pair.comparison.test.p_value
    if p is not None and pair.corrected_p is not None:
        parts.append(f"{equation_of_p(p)}: if the two were equally good, {describe_p_value(p)}.")
        if pair.corrected_p > p:
            verdict = "the difference stands" if pair.differs else "the difference may be chance"
            parts.append(
                f"All pairs judged together, {equation_of_p(pair.corrected_p)}: {verdict}."
            )
    return " ".join(parts)
