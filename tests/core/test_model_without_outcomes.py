"""A brought model and a table without outcomes: its decisions alone are audited."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

import equipoise
from core.__main__ import main
from core.reporting.model_card import card_file

COUNT = 300


def people() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], COUNT),
            "income": rng.integers(0, 101, COUNT),
            "town": rng.choice(["Bonn", "Köln"], COUNT),
        }
    )
    frame["past"] = rng.random(COUNT).round(3)
    return frame


def fitted() -> Pipeline:
    frame = people()
    wealth = frame["income"] + 20 * (frame["sex"] == "m")
    said = np.where(wealth + np.random.default_rng(1).normal(0, 9, COUNT) > 55, "yes", "no")
    told = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["town"]), remainder="passthrough"
    )
    return make_pipeline(told, LogisticRegression(max_iter=500)).fit(
        frame[["town", "income"]], said
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("decided")
    inputs = [("town", StringTensorType([None, 1])), ("income", FloatTensorType([None, 1]))]
    (made / "m.onnx").write_bytes(to_onnx(fitted(), initial_types=inputs).SerializeToString())
    frame = people()
    frame.loc[:4, "town"] = "Trier"
    frame.to_csv(made / "people.csv", index=False)
    return made


def words(folder: Path, *more: str) -> list[str]:
    return [
        "audit", "--data", str(folder / "people.csv"), "--favourable", "yes", "--sensitive", "sex",
        "--model", str(folder / "m.onnx"), "--explain", "0", *more,
    ]  # fmt: skip


def own(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(fitted().predict(frame[["town", "income"]]) == "yes")


def selected(audit: dict[str, Any]) -> dict[str, float]:
    return {item["group"]["sex"]: item["selection_rate"] for item in audit["fairness"]["by_group"]}


def test_its_decisions_are_audited_with_its_facts_and_what_it_does_not_know(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "out"
    more = ["--earlier-scores", "past", "--out", str(out)]
    assert main(words(folder, *more)) == 0
    told = capsys.readouterr().err
    assert "no --target is named: decisions of the model are audited without outcomes" in told
    audit = json.loads((out / "audit.json").read_text())
    frame = pd.read_csv(folder / "people.csv")
    assert selected(audit) == pytest.approx(own(frame).groupby(frame["sex"]).mean().to_dict())
    fit = audit["external_model"]
    assert fit["unknown_values"]["rows"] == 5
    assert [item["column"] for item in fit["inputs"]] == ["town", "income"]
    assert fit["earlier_scores"]["rows"] == COUNT
    assert audit["performance"]["accuracy"] is None
    assert audit["plan"]["learner"] is None
    assert any(item["code"] == "DATA-10" for item in audit["findings"])
    reasons = {why for item in audit["checks"] for why in item["reasons"]}
    assert "decisions of a model are audited without true outcomes" in reasons
    report = (out / "report.html").read_text()
    assert "its decisions audited without true outcomes" in report
    assert "A model made elsewhere was asked for a decision on every row." in report
    assert "in None" not in report
    assert card_file(audit) == "decision_card.md"
    assert main(["card", str(out)]) == 0
    assert "# Decision card: decisions of m.onnx" in (out / "decision_card.md").read_text()


def test_the_command_that_repeats_it_names_no_column_that_no_file_has(folder: Path) -> None:
    out, again = folder / "first", folder / "again"
    assert main(words(folder, "--model-threshold", "0.4", "--out", str(out))) == 0
    audit = json.loads((out / "audit.json").read_text())
    given = shlex.split(audit["plan"]["command"])
    assert not {"--prediction", "--score", "--target"} & set(given)
    assert given[given.index("--model") + 1] == "m.onnx"
    given[given.index("--model") + 1] = str(folder / "m.onnx")
    given[given.index("--matching") + 1] = str(out / "matching.json")
    given[given.index("--out") + 1] = str(again)
    assert main(given[given.index("audit") :]) == 0
    assert json.loads((again / "audit.json").read_text())["fairness"] == audit["fairness"]


def test_a_threshold_decides_on_both_sides_of_its_edge(folder: Path) -> None:
    frame = people()
    scores = fitted().predict_proba(frame[["town", "income"]])[:, 1]
    for threshold in (0.2, 0.8):
        result = equipoise.audit(
            frame, positive_label="yes", sensitive="sex", estimator=fitted(),
            estimator_threshold=threshold,
        )  # fmt: skip
        rates = pd.Series(scores >= threshold).groupby(frame["sex"]).mean().to_dict()
        assert selected(result.to_dict()) == pytest.approx(rates)


def test_in_a_notebook_a_file_and_an_object_decide_alike(folder: Path) -> None:
    frame = pd.read_csv(folder / "people.csv")
    before = frame.copy()
    record: dict[str, Any] = {"positive_label": "yes", "sensitive": "sex"}
    found = [
        equipoise.audit(frame, estimator=each, **record)
        for each in (folder / "m.onnx", fitted(), str(folder / "m.onnx"))
    ]
    pd.testing.assert_frame_equal(frame, before)
    rates = own(frame).groupby(frame["sex"]).mean().to_dict()
    for result in found:
        assert selected(result.to_dict()) == pytest.approx(rates)
        assert "without true outcomes" in result.limits[0]
        assert "Model made elsewhere" in repr(result)
        assert result.test_rows == ()
    assert "5 of 300 rows hold a value that the model does not know" in repr(found[0])
    with pytest.raises(equipoise.InputError, match="decisions are audited as they are"):
        found[0].what_if(0, {"income": 3})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--trained-on", "town=Bonn"], "no row judges the model"),
        (["--mitigation", "reweighing"], "existing predictions are audited as they are"),
        (["--prediction", "town"], "the model would not be asked"),
        (["--row", "3", "--what-if", "income=4"], "no model to ask"),
        (["--learner", "random_forest"], "asked as it is"),
    ],
)
def test_what_needs_outcomes_is_refused(
    folder: Path, more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(folder, *more, "--out", str(folder / "none"))) == 2
    assert said in capsys.readouterr().err


def test_the_positive_label_is_needed_and_must_be_one_of_its_classes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = words(folder, "--out", str(folder / "none"))
    at = given.index("--favourable")
    assert main([*given[:at], *given[at + 2 :]]) == 2
    assert "the label counted as positive is needed" in capsys.readouterr().err
    given[at + 1] = "perhaps"
    assert main(given) == 2
    assert "stands for the positive label 'perhaps' is not known" in capsys.readouterr().err
