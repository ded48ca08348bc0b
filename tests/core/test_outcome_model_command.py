"""``fairness --regression --model`` and ``--multiclass --model`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from core.external_models.opened import forget_all
from tests.core.external_models.conftest import in_process  # noqa: F401
from tests.core.external_models.model_servers import serving
from tests.core.external_models.outcome_files import (
    BANDS,
    NUMBERS,
    TRUTH,
    OutcomeFile,
    outcome_file,
    students,
    task_of,
)
from tests.core.external_models.test_predicted_outcomes import furthest

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    made = {name: outcome_file(name).predicted for name in ("lightgbm regression",)}
    frame = students().assign(
        part=["fit", "new"] * 200,
        before=made["lightgbm regression"],
        said=outcome_file("xgboost multiclass").predicted,
    )
    path = tmp_path / "students.csv"
    frame.to_csv(path, index=False)
    return path


def ran(table: Path, *words: str, task: str = "regression") -> dict[str, Any]:
    out = table.parent / "out.json"
    given = ["fairness", "--predictions", str(table), f"--{task}", "--label", TRUTH[task]]
    assert main([*given, "--sensitive", "sex", *words, "--out", str(out)]) == 0
    forget_all()
    return json.loads(out.read_text())


def refused(table: Path, capsys: Any, *words: str, task: str = "regression") -> str:
    given = ["fairness", "--predictions", str(table), "--label", TRUTH.get(task, "band")]
    kind = [] if task == "decisions" else [f"--{task}"]
    assert main([*given, *kind, "--sensitive", "sex", *words, "--out", str(table) + ".json"]) == 2
    forget_all()
    return str(capsys.readouterr().err)


def written(table: Path, made: OutcomeFile) -> str:
    path = table.parent / made.name
    path.write_bytes(made.data)
    return str(path)


def test_a_regressors_figures_are_those_of_its_predictions_in_a_column(
    table: Path, capsys: Any
) -> None:
    made = outcome_file("lightgbm regression")
    file = written(table, made)
    more = ("--earlier-scores", "before", "--loss-bound", "2")
    found = ran(table, "--model", file, *more)
    told = capsys.readouterr().err
    assert "All 400 recomputed amounts agree with the earlier ones" in told
    assert "No value of the 400 rows is unknown to the model." in told
    column = ran(table, "--prediction", "before", "--loss-bound", "2")
    asked = {name: found[name] for name in column}
    apart, where = furthest(column, asked)
    assert apart < 1e-12, where
    model = found["external_model"]
    assert (model["format"], model["library"]) == ("lightgbm", "LightGBM")
    assert model["sha256"] == found["plan"]["external_model"]["sha256"]
    assert model["version"] == ""  # Its file does not tell.
    assert found["plan"]["external_model"]["name"] == "m.txt"
    assert model["earlier_scores"]["what"] == "amounts"
    assert found["plan"]["external_model"]["output"] == "number"
    # The matching that was written repeats it, and nothing of it may be said anew.
    matching = str(table.parent / "out.matching.json")
    again = ran(table, "--model", file, "--matching", matching, "--loss-bound", "2")
    assert again == found
    said = refused(table, capsys, "--model", file, "--matching", matching, "--accept-inputs")
    assert "--matching says it all" in said
    as_classes = refused(table, capsys, "--model", file, "--matching", matching, task="multiclass")
    assert "it was written by an audit of amounts, and this is one of classes" in as_classes


def test_training_rows_are_left_out_and_told(table: Path, capsys: Any) -> None:
    file = written(table, outcome_file("lightgbm regression"))
    found = ran(table, "--model", file, "--trained-on", "part=fit")
    assert found["overall"]["count"] == 200
    assert "Rows that trained the model judge nothing and were left out. (200)" in (
        capsys.readouterr().err
    )
    assert found["external_model"]["unknown_values"]["of"] == 200


def test_classes_are_named_and_their_ties_told(table: Path, capsys: Any) -> None:
    made = outcome_file("xgboost multiclass")
    file = written(table, made)
    said = refused(table, capsys, "--model", file, task="multiclass")
    assert "0=fail, 1=good, 2=pass" in said
    labels = [w for c, b in made.class_labels for w in ("--class-label", f"{c}={b}")]
    found = ran(table, "--model", file, *labels, task="multiclass")
    column = ran(table, "--prediction", "said", task="multiclass")
    assert {name: found[name] for name in column} == column
    assert found["external_model"]["notes"][-1].startswith("Its classes stand for labels")


@pytest.mark.parametrize(
    ("case", "task", "words", "why"),
    [
        ("lightgbm regression", "multiclass", (), "fairness --regression --model FILE"),
        ("xgboost multiclass", "regression", (), "fairness --multiclass --model FILE"),
        ("lightgbm regression", "decisions", ("--prediction", "said"), "audit --model FILE"),
        ("lightgbm regression", "regression", ("--prediction", "G1"), "one of them is needed"),
        ("lightgbm regression", "regression", ("--model-class", "1"), "no class is set against"),
        ("lightgbm regression", "regression", ("--model-calls", "5"), "no address of a server"),
        ("lightgbm regression", "regression", ("--input", "G1=absent"), "no feature of the table"),
        ("lightgbm regression", "regression", ("--earlier-scores", "sex"), "than numbers"),
        ("", "regression", ("--accept-inputs",), "no --model is given"),
        ("", "regression", ("--prediction", "G1", "--class-label", "a=b"), "no --model is given"),
        ("", "decisions", ("--prediction", "said", "--favourable", "good", "--accept-inputs"),
         "no --model is given"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_gets_a_sentence(
    table: Path, capsys: Any, case: str, task: str, words: tuple[str, ...], why: str
) -> None:
    model = ("--model", written(table, outcome_file(case))) if case else ()
    if not case and "--prediction" not in words:
        words = (*words, "--prediction", "G1")
    assert why in refused(table, capsys, *model, *words, task=task)


def test_audit_leads_a_regressor_to_the_command_of_amounts(table: Path, capsys: Any) -> None:
    file = written(table, outcome_file("lightgbm regression"))
    words = ["audit", "--data", str(table), "--target", "class", "--favourable", "High"]
    words += ["--sensitive", "sex", "--model", file, "--out", str(table.parent / "o")]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "it predicts amounts, and was asked for decisions with two outcomes" in said
    assert "fairness --regression --model FILE" in said


@pytest.mark.parametrize("case", ["lightgbm regression", "xgboost multiclass"])
@pytest.mark.parametrize("answers", ["plain", "wide"])
def test_a_served_model_is_asked_in_the_same_way(table: Path, case: str, answers: str) -> None:
    made, task = outcome_file(case), task_of(case)
    rows = {tuple(row): said for row, said in zip(
        students()[NUMBERS].to_numpy(float).tolist(), made.predicted.tolist(), strict=True
    )}  # fmt: skip

    def answer(method: str, path: str, body: Any) -> tuple[int, Any]:
        asked = body["dataframe_split"]
        order = [asked["columns"].index(name) for name in NUMBERS]
        said = [rows[tuple(float(row[at]) for at in order)] for row in asked["data"]]
        if answers == "wide" and task == "multiclass":
            said = [[float(one == band) for band in BANDS] for one in said]
        elif answers == "wide":
            said = [[one] for one in said]
        return 200, {"predictions": said}

    inputs = [w for name in NUMBERS for w in ("--input", f"{name}={name}")]
    labels = [w for c, b in made.class_labels for w in ("--class-label", f"{c}={b}")]
    with serving(answer) as server:
        named = labels if answers == "wide" else []
        found = ran(table, "--model", server.address, *inputs, *named, task=task)
    name = "before" if task == "regression" else "said"
    column = ran(table, "--prediction", name, task=task)
    apart, where = furthest(column, {key: found[key] for key in column})
    assert apart < 1e-12, where
    assert len(found["external_model"]["sha256"]) == 64
