"""Decisions say what they mean, as far as the column's name and the favourable label tell."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from core.data.assign import assign
from core.data.reading.reading import read_bytes
from core.data.roles.decision_labels import decision_labels, outcome_labels
from core.data.roles.roles import Roles

DENY = Roles("deny", "yes", ("afam",), positive_is_favourable=False, features=("income",))


@pytest.mark.parametrize(
    ("roles", "others", "positive", "negative"),
    [
        (DENY, ("no",), "deny = yes (refused)", "deny = no (granted)"),
        (replace(DENY, target="approved", positive_is_favourable=True), ("no",),
         "approved = yes (granted)", "approved = no (refused)"),
        # Nobody asked to be convicted: such an outcome is neither granted nor refused.
        (replace(DENY, target="two_year_recid", positive_label="1"), ("0",),
         "two_year_recid = 1 (adverse)", "two_year_recid = 0 (favourable)"),
        (Roles("credit", "good", ("sex",)), ("bad",), "good (favourable)", "bad (adverse)"),
        # What the others are called isn't said where there are several, or none is known.
        (Roles("credit", "good", ("sex",)), ("bad", "fair"), "good (favourable)",
         "not good (adverse)"),
        (replace(DENY, positive_label="1"), ("2", "3"), "deny = 1 (refused)",
         "deny other than 1 (granted)"),
        (DENY, (), "deny = yes (refused)", "deny other than yes (granted)"),
        # The decisions' own column is named, not that of outcomes.
        (Roles("repaid", "1", ("sex",), prediction="granted"), ("0",), "granted = 1 (granted)",
         "granted = 0 (refused)"),
        # A score from a threshold on is the decision, not the outcome that it predicts.
        (Roles("two_year_recid", "1", ("sex",), False, score="decile", threshold=5.0), ("0",),
         "decile ≥ 5 (adverse)", "decile < 5 (favourable)"),
        (Roles(None, "1", ("sex",), score="points", threshold=600.0), (),
         "points ≥ 600 (favourable)", "points < 600 (adverse)"),
    ],
)  # fmt: skip
def test_both_decisions_are_named(
    roles: Roles, others: tuple[str, ...], positive: str, negative: str
) -> None:
    found = decision_labels(roles, others)
    assert (found.told(True), found.told(False)) == (positive, negative)


def test_outcomes_are_named_by_their_own_column() -> None:
    lent = Roles("repaid", "1", ("sex",), prediction="granted")
    assert outcome_labels(lent, ("0",)).told(False) == "repaid = 0 (adverse)"
    scored = Roles("two_year_recid", "1", ("sex",), False, score="decile", threshold=5.0)
    assert outcome_labels(scored, ("0",)).told(True) == "two_year_recid = 1 (adverse)"
    assert outcome_labels(DENY, ("no",)) == decision_labels(DENY, ("no",))
    alone = replace(lent, target=None)
    assert outcome_labels(alone, ("0",)) == decision_labels(alone, ("0",))


@pytest.mark.parametrize(
    ("third", "negative"), [("no", "deny = no"), ("withdrawn", "deny other than yes")]
)
def test_the_other_label_is_that_of_the_rows(third: str, negative: str) -> None:
    rows = pd.DataFrame(
        {
            "deny": ["yes", "no", third] * 20,
            "afam": ["yes", "no"] * 30,
            "income": range(60),
        }
    )
    dataset = assign(read_bytes(rows.to_csv(index=False).encode(), "deny.csv"), DENY)
    assert dataset.decision_labels.label(False) == negative
    assert dataset.decision_labels.label(True) == "deny = yes"
