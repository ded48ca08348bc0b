"""A model made elsewhere, handed over as an object, a function or a file, in a notebook."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import equipoise

RECORD: dict[str, Any] = {"target": "repaid", "positive_label": "yes", "sensitive": "sex"}


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    count = 400
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], count),
            "age": rng.integers(18, 80, count),
            "income": rng.normal(40, 12, count),
            "owns": rng.choice([True, False], count),
            "town": rng.choice(["Bonn", "Köln", "Trier"], count),
        }
    )
    wealth = frame["income"] + 10 * frame["owns"] + 8 * (frame["sex"] == "m")
    frame["repaid"] = np.where(wealth + rng.normal(0, 10, count) > 45, "yes", "no")
    frame["part"] = np.where(np.arange(count) < 200, "old", "new")
    return frame


def forest(people: pd.DataFrame, **more: Any) -> Any:
    inputs = ["age", "income", "owns", "town", "sex"]
    told = make_column_transformer((OneHotEncoder(), ["town", "sex"]), remainder="passthrough")
    model = RandomForestClassifier(20, random_state=0, **more)
    old = people[people["part"] == "old"]
    return make_pipeline(told, model).fit(old[inputs], old["repaid"])


def rates(result: Any, metric: str) -> dict[str, float]:
    frame = result.to_frame().query(f"metric == '{metric}'").set_index("group")
    return frame["estimate"].to_dict()


def test_a_model_sees_its_own_columns_with_their_own_types_and_is_explained(
    people: pd.DataFrame,
) -> None:
    model = forest(people)
    before = people.copy()
    result = equipoise.audit(people, estimator=model, explain=1, **RECORD)
    pd.testing.assert_frame_equal(people, before)
    record = json.loads(result.to_json())
    said = model.predict(people) == "yes"
    found = rates(result, "selection_rate")
    for group in ("f", "m"):
        assert found[group] == pytest.approx(said[people["sex"] == group].mean(), abs=1e-12)
    assert record["plan"]["external_model"]["library"].startswith("sklearn")
    told = {item["feature"] for item in record["explanations"]["global"]["features"]}
    assert told == {"age", "income", "owns", "town", "sex"}


def test_rows_that_trained_a_model_judge_nothing(people: pd.DataFrame) -> None:
    model = forest(people)
    result = equipoise.audit(
        people, estimator=model, explain=0, trained_on=("part", "old"), **RECORD
    )
    new = people[people["part"] == "new"]
    right = (model.predict(new) == new["repaid"]).mean()
    assert json.loads(result.to_json())["performance"]["accuracy"] == pytest.approx(right)
    assert not any("trained the model" in line for line in result.limits)


def test_a_function_of_rows_is_a_model(people: pd.DataFrame) -> None:
    def chance(rows: pd.DataFrame) -> np.ndarray:
        return 1 / (1 + np.exp(-(rows["income"] - 45) / 10))

    result = equipoise.audit(people, estimator=chance, features=["income"], explain=0, **RECORD)
    found = rates(result, "selection_rate")
    assert found["everyone"] == pytest.approx((people["income"] >= 45).mean(), abs=1e-12)


class Lenient(LogisticRegression):
    """Decides positively from 0.2 on."""

    def predict(self, X: Any) -> Any:
        return np.where(self.predict_proba(X)[:, 1] >= 0.2, "yes", "no")


class Whimsical(LogisticRegression):
    """Decides by the parity of age, whatever its probabilities are."""

    def predict(self, X: Any) -> Any:
        return np.where(X["age"] % 2 == 0, "yes", "no")


def test_decisions_are_the_models_own_whatever_its_threshold(people: pd.DataFrame) -> None:
    columns = ["age", "income"]
    for kind in (Lenient, Whimsical):
        model = kind().fit(people[columns], people["repaid"])
        result = equipoise.audit(people, estimator=model, explain=0, **RECORD)
        own = (model.predict(people[columns]) == "yes").mean()
        assert rates(result, "selection_rate")["everyone"] == pytest.approx(own, abs=1e-12)
        labels_only = any("no threshold" in line for line in result.limits)
        assert labels_only == (kind is Whimsical)
        assert np.isnan(rates(result, "roc_auc")["everyone"]) == labels_only


def test_a_threshold_that_is_said_decides_on_both_sides_of_its_edge(people: pd.DataFrame) -> None:
    columns = ["income"]
    model = LogisticRegression().fit(people[columns], people["repaid"])
    scores = model.predict_proba(people[columns])[:, 1]
    edge = float(np.sort(scores)[100])
    for threshold, wanted in ((edge, 300), (float(np.nextafter(edge, 1)), 299)):
        result = equipoise.audit(
            people, estimator=model, explain=0, estimator_threshold=threshold, **RECORD
        )
        assert rates(result, "selection_rate")["everyone"] * 400 == pytest.approx(wanted)


def test_a_mitigation_after_training_goes_with_a_model_made_elsewhere(
    people: pd.DataFrame,
) -> None:
    model = forest(people)
    result = equipoise.audit(
        people, estimator=model, explain=0, mitigation="group_thresholds", **RECORD
    )
    record = json.loads(result.to_json())
    assert record["mitigation"]["unmitigated"] is not None
    with pytest.raises(equipoise.InputError, match="not trained here"):
        equipoise.audit(people, estimator=model, mitigation="reweighing", **RECORD)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"inputs": {"age": "income"}}, "no estimator is asked"),
        ({"accept_inputs": True}, "no estimator is asked"),
        ({"estimator": object()}, "neither predict_proba nor predict"),
        ({"estimator": "/nowhere/m.onnx"}, "can't be read"),
        (
            {"estimator": len, "features": ["income"]},
            "answered with an int, and not with one answer",
        ),
        ({"estimator": LogisticRegression(), "learner": "random_forest"}, "classes_"),
    ],
)
def test_what_cannot_be_asked_gets_a_sentence(
    people: pd.DataFrame, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(equipoise.InputError, match=said):
        equipoise.audit(people, **(RECORD | given))


def test_a_learner_beside_an_estimator_is_refused(people: pd.DataFrame) -> None:
    with pytest.raises(equipoise.InputError, match="nothing is trained"):
        equipoise.audit(people, estimator=forest(people), learner="random_forest", **RECORD)


def test_a_function_gets_dates_and_texts_that_read_as_missing_as_they_are(
    people: pd.DataFrame,
) -> None:
    frame = people.assign(
        since=pd.Timestamp("2020-01-31 13:45:10.123456")
        + pd.to_timedelta(np.arange(len(people)), unit="D"),
        note=np.where(people["age"] > 50, "NA", "seen"),
    )
    seen: list[pd.DataFrame] = []

    def score(rows: pd.DataFrame) -> pd.Series:
        seen.append(rows)
        return rows["since"].dt.day_of_year / 1000 + 0.5 * (rows["note"] == "NA")

    equipoise.audit(frame, estimator=score, explain=0, **RECORD)
    whole = next(rows for rows in seen if len(rows) == len(frame))
    assert "repaid" not in whole
    for name in ("since", "note"):
        pd.testing.assert_series_equal(
            whole[name].reset_index(drop=True), frame[name], check_dtype=False
        )


def test_two_texts_that_read_as_one_are_refused_where_a_model_may_tell_them_apart(
    people: pd.DataFrame,
) -> None:
    odd = people.assign(town=np.where(people.index % 2, "K\u00f6ln", "Ko\u0308ln"))
    with pytest.raises(equipoise.InputError, match="are read as one value"):
        equipoise.audit(odd, estimator=lambda rows: rows["age"] / 100, explain=0, **RECORD)
    equipoise.audit(
        odd, estimator=lambda rows: rows["age"] / 100, features=["age"], explain=0, **RECORD
    )


def test_a_class_is_named_as_the_caller_has_it(people: pd.DataFrame) -> None:
    frame = people.assign(repaid=people["repaid"] == "yes")
    model = LogisticRegression().fit(frame[["age", "income"]], frame["repaid"])
    record = RECORD | {"positive_label": True}
    told = equipoise.audit(frame, estimator=model, positive_class=True, explain=0, **record)
    found = equipoise.audit(frame, estimator=model, explain=0, **record)
    assert rates(told, "selection_rate") == rates(found, "selection_rate")


def test_a_column_that_only_looks_like_an_identifier_is_an_input_and_a_named_one_is_not(
    people: pd.DataFrame,
) -> None:
    frame = people.assign(income=np.arange(400) + 0.0, who=[f"p{k // 2}" for k in range(400)])
    frame["repaid"] = np.where(frame["income"] % 7 > 2, "yes", "no")
    model = LogisticRegression().fit(frame[["income"]], frame["repaid"])
    result = equipoise.audit(frame, estimator=model, explain=0, **RECORD)
    own = (model.predict(frame[["income"]]) == "yes").mean()
    assert rates(result, "selection_rate")["everyone"] == pytest.approx(own)
    with pytest.raises(equipoise.InputError, match="no column was found: 'income'"):
        equipoise.audit(frame, estimator=model, identifier="income", explain=0, **RECORD)
