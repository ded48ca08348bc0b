"""What came of every check: passed only where it looked, could judge, and found nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.__main__ import main
from core.audit.check_result import STATUSES, CheckResult, in_short
from core.audit.checks.check import CONCERNS, Check, NotJudged
from core.audit.checks.registry import FAMILIES, carried_out, in_order
from core.audit.finding import Finding
from core.audit.pipeline import with_findings
from core.audit.result import AuditResult
from core.data.dataset import NO_OUTCOME
from core.data.roles.roles import Roles
from core.reporting.audit_json import audit_json
from core.reporting.report import render
from tests.core.audit.checks.cases import audited, case, roles_of

DOCS = Path(__file__).parents[4] / "docs" / "checks.md"


@pytest.fixture(scope="module")
def trained() -> AuditResult:
    read = case("one_strong_feature")
    return audited(read, roles_of(read, "out", "yes", "grp"), "logistic_regression")


@pytest.fixture(scope="module")
def decisions() -> AuditResult:
    return audited(
        case("hiring_decisions"), Roles(None, "1", ("sex", "race"), prediction="selected")
    )


def by_code(result: AuditResult) -> dict[str, CheckResult]:
    return {check.code: check for check in result.checks}


def test_every_check_has_an_outcome_and_findings_are_theirs(trained: AuditResult) -> None:
    assert [check.code for check in trained.checks] == [check.name for check in in_order()]
    assert {check.status for check in trained.checks} <= set(STATUSES)
    of_checks = [finding for check in trained.checks for finding in check.findings]
    assert sorted(of_checks, key=str) == sorted(trained.findings, key=str)
    for check in trained.checks:
        assert (check.status == "finding") == bool(check.findings)
        assert check.status in ("passed", "finding") or check.reasons
        assert check.status != "passed" or not check.reasons


def test_what_cannot_arise_and_what_was_not_run_are_told_apart(trained: AuditResult) -> None:
    found = by_code(trained)
    assert (found["PRIV-04"].status, found["PRIV-04"].reasons) == (
        "skipped",
        ("no privacy attack was run on the model",),
    )
    assert found["EXPL-03"].status == "skipped"
    assert (found["PRIV-01"].status, found["PRIV-01"].reasons) == (
        "not applicable",
        ("the model was trained without a privacy guarantee",),
    )
    assert found["MIT-04"].reasons == ("the model was trained without a mitigation",)
    bare = by_code(with_findings(replace(trained, explained=None, people=())))
    assert [bare[code].status for code in ("EXPL-01", "EXPL-02")] == ["skipped", "skipped"]
    assert all(found[code].status != "skipped" for code in ("EXPL-01", "EXPL-02"))


def test_without_outcomes_or_scores_what_needs_them_does_not_apply(decisions: AuditResult) -> None:
    found = by_code(decisions)
    for code in ("FAIR-02", "FAIR-07", "PERF-01", "PERF-04"):
        assert (found[code].status, found[code].reasons) == ("not applicable", (NO_OUTCOME,))
    for code in ("DATA-03", "MIT-01", "EXPL-01", "PRIV-04"):
        assert found[code].status == "not applicable"
        assert "existing decisions are audited" in found[code].reasons[0]
    assert found["FAIR-05"].status == "finding"


def checked(*yielded: Finding | NotJudged, result: AuditResult) -> CheckResult:
    def look(_: AuditResult) -> Iterator[Finding | NotJudged]:
        yield from yielded

    return carried_out(Check("FAIR-99", "Something.", look), result)


def test_what_a_check_yields_becomes_its_outcome(trained: AuditResult) -> None:
    finding = Finding("FAIR-99", "low", "t", "e", "r")
    few = NotJudged("not enough evidence", "too few")
    off = NotJudged("skipped", "not run")
    moot = NotJudged("not applicable", "no such thing")
    assert checked(result=trained).status == "passed"
    both = checked(few, finding, few, result=trained)
    assert (both.status, both.reasons, both.findings) == ("finding", ("too few",), (finding,))
    assert checked(moot, off, few, result=trained).status == "not enough evidence"
    assert checked(moot, off, few, result=trained).reasons == ("too few",)
    assert checked(moot, off, result=trained).status == "skipped"
    assert checked(moot, result=trained).status == "not applicable"


def test_json_and_report_tell_the_same(trained: AuditResult) -> None:
    record = audit_json(trained)
    assert [check["code"] for check in record["checks"]] == [c.code for c in trained.checks]
    html = render(record)
    for check in trained.checks:
        assert f"<code>{check.code}</code>" in html
    assert in_short(check.status for check in trained.checks) in html
    assert "What was checked" not in render(record | {"checks": []})


def test_every_family_has_a_concern_and_every_code_its_place() -> None:
    assert set(FAMILIES) == set(CONCERNS)
    assert all(re.fullmatch(r"[A-Z]+-\d\d", check.name) for check in in_order())


def test_the_list_of_checks_is_that_of_the_docs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks"]) == 0
    printed = [tuple(line.split("\t")) for line in capsys.readouterr().out.splitlines()]
    rows = re.findall(r"^\| ([A-Z]+-\d\d) \| ([^|]+?) \|", DOCS.read_text("utf-8"), re.M)
    assert printed == [row for row in rows if row[0] != "CHECK-01"]
