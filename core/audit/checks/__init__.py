"""Checks: each looks at an audit and yields coded findings, or says why it can't judge.

A new check is one function under ``@registered(...)`` in the module of its family; a new family is
one module here, and its code in :data:`core.audit.checks.registry.FAMILIES` and
:data:`core.audit.checks.check.CONCERNS`.
"""

from core.audit.check_result import CheckResult
from core.audit.checks import (  # noqa: F401 (importing a family registers its checks)
    data,
    explanation,
    fairness,
    mitigation,
    performance,
    privacy,
)
from core.audit.checks.check import Check, NotJudged
from core.audit.checks.registry import CHECKS, check_all, findings_of, registered

__all__ = ["CHECKS", "Check", "CheckResult", "NotJudged", "check_all", "findings_of", "registered"]
