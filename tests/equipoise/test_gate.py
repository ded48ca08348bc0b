"""An audit in a notebook is judged by a policy as the command line judges it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import equipoise
from core.__main__ import main
from equipoise import InputError
from equipoise.results import AuditResult, GateResult


def people(gap: float, rows: int = 2000) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    sex = rng.choice(["f", "m"], rows)
    chance = np.where(sex == "f", 0.6 - gap, 0.6)
    return pd.DataFrame({"sex": sex, "hired": (rng.random(rows) < chance).astype(int)})


def audited(frame: pd.DataFrame) -> AuditResult:
    return equipoise.audit(frame, prediction="hired", positive_label=1, sensitive="sex")


@pytest.mark.parametrize(
    ("gap", "rows", "outcome", "status"),
    [
        (0.0, 2000, "met", 0),
        (0.4, 2000, "not met", 3),
        (0.12, 80, "not enough evidence", 4),
    ],
)
def test_notebook_and_command_line_say_the_same(
    tmp_path: Path, gap: float, rows: int, outcome: str, status: int
) -> None:
    frame = people(gap, rows)
    frame.to_csv(tmp_path / "people.csv", index=False)
    found = audited(frame).gate("four-fifths")
    assert isinstance(found, GateResult)
    assert (found.outcome, found.exit_status) == (outcome, status)
    written = tmp_path / "gate.md"
    said = main(["gate", "--data", str(tmp_path / "people.csv"), "--prediction", "hired",
                 "--favourable", "1", "--sensitive", "sex", "--policy", "four-fifths",
                 "--markdown", str(written)])  # fmt: skip
    assert said == status
    assert written.read_text() == found.to_markdown()


def test_it_can_be_read_shown_and_kept() -> None:
    found = audited(people(0.4)).gate("four-fifths")
    table = found.to_frame()
    assert list(table.columns) == ["criterion", "concern", "severity", "outcome", "told"]
    assert "not met" in set(table["outcome"])
    assert f"| {table['criterion'][0]} |" in found.to_markdown()
    page = found._repr_html_()
    assert page.startswith("<div><h3>Policy four-fifths")
    assert all(f"<td>{name}</td>" in page for name in table["criterion"])
    assert repr(found).splitlines()[-1].startswith("not met: ")
    record = found.to_dict()
    record["verdict"] = "met"
    assert found.to_dict()["verdict"] == found.outcome == "not met"
    assert '"verdict": "not met"' in found.to_json()


def test_what_fails_a_build_can_be_told() -> None:
    result = audited(people(0.12, 80))
    assert result.gate("four-fifths", fail_on="not-met").exit_status == 0
    assert result.gate("four-fifths", fail_on=["not-enough-evidence"]).exit_status == 4
    assert result.gate("four-fifths", fail_on="not-met").outcome == "not enough evidence"
    with pytest.raises(InputError, match="nothing of that name that could fail a build"):
        result.gate("four-fifths", fail_on="all")


def test_names_of_groups_stay_text_where_a_notebook_shows_them() -> None:
    frame = people(0.4).replace({"sex": {"f": "<b>f</b>"}})
    page = audited(frame).gate("four-fifths")._repr_html_()
    assert "&lt;b&gt;f" in page
    assert "<b>f" not in page


@pytest.mark.parametrize("policy", ["", None, 3])
def test_a_policy_must_be_named(policy: object) -> None:
    with pytest.raises(InputError, match="there is no policy to judge by"):
        audited(people(0.0, 100)).gate(policy)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        audited(people(0.0, 100)).gate("no-such-preset")
