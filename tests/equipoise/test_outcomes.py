"""Audits of predicted classes and amounts from a notebook, held against a count by hand."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier

import equipoise
from tests.equipoise.test_notebook import ELSEWHERE


def people(rows: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], rows),
            "region": rng.choice(["n", "s"], rows),
            "age": rng.integers(18, 80, rows),
            "grade": rng.choice(["a", "b", "c"], rows),
        }
    )
    wrong = rng.random(rows) < np.where(frame["sex"] == "f", 0.4, 0.1)
    frame["said"] = np.where(wrong, "a", frame["grade"])
    frame["cost"] = frame["age"] * 2.0 + rng.normal(0, 1, rows)
    # Within each sex two misses alternate, so that means are known and misses have a spread.
    half = np.where(frame.groupby("sex").cumcount() % 2, 0.5, -0.5)
    return frame.assign(guess=frame["cost"] + np.where(frame["sex"] == "f", 4.0, -1.0) + half)


def classes(**given: Any) -> equipoise.results.MulticlassResult:
    record: dict[str, Any] = {"target": "grade", "prediction": "said", "sensitive": "sex"}
    return equipoise.audit(people(), task="multiclass", **(record | given))


def amounts(**given: Any) -> equipoise.results.RegressionResult:
    record: dict[str, Any] = {"target": "cost", "prediction": "guess", "sensitive": "sex"}
    return equipoise.audit(people(), task="regression", **(record | given))


def test_classes_are_counted_over_all_and_each_against_the_rest() -> None:
    frame = people()
    found = classes(sensitive=["sex", "region"]).to_frame()
    right = (frame["grade"] == frame["said"]).groupby(frame["sex"]).mean()
    over_all = found[found["label"].isna() & (found["metric"] == "accuracy")]
    got = over_all[over_all["by"] == "sex"].set_index("group")["estimate"]
    assert got[["f", "m"]].to_dict() == pytest.approx(right.to_dict())
    of_b = found[(found["label"] == "b") & (found["metric"] == "true_positive_rate")]
    b = frame[frame["grade"] == "b"]
    recall = (b["said"] == "b").groupby(b["sex"]).mean()
    got = of_b[of_b["by"] == "sex"].set_index("group")["estimate"]
    assert got[["f", "m"]].to_dict() == pytest.approx(recall.to_dict())
    assert set(found["by"]) == {"sex", "region", "sex × region"}


def test_the_gaps_of_classes_are_those_between_groups() -> None:
    result = classes()
    gaps = result.disparities()
    rates = result.to_frame().query("group != 'everyone'")
    for label in ("a", "b", "c"):
        of = rates[(rates["label"] == label) & (rates["metric"] == "precision")]["estimate"]
        (gap,) = gaps[(gaps["label"] == label) & (gaps["metric"] == "precision")]["estimate"]
        assert gap == pytest.approx(of.max() - of.min())
    assert "Precision: class a" in repr(result)
    assert "Precision: class a" in result._repr_html_()
    assert json.loads(result.to_json()) == result.to_dict()


def test_amounts_are_off_by_what_was_added() -> None:
    result = amounts(loss_bound=2.0)
    found = result.to_frame().query("metric == 'mean_error'").set_index("group")["estimate"]
    assert found[["f", "m"]].to_dict() == pytest.approx({"f": 4.0, "m": -1.0}, abs=0.01)
    gaps = result.disparities().set_index(["metric", "disparity"])["estimate"]
    assert gaps["mean_absolute_error", "difference"] == pytest.approx(3.0, abs=0.01)
    assert gaps["mean_absolute_error", "ratio"] == pytest.approx(0.25, abs=0.01)
    assert "a group is above a mean absolute error of 2." in repr(result)
    assert "stays within a mean absolute error of 9." in repr(amounts(loss_bound=9.0))
    assert "Mean absolute error" in result._repr_html_()
    assert "loss" not in repr(amounts())


def test_a_fitted_model_is_audited_by_what_it_says() -> None:
    frame = people()
    tree = DecisionTreeClassifier(max_depth=2).fit(frame[["age"]], frame["grade"])
    own = equipoise.audit(frame, task="multiclass", target="grade", sensitive="sex", estimator=tree)
    beside = classes_of(frame.assign(said=tree.predict(frame[["age"]])))
    assert own.to_frame().equals(beside.to_frame())
    assert any("trained the model isn't known" in line for line in own.limits)
    line = LinearRegression().fit(frame[["age"]], frame["cost"])
    costs = equipoise.audit(
        frame, task="regression", target="cost", sensitive="sex", estimator=line
    )
    guessed = line.predict(frame[["age"]])
    everyone = costs.to_frame().query("metric == 'mean_absolute_error' and group == 'everyone'")
    assert everyone["estimate"].item() == pytest.approx(np.abs(guessed - frame["cost"]).mean())


def classes_of(frame: pd.DataFrame) -> equipoise.results.MulticlassResult:
    return equipoise.audit(
        frame, task="multiclass", target="grade", prediction="said", sensitive="sex"
    )


def test_findings_and_a_report_are_not_claimed() -> None:
    result = classes(caveats=["Grades were given by one teacher."])
    assert not hasattr(result, "findings")
    assert "checks, findings and the report" in result.limits[0]
    assert result.limits[1] == "Grades were given by one teacher."
    with pytest.raises(equipoise.InputError, match="decisions of two labels"):
        equipoise.compare(result, result)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("audit", "given", "sentence"),
    [
        (classes, {"prediction": None}, "Name the column: prediction=…"),
        (amounts, {"target": None}, "Name the column: target=…"),
        (classes, {"positive_label": ["a", "x"]}, "positive_label 'x': no row has this class"),
        (classes, {"loss_bound": 1.0}, "loss_bound: multiclass has no use for it"),
        (classes, {"score": "age"}, "score: multiclass has no use for it"),
        (amounts, {"positive_label": 1}, "positive_label: regression has no use for it"),
        (amounts, {"epsilon": 1.0}, "an audit of regression trains nothing"),
        (amounts, {"prediction": "said"}, "not numbers"),
        (classes, {"prediction": "guess"}, "too many to compare"),
        (classes, {"sensitive": "sx"}, "Perhaps 'sex' was meant"),
        (classes, {"estimator": object(), "prediction": None}, "it has no predict"),
        (amounts, {"estimator": DecisionTreeClassifier().fit([[0]], ["a"]), "prediction": None,
                   "features": ["age"]}, "Give a model of one amount for each row"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_gets_a_sentence(
    audit: Any, given: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(equipoise.InputError) as caught:
        audit(**given)
    assert sentence in str(caught.value)
    assert not ELSEWHERE.search(str(caught.value))


def test_favourable_classes_turn_the_four_fifths_rule() -> None:
    record = classes(positive_label=["a"]).to_dict()["by_class"]
    every = classes().to_dict()["by_class"]
    assert record["a"] == every["a"]
    assert record["b"]["four_fifths"] != every["b"]["four_fifths"]
