"""An adverse-action notice for one person, as one HTML file to print.

What such a notice holds, and where that is laid down:

- US Regulation B, 12 CFR 1002.9(a)(2) and (b)(2): the action taken, the name and address of who
  decided, and the specific principal reasons, which "internal standards" or "no qualifying score"
  are not. Its official interpretation (comment 9(b)(2)-1) holds more than four reasons to be of
  little help.
- US Fair Credit Reporting Act, 15 USC 1681m(a): where a consumer report was used, also the agency
  it came from, the score, the free copy within 60 days and the right to dispute. Whoever decides
  knows that and nobody here, so it is a field to fill in.
- EU GDPR, Article 22(3): human intervention, one's point of view, and contesting the decision;
  Article 15(1)(h): meaningful information about the logic involved, which is the procedure and
  principles actually applied (Court of Justice, C-203/22, 27 February 2025).

It is a draft for whoever must send one and no legal advice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.data.dataset import Dataset
from core.errors import InputError
from core.explanation.counterfactual.counterfactual import Counterfactuals
from core.explanation.person.decision_stability import DecisionStability
from core.explanation.person.person import PersonStory
from core.explanation.person.person_changes import describe_changes
from core.explanation.person.person_texts import describe_stability
from core.learning.learners import LEARNERS
from core.storage.canonical import key
from core.training.privacy_guarantee import guarantee_of
from core.training.trained import Trained

_TEMPLATES = Path(__file__).parent / "templates"
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
LONGEST = 2000


@dataclass(frozen=True)
class NoticeDetails:
    """What only the one who decides knows.

    Attributes
    ----------
    sender : str
        Name and address of who decided.
    contact : str
        Whom to turn to with questions and complaints, and how.
    recipient : str
        To whom the notice goes.
    day : date
        On the notice.
    about : str
        What was decided on, such as "your application for a loan".
    report : str
        Agency and score, where a consumer report was used; empty where none was.
    """

    sender: str
    contact: str
    recipient: str
    day: date
    about: str = "your application"
    report: str = ""


def notice_file(row: int) -> str:
    """Name of the file for a row of the table."""
    return f"notice-row-{row}.html"


def adverse_notice(
    dataset: Dataset,
    trained: Trained,
    story: PersonStory,
    details: NoticeDetails,
    *,
    sureness: DecisionStability | None = None,
    changes: Counterfactuals | None = None,
) -> str:
    """Write the notice.

    Parameters
    ----------
    dataset : Dataset
    trained : Trained
    story : PersonStory
    details : NoticeDetails
    sureness : DecisionStability, optional
        Told where models were trained again.
    changes : Counterfactuals, optional
        Told where they were looked for.

    Returns
    -------
    str
        HTML 5 that loads nothing and runs no script.

    Raises
    ------
    InputError
        If the decision is favourable, no feature speaks for it, or a needed text is missing or
        too long.
    """
    row = f"row {story.explained.row}"
    if story.favourable:
        raise InputError(
            "the decision is the favourable one, so there is no adverse action to give notice of",
            where=row,
            remedy="Choose a person with an unfavourable decision",
        )
    if not story.against:
        raise InputError(
            "no feature speaks against this person, and a notice without a reason says nothing",
            where=row,
            remedy="Have a person decide",
        )
    for name, text, needed in (
        ("who decided", details.sender, True),
        ("whom to turn to", details.contact, True),
        ("to whom it goes", details.recipient, True),
        ("what was decided on", details.about, True),
        ("consumer report", details.report, False),
    ):
        if needed and not text.strip():
            raise InputError("it is empty", where=name, remedy="Fill it in")
        if len(text) > LONGEST:
            raise InputError(f"it is longer than {LONGEST:,} characters", where=name)
    learner = LEARNERS[trained.spec.learner]
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    html = environment.get_template("adverse_notice.html.j2").render(
        details=details,
        story=story,
        row=story.explained.row,
        day=f"{details.day.day} {details.day:%B %Y}",
        learner=learner.title,
        fingerprint=dataset.fingerprint,
        model=key(dataset.fingerprint, trained.spec),
        sure=None if sureness is None or not sureness.refits else describe_stability(sureness),
        changes=None if changes is None else describe_changes(changes, dataset.dates),
        guarantee=guarantee_of(trained).statement,
    )
    return _UNFIT.sub("�", html)
