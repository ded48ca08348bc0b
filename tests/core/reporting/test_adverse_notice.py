"""Reasons in words and the notice made of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import numpy as np
import pytest

from core.errors import InputError
from core.explanation.attribution.explain import explain_person
from core.explanation.counterfactual.actionability import default_spec
from core.explanation.counterfactual.counterfactual import find_counterfactuals
from core.explanation.person.choosing import favourable
from core.explanation.person.person import person_story, reason_code, reasons, usual
from core.explanation.person.person_changes import describe_changes
from core.reporting.adverse_notice import NoticeDetails, adverse_notice
from core.training.spec import TrainingSpec
from core.training.training import train
from tests.core.worlds import dataset

DATA = dataset(400)
TRAINED = train(DATA, TrainingSpec("logistic_regression"))
AGAINST = int(np.flatnonzero(~favourable(DATA, TRAINED))[0])
EXPLAINED = explain_person(DATA, TRAINED, AGAINST)
STORY = person_story(DATA, TRAINED, AGAINST, EXPLAINED)
DETAILS = NoticeDetails("The <Bank>", "Ms Complaint, 555-01", "A. Person", date(2026, 3, 1))


class Text(HTMLParser):
    def __init__(self, html: str):
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)


def test_reasons_are_the_contributions_sorted_and_signed():
    values = dict(zip(EXPLAINED.shap.features, EXPLAINED.shap.values[0], strict=True))
    assert [r.contribution for r in STORY.against] == sorted(v for v in values.values() if v < 0)
    assert [r.contribution for r in STORY.in_favour] == sorted(
        (v for v in values.values() if v > 0), reverse=True
    )
    everything = (*STORY.in_favour, *STORY.against)
    assert sum(r.share for r in everything) == pytest.approx(1.0)
    assert all(r.contribution == values[r.feature] for r in everything)
    assert [reason_code(DATA, name) for name in DATA.features] == ["R01", "R02", "R03"]
    hoped_not = replace(DATA, roles=replace(DATA.roles, positive_is_favourable=False))
    swapped = reasons(hoped_not, TRAINED, EXPLAINED)
    assert [r.feature for r in swapped[0]] == [r.feature for r in STORY.against]


def test_lime_agreement_is_that_of_signs_beyond_the_spread():
    lime = EXPLAINED.lime
    for reason in (*STORY.in_favour, *STORY.against):
        j = lime.features.index(reason.feature)
        if abs(lime.weights[j]) <= lime.spread[j]:
            assert reason.lime_agrees is None
        else:
            assert reason.lime_agrees == ((lime.weights[j] > 0) == (reason.contribution > 0))


def test_what_is_usual_is_counted_on_training_rows():
    known = DATA.features["age"].iloc[TRAINED.split.train].dropna()
    low, middle, high = known.quantile([0.25, 0.5, 0.75])
    said = usual(DATA, TRAINED, "age", float(high) + 1)
    assert said == f"higher than usual ({low:g} to {high:g}, median {middle:g})"
    assert usual(DATA, TRAINED, "age", None).startswith("usual is")
    share = (DATA.features["city"].iloc[TRAINED.split.train] == "east").mean()
    assert f"{100 * share:.0f}%" in usual(DATA, TRAINED, "city", "east")


def test_the_notice_holds_what_it_must_and_nothing_runs_in_it():
    row = DATA.features.iloc[[TRAINED.split.test[AGAINST]]]
    changes = find_counterfactuals(TRAINED, DATA, row, default_spec(DATA))
    html = adverse_notice(DATA, TRAINED, STORY, DETAILS, changes=changes)
    page = Text(html)
    text = " ".join("".join(page.found).split())
    for needed in (
        "The <Bank>", "Ms Complaint, 555-01", "A. Person", "1 March 2026", DATA.fingerprint,
        DATA.decision_labels.told(False), "12 CFR 1002.9", "Not legal advice",
        "No privacy guarantee is given",
        *(f"{r.code}{r.sentence}." for r in STORY.against),
        *describe_changes(changes).ways,
    ):  # fmt: skip
        assert " ".join(needed.split()) in text
    assert changes.found
    assert not {"script", "link", "img", "bank"} & set(page.tags)
    assert "Consumer report" not in text
    reported = adverse_notice(DATA, TRAINED, STORY, replace(DETAILS, report="Agency, 640"))
    assert "within 60 days" in reported
    assert "This was not looked into" in reported


def test_a_notice_that_would_say_nothing_is_refused():
    good = int(np.flatnonzero(favourable(DATA, TRAINED))[0])
    glad = person_story(DATA, TRAINED, good, explain_person(DATA, TRAINED, good))
    with pytest.raises(InputError, match="no adverse action"):
        adverse_notice(DATA, TRAINED, glad, DETAILS)
    with pytest.raises(InputError, match="whom to turn to: it is empty"):
        adverse_notice(DATA, TRAINED, STORY, replace(DETAILS, contact=" \n"))
    with pytest.raises(InputError, match="longer than 2,000"):
        adverse_notice(DATA, TRAINED, STORY, replace(DETAILS, report="x" * 2001))
    with pytest.raises(InputError, match="without a reason"):
        adverse_notice(DATA, TRAINED, replace(STORY, against=()), DETAILS)


def test_lots_and_groups_are_said():
    randomised = train(DATA, TrainingSpec("logistic_regression", mitigation="threshold_optimizer"))
    notes = " ".join(person_story(DATA, randomised, 0, explain_person(DATA, randomised, 0)).notes)
    assert "randomised (Threshold optimizer)" in notes
    assert "depends on the person's group in “sex”" in notes
    assert STORY.notes == ()
