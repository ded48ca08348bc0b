"""The command that a report prints repeats the audit, whatever was asked for."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from core.__main__ import main
from core.audit.audit_options import ROWS_AND_MEANING
from core.audit.bias_audit_options import BIAS_AUDIT_OPTIONS
from core.training.training_options import TRAINING_OPTIONS

WRITTEN = ["--delimiter", ";", "--encoding", "iso-8859-1", "--header-line", "3"]
READ = [
    *WRITTEN, "--notation", "score=decimal-comma", "--kind", "age=number",
    "--edges", "age=30,50",
]  # fmt: skip
SEXES = 'sex=Female:Fräulein,"Frau, Dr."'
RATIOS = [
    "--impact-reference", "White", "--impact-reference", "rest", "--smallest-share", "0.02",
    "--share-reason", "too few to tell, it's said", "--share-base", "known", "--compare-unknown",
]  # fmt: skip
TABLE = [
    "--preset", "local-law-144", "--sex", "sex", "--race", "race", "--category", SEXES,
    "--category", "race=unknown:?", "--auditor", "A. Person", "--organisation", "Audits & Co",
    "--independence", "none of it", "--distribution-date", "2026-01-31", "--audit-date",
    "2026-11-30", "--data-source", "all applicants of 2025",
]  # fmt: skip
WHO = ["--favourable", "1", "--sensitive", "sex,race,age"]

DECIDED = [
    "--data", "TABLE", *READ, *WHO, "--target", "hired", "--target-is-decisions", "--prediction",
    "selected", "--score", "score", "--weight", "worth", "--identifier", "person", "--merge-groups",
    "race=Other:Asian,NatAm", *RATIOS, *TABLE, "--category",
    "race=Two or more races:Other", "--policy", "POLICY",
]  # fmt: skip
SCORED = [
    "--data", "SHEET", "--sheet", "people", *WHO, "--score", "score", "--threshold", "median",
    "--adverse", *TABLE, "--category", "race=Native American or Alaska Native:NatAm",
    "--policy", "local-law-144",
]  # fmt: skip
TRAINED = [
    "--data", "TABLE", *READ, *WHO, "--target", "hired", "--target-is-decisions",
    "--features", "score,worth", "--keep-sensitive", "--learner", "logistic_regression",
    "--mitigation", "relaxed_equalized_odds", "--mitigate-for", "sex", "--strength", "0.5",
    "--balancing", "class_weights", "--split", "randomised", "--seed", "7", *RATIOS[:4], *TABLE,
    "--category", "race=Native American or Alaska Native:NatAm", "--explain", "1",
]  # fmt: skip
ELSEWHERE = [
    "--data", "TABLE", *READ, *WHO, "--target", "hired", "--model", "MODEL", "--input",
    "Points=score", "--model-class", "1", "--model-threshold", "0.4", "--trained-on",
    "selected=1", *TABLE, "--category", "race=Native American or Alaska Native:NatAm",
    "--explain", "0",
]  # fmt: skip
CAME_TRUE = [
    "--data", "TABLE", *READ, *WHO, "--target", "hired", "--target-came-true", "--features",
    "score", "--learner", "naive_bayes", "--one-hot", "region=region_north,region_south", *TABLE,
    "--category", "race=Native American or Alaska Native:NatAm",
]  # fmt: skip
AUDITS = {
    "decisions": DECIDED, "scores": SCORED, "a trained model": TRAINED,
    "a model made elsewhere": ELSEWHERE, "what came true": CAME_TRUE,
}  # fmt: skip
PRIVATE = {"--epsilon", "--delta", "--bounds", "--person", "--rows-per-person"}
"""Their noise is drawn anew and charged; tests/core/test_options.py reads their commands back."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Write a table as spreadsheets do, a workbook, and a policy that is no preset."""
    folder, rng, rows = tmp_path_factory.mktemp("files"), np.random.default_rng(5), 700
    frame = pd.DataFrame(
        {
            "person": [f"p{k // 2}" for k in range(rows)],
            "sex": rng.choice(
                ["Male", "Fräulein", "Frau, Dr.", None], rows, p=[0.5, 0.3, 0.1, 0.1]
            ),
            "race": rng.choice(
                ["White", "Black", "Asian", "NatAm", "?"], rows, p=[0.5, 0.3, 0.1, 0.05, 0.05]
            ),
            "age": rng.integers(20, 65, rows),
            "worth": rng.integers(1, 4, rows),
            "score": rng.normal(50, 10, rows).round(2),
        }
    )
    north = np.random.default_rng(6).integers(0, 2, rows)
    frame = frame.assign(region_north=north, region_south=1 - north)
    frame["selected"] = (frame["score"] + 4 * (frame["sex"] == "Male") > 52).astype(int)
    frame["hired"] = (frame["score"] + rng.normal(0, 8, rows) > 52).astype(int)
    lines = frame.to_csv(index=False, sep=";", decimal=",", lineterminator="\n")
    table, sheet, policy = folder / "a b.csv", folder / "a.xlsx", folder / "house.toml"
    table.write_bytes(f"Applicants of 2025\n\n{lines}".encode("iso-8859-1"))
    with pd.ExcelWriter(sheet) as book:
        pd.DataFrame({"a": [1]}).to_excel(book, sheet_name="notes", index=False)
        frame.to_excel(book, sheet_name="people", index=False)
    policy.write_text(
        'name = "house"\nversion = "2"\ndescription = "Ours."\n[[criteria]]\nid = "rates"\n'
        'concern = "fairness"\nfigure = "selection_rate_difference"\nat_most = 0.2\n'
    )
    model = folder / "points.onnx"
    given = frame[["score", "worth"]].rename(columns={"score": "Points"})
    scaled = ColumnTransformer([("all", StandardScaler(), ["Points", "worth"])])
    learned = make_pipeline(scaled, LogisticRegression()).fit(given, frame["hired"])
    types = [("Points", FloatTensorType([None, 1])), ("worth", FloatTensorType([None, 1]))]
    model.write_bytes(convert_sklearn(learned, initial_types=types).SerializeToString())
    return {"TABLE": str(table), "SHEET": str(sheet), "POLICY": str(policy), "MODEL": str(model)}


def ran(words: list[str], out: Path) -> dict[str, Any]:
    assert main(["audit", *words, "--out", str(out)]) == 0
    record: dict[str, Any] = json.loads((out / "audit.json").read_text())
    return record


def test_every_option_that_changes_a_figure_is_in_one_of_the_audits() -> None:
    given = {word for words in AUDITS.values() for word in words}
    options = (*ROWS_AND_MEANING, *BIAS_AUDIT_OPTIONS, *TRAINING_OPTIONS)
    assert {option.flag for option in options if option.flag} - PRIVATE - given == set()


@pytest.mark.parametrize("name", AUDITS)
def test_the_printed_command_repeats_the_audit(
    name: str, files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tmp_path / "first"
    one = ran([files.get(word, word) for word in AUDITS[name]], first)
    words = shlex.split(one["plan"]["command"])
    assert words[:4] == ["python", "-m", "core", "audit"]
    assert words[-2:] == ["--out", "out"]
    # A policy of one's own is named as the file that stands beside the report.
    monkeypatch.chdir(first)
    if name == "a model made elsewhere":
        # A model is named by its file, which lies beside the report or is put there.
        shutil.copy(files["MODEL"], first)
        assert (first / "matching.json").exists()
    two = ran(words[4:-2], tmp_path / "second")
    if name == "scores":
        # A median is printed as the number that it was, and so isn't told of as a median again.
        for record in (one, two):
            notes = record["dataset"]["repairs"]
            record["dataset"]["repairs"] = [n for n in notes if "median" not in n["what"]]
    for record in (one, two):
        del record["equipoise"]["created"]
    assert one == two
    assert one["bias_audit"]["selection"]
    assert (one["policy"] is None) == (one["plan"]["learner"] is not None)


def test_the_table_of_an_audit_is_that_of_impact_ratios(tmp_path: Path) -> None:
    hiring = ["--data", "tests/cases/hiring_decisions.csv"]
    decided = ["--prediction", "selected", "--score", "score", "--favourable", "1"]
    small = ["--smallest-share", "0.02", "--share-reason", "too few"]
    table = [
        "--preset", "local-law-144", "--sex", "sex", "--race", "race",
        "--category", "race=Native American or Alaska Native:NatAm", *small,
    ]  # fmt: skip
    out = tmp_path / "ratios.json"
    assert main(["impact-ratios", *hiring, *decided, *table, "--out", str(out)]) == 0
    found = ran([*hiring, *decided, "--sensitive", "sex,race", *table], tmp_path / "audit")
    assert found["bias_audit"] == json.loads(out.read_text())
    report = (tmp_path / "audit" / "report.html").read_text()
    assert "Local Law 144" in report


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--sensitive", "sex", *TABLE[:6]], "column 'race': it is no sensitive column"),
        (["--sensitive", "sex,race", *TABLE[:6]], "no category is declared for 'NatAm'"),
        (["--sensitive", "sex,race", *TABLE[2:6]], "--sex: without --preset nothing uses it"),
        (["--sensitive", "sex,race", *TABLE[:4]], "--race: the preset needs this column"),
        (["--sensitive", "sex,race", *TABLE[:3], "gender", *TABLE[4:6]], "--sex gender: there is"),
    ],
)
def test_a_table_that_cannot_be_made_is_refused_before_anything_is(
    more: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["audit", "--data", "tests/cases/hiring_decisions.csv", "--prediction", "selected"]
    out = ["--favourable", "1", "--out", str(tmp_path / "out")]
    assert main([*words, *more, *out]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out" / "audit.json").exists()
