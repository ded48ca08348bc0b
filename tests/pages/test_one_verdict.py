"""Page, report, JSON, gate and audit --policy say the same of random audits.

Each audit is drawn from a seed: a table, what its columns mean, and a policy. What is compared is
what people and builds read: the box and the criteria of the page, the report's text, the file's
entries, the gate's lines and exit status, for an audit of the workspace and for the folder that the
command line wrote.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from components.criteria.criteria_view import SIGNS
from core.__main__ import main
from core.audit_state.collecting import collect
from core.audit_state.state import begin_bytes, read_table, save
from core.data.assign import assign
from core.data.roles.roles import Roles
from core.governance.adopted_policy import adopt_policy, policy_record
from core.policy.evaluate import evaluate
from core.policy.policy import Criterion, Policy
from core.policy.policy_toml import format_policy
from core.policy.presets import PRESETS
from core.reporting.written_report import write_report
from core.storage.workspace import Workspace
from tests.pages.conftest import opened, texts

SHAPES = (
    "no outcomes",
    "adverse label",
    "unknown groups",
    "intersection alone",
    "tiny groups",
    "no difference",
    "everyone the same",
)
STATUS = {"met": 0, "not met": 3, "not enough evidence": 4}


@dataclass(frozen=True)
class Drawn:
    """A table with its roles and a policy."""

    data: pd.DataFrame
    roles: Roles
    policy: Policy


def drawn(shape: str, seed: int) -> Drawn:
    """Draw an audit of a shape."""
    rng = np.random.default_rng([seed, SHAPES.index(shape)])
    size = int(rng.integers(8, 90) if shape == "tiny groups" else rng.integers(300, 3_000))
    sex = rng.choice(["f", "m"], size)
    age = rng.choice(["<30", "30 | more", "_60_"], size, p=[0.5, 0.4, 0.1])
    outcome = rng.random(size) < 0.4
    gap = rng.choice([0.02, 0.1, 0.3])
    rate = np.full(size, 0.55)
    if shape == "intersection alone":
        crossed = (sex == "f") == (age == "<30")
        rate = np.where(crossed, 0.55 + gap / 2, 0.55 - gap / 2)
    elif shape != "no difference":
        rate = np.where(sex == "f", 0.55 + gap / 2, 0.55 - gap / 2) + 0.2 * (outcome - 0.4)
    decision = rng.random(size) < rate
    if shape == "everyone the same":
        decision[:] = True
        decision[: int(rng.integers(0, 2))] = False
    data = pd.DataFrame(
        {
            "sex": sex,
            "age": age,
            "outcome": np.where(outcome, "yes", "no"),
            "decision": np.where(decision, "yes", "no"),
        }
    )
    if shape == "unknown groups":
        data.loc[rng.random(size) < 0.1, "sex"] = None
        data.loc[rng.random(size) < 0.3, "age"] = "unknown"
    labelled = shape not in ("no outcomes", "adverse label") or bool(rng.integers(2))
    if shape == "no outcomes" or not labelled:
        data, labelled = data.drop(columns="outcome"), False
    sensitive = ("sex", "age") if rng.integers(4) else ("sex",)
    roles = Roles(
        "outcome" if labelled else None,
        "yes",
        sensitive,
        prediction="decision",
        positive_is_favourable=shape != "adverse label",
    )
    return Drawn(data, roles, _policy(rng))


def _policy(rng: np.random.Generator) -> Policy:
    if not rng.integers(3):
        return PRESETS[str(rng.choice(PRESETS.names()))].policy
    limits = {
        "selection_rate_ratio": "at_least",
        "selection_rate_difference": "at_most",
        "equalized_odds_difference": "at_most",
        "prevalence_difference": "at_most",
        "accuracy_over_majority": "at_least",
        "membership_advantage": "at_most",
        "unknown_share": "at_most",
        "epsilon": "at_most",
    }
    found = []
    # Every table has selection rates, so that something is judged.
    figures = [rng.choice(list(limits)[:2]), *rng.choice(list(limits), int(rng.integers(0, 4)))]
    for number, figure in enumerate(figures):
        compared = "ratio" in figure or "difference" in figure
        evidence = str(rng.choice(["beyond_limit", "significant", "recorded"]))
        evidence = evidence if compared or evidence != "significant" else "beyond_limit"
        limit = 0.8 if "ratio" in figure else float(rng.choice([0.0, 0.05, 0.2]))
        bound = {} if evidence == "recorded" else {limits[str(figure)]: limit}
        found.append(
            Criterion(
                f"c{number}", "fairness", str(figure),
                str(rng.choice(["each", "intersections", "both"])), evidence=evidence,
                minimum_count=int(rng.choice([2, 30])), required=bool(rng.integers(2)),
                demands_privacy=figure == "epsilon" and bool(rng.integers(2)), **bound,
            )
        )  # fmt: skip
    return Policy("house *rules*", "1", "Ours.", tuple(found))


def asked(roles: Roles) -> list[str]:
    """Say the same roles on the command line."""
    words = ["--prediction", "decision", "--favourable", "yes"]
    words += ["--sensitive", ",".join(roles.sensitive)]
    words += [] if roles.target is None else ["--target", roles.target]
    return words if roles.positive_is_favourable else [*words, "--adverse"]


def check(shape: str, seed: int, workspace: Workspace, path: Path, capsys) -> str:
    """Compare all tellings of an audit; return the verdict that they agree on."""
    made = drawn(shape, seed)
    content = made.data.to_csv(index=False).encode()
    state = save(workspace, replace(begin_bytes(workspace, content, "table.csv"), roles=made.roles))
    adopt_policy(workspace, state.id, made.policy, name="Ada", reason="ours")
    table = read_table(workspace, state)
    result = collect(workspace, state, table, assign(table, made.roles), None, None, ())
    expected = evaluate(made.policy, result)

    shown = texts(opened("overview", state.id)).replace("\\", "").replace("\u2060", "")
    assert f"Policy “{made.policy.name}”: {expected.verdict}. {expected.sentence}." in shown
    report = write_report(
        result, state.file, state.sample, policy=policy_record(workspace, state.id)
    )
    record = json.loads(report.json)["policy"]
    text = html.unescape(report.html if isinstance(report.html, str) else report.html.decode())
    assert f"“{made.policy.name}”, version 1: {expected.verdict}." in text

    capsys.readouterr()
    assert main(["gate", state.id]) == STATUS[expected.verdict]
    lines = capsys.readouterr().out
    (path / "table.csv").write_bytes(content)
    (path / "policy.toml").write_text(format_policy(made.policy), encoding="utf-8")
    words = ["--data", str(path / "table.csv"), *asked(made.roles)]
    words += ["--policy", str(path / "policy.toml")]
    assert main(["audit", *words, "--out", str(path / "out")]) == 0
    written = json.loads((path / "out" / "audit.json").read_text(encoding="utf-8"))["policy"]
    assert main(["gate", str(path / "out")]) == STATUS[expected.verdict]
    assert main(["gate", *words]) == STATUS[expected.verdict]

    assert record["verdict"] == written["verdict"] == expected.verdict
    assert record["criteria"] == written["criteria"]
    for found, item in zip(expected.results, record["criteria"], strict=True):
        criterion = found.criterion
        assert item["outcome"] == found.outcome
        assert item["sentence"] == found.sentence
        assert f"{SIGNS[found.outcome]} · **{criterion.definition.title}** · " in shown
        assert found.sentence in shown
        assert f"[{found.outcome}] {criterion.id} (" in lines
        assert " ".join(found.sentence.split()) in lines
        assert found.sentence in text
    return expected.verdict


@pytest.mark.parametrize("shape", SHAPES)
def test_page_report_json_gate_and_audit_agree(shape, workspace, tmp_path, capsys) -> None:
    check(shape, 1, workspace, tmp_path, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 10))
@pytest.mark.parametrize("shape", SHAPES)
def test_they_agree_on_many_more(shape, seed, workspace, tmp_path, capsys) -> None:
    check(shape, seed, workspace, tmp_path, capsys)


def test_audits_of_all_kinds_are_drawn() -> None:
    every = [drawn(shape, seed) for shape in SHAPES for seed in range(1, 10)]
    assert {bool(item.roles.target) for item in every} == {True, False}
    assert {len(item.roles.sensitive) for item in every} == {1, 2}
    assert {c.evidence for item in every for c in item.policy.criteria} == {
        "beyond_limit",
        "significant",
        "recorded",
    }
    assert any(not item.roles.positive_is_favourable for item in every)
    assert any(item.data["sex"].isna().any() for item in every)
    assert min(len(item.data) for item in every) < 60
