"""The figures of two small cases stand on page, command line, report and in JSON.

They were computed apart from this program: rates by counting rows, Katz's intervals by hand.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.__main__ import main
from core.audit_state.state import begin_bytes, save
from core.data.roles.roles import Roles
from core.fairness.metrics.impact_spec import ImpactSpec
from core.storage.workspace import Workspace
from tests.pages.conftest import opened, ran, texts

approx = pytest.approx
HIRING, APART = "tests/cases/hiring_decisions.csv", "tests/cases/intersection_only.csv"
ROLES = {
    HIRING: Roles(None, "1", ("sex", "race"), prediction="selected", score="score"),
    APART: Roles(None, "1", ("sex", "race"), prediction="selected"),
}
SMALL = ImpactSpec(smallest_share=0.02, reason="too few to tell")
WORDS = {
    HIRING: [
        "--data", HIRING, "--prediction", "selected", "--score", "score", "--favourable", "1",
        "--sensitive", "sex,race", "--smallest-share", "0.02", "--share-reason", "too few to tell",
    ],
    APART: [
        "--data", APART, "--prediction", "selected", "--favourable", "1", "--sensitive",
        "sex,race", "--smallest-share", "0.02", "--share-reason", "too few to tell",
    ],
}  # fmt: skip

FIGURES = {
    HIRING: [
        "0.4386", "0.4830", "0.908",  # Female, Male, and their ratio; 60 of unknown sex apart.
        "0.3769", "0.4870", "0.715",  # Black, White; Black against Asian, whose rate is highest.
        "0.774 (0.690 to 0.869)", "−4.61",  # Black against White, the largest group.
        "0.647 (0.536 to 0.782)",  # Female · Black against Male · White.
    ],
    APART: ["0.2000", "0.6000", "0.333"],
}  # fmt: skip
IN_REPORT = {
    HIRING: [
        "0.4386", "0.4830", "0.9080", "0.3769", "0.4870", "0.7149", "0.7740 0.690 to 0.869",
        "−4.61", "0.6474 0.536 to 0.782",
    ],
    APART: ["0.2000", "0.6000", "0.3333"],
}  # fmt: skip
"""Its tables have four digits."""
SCORES = ["44.78", "0.424", "0.564", "0.752", "44.75", "0.753"]
"""Shares above the median of all rows, then the ratio above that of the rows of known sex."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    out = {}
    for case, words in WORDS.items():
        out[case] = tmp_path_factory.mktemp("audit")
        assert main(["audit", *words, "--out", str(out[case])]) == 0
    return out


def plain(text: str) -> str:
    """Text as it is read: no marks, one kind of minus, one kind of range."""
    text = re.sub(r"<[^>]+>", " ", text).replace("\\", "")
    text = re.sub(r"(?<![\w.)])-(?=\d)", "−", text)
    return re.sub(r"\s+", " ", re.sub(r"(\d)\s*[–]\s*(\d)", r"\1 to \2", text))


def has(text: str, figures: list[str]) -> None:
    assert [figure for figure in figures if figure not in text] == []


def shown(case: str, workspace: Workspace) -> str:
    """All that the fairness page shows, by each attribute and by both."""
    state = begin_bytes(workspace, Path(case).read_bytes(), Path(case).name)
    app = opened("fairness", save(workspace, replace(state, roles=ROLES[case], impact=SMALL)).id)
    parts = []
    for by in (["sex"], ["race"], ["sex", "race"]):
        app.multiselect[0].set_value(by)
        ran(app)
        tables = [frame.value.to_csv(sep=" ", index=False) for frame in app.dataframe]
        parts += [texts(app), *(re.sub(r"(\d\.\d{4})\d+", r"\1", table) for table in tables)]
    return plain("\n".join(parts))


@pytest.mark.parametrize("case", FIGURES)
def test_on_the_page(case: str, workspace: Workspace) -> None:
    text = shown(case, workspace)
    rates = {figure for figure in FIGURES[case] if re.fullmatch(r"0\.\d{4}", figure)}
    has(text, [f for f in FIGURES[case] if f not in rates])
    # Cells of numbers hold them unrounded, and are drawn with four digits.
    assert [f for f in rates if f not in text and f"{float(f) - 0.0001:.4f}" not in text
            and f.rstrip("0") not in text] == []  # fmt: skip
    if case == HIRING:
        has(text, SCORES)
        has(text, ["60 rows are of unknown group", "Reason given: too few to tell"])
    else:
        has(text, ["F · B", "M · W", "Finding of high severity."])


@pytest.mark.parametrize("case", FIGURES)
def test_on_the_command_line(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["impact-ratios", *WORDS[case]]) == 0
    told = plain(capsys.readouterr().out)
    has(told, [figure.rstrip("0") if len(figure) == 6 else figure for figure in FIGURES[case]])
    if case == HIRING:
        # Scores alone are cut at their median, and told as rates of selection.
        scored = [word for word in WORDS[case] if word not in ("--prediction", "selected")]
        assert main(["impact-ratios", *scored]) == 0
        found = capsys.readouterr()
        has(plain(found.out), ["0.4238", "0.5639", "0.752"])
        has(found.err, ["44.78", "all 2,379 rows"])


@pytest.mark.parametrize("case", FIGURES)
def test_in_the_report(case: str, folders: dict[str, Path]) -> None:
    text = plain((folders[case] / "report.html").read_text())
    has(text, IN_REPORT[case])
    if case == HIRING:
        has(text, ["44.78", "0.4238", "0.5639", "0.7516", "44.75", "0.7532"])
    else:
        has(text, ["F · B", "M · W"])


def _ratios(found: dict[str, Any]) -> dict[str, Any]:
    return {row["group"]: row for row in found["impact_ratios"]["groups"]}


def test_in_json_for_hiring(folders: dict[str, Path]) -> None:
    found = json.loads((folders[HIRING] / "audit.json").read_text())["fairness"]
    sex, race = (found["by_attribute"][name] for name in ("sex", "race"))
    assert sex["impact_ratios"]["unknown"] == 60
    assert _ratios(sex)["Female"]["rate"] == approx(0.43860, abs=5e-6)
    assert _ratios(sex)["Male"]["rate"] == approx(0.48301, abs=5e-6)
    assert _ratios(sex)["Female"]["ratio"]["estimate"] == approx(0.908, abs=5e-4)
    black, white = (_ratios(race)[name] for name in ("Black", "White"))
    assert (white["favourable"], white["count"]) == (842, 1729)
    assert (black["favourable"], black["count"]) == (219, 581)
    assert race["impact_ratios"]["reference"]["group"] == "Asian"
    assert black["ratio"]["estimate"] == approx(0.715, abs=5e-4)
    to_white = black["to_largest"]
    assert [to_white["ratio"][key] for key in ("estimate", "low", "high")] == approx(
        [0.774, 0.690, 0.869], abs=5e-4
    )
    assert to_white["z"] == approx(-4.61, abs=5e-3)
    both = _ratios(found)["Female · Black"]
    assert found["impact_ratios"]["reference"]["group"] == "Male · White"
    assert [both["ratio"][key] for key in ("estimate", "low", "high")] == approx(
        [0.647, 0.536, 0.782], abs=5e-4
    )
    everybody, known = sex["scoring"]
    assert (everybody["median"], everybody["rows"]) == (44.78, 2379)
    assert (known["median"], known["rows"]) == (44.75, 2319)
    assert [s["ratio"]["estimate"] for s in (everybody, known)] == approx(
        [0.7516, 0.7532], abs=5e-5
    )


def test_in_json_for_harm_at_the_intersection_alone(folders: dict[str, Path]) -> None:
    found = json.loads((folders[APART] / "audit.json").read_text())
    (harm,) = (f for f in found["findings"] if f["code"] == "FAIR-01")
    assert harm["severity"] == "high"
    told = f"{harm['title']} {harm['evidence']}"
    has(told, ["F · B", "M · W"])
    assert harm["harm"]["estimate"] == approx(1 / 3, abs=5e-3)
    assert harm["harm"]["low"] == approx(0.27, abs=0.01)
    assert harm["harm"]["high"] == approx(0.42, abs=0.01)
    for attribute in ("sex", "race"):
        assert found["fairness"]["by_attribute"][attribute]["four_fifths"]["verdict"] == "passes"
