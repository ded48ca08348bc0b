"""``audit --row N --what-if FEATURE=VALUE``: same figures as core, in words, JSON and report."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from core.__main__ import main
from core.audit.pipeline import run
from core.audit.result import AuditPlan
from core.data.assign import assign, default_roles
from core.explanation.person.choosing import of_row
from core.explanation.person.what_if import what_if
from core.explanation.person.what_if_result import AskedWhatIf
from core.reporting.audit_json import audit_json
from core.reporting.report import render
from core.training.spec import TrainingSpec
from core.training.training import split_of
from tests.core.reporting.page import Page
from tests.core.worlds import frame, table

WORDS = ["audit", "--target", "paid", "--favourable", "yes", "--sensitive", "sex", "--explain", "0"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "people.csv"
    PEOPLE.to_csv(path, index=False)
    return path


def row_of(data: pd.DataFrame) -> int:
    """A test row, which hangs on the names of columns too."""
    read = table(data)
    one = assign(read, default_roles(read, "paid", "yes", ("sex",))[0])
    return int(one.rows[split_of(one, TrainingSpec("logistic_regression"))[0].test[5]])


PEOPLE = frame(400).rename(columns={"income": "net=income"})
ROW = row_of(PEOPLE)


def test_figures_stand_in_words_json_report_and_the_command_repeats_them(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--row", str(ROW), "--what-if", "net=income=7.5", "--what-if", "city=east"]
    assert main([*WORDS, "--data", str(data), *asked, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().err
    record = json.loads((tmp_path / "out" / "audit.json").read_text())
    (found,) = record["what_if"]
    assert found["row"] == ROW
    assert found["of_this_model"]
    assert [(e["feature"], e["to"]) for e in found["edits"]] == [
        ("net=income", 7.5),
        ("city", "east"),
    ]
    assert f"score {found['before']['score']:.4f} → {found['after']['score']:.4f}" in said
    words = shlex.split(record["plan"]["command"])
    assert words[words.index("--row") + 1] == str(ROW)
    assert [words[k + 1] for k, word in enumerate(words) if word == "--what-if"] == asked[3::2]
    section = Page((tmp_path / "out" / "report.html").read_text()).by_id("what-if").text
    assert f"Row {ROW}" in section
    assert "net=income" in section
    assert found["after"]["decision"] in section


def test_a_plan_gives_what_core_gives() -> None:
    read = table(frame(400))
    roles = default_roles(read, "paid", "yes", ("sex",))[0]
    spec = TrainingSpec("decision_tree")
    row = row_of(frame(400))
    asked = AskedWhatIf(row, (("income", "8"), ("age", "")))
    result = run(read, AuditPlan(roles, spec, 0, what_if=asked))
    assert result.trained is not None
    position = of_row(result.dataset, result.trained, row)
    found = what_if(result.dataset, result.trained, position, {"income": 8, "age": None})
    (scenario,) = result.scenarios
    assert (scenario.before.score, scenario.after.score) == (found.before.score, found.after.score)
    assert [r.after for r in scenario.reasons] == found.reasons_after.values[0].tolist()
    other = replace(result, scenarios=(replace(scenario, model_key="another"),))
    record = audit_json(other)
    assert not record["what_if"][0]["of_this_model"]
    assert "Of another model." in Page(render(record)).by_id("what-if").text
    record = audit_json(replace(result, scenarios=()))
    assert record["what_if"] == []
    assert 'id="what-if"' not in render(record)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--what-if", "city=east"], "--what-if city=east: it isn't said whom to ask about"),
        (["--row", "3"], "--row: no --what-if is given"),
        (["--row", str(ROW), "--what-if", "city"], "it isn't written FEATURE=VALUE"),
        (["--row", str(ROW), "--what-if", "city=east", "--what-if", "city=north"], "given twice"),
        (["--row", "100000", "--what-if", "city=east"], "row 100000: it isn't a test row"),
        (
            ["--row", str(ROW), "--what-if", "city=wst"],
            "feature 'city': 'wst' is none of its values",
        ),
        (["--row", str(ROW), "--what-if", "age=old"], "feature 'age': 'old' is no number"),
        (["--row", str(ROW), "--what-if", "paid=no"], "the model sees no such feature"),
        (["--row", str(ROW), "--what-if", "sex=f"], "the model sees no such feature"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_trained(
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    message: str,
) -> None:
    monkeypatch.setattr("core.audit.pipeline.train", lambda *_: pytest.fail("it was trained"))
    assert main([*WORDS, "--data", str(data), *words, "--out", str(tmp_path / "out")]) != 0
    assert message in capsys.readouterr().err


def test_existing_predictions_have_no_model_to_ask(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decided = frame(200)
    decided["said"] = decided["paid"]
    decided.to_csv(tmp_path / "decided.csv", index=False)
    words = ["--data", str(tmp_path / "decided.csv"), "--prediction", "said", "--row", "3"]
    assert main([*WORDS, *words, "--what-if", "city=east", "--out", str(tmp_path / "o")]) != 0
    assert "no model to ask" in capsys.readouterr().err
