"""The verdict on a concern is never better than the worst of its checks."""

from __future__ import annotations

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.audit.check_result import STATUSES, CheckResult
from core.audit.finding import SEVERITIES, Finding
from core.audit.verdicts import CONCERNS, LEVELS, verdict_on, verdicts
from core.reporting.audit_json import audit_json
from core.reporting.report import render
from tests.core.audit.checks.cases import audited, case, roles_of


def check(status: str, severity: str = "low", concern: str = "fairness") -> CheckResult:
    findings = ()
    if status == "finding":
        findings = (Finding("FAIR-99", severity, f"A {severity} one", "e", "r"),)  # type: ignore[arg-type]
    reasons = () if status in ("passed", "finding") else (f"because {status}",)
    return CheckResult("FAIR-99", "Something.", concern, status, reasons, findings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("checks", "level", "sentence"),
    [
        ([check("passed")], "nothing found", "1 check passed."),
        (
            [check("passed"), check("not applicable")],
            "nothing found",
            "1 check passed.",
        ),
        (
            [check("passed"), check("finding", "info")],
            "nothing found",
            "1 check passed. For information: A info one.",
        ),
        ([check("passed"), check("skipped")], "not run", "Not run: because skipped."),
        (
            [check("skipped"), check("not enough evidence")],
            "not enough evidence",
            "Not enough evidence: because not enough evidence. Not run: because skipped.",
        ),
        (
            [check("not enough evidence"), check("finding", "low"), check("finding", "high")],
            "high",
            "A high one, and 1 more finding. Not enough evidence: because not enough evidence.",
        ),
        ([check("not applicable")], "not applicable", "Because not applicable."),
    ],
)
def test_a_verdict_and_its_sentence(checks: list[CheckResult], level: str, sentence: str) -> None:
    found = verdict_on("fairness", checks)
    assert (found.level, found.sentence) == (level, sentence)


KINDS = [check(status) for status in STATUSES if status != "finding"] + [
    check("finding", severity) for severity in SEVERITIES
]


@given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=6))
def test_no_verdict_is_better_than_its_worst_check(checks: list[CheckResult]) -> None:
    order = list(LEVELS)
    whole = order.index(verdict_on("fairness", checks).level)
    alone = [order.index(verdict_on("fairness", [one]).level) for one in checks]
    assert whole == min(alone)


def test_all_clear_needs_every_applicable_check_to_have_passed() -> None:
    for pair in product(KINDS, repeat=2):
        if verdict_on("fairness", pair).level == "nothing found":
            assert {one.status for one in pair} <= {"passed", "not applicable", "finding"}
            assert all(f.severity == "info" for one in pair for f in one.findings)


def test_report_and_json_tell_the_same_verdicts() -> None:
    read = case("intersection_only")
    roles = roles_of(read, "y", "1", "sex", "race", prediction="selected", features=())
    result = audited(read, roles)
    found = verdicts(result.checks)
    assert [item.concern for item in found] == list(CONCERNS)
    fairness = verdict_on("fairness", result.checks)
    assert fairness.level == "high"
    assert fairness.sentence.startswith("Four-fifths rule fails for sex × race: F · B at 0.33")
    record = audit_json(result)
    assert record["verdicts"] == [item.to_json() for item in found]
    html = render(record)
    assert fairness.label in html
    assert "Verdict on each concern" in html
    json.dumps(record["verdicts"], allow_nan=False)


def test_a_concern_without_checks_has_no_verdict() -> None:
    with pytest.raises(KeyError):
        verdict_on("privacy", [check("passed")])
