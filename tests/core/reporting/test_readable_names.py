"""Report, JSON, findings and gate of decisions of yes and no name columns, decisions and rates."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from components.train.effect_view import change_table
from core.audit.pipeline import run
from core.audit.result import AuditPlan, AuditResult
from core.data.reading.reading import read_bytes
from core.explanation.attribution.explain import middle_of_decision, spread_by_score
from core.policy.evaluate import evaluate
from core.policy.presets import find_policy
from core.reporting.audit_json import audit_json
from core.reporting.gate_report import gate_lines, gate_markdown, junit_xml
from core.reporting.report import render
from core.training.spec import TrainingSpec
from core.training.unmitigated import effect_of_mitigation
from tests.mortgage import ROLES, mortgages, rarely_denied

ADVERSE = "Rate of the adverse decision (deny = yes)"


def audited(adverse: bool, explain: int = 0) -> AuditResult:
    table = read_bytes(mortgages().to_csv(index=False).encode(), "mortgages.csv")
    roles = replace(ROLES, positive_is_favourable=not adverse)
    plan = AuditPlan(roles, TrainingSpec("logistic_regression"), explain)
    return run(table, plan)


@pytest.fixture(scope="module")
def denied() -> AuditResult:
    return audited(adverse=True)


@pytest.fixture(scope="module")
def record(denied: AuditResult) -> dict[str, Any]:
    return json.loads(json.dumps(audit_json(denied), allow_nan=False))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_report_names_columns_and_the_adverse_rate(record: dict[str, Any]) -> None:
    said = words(render(record))
    assert "afam = yes, sex = female" in said
    assert "yes · female" not in said
    assert f"{ADVERSE[:1].upper()}{ADVERSE[1:]}" in said
    assert "Selection rate" not in said.split("Glossary")[0]
    assert "trained to predict “deny = yes (refused)” in deny" in said
    assert "the other one is “deny = no (granted)”" in said


def test_keys_of_groups_are_their_values_and_labels_stand_beside(record: dict[str, Any]) -> None:
    fairness = record["fairness"]
    assert {tuple(g["group"].values()) for g in fairness["by_group"]} == {
        (a, s) for a in ("yes", "no") for s in ("female", "male")
    }
    alone = fairness["by_attribute"]["afam"]
    assert {(g["group"]["afam"], g["label"]) for g in alone["by_group"]} == {
        ("yes", "afam = yes"), ("no", "afam = no"),
    }  # fmt: skip
    assert "selection_rate" in alone["by_group"][0]
    assert alone["disparities"]["demographic_parity_difference"]["between"] == ["yes", "no"]
    assert {g["group"] for g in alone["impact_ratios"]["groups"]} == {"yes", "no"}
    assert record["dataset"]["decision_labels"]["positive"]["told"] == "deny = yes (refused)"
    harmed = [f["harm"] for f in record["findings"] if f.get("harm")]
    assert {h["group"] for h in harmed if h["attributes"] == ["afam"]} == {"yes"}


def test_findings_name_the_harmed_beside_their_column(denied: AuditResult) -> None:
    about = [f for f in denied.findings if f.harm and f.harm.attributes == ("afam",)]
    assert about
    for finding in about:
        said = f"{finding.title} {finding.evidence}"
        assert "afam = yes" in said
        assert not re.search(r"(?<!= )\byes\b", said), said


def test_every_telling_of_the_gate_names_columns_and_rates(denied: AuditResult) -> None:
    policy = find_policy("default")
    told = evaluate(policy, denied).to_json()
    failing = {item["id"]: None for item in told["criteria"]}
    for text in (
        "\n".join(gate_lines(told)),
        gate_markdown(told).replace("\\", ""),
        junit_xml(told, failing),
    ):
        assert "afam = yes" in text
        assert "rate of the adverse decision (deny = yes) of" in text.lower()
        assert "ate of the favourable decision of" in text
        assert "rejection rate" not in text.lower()


def test_a_favourable_label_keeps_the_selection_rate() -> None:
    found = audited(adverse=False)
    said = words(render(audit_json(found)))
    assert "Selection rate" in said.split("Glossary")[0]
    assert "adverse decision" not in said
    told = evaluate(find_policy("default"), found).to_json()
    assert "election rate of afam" in "\n".join(gate_lines(told))


def test_explained_people_include_a_rare_decision() -> None:
    table = read_bytes(rarely_denied().to_csv(index=False).encode(), "mortgages.csv")
    plan = AuditPlan(ROLES, TrainingSpec("gradient_boosting"), 3)
    result = run(table, plan)
    trained = result.trained
    assert trained is not None
    assert 0 < trained.decisions.mean() < 0.03
    assert [person.positive for person in result.people] == [False, False, True]
    shown = audit_json(result)["explanations"]["local"]
    assert [row["decision_label"] for row in shown] == [
        "deny = no (granted)", "deny = no (granted)", "deny = yes (refused)",
    ]  # fmt: skip
    assert "decided “deny = yes (refused)”" in render(audit_json(result))
    # One person can't be of both; where nobody got the other one, nobody is made up.
    assert len(spread_by_score(trained, 1)) == 1
    same = replace(trained, decisions=trained.decisions & False)
    assert middle_of_decision(same, positive=True) is None
    assert len(spread_by_score(same, 3)) == 3
    scores = trained.scores[spread_by_score(trained, 3)]
    assert (scores[1:] >= scores[:-1]).all()


@pytest.mark.parametrize(
    ("adverse", "to", "away"),
    [
        (False, "Gained", "Lost"),
        (True, "Now deny = yes", "Now deny = no"),
    ],
)
def test_nobody_gains_an_adverse_decision(adverse: bool, to: str, away: str) -> None:
    table = read_bytes(mortgages(800).to_csv(index=False).encode(), "mortgages.csv")
    roles = replace(ROLES, positive_is_favourable=not adverse)
    training = TrainingSpec("logistic_regression", mitigation="reweighing")
    result = run(table, AuditPlan(roles, training, 0))
    assert result.trained is not None
    effect = effect_of_mitigation(result.dataset, result.trained)
    assert effect is not None
    shown = change_table(effect, result.dataset.decision_labels)
    assert list(shown)[2:4] == [to, away]
    assert shown["Group"].tolist() == ["everyone", "afam = no", "afam = yes"]
    said = words(render(audit_json(result)))
    start = to[:1].lower() + to[1:]
    sides = [result.dataset.decision_labels.told(side) for side in (False, True)]
    assert f"{start} is from “{sides[0]}” to “{sides[1]}”" in said
