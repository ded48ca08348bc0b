"""Two models in a notebook, brought or trained here, on the people that neither was trained on."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import equipoise

RECORD: dict[str, Any] = {
    "target": "paid", "positive_label": "yes", "sensitive": "sex", "explain": 0,
}  # fmt: skip
COUNT = 400


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], COUNT),
            "income": rng.integers(0, 101, COUNT),
            "part": np.where(np.arange(COUNT) < 300, "old", "new"),
        }
    )
    frame["paid"] = np.where(frame["income"] + rng.normal(0, 15, COUNT) > 50, "yes", "no")
    return frame


def by_income(rows: pd.DataFrame) -> pd.Series:
    return rows["income"] / 100


def by_its_end(rows: pd.DataFrame) -> pd.Series:
    return (rows["income"] % 10) / 10


def figures(found: Any) -> pd.DataFrame:
    frame: pd.DataFrame = found.same_people()
    return frame[frame["group"] == "everyone"].set_index("figure")


def test_two_brought_models_are_compared_on_all_people(people: pd.DataFrame) -> None:
    a, b = (
        equipoise.audit(people, estimator=each, features=["income"], **RECORD)
        for each in (by_income, by_its_end)
    )
    truth = people["paid"] == "yes"
    right = [((each(people) >= 0.5) == truth).mean() for each in (by_income, by_its_end)]
    for found, gained in ((equipoise.compare(a, b), right[1] - right[0]),
                          (equipoise.compare(b, a), right[0] - right[1])):  # fmt: skip
        assert figures(found).loc["accuracy", "difference"] == pytest.approx(gained)
        record = found.to_dict()["same_people"]
        assert record["rows"] == COUNT
        assert len(record["notes"]) == 2
        assert json.loads(found.to_json())["same_people"] == record


@pytest.mark.parametrize("known", [False, True])
def test_a_brought_model_beside_one_that_is_trained_here(people: pd.DataFrame, known: bool) -> None:
    more: dict[str, Any] = {"trained_on": ("part", "old")} if known else {}
    there = equipoise.audit(people, estimator=by_income, features=["income"], **more, **RECORD)
    here = equipoise.audit(people, features=["income"], **RECORD)
    test = np.array(here.test_rows)
    rows = test[test >= 300] if known else test
    said = (people["income"] >= 50).iloc[rows]
    for a, b, side in ((there, here, "a"), (here, there, "b")):
        found = equipoise.compare(a, b)
        assert found.to_dict()["same_people"]["rows"] == len(rows)
        assert figures(found).loc["selection_rate", side] == pytest.approx(said.mean())
        notes = " ".join(found.notes)
        assert "test rows of Logistic regression" in notes
        assert ("Nobody knows" in notes) == (not known)
        assert all(note in repr(found) for note in found.notes)
        assert "On the same people" in found._repr_html_()
        assert any("made elsewhere and is judged by" in s for s in found._found.people.sentences)


def test_two_trained_models_and_decisions(people: pd.DataFrame) -> None:
    one = equipoise.audit(people, features=["income"], **RECORD)
    other = equipoise.audit(people, features=["income"], learner="decision_tree", **RECORD)
    found = equipoise.compare(one, other)
    assert found.to_dict()["same_people"]["rows"] == len(one.test_rows)
    assert found.notes == ()
    frame = people.assign(said=np.where(people["income"] > 50, "yes", "no"))
    decided = equipoise.audit(frame, prediction="said", **RECORD)
    found = equipoise.compare(decided, one)
    assert found.to_dict()["same_people"] is None
    assert found.same_people().empty
    assert "by no model" in found.notes[0]
    assert found.notes[0] in repr(found)


def test_other_people_are_told(people: pd.DataFrame) -> None:
    one = equipoise.audit(people, features=["income"], **RECORD)
    model = LogisticRegression().fit(people[["income"]], people["paid"])
    other = equipoise.audit(people.iloc[::-1].reset_index(drop=True), estimator=model, **RECORD)
    found = equipoise.compare(one, other)
    assert "on other tables" in found.notes[0]
    assert found.same_people().empty
