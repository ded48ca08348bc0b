"""What a release costs a model, and what it still gives away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.anonymise.anonymise_view import people
from components.app import session
from components.widgets.tables import format_figure
from core.anonymity.recipe import csv_of, left_as_they_are, recipe
from core.fairness.disparities.disparities import DISPARITIES
from core.learning.learners import LEARNERS
from core.numerals import signed

if TYPE_CHECKING:
    from core.anonymity.attack import Composition, Disclosure
    from core.anonymity.price import AnonymisationPrice
    from core.anonymity.release import Released
    from core.data.table import Provenance, Repair
    from core.fairness.metrics.assessment import Figure

NOT_A_GUARANTEE = (
    "k-anonymity hides a row among others **in this one table**, from someone who knows the "
    "quasi-identifiers and nothing else. It bounds neither what someone learns who knows more, nor "
    "what several releases tell together. **Differential privacy** does: it limits what any "
    "result says of any one person, whatever else is known. What follows is counted on this table."
)
TELLING = 0.01
"""Share of rows that a column singles out by itself, from which it is named."""


def files(
    released: Released, frame: pd.DataFrame, provenance: Provenance, key: str | None
) -> tuple[bytes, bytes, tuple[tuple[str, float], ...], tuple[Repair, ...]]:
    """Make what is downloaded: the table, its recipe, and what :func:`cautions` names."""
    data, neutralised = csv_of(released.frame)
    recipe_file = recipe(released, provenance, key)
    return data, recipe_file, left_as_they_are(frame, released), neutralised


def cautions(untouched: tuple[tuple[str, float], ...], neutralised: tuple[Repair, ...]) -> None:
    """Name what the release still tells, and what was done to make it safe to open."""
    telling = [(name, share) for name, share in untouched if share >= TELLING]
    if telling:
        named = ", ".join(f"{name} ({share:.0%} of rows)" for name, share in telling[:6])
        st.warning(
            session.literal(
                f"These columns are left as they are and have values that occur only once: {named}."
                " Whoever knows such a value finds the row, whatever k is. Choose them as "
                "quasi-identifiers, or leave them out."
            ),
            icon=":material/warning:",
        )
    for item in neutralised:
        st.caption(session.literal(f"{item.column}: {item.what} Cells: {item.count:,}."))
    st.caption(
        "The recipe says all that was done, so that the same table can be made again from the same "
        "data; it holds no key. Neither the table nor these figures are covered by the privacy "
        "guarantee of a model."
    )


def price_view(found: AnonymisationPrice) -> None:
    """Show what the release costs a model."""
    change = found.auroc_change
    title = LEARNERS[found.learner].title
    if not found.changed:
        st.info("No quasi-identifier is a feature, so the model's inputs are the same.")
    st.markdown(f"**{session.literal(_finding(change, title))}**")
    rows = [
        ("ROC AUC", format_figure(found.auroc_before), format_figure(found.auroc_after)),
        (
            "Accuracy",
            format_figure(found.effect.everyone.accuracy_before),
            format_figure(found.effect.everyone.accuracy_after),
        ),
    ]
    rows += [
        (DISPARITIES[gap.name].title, format_figure(gap.before), format_figure(gap.after))
        for gap in found.effect.gaps
    ]
    st.table(
        pd.DataFrame(rows, columns=["Figure", "Plain table", "Anonymised table"]).map(
            session.literal
        ),
        hide_index=True,
    )
    accuracy = found.effect.everyone.accuracy_change
    st.caption(
        session.literal(
            f"Change on the same {found.test_rows:,} test rows, after less before: ROC AUC "
            f"{format_figure(change, 4)}, accuracy {format_figure(accuracy, 4)}; in brackets 95% "
            f"intervals. Trained on {found.trained_on[0]:,} and {found.trained_on[1]:,} rows; of "
            f"the test rows {found.unknown_rows:,} are left out of the release and were judged "
            f"with their quasi-identifiers unknown. Gaps are between groups of {found.groups}. ROC "
            "AUC: how often the model ranks a positive person above a negative one."
        )
    )


def _finding(change: Figure, title: str) -> str:
    if change.estimate is None or change.low is None or change.high is None:
        return f"{title}: the change in ROC AUC is not defined: {change.reason}"
    if change.low == change.high == 0:
        return f"{title} ranks people exactly as before"
    if change.high < 0:
        return (
            f"{title} ranks worse: ROC AUC falls significantly, by {-change.high:.4f} at the least"
        )
    if change.low > 0:
        return (
            f"{title} ranks better: ROC AUC rises significantly, by {change.low:.4f} at the least"
        )
    return (
        f"{title}: no sure change in ROC AUC ({signed(change.low, 4)} to {signed(change.high, 4)})"
    )


def disclosure_view(found: Disclosure, sensitive: str, k: int) -> None:
    """Say what the release gives away by itself."""
    text = (
        f"Of {people(found.people)} in this release, {found.certain:,} "
        f"({found.certain / found.people:.1%}) are in a class whose members all have the same "
        f"{sensitive}: whoever knows their quasi-identifiers learns it for sure, without finding "
        f"their row, although k = {k} (homogeneity). For {found.nearly:,} "
        f"({found.nearly / found.people:.1%}) a guess is at least 95% sure."
    )
    if found.one_step is not None:
        text += (
            f" For {found.one_step:,} more, ruling out one value leaves one other (background "
            "knowledge)."
        )
    st.markdown(session.literal(text))


def composition_view(found: Composition, sensitive: str, k: int, *, averaged: bool) -> None:
    """Say what two releases give away together."""
    box = st.error if found.fewer else st.success
    box(
        session.literal(
            f"With a second release of the same rows, just as {k}-anonymous but with other "
            f"ranges, {people(found.fewer)} of {found.people:,} "
            f"({found.fewer / found.people:.1%}) are left with fewer than {k} rows that fit both, "
            f"and {found.alone:,} ({found.alone / found.people:.1%}) with just one: their row is "
            f"found. The {sensitive} of {found.learned:,} is certain, of which "
            f"{found.newly_learned:,} neither release told alone."
        ),
        icon=":material/join_inner:",
    )
    st.caption(
        "The attacker knows the quasi-identifiers of a person and has both tables; rows are "
        "matched by the columns that both leave as they are. Differential privacy bounds what any "
        "number of releases tell together; k-anonymity does not."
        + (
            " Averages don't say which group a person is in; the attacker is taken to know it."
            if averaged
            else ""
        )
    )
