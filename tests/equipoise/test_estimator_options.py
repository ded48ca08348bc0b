"""All that the command line says of a model made elsewhere can be said in a notebook too."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import equipoise
from core.__main__ import main
from core.audit.audit_options import EXTERNAL_OPTIONS
from equipoise._brought import FLAGS
from equipoise._options import AuditOptions

RECORD: dict[str, Any] = {
    "target": "repaid", "positive_label": 1, "sensitive": "sex", "explain": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"sex": rng.choice(["f", "m"], 400), "income": rng.normal(40, 12, 400).round(3)}
    )
    frame["repaid"] = (frame["income"] + rng.normal(0, 10, 400) > 45).astype(int)
    frame["old"] = np.arange(400) < 200
    frame["part"] = frame["old"].astype(int)
    return frame


@pytest.fixture(scope="module")
def model(people: pd.DataFrame) -> LogisticRegression:
    return LogisticRegression().fit(people[["income"]], people["repaid"])


@pytest.fixture(scope="module")
def file(model: LogisticRegression, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    path: Path = tmp_path_factory.mktemp("model") / "m.onnx"
    made = to_onnx(model, initial_types=[("income", FloatTensorType([None, 1]))])
    path.write_bytes(made.SerializeToString())
    return path


def test_every_option_of_the_command_has_a_name_in_the_library() -> None:
    assert {option.flag for option in EXTERNAL_OPTIONS} == set(FLAGS.values())
    said = inspect.signature(equipoise.audit).parameters
    assert set(FLAGS) <= set(said)
    assert set(FLAGS) <= set(AuditOptions.__annotations__)


def test_what_may_be_said_is_typed() -> None:
    said = set(inspect.signature(equipoise.audit).parameters)
    typed = {*AuditOptions.__annotations__, "data", "task", "positive_label", "loss_bound"}
    assert typed == said


SAID: dict[str, Any] = {
    "matching": "m.json",
    "inputs": {"a": "b"},
    "accept_inputs": True,
    "positive_class": 1,
    "estimator_threshold": 0.4,
    "estimator_calls": 3,
    "estimator_batch": 3,
    "trained_on": ("part", 1),
    "earlier_scores": "past",
    "accept_types": ["a.B"],
    "accepted_by": "me",
}


@pytest.mark.parametrize("name", FLAGS)
def test_nothing_is_ignored_where_no_estimator_is_asked(people: pd.DataFrame, name: str) -> None:
    with pytest.raises(equipoise.InputError, match=f"{name}: no estimator is asked"):
        equipoise.audit(people, **RECORD, **{name: SAID[name]})


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"estimator_calls": 3, "estimator_batch": 2}, "estimator_calls, estimator_batch: "),
        ({"accept_types": ["a.B"], "accepted_by": "me"}, "accept_types, accepted_by: "),
        ({"matching": "m.json"}, "matching: an object"),
        ({"trained_on": "part"}, "trained_on: it is 'part', and not a column with a value"),
        ({"trained_on": ("parts", 1)}, "Perhaps 'part' was meant"),
        ({"trained_on": ("part", 7)}, r"no label '7'. Choose one of: '0', '1'"),
        ({"trained_on": ("part", None)}, "trained_on: the value is missing"),
        ({"earlier_scores": "past"}, "the table has no such column"),
        ({"earlier_scores": "income"}, "lie outside of 0 and 1"),
        ({"positive_class": 3}, "none of the model's classes, '0', '1'"),
    ],
)
def test_what_has_no_meaning_for_an_object_is_refused(
    people: pd.DataFrame, model: LogisticRegression, given: dict[str, Any], where: str
) -> None:
    with pytest.raises(equipoise.InputError, match=where):
        equipoise.audit(people, estimator=model, **RECORD, **given)


def test_types_are_accepted_by_somebody(people: pd.DataFrame, file: Path) -> None:
    with pytest.raises(equipoise.InputError, match="by a person who is named"):
        equipoise.audit(people, estimator=file, accept_types=["a.B"], **RECORD)
    with pytest.raises(equipoise.InputError, match="no address of a server"):
        equipoise.audit(people, estimator=file, estimator_calls=2, **RECORD)


def test_earlier_scores_are_compared_row_by_row(
    people: pd.DataFrame, model: LogisticRegression
) -> None:
    scores = model.predict_proba(people[["income"]])[:, 1]
    past = np.where(np.arange(400) == 7, 1 - scores, scores)
    frame = people.assign(past=past)
    result = equipoise.audit(frame, estimator=model, earlier_scores="past", **RECORD)
    found = result.to_dict()["external_model"]["earlier_scores"]
    flips = int((scores[7] >= 0.5) != (past[7] >= 0.5))
    assert (found["rows"], found["differing"], found["decisions_that_flip"]) == (400, 1, flips)
    assert found["largest_difference"] == pytest.approx(abs(1 - 2 * scores[7]))
    assert found["most_different"][0]["row"] == 7


@pytest.mark.parametrize(
    "given", [("part", 1), ("part", "1.0"), ("part", 1.0), ("old", True), ("old", "TRUE")]
)
def test_training_rows_are_named_as_anybody_would(
    people: pd.DataFrame, model: LogisticRegression, given: tuple[str, object]
) -> None:
    result = equipoise.audit(people, estimator=model, trained_on=given, **RECORD)
    assert result.to_dict()["performance"]["count"] == 200


def test_a_matching_of_the_command_is_used_again(
    people: pd.DataFrame, file: Path, tmp_path: Path
) -> None:
    data, out = tmp_path / "people.csv", tmp_path / "out"
    people.assign(past=(people["income"] / 100).clip(0, 1)).to_csv(data, index=False)
    words = [
        "audit", "--data", str(data), "--target", "repaid", "--favourable", "1", "--sensitive",
        "sex", "--model", str(file), "--model-class", "1.0", "--model-threshold", "0.4",
        "--trained-on", "part=1.0", "--earlier-scores", "past", "--explain", "0", "--out", str(out),
    ]  # fmt: skip
    assert main(words) == 0
    told = json.loads((out / "audit.json").read_text())
    frame = pd.read_csv(data)
    result = equipoise.audit(frame, estimator=file, matching=out / "matching.json", **RECORD)
    found = result.to_dict()
    assert found["fairness"] == told["fairness"]
    assert found["external_model"]["earlier_scores"] == told["external_model"]["earlier_scores"]
    assert found["plan"]["external_model"]["threshold"] == 0.4
    with pytest.raises(equipoise.InputError, match="trained_on: matching= says it all"):
        equipoise.audit(
            frame, estimator=file, matching=out / "matching.json", trained_on=("part", 0), **RECORD
        )
    with pytest.raises(equipoise.InputError, match=r"matching .*: it can't be read"):
        equipoise.audit(frame, estimator=file, matching=out / "none.json", **RECORD)
    (out / "other.json").write_text(
        (out / "matching.json").read_text().replace('sha256": "', 'sha256": "0')
    )
    with pytest.raises(equipoise.InputError, match="Name the same file"):
        equipoise.audit(frame, estimator=file, matching=out / "other.json", **RECORD)
