"""One person in plain words: decision, reasons, how sure, what would change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from components.app.session import literal
from core.explanation.person.person_texts import describe_distance, describe_stability, format_score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.explanation.person.decision_stability import DecisionStability
    from core.explanation.person.person import PersonStory, Reason
    from core.explanation.person.person_changes import ChangeTexts

SHOWN = 3


def show_decision(story: PersonStory, threshold: float | None) -> None:
    """Show what was decided about whom; ``threshold`` is None where no score decides alone."""
    score = format_score(story.explained.score, threshold)
    colour = "green" if story.favourable else "orange"
    side = "in favour of this person" if story.favourable else "against this person"
    icon = ":material/thumb_up:" if story.favourable else ":material/thumb_down:"
    st.header(f"Row {story.explained.row}: {literal(story.decision)}")
    groups = ", ".join(f"{literal(k)}: {literal(v)}" for k, v in story.groups.items())
    st.markdown(
        f":{colour}-badge[{icon} {side}] score **{score}** (0 to 1: the "
        f"model's estimate for the positive label). Groups: {groups}."
    )
    for note in story.notes:
        st.info(literal(note))


def show_reasons(story: PersonStory) -> None:
    """Show three reasons for and three against, and what LIME says of them."""
    st.markdown("### Why")
    left, right = st.columns(2)
    with left:
        _listed("Speaks for this person", story.in_favour)
    with right:
        _listed("Speaks against this person", story.against)
    st.caption(
        "Reasons are Shapley values (SHAP): what each feature adds to this person's score, "
        "compared with a sample of people; the percentage is its share in all that "
        "moved the score. “Usual” is the middle half of those people. A reason tells "
        "what the model used, not what caused anything."
    )
    st.markdown(literal(story.agreement))


def _listed(title: str, found: Sequence[Reason]) -> None:
    st.markdown(f"**{title}**")
    if not found:
        st.markdown("No feature does.")
    for reason in found[:SHOWN]:
        st.markdown(
            f"- `{reason.code}` **{literal(reason.feature)}** is {literal(reason.value)}: "
            f"{literal(reason.usual)} · {100 * reason.share:.0f}%"
        )


def show_stability(sureness: DecisionStability) -> None:
    """Show how firm the decision is."""
    if sureness.verdict is not None:
        words = {
            "firm": ":green-badge[firm]",
            "likely": ":blue-badge[likely]",
            "a close call": ":orange-badge[a close call]",
        }
        st.markdown(
            f"This decision is {words[sureness.verdict]}: {literal(describe_stability(sureness))}"
        )
    st.markdown(literal(describe_distance(sureness)))


def show_changes(words: ChangeTexts, story: PersonStory) -> None:
    """Show what would change the decision."""
    if words.ways:
        towards = "against this person" if story.favourable else "in favour of this person"
        st.markdown(f"Any one of these would turn the decision {towards}:")
    for way in words.ways:
        st.markdown(f"- {literal(way)}")
    if not words.ways:
        st.markdown("Nothing was found that would.")
    st.caption(literal(words.remark))


def reasons_table(story: PersonStory) -> pd.DataFrame:
    """All reasons found, with codes and contributions."""
    return pd.DataFrame(
        [
            {
                "Code": reason.code,
                "Feature": reason.feature,
                "Value": reason.value,
                "Usual": reason.usual,
                "Contribution": round(reason.contribution, 4),
                "Share of all": f"{reason.share:.0%}",
                "LIME": {True: "agrees", False: "disagrees", None: "its runs differ"}[
                    reason.lime_agrees
                ],
            }
            for reason in (*story.in_favour, *story.against)
        ]
    )
