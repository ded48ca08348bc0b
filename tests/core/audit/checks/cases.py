"""Audits of the small inputs in tests/cases, by the same path as the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from core.audit.finding import Finding
from core.audit.pipeline import run
from core.audit.result import AuditPlan, AuditResult
from core.data.assign import default_roles
from core.data.reading.reading import read_bytes
from core.data.roles.roles import Roles
from core.data.table import Table
from core.training.spec import TrainingSpec

CASES = Path(__file__).resolve().parents[3] / "cases"


def case(name: str) -> Table:
    return read_bytes((CASES / f"{name}.csv").read_bytes(), f"{name}.csv")


def roles_of(read: Table, target: str, positive: str, *sensitive: str, **changes: Any) -> Roles:
    return replace(default_roles(read, target, positive, sensitive)[0], **changes)


def audited(read: Table, roles: Roles, learner: str | None = None, **spec: Any) -> AuditResult:
    training = None if learner is None else TrainingSpec(learner, **spec)
    return run(read, AuditPlan(roles, training, explain=1 if learner else 0))


def found(result: AuditResult, code: str) -> list[Finding]:
    return [finding for finding in result.findings if finding.code == code]
