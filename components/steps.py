"""The path through an audit: pages in order, where one stands, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from core.governance.progress import Progress


@dataclass(frozen=True)
class PageSpec:
    """A page: its file, title, section, address, and what it is for in one sentence."""

    file: str
    title: str
    section: str
    path: str
    icon: str
    sentence: str


PAGES = (
    PageSpec(
        "pages/data/start.py", "Start", "Data", "start", ":material/home:",
        "Choose a scenario, upload a table, or reopen an audit.",
    ),
    PageSpec(
        "pages/data/roles.py", "Roles", "Data", "roles", ":material/label:",
        "Say which column means what.",
    ),
    PageSpec(
        "pages/data/anonymise.py", "Anonymise", "Data", "anonymise", ":material/visibility_off:",
        "See who could be recognised in the table, and what it costs to prevent that.",
    ),
    PageSpec(
        "pages/model/budget.py", "Privacy budget", "Model", "budget", ":material/shield:",
        "Decide how much the model may reveal about any one person.",
    ),
    PageSpec(
        "pages/model/train.py", "Train", "Model", "train", ":material/model_training:",
        "Choose a learner and a mitigation, and train.",
    ),
    PageSpec(
        "pages/model/local_noise.py", "Noise at the source", "Model", "local_noise",
        ":material/sensors:", "See what it costs when noise is added before a record leaves "
        "the person.",
    ),
    PageSpec(
        "pages/audit/fairness.py", "Fairness", "Audit", "fairness", ":material/balance:",
        "See who is treated how, and how sure that is.",
    ),
    PageSpec(
        "pages/audit/thresholds.py", "Thresholds", "Audit", "thresholds",
        ":material/linear_scale:", "See what would change if the threshold moved.",
    ),
    PageSpec(
        "pages/audit/subgroups.py", "Where is it worst", "Audit", "subgroups",
        ":material/search:",
        "See for which people decisions differ most surely from everyone else's.",
    ),
    PageSpec(
        "pages/audit/large_tables.py", "Large tables", "Audit", "large_tables",
        ":material/database:",
        "See who is treated how in tables too large to upload; only counts are taken out.",
    ),
    PageSpec(
        "pages/audit/like_with_like.py", "Like with like", "Audit", "like_with_like",
        ":material/compare_arrows:",
        "See how far apart groups are among people who are alike in what may justify a difference.",
    ),
    PageSpec(
        "pages/audit/individuals.py", "Individual fairness", "Audit", "individuals",
        ":material/groups:",
        "See whether similar people get the same decision, and whose would flip in another group.",
    ),
    PageSpec(
        "pages/audit/explanations.py", "Explanations", "Audit", "explanations",
        ":material/lightbulb:", "See what drives the scores, and why one person got theirs.",
    ),
    PageSpec(
        "pages/audit/privacy.py", "Privacy attacks", "Audit", "privacy",
        ":material/fingerprint:",
        "Attack the model as someone would who wants to know about its people.",
    ),
    PageSpec(
        "pages/audit/classes.py", "All classes", "Audit", "classes", ":material/category:",
        "See how right predictions among several classes are, for whom, and in which class.",
    ),
    PageSpec(
        "pages/audit/amounts.py", "Predicted amounts", "Audit", "amounts",
        ":material/straighten:", "See how far off predicted amounts are, and for whom.",
    ),
    PageSpec(
        "pages/decide/tradeoffs.py", "Trade-offs", "Decide", "tradeoffs", ":material/tune:",
        "See what privacy costs in accuracy and in fairness.",
    ),
    PageSpec(
        "pages/decide/price.py", "Price of privacy", "Decide", "price", ":material/sell:",
        "See what privacy costs each group as the budget shrinks.",
    ),
    PageSpec(
        "pages/decide/release.py", "Private release", "Decide", "release", ":material/publish:",
        "Publish figures that give no single person away.",
    ),
    PageSpec(
        "pages/decide/report.py", "Report", "Decide", "report", ":material/description:",
        "Take the evidence with you.",
    ),
)  # fmt: skip

SKIPPED_WITHOUT_TRAINING = {"budget", "train", "explanations", "privacy", "tradeoffs"}
"""Pages that have nothing to do where existing predictions are audited."""

ASIDE = {
    "local_noise", "thresholds", "subgroups", "large_tables", "like_with_like", "individuals",
    "classes", "amounts", "release", "anonymise", "privacy",
    "price"}  # fmt: skip
"""Pages that look closer and settle nothing: the path leads past them."""


def pages() -> dict[str, list[st.Page]]:
    """Pages by section, in the order of the path."""
    out: dict[str, list[st.Page]] = {}
    for spec in PAGES:
        out.setdefault(spec.section, []).append(
            st.Page(
                spec.file,
                title=spec.title,
                icon=spec.icon,
                url_path=spec.path,
                default=spec.path == "start",
            )
        )
    return out


def spec_of(path: str) -> PageSpec:
    """Look a page up by its address."""
    return next(spec for spec in PAGES if spec.path == path)


def heading(path: str) -> None:
    """Show a page's title and what it is for."""
    spec = spec_of(path)
    st.title(spec.title)
    st.caption(spec.sentence)


def link(path: str, label: str, audit: str | None) -> None:
    """Link to a page, keeping the audit in the address."""
    spec = spec_of(path)
    st.page_link(
        spec.file,
        label=label,
        icon=spec.icon,
        query_params={"audit": audit} if audit else None,
    )


def next_step(path: str, progress: Progress) -> None:
    """Link to the page that follows, passing over those that this audit does not need."""
    later = list(PAGES)[list(PAGES).index(spec_of(path)) + 1 :]
    later = [spec for spec in later if spec.path not in ASIDE]
    if progress.roles is not None and progress.roles.audits_existing_predictions:
        later = [spec for spec in later if spec.path not in SKIPPED_WITHOUT_TRAINING]
    if later:
        st.divider()
        link(later[0].path, f"Next: {later[0].title}", progress.id)
        st.caption(later[0].sentence)


def sidebar(progress: Progress | None) -> None:
    """Show which audit is open and what has been settled in it."""
    with st.sidebar:
        if progress is None:
            st.caption("No audit is open. Begin one on the first page.")
            return
        st.markdown("**Open audit**")
        # A name is a person's text: shown as text, never as markup.
        st.text(progress.name)
        existing = progress.roles is not None and progress.roles.audits_existing_predictions
        settled = [("Data", True), ("Roles", progress.roles is not None)]
        if existing:
            settled.append(("Existing predictions", True))
        else:
            settled.append(("Model", progress.training is not None))
        for name, done in settled:
            st.caption(f"{':material/check_circle:' if done else ':material/circle:'} {name}")
        if progress.budget is not None:
            st.caption(
                f":material/shield: cap ε = {progress.budget.epsilon:g}, "
                f"δ = {progress.budget.delta:g}"
            )
