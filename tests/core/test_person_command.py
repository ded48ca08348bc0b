"""A promise to persons, from the command line, and the command that repeats it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from core.__main__ import main
from core.audit.result import AuditPlan
from core.data.assign import default_roles
from core.data.domains import bounds_json
from core.reporting.command_line import command_line
from core.storage.json_format import from_json, to_json
from core.training.spec import TrainingSpec
from tests.core.worlds import DOMAINS, frame, table

WORDS = ["audit", "--target", "paid", "--favourable", "yes", "--sensitive", "sex", "--explain", "0"]


@pytest.fixture
def visits(tmp_path: Path) -> Path:
    data = frame(600)
    data["patient"] = [f"p{k}" for k in np.random.default_rng(1).integers(0, 150, 600)]
    path = tmp_path / "visits.csv"
    data.to_csv(path, index=False)
    (tmp_path / "bounds.json").write_text(json.dumps(bounds_json(DOMAINS)))
    return path


def test_a_guarantee_to_persons_is_made_charged_and_said(visits: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [
        *WORDS, "--data", str(visits), "--identifier", "patient", "--person", "patient",
        "--rows-per-person", "3", "--epsilon", "4", "--delta", "1e-5",
        "--mitigation", "private_threshold", "--bounds", str(tmp_path / "bounds.json"),
        "--out", str(out),
    ]  # fmt: skip
    assert main(words) == 0
    found = json.loads((out / "audit.json").read_text())
    privacy = found["privacy"]
    assert privacy["unit"] == "person (column 'patient', at most 3 rows)"
    assert privacy["epsilon"] == pytest.approx(4.0)
    assert privacy["delta"] == pytest.approx(1e-5)
    (charge,) = privacy["ledger"]
    assert charge["unit"] == privacy["unit"]
    assert "private_threshold" in charge["what"]
    left_out = [item for item in found["findings"] if item["code"] == "DATA-04"]
    assert len(left_out) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--person", "patient", "--epsilon", "1"], "--rows-per-person"),
        (["--rows-per-person", "2", "--epsilon", "1"], "no --person is given"),
        (["--person", "patient", "--rows-per-person", "0", "--epsilon", "1"], "whole number"),
        (["--person", "patient", "--rows-per-person", "2"], "is not private"),
        (["--rows-per-person", "2"], "is not private"),
    ],
)
def test_options_that_would_be_ignored_or_are_missing_are_refused(
    visits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list, message: str
) -> None:
    named = ["--identifier", "patient", "--out", str(tmp_path / "out")]
    assert main([*WORDS, "--data", str(visits), *named, *words]) != 0
    assert message in capsys.readouterr().err


def test_the_command_that_repeats_it_names_the_person_and_the_bound() -> None:
    data = frame(60).assign(patient="p1")
    roles = default_roles(table(data), "paid", "yes", ("sex",), identifiers=("patient",))[0]
    spec = TrainingSpec("dp_binned_regression", epsilon=1.0, person="patient", rows_per_person=4)
    words = shlex.split(command_line("visits.csv", AuditPlan(roles, spec, 0)))
    for option, value in (
        ("--identifier", "patient"),
        ("--person", "patient"),
        ("--rows-per-person", "4"),
    ):
        assert words[words.index(option) + 1] == value
    assert from_json(TrainingSpec, json.loads(json.dumps(to_json(spec))), "it") == spec


def test_a_spec_kept_before_there_were_persons_is_read_as_one_for_rows() -> None:
    record = to_json(TrainingSpec("random_forest"))
    del record["person"], record["rows_per_person"]
    assert from_json(TrainingSpec, record, "it") == TrainingSpec("random_forest")
