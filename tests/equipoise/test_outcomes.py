"""Audits of predicted classes and amounts from a notebook, held against a count by hand."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier

import equipoise
from tests.core.external_models.conftest import in_process  # noqa: F401
from tests.core.external_models.outcome_files import TRUTH, outcome_file, students, task_of
from tests.core.external_models.test_predicted_outcomes import QUANTILES
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


FILES = ("lightgbm regression", "onnx forest regression", "xgboost multiclass",
         "catboost multiclass")  # fmt: skip


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("case", FILES)
def test_a_file_is_audited_by_what_its_own_library_predicts(case: str, tmp_path: Path) -> None:
    made, task = outcome_file(case), task_of(case)
    path = tmp_path / made.name
    path.write_bytes(made.data)
    record: dict[str, Any] = {"target": TRUTH[task], "sensitive": ["sex", "address"], "task": task}
    labels = {"class_labels": dict(made.class_labels)} if made.class_labels else {}
    own = equipoise.audit(students(), estimator=path, **record, **labels)
    beside = equipoise.audit(students().assign(said=made.predicted), prediction="said", **record)
    a, b = own.to_frame(), beside.to_frame()
    assert a[["by", "group", "metric"]].equals(b[["by", "group", "metric"]])
    # Quantiles are read off a sketch, whose bins are 0.2% wide.
    ours, theirs = a["estimate"].to_numpy(), b["estimate"].to_numpy()
    assert ours == pytest.approx(theirs, rel=3e-3, nan_ok=True)
    exact = ~a["metric"].isin(QUANTILES)
    assert ours[exact] == pytest.approx(theirs[exact], rel=1e-4, abs=1e-5, nan_ok=True)
    told = own.to_dict()["external_model"]
    assert told["sha256"] == hashlib.sha256(made.data).hexdigest()
    assert own.to_dict()["plan"]["external_model"]["name"] == made.name
    for shown in (repr(own), own._repr_html_()):
        assert f"Predicted by {made.name}" in shown
        assert f"SHA-256 {told['sha256'][:12]}" in shown
        assert "Predicted by" not in repr(beside)


def test_a_function_and_an_object_are_asked_in_the_same_way() -> None:
    frame = people()

    def cost(rows: pd.DataFrame) -> pd.Series:
        assert "cost" not in rows
        return rows["age"] * 2.0

    class Chooses:
        feature_names_in_ = ("age",)

        def predict(self, rows: pd.DataFrame) -> Any:
            return np.where(rows["age"] > 50, "a", "b")

    record: dict[str, Any] = {"target": "cost", "sensitive": "sex", "task": "regression"}
    own = equipoise.audit(frame, estimator=cost, **record)
    beside = equipoise.audit(frame.assign(said=frame["age"] * 2.0), prediction="said", **record)
    assert own.to_frame().equals(beside.to_frame())
    assert own.to_dict()["external_model"]["title"] == "cost"
    grades = equipoise.audit(
        frame, task="multiclass", target="grade", sensitive="sex", estimator=Chooses()
    )
    said = np.where(frame["age"] > 50, "a", "b")
    assert grades.to_frame().equals(classes_of(frame.assign(said=said)).to_frame())


def test_rows_that_trained_it_and_earlier_amounts_are_taken_notice_of() -> None:
    frame = people().assign(part=["fit", "new"] * 200)
    line = LinearRegression().fit(frame[["age"]], frame["cost"])
    before = line.predict(frame[["age"]])
    before[1] += 1
    found = equipoise.audit(
        frame.assign(before=before), task="regression", target="cost", sensitive="sex",
        estimator=line, trained_on=("part", "fit"), earlier_scores="before",
    )  # fmt: skip
    assert found.to_dict()["overall"]["count"] == 200
    assert any("1 of 200 recomputed amounts differ" in one for one in found.limits)
    assert not any("trained the model isn't known" in one for one in found.limits)
    (told,) = [r for r in found.to_dict()["repairs"] if "trained the model" in r["what"]]
    assert told["count"] == 200


def test_a_model_that_gives_no_number_names_the_row() -> None:
    frame = people()

    def broken(rows: pd.DataFrame) -> Any:
        return np.where(np.arange(len(rows)) == 6, np.inf, 1.0)

    with pytest.raises(equipoise.InputError, match="gives no score for 1 rows, the first is row 7"):
        equipoise.audit(frame, task="regression", target="cost", sensitive="sex", estimator=broken)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"positive_class": 1}, "positive_class: regression has no use for it"),
        ({"class_labels": {"0": "a"}}, "class_labels: regression has no use for it"),
        ({"estimator_calls": 5}, "no address of a server"),
        ({"earlier_scores": "sex"}, "something else than numbers"),
        ({"trained_on": ("sex", "x")}, "trained_on"),
        ({"estimator": lambda rows: ["a"] * len(rows)}, "Answer with one amount for each row"),
        ({"estimator": lambda rows: np.ones((len(rows), 2))}, "2 numbers for each row"),
        ({"estimator": "no such file.onnx"}, "it can't be read"),
    ],
)
def test_what_is_said_of_a_model_in_vain_is_refused(given: dict[str, Any], sentence: str) -> None:
    frame = people()
    line = LinearRegression().fit(frame[["age"]], frame["cost"])
    record: dict[str, Any] = {"target": "cost", "sensitive": "sex", "estimator": line}
    with pytest.raises(equipoise.InputError) as caught:
        equipoise.audit(frame, task="regression", **(record | given))
    assert sentence in str(caught.value)
    assert not ELSEWHERE.search(str(caught.value))


def test_an_audit_of_decisions_leads_a_regression_to_its_own() -> None:
    frame = people().assign(paid=["yes", "no"] * 200)
    path_of: dict[str, Any] = {"target": "paid", "positive_label": "yes", "sensitive": "sex"}
    with pytest.raises(equipoise.InputError) as caught:
        equipoise.audit(frame, class_labels={"0": "no"}, estimator=lambda r: r, **path_of)
    assert "audit all classes: task='multiclass'" in str(caught.value)


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
        (classes, {"estimator": object(), "prediction": None},
         "it has neither predict_proba nor predict"),
        (amounts, {"estimator": DecisionTreeClassifier().fit([[0]], ["a"]), "prediction": None,
                   "features": ["age"]}, "Audit what it answers: equipoise.audit(…, task="),
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
