"""One person: what would change the decision, in words and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app.session import literal
from core.data.days import written_date
from core.explanation.person.decision_stability import threshold_of
from core.explanation.person.person_texts import format_score

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.data.dataset import Dataset
    from core.data.roles.decision_labels import DecisionLabels
    from core.explanation.counterfactual.counterfactual import Counterfactual, Counterfactuals
    from core.explanation.counterfactual.counterfactual_result import Value
    from core.training.trained import Trained


def show_counterfactuals(
    found: Counterfactuals, dataset: Dataset, trained: Trained, position: int
) -> None:
    """Show a person's decision and each set of changes that would flip it.

    Parameters
    ----------
    found : Counterfactuals
    dataset : Dataset
    trained : Trained
    position : int
        Of the person among the rows that judge the model.
    """
    called, dates = dataset.decision_labels, dataset.dates
    row = int(dataset.rows[trained.split.test[position]])
    threshold = threshold_of(dataset, trained, position)
    st.markdown(decided(found, called, row, threshold))
    if found.randomised:
        st.caption(
            "This model is partly randomised, and any change makes another draw. Shown is what "
            "would make the other decision the likelier one."
        )
    if found.left_alone:
        st.caption(
            literal(f"Missing for this person, so left alone: {', '.join(found.left_alone)}.")
        )
    if found.reason is not None:
        st.warning(literal(found.reason), icon=":material/block:")
        return
    for number, one in enumerate(found.found, 1):
        with st.container(border=True):
            st.markdown(describe_counterfactual(one, number, called, dates, threshold))
    st.caption(searched(found))
    with st.expander("These changes as a table"):
        st.dataframe(
            changes_table(found, dates), hide_index=True, alt="Changes that flip the decision"
        )


def decided(
    found: Counterfactuals, called: DecisionLabels, row: int, threshold: float | None = None
) -> str:
    """State the decision and what the changes below would do."""
    score = format_score(found.score, threshold)
    label = literal(called.told(found.decision))
    effect = "would lose" if found.favourable else "would gain"
    return (
        f"Row {row}: score **{score}**, decision **{label}**, the "
        f"{'favourable' if found.favourable else 'unfavourable'} one. With one of these sets of "
        f"changes, all else as it is, the person {effect} the favourable decision."
        if found.found
        else f"Row {row}: score **{score}**, decision **{label}**, the "
        f"{'favourable' if found.favourable else 'unfavourable'} one."
    )


def describe_counterfactual(
    one: Counterfactual,
    number: int,
    called: DecisionLabels,
    dates: Collection[str] = (),
    threshold: float | None = None,
) -> str:
    """List the changes of one counterfactual."""
    label = literal(called.told(one.decision))
    lines = [
        f"**{number}. To be classified as {label}** (score "
        f"{format_score(one.score, threshold)}; distance "
        f"{one.distance:.2f}; {one.plausibility:.0%} of the real people so decided are as unusual "
        "or more so)",
        "",
    ]
    for feature, before, after in one.changes:
        said = [literal(shown(value, is_date=feature in dates)) for value in (before, after)]
        lines.append(f"- **{literal(feature)}**: from {said[0]} to {said[1]}")
    return "\n".join(lines)


def shown(value: Value, *, is_date: bool = False) -> str:
    """Write a value as in the table."""
    if value is None:
        return "(missing)"
    if is_date and not isinstance(value, str):
        return written_date(value)
    return value if isinstance(value, str) else f"{value:,.10g}"


def searched(found: Counterfactuals) -> str:
    """Say how far the search is to be trusted."""
    sure = (
        "No smaller one exists among the values that are allowed: all of them were tried."
        if found.proven
        else "There may be a smaller one: not all combinations were tried."
    )
    return (
        f"{found.tried:,} changed rows were tried. {sure} The first is the smallest, each further "
        "one differs most from those before in which features it changes. Distance: a category "
        "counts 1, a number its change in the unit chosen above. A counterfactual says what this "
        "model would decide; it is no guarantee that the change itself does a person good."
    )


def changes_table(found: Counterfactuals, dates: Collection[str] = ()) -> pd.DataFrame:
    """One row for each change of each counterfactual."""
    return pd.DataFrame(
        [
            {
                "Set": number,
                "Feature": feature,
                "From": shown(before, is_date=feature in dates),
                "To": shown(after, is_date=feature in dates),
                "New score": round(one.score, 3),
                "Distance of the set": round(one.distance, 3),
                "Share as unusual": round(one.plausibility, 3),
            }
            for number, one in enumerate(found.found, 1)
            for feature, before, after in one.changes
        ]
    )
