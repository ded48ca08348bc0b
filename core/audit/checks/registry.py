"""The registry of checks, and how an audit is checked."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from core.audit.check_result import CheckResult, Status
from core.audit.checks.check import Check, Lack, Look, NotJudged
from core.audit.finding import SEVERITIES, Finding
from core.errors import InputError
from core.registry import Registry

if TYPE_CHECKING:
    from core.audit.result import AuditResult

FAMILIES = ("CHECK", "FAIR", "PERF", "PRIV", "MIT", "DATA", "EXPL")
"""First parts of codes, in the order in which findings of one severity are listed."""
STOPPED = "CHECK-01"
"""The code of a finding that tells of a check that could not be carried out."""
CHECKS: Registry[Check] = Registry("check")


def registered(code: str, sentence: str, *needs: Lack) -> Callable[[Look], Look]:
    """Register the decorated function as the check of a code.

    Parameters
    ----------
    code : str
        A family of :data:`FAMILIES` and a number, "FAIR-01".
    sentence : str
        What is looked for, as a noun phrase.
    *needs : callable
        Of :mod:`core.audit.checks.needs`: what an audit must have for the check to look at it.
    """

    def add(look: Look) -> Look:
        CHECKS.add(Check(code, sentence, look, needs))
        return look

    return add


def check_all(result: AuditResult) -> tuple[CheckResult, ...]:
    """Carry out all checks, in the order of their codes.

    A check that raises costs what it would still have found, and a finding says so; never the
    report of all others.
    """
    return tuple(carried_out(check, result) for check in in_order())


def in_order() -> tuple[Check, ...]:
    """List all checks by family and code."""
    return tuple(sorted(CHECKS, key=lambda check: (_family_rank(check.name), check.name)))


def findings_of(checks: Iterable[CheckResult]) -> tuple[Finding, ...]:
    """List all findings: most severe first, then by family and in the order of the registry."""
    return tuple(sorted((f for check in checks for f in check.findings), key=_rank))


def _rank(finding: Finding) -> tuple[int, int]:
    return SEVERITIES.index(finding.severity), _family_rank(finding.code)


def _family_rank(code: str) -> int:
    family = code.partition("-")[0]
    return FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)


def carried_out(check: Check, result: AuditResult) -> CheckResult:
    """Carry one check out."""

    def outcome(status: Status, reasons: list[str], found: list[Finding]) -> CheckResult:
        return CheckResult(
            check.name,
            check.sentence,
            check.concern,
            status,
            tuple(dict.fromkeys(reasons)),
            tuple(found),
        )

    for need in check.needs:
        lack = need(result)
        if lack is not None:
            return outcome(lack.status, [lack.reason], [])
    found: list[Finding] = []
    open_: list[NotJudged] = []
    try:
        for item in check.look(result):
            if isinstance(item, Finding):
                found.append(item)
            else:
                open_.append(item)
    except Exception as error:
        found.append(_stopped(check, error))
        return outcome("skipped", ["it could not be carried out"], found)
    reasons = [item.reason for item in open_]
    if found:
        return outcome("finding", reasons, found)
    for status in ("not enough evidence", "skipped", "not applicable"):
        if any(item.status == status for item in open_):
            return outcome(status, [i.reason for i in open_ if i.status == status], [])
    return outcome("passed", [], [])


def _stopped(check: Check, error: Exception) -> Finding:
    return Finding(
        STOPPED,
        "medium",
        f"Check {check.name} could not be carried out",
        f"It looks for this: {check.sentence} It stopped with {_fault(error)}",
        "Do not take the missing finding for an all-clear; judge this by yourself, and report "
        "the fault with this sentence",
    )


def _fault(error: Exception) -> str:
    """Say what went wrong and where; only messages written for people may quote data."""
    if isinstance(error, InputError):
        return f"this: {error}"
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}"
