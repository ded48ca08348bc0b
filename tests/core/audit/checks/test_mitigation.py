"""Findings on what a mitigation asks for and on whom its lot falls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.audit.checks import mitigation as module
from core.audit.pipeline import run, with_findings
from core.audit.result import AuditPlan, AuditResult
from core.cli.audit import mitigation_lines
from core.fairness.metrics.assessment import Figure
from core.mitigation.randomisation import GroupRandomisation, Randomisation
from core.reporting.audit_json import audit_json
from core.reporting.report import render
from core.training.spec import TrainingSpec
from tests.core.audit.checks.cases import found, roles_of
from tests.core.worlds import frame, table


def audit(mitigation: str, explain: int = 0) -> AuditResult:
    read = table(frame(600))
    roles = roles_of(read, "paid", "yes", "sex")
    return run(read, AuditPlan(roles, TrainingSpec("logistic_regression", mitigation), explain))


@pytest.fixture(scope="module")
def drawn() -> AuditResult:
    return audit("threshold_optimizer")


def lot(uneven: float, refused: int) -> Randomisation:
    def group(name: str) -> GroupRandomisation:
        return GroupRandomisation(name, 100, 40, Figure(0.1, 0.05, 0.15), 20, refused)

    return Randomisation(
        group("everyone"), (group("f"), group("m")), Figure(0.1, uneven, 0.2), "f", "m"
    )


@pytest.mark.parametrize(
    ("uneven", "refused", "severity", "title"),
    [
        (0.021, 0, "high", "The draw falls on f far more than on m"),
        (0.02, 3, "medium", "Some of the highest-scored are refused at random"),
        (0.02, 0, "info", "Some decisions are randomised"),
    ],
)
def test_on_whom_a_lot_falls(
    drawn: AuditResult,
    monkeypatch: pytest.MonkeyPatch,
    uneven: float,
    refused: int,
    severity: str,
    title: str,
) -> None:
    monkeypatch.setattr(module, "lot_of", lambda dataset, trained: lot(uneven, refused))
    (one,) = found(with_findings(drawn), "MIT-06")
    assert (one.severity, one.title) == (severity, title)
    assert f"f: another draw changes 10.0% of decisions, and {refused} of 20" in one.evidence
    assert ("Group thresholds" in one.remedy) == (severity != "info")


def test_where_nothing_is_drawn_there_is_no_lot() -> None:
    for name in ("none", "levelling_up", "group_thresholds"):
        result = audit(name)
        assert not found(result, "MIT-06")
        told = audit_json(result)["mitigation"]
        assert told is None or told["lot"] is None


def test_a_lottery_that_draws_nothing_is_no_finding(drawn: AuditResult) -> None:
    assert drawn.trained is not None

    class Sure:
        def chance(self, X: object, groups: np.ndarray) -> np.ndarray:
            return np.ones(len(groups))

        score = decide = chance

    sure = replace(drawn, trained=replace(drawn.trained, decider=Sure()))
    assert not found(with_findings(sure), "MIT-06")


def test_the_lot_stands_in_json_report_and_command(drawn: AuditResult) -> None:
    written = audit_json(drawn)
    groups = written["mitigation"]["lot"]["groups"]
    assert [item["group"] for item in groups] == ["f", "m"]
    assert sum(item["count"] for item in groups) == len(drawn.trained.decisions)  # type: ignore[union-attr]
    assert "Randomised decisions by group" in render(written)
    assert f"randomised: {written['mitigation']['lot']['everyone']['by_lot']} of" in "\n".join(
        mitigation_lines(drawn)
    )


def test_a_mitigation_that_needs_the_group_to_decide(drawn: AuditResult) -> None:
    (one,) = found(drawn, "MIT-01")
    assert (one.severity, one.title) == (
        "medium",
        "The sensitive attribute is used for each decision",
    )
    assert not found(audit("reweighing"), "MIT-01")


def test_explanations_that_leave_the_group_out() -> None:
    explained = audit("correlation_remover", explain=1)
    assert [one.severity for one in found(explained, "MIT-03")] == ["info"]
    assert not found(replace(audit("correlation_remover"), people=()), "MIT-03")
    assert not found(audit("threshold_optimizer", explain=1), "MIT-03")


def test_a_mitigation_that_found_nothing_to_do_asks_for_no_group_and_draws_no_lot() -> None:
    # Sex has no part in this world but by income, so that the own gap may be chance.
    data = frame(300)
    data["sex"] = np.where(np.arange(300) % 2 == 0, "f", "m")
    read = table(data)
    roles = roles_of(read, "paid", "yes", "sex")
    for name in ("relaxed_equalized_odds", "group_thresholds"):
        result = run(read, AuditPlan(roles, TrainingSpec("logistic_regression", name), 0))
        (one,) = found(result, "MIT-07")
        assert "all 60 test rows are decided as without it" in one.evidence
        assert "may be chance" in one.evidence
        for code in ("MIT-01", "MIT-02", "MIT-06"):
            assert not found(result, code)
    other = run(
        read, AuditPlan(roles, TrainingSpec("logistic_regression", "threshold_optimizer"), 0)
    )
    assert found(other, "MIT-01")
    assert not found(other, "MIT-07")
