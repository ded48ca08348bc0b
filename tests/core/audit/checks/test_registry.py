"""A check that raises costs its own finding, and never the report."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from core.audit.checks import CHECKS, Check
from core.audit.checks import registry as module
from core.audit.finding import Finding
from core.audit.pipeline import with_findings
from core.audit.result import AuditResult
from core.errors import InputError
from core.registry import Registry
from core.reporting.audit_json import audit_json
from core.reporting.report import render
from tests.core.audit.checks.cases import audited, case, found, roles_of


@pytest.fixture(scope="module")
def strong() -> AuditResult:
    read = case("one_strong_feature")
    return audited(read, roles_of(read, "out", "yes", "grp"), "logistic_regression")


def test_a_table_of_one_strong_feature_delivers_its_report(strong: AuditResult) -> None:
    assert strong.explained is not None
    shares = strong.explained.mean_absolute[:5] / strong.explained.mean_absolute.sum()
    assert shares[0] > 0.5 > 0.05 > shares[-1]
    assert not found(strong, "CHECK-01")
    assert "could not be carried out" not in render(audit_json(strong))


def raising(error: Exception) -> Registry[Check]:
    def look(result: AuditResult) -> Iterator[Finding]:
        yield Finding("FAIR-09", "low", "Seen before the fault", "", "")
        raise error

    checks: Registry[Check] = Registry("check")
    checks.add(Check("FAIR-09", "Something that stops.", look))
    for check in CHECKS:
        checks.add(check)
    return checks


def test_a_check_that_raises_costs_its_own_finding_and_says_so(
    strong: AuditResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECKS", raising(ValueError("a secret cell")))
    result = with_findings(strong)
    (fault,) = found(result, "CHECK-01")
    assert fault.severity == "medium"
    assert fault.title == "Check FAIR-09 could not be carried out"
    assert "ValueError in test_registry.py" in fault.evidence
    assert "secret" not in fault.evidence
    assert found(result, "FAIR-09")
    others = {f.code for f in result.findings} - {"CHECK-01", "FAIR-09"}
    assert others == {f.code for f in strong.findings}
    record = audit_json(result)
    assert fault.to_json() in record["findings"]
    json.dumps(record, allow_nan=False)
    assert "Check FAIR-09 could not be carried out" in render(record)


def test_a_fault_of_the_input_is_quoted(
    strong: AuditResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECKS", raising(InputError("too long", where="column 'a'")))
    (fault,) = found(with_findings(strong), "CHECK-01")
    assert "column 'a': too long." in fault.evidence
