"""``compare A B --data FILE``: the models of two audits are asked about the same people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.linear_model import LogisticRegression

from core.__main__ import main

COUNT = 500


def people() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], COUNT),
            "income": rng.integers(0, 101, COUNT),
            "wealth": rng.integers(0, 101, COUNT),
            "part": np.where(np.arange(COUNT) < 300, 1, 0),
        }
    )
    frame["paid"] = np.where(frame["income"] + rng.normal(0, 15, COUNT) > 50, "yes", "no")
    return frame


def fitted(frame: pd.DataFrame, column: str) -> LogisticRegression:
    return LogisticRegression().fit(frame[[column]], frame["paid"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Audits of models trained here and brought, one with its training rows known."""
    folder = tmp_path_factory.mktemp("people")
    frame = people()
    frame.to_csv(folder / "people.csv", index=False)
    for column in ("income", "wealth"):
        file = to_onnx(fitted(frame, column), initial_types=[(column, FloatTensorType([None, 1]))])
        (folder / f"{column}.onnx").write_bytes(file.SerializeToString())
    parts = ["audit", "--data", str(folder / "people.csv"), "--target", "paid", "--favourable"]
    parts += ["yes", "--sensitive", "sex", "--explain", "0"]
    for name, words in {
        "here": ["--features", "income,wealth"],
        "tree": ["--features", "wealth", "--learner", "decision_tree"],
        "income": ["--model", str(folder / "income.onnx")],
        "wealth": ["--model", str(folder / "wealth.onnx")],
        "known": ["--model", str(folder / "income.onnx"), "--trained-on", "part=1.0"],
    }.items():
        assert main([*parts, *words, "--out", str(folder / name)]) == 0
    return folder


def compared(folder: Path, a: str, b: str, *models: str) -> dict[str, Any]:
    out = folder / f"{a}-{b}.json"
    words = ["compare", str(folder / a), str(folder / b), "--data", str(folder / "people.csv")]
    for model in models:
        words += ["--model", str(folder / model)]
    assert main([*words, "--out", str(out)]) == 0
    found: dict[str, Any] = json.loads(out.read_text())["same_people"]
    return found


def rate(frame: pd.DataFrame, column: str) -> float:
    return float((fitted(people(), column).predict(frame[[column]]) == "yes").mean())


def test_two_brought_models_are_asked_about_all_people(made: Path) -> None:
    frame = people()
    models = "income.onnx", "wealth.onnx"
    for a, b in (("income", "wealth"), ("wealth", "income")):
        found = compared(made, a, b, *models)
        assert found["rows"] == COUNT
        figure = found["everyone"]["selection_rate"]
        assert (figure["a"], figure["b"]) == pytest.approx((rate(frame, a), rate(frame, b)))
        assert len(found["notes"]) == 2


@pytest.mark.parametrize(("name", "fewer"), [("income", False), ("known", True)])
def test_a_brought_model_and_one_trained_here(
    made: Path, name: str, fewer: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    test = json.loads((made / "here" / "audit.json").read_text())["dataset"]["split"]["test"]
    for a, b in ((name, "here"), ("here", name)):
        found = compared(made, a, b, "income.onnx")
        assert found["rows"] < test if fewer else found["rows"] == test
        assert "which was trained here" in found["notes"][0]
        assert any("Nobody knows" in note for note in found["notes"]) != fewer
        other = compared(made, b, a, "income.onnx")
        assert found["everyone"]["accuracy"]["difference"]["estimate"] == pytest.approx(
            -other["everyone"]["accuracy"]["difference"]["estimate"]
        )
    assert "ON THE SAME PEOPLE" in capsys.readouterr().out


def test_two_models_trained_here(made: Path) -> None:
    found = compared(made, "here", "tree")
    audits = [json.loads((made / name / "audit.json").read_text()) for name in ("here", "tree")]
    for side, audit in zip("ab", audits, strict=True):
        accuracy = found["everyone"]["accuracy"][side]
        assert accuracy == pytest.approx(audit["performance"]["accuracy"])
    assert found["notes"] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--model", "x.onnx"], "no --data is given"),
        (["--data", "{}/people.csv"], "none of the files that are named is it"),
        (["--data", "{}/people.csv", "--model", "{}/wealth.onnx"], "Name it: --model FILE"),
        (["--data", "{}/people.csv", "--model", "{}/none.onnx"], "can't be read"),
        (["--data", "{}/other.csv", "--model", "{}/income.onnx"], "is not the one that was"),
    ],
)
def test_what_is_missing_or_another_is_told(
    made: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    people().assign(wealth=1.5 + np.arange(COUNT)).to_csv(made / "other.csv", index=False)
    given = [word.format(made) for word in words]
    assert main(["compare", str(made / "here"), str(made / "income"), *given]) == 2
    assert said in capsys.readouterr().err


def test_a_private_model_is_not_charged_again(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audit = json.loads((made / "here" / "audit.json").read_text())
    audit["plan"]["epsilon"] = 1.0
    (tmp_path / "audit.json").write_text(json.dumps(audit))
    words = ["compare", str(made / "here"), str(tmp_path), "--data", str(made / "people.csv")]
    assert main(words) == 2
    assert "would be charged" in capsys.readouterr().err


def test_the_files_alone_say_that_other_rows_judge(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(made / "income"), str(made / "here")]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "The model of A was made elsewhere and is judged by 500 rows, B by 100 rows" in told
    assert "income.onnx (SHA-256 " in told
    assert main(["compare", str(made / "income"), str(made / "wealth")]) == 0
    assert "the same rows judge both models made elsewhere" in " ".join(
        capsys.readouterr().out.split()
    )
    assert main(["compare", str(made / "income"), str(made / "known")]) == 0
    assert "other rows judge them" in " ".join(capsys.readouterr().out.split())
