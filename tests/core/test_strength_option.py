"""``audit --strength``: handed on, and refused where it would be ignored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from tests.core.worlds import frame


@pytest.fixture
def world(tmp_path: Path) -> Path:
    path = tmp_path / "world.csv"
    frame(600).to_csv(path, index=False)
    return path


def audit(world: Path, out: Path, *words: str) -> int:
    parts = ["audit", "--data", str(world), "--target", "paid", "--favourable", "yes"]
    parts += ["--sensitive", "sex", "--explain", "0", "--out", str(out)]
    return main([*parts, *words])


def test_a_strength_changes_what_is_decided_and_one_is_in_full(world: Path, tmp_path: Path) -> None:
    def figures(*words: str) -> Any:
        out = tmp_path / "-".join(["out", *words]).replace(".", "_")
        assert audit(world, out, *words) == 0
        found = json.loads((out / "audit.json").read_text())
        return found["performance"], found["fairness"]

    plain = figures()
    mitigation = ("--mitigation", "reject_option")
    full = figures(*mitigation)
    assert figures(*mitigation, "--strength", "1") == full
    half = figures(*mitigation, "--strength", "0.5")
    assert half not in (full, plain)
    assert figures(*mitigation, "--strength", "1e-9") == plain


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--strength", "0.5"], "it has no degrees, and a strength would be ignored"),
        (["--mitigation", "reweighing", "--strength", "0"], "above 0 and is at most 1"),
        (["--mitigation", "reweighing", "--strength", "1.5"], "above 0 and is at most 1"),
        (["--mitigation", "reweighing", "--strength", "nan"], "above 0 and is at most 1"),
        (["--mitigation", "reweighing", "--strength", "half"], "--strength"),
    ],
)
def test_a_strength_that_cannot_be_is_refused(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert audit(world, tmp_path / "out", *words) == 2
    assert says in capsys.readouterr().err


def test_existing_predictions_have_no_strength(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["audit", "--data", "compas", "--strength", "0.5", "--out", str(tmp_path / "out")]
    assert main(words) == 2
    assert "--strength" in capsys.readouterr().err


def test_balancing_is_told_in_the_report_and_its_command(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["audit", "--data", "german_credit", "--balancing", "oversampling", "--explain", "0"]
    assert main([*words, "--mitigation", "reweighing", "--strength", "0.5", "--out", str(out)]) == 0
    record = json.loads((out / "audit.json").read_text())
    assert (record["plan"]["balancing"], record["plan"]["strength"]) == ("oversampling", 0.5)
    assert "--strength 0.5 --balancing oversampling" in record["plan"]["command"]
    html = (out / "report.html").read_text()
    assert "at strength 0.5" in html
    assert "Oversampling" in html


def test_balancing_beside_privacy_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["audit", "--data", "german_credit", "--balancing", "oversampling", "--epsilon", "1"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 2
    assert "counts the labels of all training rows without noise" in capsys.readouterr().err
