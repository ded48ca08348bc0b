"""The verdict on each concern, and the findings behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app import session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.audit.finding import Finding
    from core.audit.verdicts import Level, Verdict

ICONS: dict[Level, str] = {
    "high": ":material/error:",
    "medium": ":material/warning:",
    "low": ":material/info:",
    "not enough evidence": ":material/help:",
    "not run": ":material/pending:",
    "nothing found": ":material/check_circle:",
    "not applicable": ":material/do_not_disturb_on:",
}
"""A sign beside the words of each level: no level is told by colour alone."""
SIGNS = {"high": ":material/error:", "medium": ":material/warning:", "low": ":material/info:"}
AT_ONCE = 5
"""So many findings are named at once, the others on asking."""
PER_ROW = 3


def verdict_cards(verdicts: Sequence[Verdict], then: str) -> None:
    """Show one card for each concern that applies, in two lines; on asking what each rests on.

    Parameters
    ----------
    verdicts : sequence of Verdict
    then : str
        What the line beneath says.
    """
    apply = [verdict for verdict in verdicts if verdict.level != "not applicable"]
    for start in range(0, len(apply), PER_ROW):
        columns = st.columns(PER_ROW)
        for column, verdict in zip(columns, apply[start : start + PER_ROW], strict=False):
            with column.container(border=True, height="stretch"):
                st.markdown(
                    f"{ICONS[verdict.level]} **{verdict.concern.capitalize()}**  \n{verdict.label}"
                )
    st.caption(session.literal(then))
    apart: dict[str, list[str]] = {}
    for verdict in verdicts:
        if verdict.level == "not applicable":
            apart.setdefault(verdict.sentence, []).append(verdict.concern)
    with st.expander("Each verdict, and what it rests on"):
        for verdict in apply:
            st.markdown(f"**{verdict.concern.capitalize()}.** {session.literal(verdict.sentence)}")
        for why, names in apart.items():
            st.caption(session.literal(f"Not applicable: {', '.join(names)}. {why}"))


def findings_list(findings: Sequence[Finding]) -> None:
    """Name findings in order, the first ones; say how many more there are."""
    if not findings:
        st.caption("No check found anything to report. That isn't proof that there is nothing.")
        return
    st.markdown("\n".join(f"- {_named(finding)}" for finding in findings[:AT_ONCE]))
    if len(findings) > AT_ONCE:
        st.caption(f"And {len(findings) - AT_ONCE} more, of less weight: see below.")


def findings_in_full(findings: Sequence[Finding]) -> None:
    """Show every finding with its evidence and what can be done, on asking."""
    if findings:
        with st.expander(f"Findings in full ({len(findings)}): evidence, and what can be done"):
            for finding in findings:
                finding_view(finding)


def finding_view(finding: Finding) -> None:
    """Show a finding: severity, title, code, evidence and what can be done."""
    with st.container(border=True):
        st.markdown(_named(finding))
        st.text(finding.evidence)
        st.caption(session.literal(finding.remedy))


def _named(finding: Finding) -> str:
    sign = SIGNS.get(finding.severity, ":material/notes:")
    return f"{sign} {finding.severity} · **{session.literal(finding.title)}** · {finding.code}"


def concern_box(verdict: Verdict) -> None:
    """Show the verdict on one concern at the head of its page."""
    box = st.success if verdict.level == "nothing found" else st.warning
    if verdict.level == "high":
        box = st.error
    box(
        f"**{verdict.label}.** {session.literal(verdict.sentence)}",
        icon=ICONS[verdict.level],
    )
