"""The form for an adverse-action notice, and its download."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.app.session import lasting, shown_error
from core.errors import InputError
from core.reporting.adverse_notice import LONGEST, NoticeDetails, adverse_notice, notice_file

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.explanation.counterfactual.counterfactual_result import Counterfactuals
    from core.explanation.person.decision_stability import DecisionStability
    from core.explanation.person.person import PersonStory
    from core.training.trained import Trained


def notice_form(
    dataset: Dataset,
    trained: Trained,
    story: PersonStory,
    sureness: DecisionStability,
    changes: Counterfactuals | None,
    key_prefix: str,
) -> None:
    """Ask what only the one who decides knows, and offer the notice for download."""
    st.header("Notice to this person")
    if story.favourable:
        st.caption("The decision is the favourable one, so there is nothing to give notice of.")
        return
    st.caption(
        "An adverse-action notice tells a person that the decision went against them, and the "
        "principal reasons. It is drafted after US Regulation B (12 CFR 1002.9), the US Fair "
        "Credit Reporting Act and Articles 15 and 22 of the EU GDPR. Not legal advice."
    )
    sensitive = [reason.feature for reason in story.against if reason.feature in story.groups]
    if sensitive:
        st.warning(
            "A principal reason is a sensitive attribute. Deciding on one is often forbidden; "
            "hiding it from the notice doesn't help. Have this decision looked at first."
        )

    def text(name: str, label: str, default: str = "", *, long: bool = False) -> str:
        field = st.text_area if long else st.text_input
        return str(field(label, default, max_chars=LONGEST, **lasting(f"{key_prefix} {name}")))

    details = NoticeDetails(
        sender=text("sender", "Who decided: name and address", long=True),
        contact=text("contact", "Whom the person can turn to, and how", long=True),
        recipient=text("recipient", "To whom it goes"),
        about=text("about", "What was decided on", "your application"),
        report=text("report", "Consumer report used: agency, contact, score (if any)", long=True),
        day=st.date_input("Date", **lasting(f"{key_prefix} day")),
    )
    if not (details.sender.strip() and details.contact.strip() and details.recipient.strip()):
        st.caption(
            "Fill in who decided, whom to turn to and to whom it goes; then it can be saved."
        )
        return
    try:
        html = adverse_notice(dataset, trained, story, details, sureness=sureness, changes=changes)
    except InputError as error:
        shown_error(error)
        return
    st.download_button(
        "Save the notice", html, notice_file(story.explained.row), "text/html",
        icon=":material/print:", help="One file; open it and print it.", key=f"{key_prefix} save",
    )  # fmt: skip
