"""Sections of the page on how far explanations can be trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session
from components.explanation import trust_charts
from components.widgets import charts
from core.explanation.trust.off_distribution import KINDS
from core.explanation.trust.verdict import Level, Status, format_figure, verdict_on

if TYPE_CHECKING:
    from core.explanation.trust.record import Trust

LEVELS: dict[Level, str] = {
    "trust": ":green-badge[:material/verified: trust]",
    "with caution": ":orange-badge[:material/warning: with caution]",
    "do not rely on it": ":red-badge[:material/block: do not rely on it]",
}
SIGNS: dict[Status, str] = {
    "good": ":material/check_circle:",
    "caution": ":material/warning:",
    "bad": ":material/cancel:",
    "unknown": ":material/help:",
}


def verdicts(trust: Trust) -> None:
    """Show the verdict on SHAP and on LIME, with reasons, worst first."""
    for explainer in ("SHAP", "LIME"):
        if explainer == "LIME" and not len(trust.fits):
            continue
        found = verdict_on(trust, explainer)
        st.markdown(f"**{explainer}** {LEVELS[found.level]}")
        st.markdown(
            "\n".join(
                f"- {SIGNS[reason.status]} {session.literal(reason.sentence)}"
                for reason in found.reasons
            )
        )
    if not trust.complete:
        st.caption("Not everything was measured: this is what stood when it was stopped.")


def off_distribution(trust: Trust) -> None:
    """Show whether the model treats synthetic rows as it treats people."""
    st.markdown(
        "SHAP and LIME ask the model about **synthetic rows** that nobody could be. A model built "
        "to recognise them can look harmless there and still discriminate against people "
        "(scaffolding, Slack et al. 2020). So the same small changes are made to people, by values "
        "that similar people have, and to synthetic rows."
    )
    found = trust.off
    if found is None:
        st.info("Not measured yet.")
        return
    if found.worst is None:
        st.info(session.literal(f"Can't be compared: {found.reason}."))
        return
    if found.verdict == "alarm":
        name, within, off = found.hidden() or ("", 0.0, 0.0)
        share = (
            f"{100 * within:.0f}% of what matters for people and {100 * off:.0f}% on synthetic rows"
        )
        st.error(
            f"Explanations may hide what decides: {session.literal(name)} makes {share}.",
            icon=":material/gpp_bad:",
        )
    charts.show(trust_charts.off_chart(found), "off distribution")
    text = "; ".join(
        f"{k.kind} ({KINDS[k.kind]}): {100 * k.decided:.0f}% decided for, told from real rows "
        f"with ROC AUC {k.auc:.2f}"
        for k in found.kinds
    )
    st.caption(
        f"{found.rows} people, {100 * found.decided:.0f}% with a score of at least one half. "
        f"{text}. A ROC AUC of 0.5 is guessing. The alarm is raised where a share of "
        "significantly more than 0.3 of importance moved; ordinary models moved 0.05 to 0.19."
    )


def fidelity(trust: Trust) -> None:
    """Show deletion and insertion curves."""
    st.markdown(
        "**Fidelity**: features are replaced by those of other people (deleted), beginning with "
        "what speaks most for the decision. If the explanation is right, the score falls fast; "
        "inserted in that order, it rises fast (Petsiuk et al. 2018)."
    )
    for found in trust.fidelity:
        charts.show(trust_charts.curve_chart(found), f"curves {found.explainer}")
    if len(trust.fits):
        st.caption(
            "LIME's local fit (weighted R²: the share of how scores vary nearby that its simple "
            f"sum explains): {session.literal(format_figure(trust.fit))}, "
            f"{len(trust.fits)} people."
        )


def stability(trust: Trust) -> None:
    """Show what small changes do."""
    st.markdown(
        "**Stability**: reasons should stay when nothing that matters changes: when a person is "
        "moved slightly, to values the data has nearby, and decided alike; when the explainer "
        "draws other rows; when the same model is trained again. The rank "
        "correlation of features by importance, before and after, is 1 if their order is the same "
        "and 0 if it is unrelated."
    )
    if not trust.stability:
        st.info("Not measured yet.")
        return
    charts.show(trust_charts.stability_chart(trust.stability), "stability")
    for caveat in dict.fromkeys(s.caveat for s in trust.stability if s.caveat):
        st.caption(session.literal(caveat))


def agreement(trust: Trust) -> None:
    """Show how far SHAP, LIME and permutation agree."""
    st.markdown(
        "**Agreement**: three ways of asking should name the same reasons (Krishna et al. 2022). "
        "Permutation exchanges one value of a person for those of others and looks at the score."
    )
    if not trust.agreement:
        st.info("Not measured yet.")
        return
    charts.show(trust_charts.agreement_chart(trust.agreement), "agreement")
    st.caption("SHAP explains the " + trust.explains + ", LIME and permutation the probability.")


def complexity(trust: Trust) -> None:
    """Show how many features explanations need."""
    st.markdown(
        "**Complexity**: the fewer features make most of an explanation, the easier it is to take "
        "in. Entropy says how evenly they share it (Bhatt et al. 2020)."
    )
    table = trust_charts.complexity_table(trust.complexity)
    st.dataframe(table, hide_index=True, alt="How many features explanations need")


def groups(trust: Trust, key_prefix: str) -> None:
    """Show whether explanations are worse for some."""
    measures = list(dict.fromkeys(gap.measure for gap in trust.gaps))
    if not measures:
        st.info("Not measured, or no sensitive attribute has two groups among those explained.")
        return
    measure = st.selectbox("Measure", measures, **session.lasting(f"{key_prefix} measure"))
    charts.show(trust_charts.group_chart(trust.gaps, measure), f"{key_prefix} groups")
    st.caption(
        "Each group beside everyone else, as in Balagopalan et al. (2022). Differences hold for "
        "all comparisons together. More people were drawn from small groups for these figures. "
        "Fidelity is taken for each unit of distance between a score and the average, with which "
        "it would grow by itself."
    )
