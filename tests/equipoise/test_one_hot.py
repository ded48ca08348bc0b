"""Columns of 0 and 1 put together, and what a target records, from a notebook."""

from __future__ import annotations

import pandas as pd
import pytest

import equipoise
from core.errors import InputError

PEOPLE = pd.DataFrame(
    {
        "race_white": [1, 0, 0, 1, 0, 1] * 30,
        "race_black": [0, 1, 0, 0, 1, 1] * 30,
        "points": [k % 50 for k in range(180)],
        "approved": [1, 0, 1, 1, 1, 0] * 30,
    }
)
RACE = {"race": ["race_white", "race_black"]}


def test_groups_are_counted_and_the_columns_are_no_features() -> None:
    record = equipoise.audit(
        PEOPLE, sensitive="race", one_hot=RACE, prediction="approved", positive_label=1
    ).to_dict()
    groups = {row["group"]["race"]: row["count"] for row in record["fairness"]["by_group"]}
    assert groups == {"white": 60, "black": 60, "(missing)": 60}
    trained = equipoise.audit(
        PEOPLE, sensitive="race", one_hot=RACE, target="approved", positive_label=1,
        learner="naive_bayes", explain=0,
    ).to_dict()  # fmt: skip
    assert trained["plan"]["roles"]["features"] == ["points"]


def test_what_a_target_records_is_said() -> None:
    asked = {
        "sensitive": "race", "one_hot": RACE, "target": "approved", "positive_label": 1,
        "learner": "naive_bayes", "explain": 0,
    }  # fmt: skip
    codes = {}
    for said in (None, "decisions", "outcomes"):
        found = equipoise.audit(PEOPLE, target_records=said, **asked).findings
        codes[said] = [item.severity for item in found if item.code == "DATA-08"]
    assert codes == {None: ["low"], "decisions": ["medium"], "outcomes": []}
    with pytest.raises(InputError, match="it is neither"):
        equipoise.audit(PEOPLE, target_records="maybe", **asked)
    existing = {
        "sensitive": "race", "one_hot": RACE, "target": "approved", "positive_label": 1,
        "prediction": "advice",
    }  # fmt: skip
    people = PEOPLE.assign(advice=PEOPLE["approved"])
    for said, severities in ((None, ["low"]), ("decisions", ["medium"]), ("outcomes", [])):
        found = equipoise.audit(people, target_records=said, **existing).findings
        assert [item.severity for item in found if item.code == "DATA-08"] == severities
    with pytest.raises(InputError, match="there is no target"):
        equipoise.audit(
            PEOPLE, sensitive="points", prediction="approved", positive_label=1,
            target_records="outcomes",
        )  # fmt: skip
